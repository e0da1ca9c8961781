"""Endpoints: texts and notes that wait to be read, and one marked as read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from api import auth, database
from api.clinic.tasks import follow_up_schemas as schemas
from api.formats import pagination
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.models.clinic import clinics
from recovery.models.inbound import inbound_texts
from recovery.models.inbound.inbound_texts import InboxItem
from recovery.services.core import audit
from recovery.services.tasks import task_work

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox", description="What patients wrote.")
blueprint.before_request(auth.require_staff)

_ENTRY = schemas.InboxEntry()
_PAGE = schemas.InboxPage()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(pagination.RoomQuery(), location="query")
@blueprint.response(200, _PAGE)
@blueprint.alt_response(401, schema=Problem)
def list_inbox(query: dict[str, Any]) -> Response:
    """What waits to be read, oldest first; texts from shared and unknown numbers have no patient."""
    caller = auth.staff()
    rows = inbound_texts.list_unread(
        database.current(),
        caller.clinic_id,
        room=query["room"] or clinics.room_of(database.current(), caller.clinic_id),
        after=pagination.decode_cursor(query["cursor"]),
        limit=query["limit"] + 1,
    )
    page, more = rows[: query["limit"]], len(rows) > query["limit"]
    cursor = pagination.encode_cursor(page[-1].entry.received_at, page[-1].entry.id) if more else None
    audit.record(
        database.current(),
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="inbox.list",
        subject=("clinic", caller.clinic_id),
        now=database.request_time(),
    )
    return json({"items": [_shown(item) for item in page], "next": cursor}, schema=_PAGE)


@blueprint.post("/<uuid:entry_id>/read")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _ENTRY)
@blueprint.alt_response(401, schema=Problem)
@blueprint.alt_response(404, schema=Problem)
def mark_inbox_entry_read(entry_id: UUID) -> Response:
    """Mark something as read. With the last of its kind the task of reading it is done."""
    shown = task_work.mark_read(
        database.current(), caller=auth.staff(), entry_id=entry_id, now=database.request_time()
    )
    return json(_shown(shown), schema=_ENTRY)


def _shown(one: InboxItem) -> dict[str, Any]:
    fields = {name: getattr(one.entry, name) for name in _ENTRY.fields if hasattr(one.entry, name)}
    return {**fields, "patient": one.patient, "body": one.body}
