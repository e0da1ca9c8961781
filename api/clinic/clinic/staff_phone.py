"""Endpoints and bodies: the phone of whoever calls, named and proved, as only such are texted by a clinic in
training."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, database, rate_limits
from api.formats.request_bodies import Blueprint, Body, Digits, PlainText, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.services.access import authentication
from recovery.services.access.rate_limits import STAFF_PHONE_CODES
from recovery.services.clinic import staff_phones
from recovery.services.core import phone_numbers

blueprint = Blueprint("own phone", __name__, url_prefix="/staff/me/phone", description="One's own phone.")
blueprint.before_request(auth.require_staff)


class PhoneIn(Body):
    """The phone, with its country code; a code is texted to it."""

    phone = PlainText(required=True, longest=32, metadata={"example": "+14155550123"})


class ProofIn(Body):
    """The code that came."""

    code = Digits(shortest=6, longest=6, required=True)


class PhoneOut(ma.Schema):
    """The phone, and since when it is proved: null until its code has come back. A landline may get none."""

    phone = ma.fields.String(required=True)
    phone_is_landline = ma.fields.Boolean(required=True)
    proved_at = Timestamp(required=True, allow_none=True)


_PHONE = PhoneOut()


@blueprint.put("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(PhoneIn())
@blueprint.response(200, _PHONE)
@blueprint.alt_response(429, schema=Problem, description="too many codes today")
def set_own_phone(body: dict[str, Any]) -> Response:
    """Name one's phone. A code of six digits is texted to it and works for ten minutes."""
    caller = auth.staff()
    rate_limits.enforce({STAFF_PHONE_CODES: str(caller.staff_id)})
    session = database.current()
    member = authentication.member_of(session, caller)
    return _answer(
        staff_phones.request_code(session, member=member, phone=body["phone"], now=database.request_time())
    )


@blueprint.post("/proof")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(ProofIn())
@blueprint.response(200, _PHONE)
def prove_own_phone(body: dict[str, Any]) -> Response:
    """Send the code back: it shows that texts arrive, and that the phone is one's own. Five tries."""
    session = database.current()
    member = authentication.member_of(session, auth.staff())
    return _answer(staff_phones.prove(session, member=member, code=body["code"], now=database.request_time()))


def _answer(kept: StaffPhone) -> Response:
    shown = {"phone": kept.phone, "phone_is_landline": phone_numbers.is_landline(kept.phone)}
    return json({**shown, "proved_at": kept.proved_at}, schema=_PHONE)
