"""Writing down that a signed-in person asked for what their role may not do."""

from __future__ import annotations

from flask import g, request

from api import database
from recovery.services.access import refusals
from recovery.services.access.authentication import StaffCaller


def note_access() -> None:
    """Undo what the refused request had begun, and keep that it was refused: its address without any id."""
    database.current().rollback()
    caller = g.get("caller")
    if isinstance(caller, StaffCaller) and request.url_rule is not None:
        asked = f"{request.method} {request.url_rule.rule}"
        refusals.note_access(database.current(), caller=caller, asked=asked, now=database.request_time())
        database.commit_despite_error()
