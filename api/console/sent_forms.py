"""Forms sent twice are done once (their key), and forms sent after their session ended are held; hidden
fields, nothing lost."""

from __future__ import annotations

import json
import secrets
from urllib.parse import urlsplit

from flask import Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import console_blueprint
from recovery.models.access.held_forms import HeldForm
from recovery.services.access import held_forms, repeated_requests

ONCE_FIELD = "once"
HELD = "held"
"""In the address of a page to which somebody comes back whose form is held."""
OWN_FIELDS = frozenset({"csrf", ONCE_FIELD})
"""What every page makes anew."""
_LONGEST_KEY = 64
_SHORTEST_SECRET = 22


@console_blueprint.blueprint.app_template_global()
def once_key() -> str:
    """What one form of one page carries: sent twice, it is known by it."""
    return secrets.token_urlsafe(16)


def key_of_form() -> str | None:
    """What this form carries, where it is long enough that nobody guesses it."""
    key = request.form.get(ONCE_FIELD, "")
    return key if _SHORTEST_SECRET <= len(key) <= _LONGEST_KEY else None


def find_answer() -> AnyResponse | None:
    """Where this form led when it came before; None for a new one, which others of its kind wait for."""
    key = request.form.get(ONCE_FIELD, "")[:_LONGEST_KEY]
    if not key:
        return None
    session, now = database.current(), database.request_time()
    repeatable = repeated_requests.identify(auth.staff(), key=key, asked=_asked())
    try:
        kept = repeated_requests.find_answer(session, repeatable, wait=True, now=now)
    except repeated_requests.KeyOfAnotherRequest:
        # Written on after going back: another form, though it carries the first one's key.
        return None
    if kept is not None and kept.location is not None:
        return redirect(kept.location, code=kept.status)
    g.repeatable = repeatable
    return None


@console_blueprint.blueprint.after_request
def keep_answer(response: Response) -> Response:
    """Keep where a form led that did what it was sent for, and hold nothing of it any more."""
    if request.method != "POST" or response.status_code != 303 or "caller" not in g:
        return response
    session, now = database.current(), database.request_time()
    if "repeatable" in g:
        repeated_requests.keep_answer(
            session, g.repeatable, status=response.status_code, location=response.location, now=now
        )
    held_forms.let_go(session, caller=auth.staff(), address=request.path, now=now)
    return response


def hold(bearer: str) -> str | None:
    """Hold this form of an ended session for whoever wrote it; the page it stood on, to come back to."""
    page = urlsplit(request.headers.get("Referer", "")).path
    fields = {name: value for name, value in request.form.items() if name not in OWN_FIELDS}
    held = held_forms.hold_form(
        database.current(), bearer=bearer, address=request.path, fields=fields, now=database.request_time()
    )
    return f"{page}?{HELD}=yes" if held else None


def find_held() -> HeldForm | None:
    """What the caller was writing on this page, where they come back to it."""
    if HELD not in request.args:
        return None
    return held_forms.get_held(database.current(), caller=auth.staff(), now=database.request_time())


def _asked() -> bytes:
    fields = sorted((name, value) for name, value in request.form.items() if name not in OWN_FIELDS)
    return json.dumps([request.path, fields]).encode()
