"""Endpoint and bodies: the second factor of whoever calls, asked for and confirmed."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, database
from api.formats.request_bodies import Blueprint, Body, PlainText
from api.formats.responses import json
from recovery.services.access import authentication, second_factor

blueprint = Blueprint("staff me", __name__, url_prefix="/staff/me", description="One's own second factor.")
blueprint.before_request(auth.require_staff_setting_up)


class TotpIn(Body):
    """Nothing asks for a second factor, with the password where one is set; its first code confirms it."""

    password = ma.fields.String(validate=ma.validate.Length(max=1000), load_default=None, allow_none=True)
    code = PlainText(longest=24, load_default=None, allow_none=True)


class TotpOut(ma.Schema):
    """What an app reads or a person types; once confirmed, the recovery codes, shown this once."""

    secret = ma.fields.String(required=True, allow_none=True)
    otpauth = ma.fields.String(required=True, allow_none=True)
    recovery_codes = ma.fields.List(ma.fields.String(), required=True, allow_none=True)


_TOTP = TotpOut()


@blueprint.put("/totp")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(TotpIn())
@blueprint.response(200, _TOTP)
def set_second_factor(body: dict[str, Any]) -> Response:
    """Set one's second factor in two steps: ask for it, then send the first code of the app."""
    session, now = database.current(), database.request_time()
    member = authentication.member_of(session, auth.staff())
    if body["code"] is None:
        proposed = second_factor.propose(session, member=member, password=body["password"], now=now)
        answer: dict[str, Any] = {
            "secret": proposed.secret,
            "otpauth": proposed.address,
            "recovery_codes": None,
        }
    else:
        codes = second_factor.confirm(
            session, member=member, bearer=auth.bearer(), code=body["code"], now=now
        )
        answer = {"secret": None, "otpauth": None, "recovery_codes": codes}
    return json(answer, schema=_TOTP)
