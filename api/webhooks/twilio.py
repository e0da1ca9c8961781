"""Endpoints that Twilio calls with receipts and inbound texts: refused unless signed with the account's
token."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, abort, request

from api import database
from api.app_state import state
from recovery.services.inbound import inbound_texts
from recovery.services.messaging import outbox
from recovery.sms import twilio_gateway

log = structlog.get_logger()
NO_REPLY = "<Response/>"
"""Answers leave through the outbox like every text, never in the answer to the carrier."""

blueprint = Blueprint("twilio", __name__, url_prefix="/twilio")


@blueprint.before_request
def only_the_carrier() -> None:
    """Refuse what Twilio has not signed. The address is ours as given out, not as a proxy rewrote it."""
    token, account = state().settings.twilio_auth_token, state().settings.twilio_account_sid
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    url = f"{state().settings.public_url.rstrip('/')}{request.path}{query}"
    if (
        token is None
        or not twilio_gateway.is_genuine(
            auth_token=token.get_secret_value(),
            url=url,
            form=request.form,
            signature=request.headers.get("X-Twilio-Signature"),
        )
        or request.form.get("AccountSid", account) != account
    ):
        abort(403)


@blueprint.post("/receipts/<reference>")
def receipt(reference: str) -> Response:
    """What became of a text. A receipt that cannot be read is answered too, so that it is not sent again."""
    read = twilio_gateway.read_receipt(reference, request.form)
    if read is not None:
        outbox.record_receipt(database.current(), receipt=read, now=database.request_time())
    return Response(status=204)


@blueprint.post("/inbound")
def text() -> Response:
    """A text from somebody's phone. An opt-out holds before this is answered: the commit comes first."""
    read = twilio_gateway.read_inbound(request.form)
    if read is None:
        log.warning("inbound text that cannot be read")
    else:
        kind = inbound_texts.handle_text(
            database.current(), text=read, content=state().newest, now=database.request_time()
        )
        log.info("inbound text", new=kind is not None)
    return Response(NO_REPLY, status=200, content_type="text/xml")
