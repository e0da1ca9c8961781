"""Endpoint and bodies: stopping all texts of the clinic, and letting them go again."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, database
from api.formats.request_bodies import Blueprint, Body, PlainText, StrictBoolean, Timestamp
from api.formats.responses import json
from recovery.services.clinic import clinics
from recovery.services.core import audit

blueprint = Blueprint(
    "stop switch",
    __name__,
    url_prefix="/clinic",
    description="While it is on only what to do in an emergency, the end of texts and alerts to staff leave.",
)
blueprint.before_request(auth.require_staff)


class SwitchIn(Body):
    """On stops every text of the clinic, whoever it goes to; the reason is kept."""

    on = StrictBoolean(required=True)
    reason = PlainText(required=True, longest=500)


class SwitchOut(ma.Schema):
    """Whether texts are stopped, and since when."""

    on = ma.fields.Boolean(required=True)
    since = Timestamp(required=True, allow_none=True)


_SWITCH = SwitchOut()


@blueprint.put("/stop-switch")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(SwitchIn())
@blueprint.response(200, _SWITCH)
def set_stop_switch(body: dict[str, Any]) -> Response:
    """Stop texts within two seconds, or let them go again. Whoever of the staff sees the need may.

    What to do in an emergency, the word that texts have ended and alerts to the clinic's own phones go on.
    """
    caller = auth.staff()
    clinic = clinics.set_text_stop(
        database.current(),
        clinic_id=caller.clinic_id,
        stopped=body["on"],
        because=body["reason"],
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    stopped_at = clinic.texts_stopped_at
    return json({"on": stopped_at is not None, "since": stopped_at}, schema=_SWITCH)
