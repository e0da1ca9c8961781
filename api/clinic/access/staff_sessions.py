"""Endpoints: staff sign in with e-mail and password, and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, database, rate_limits
from api.formats.request_bodies import Blueprint, Body, PlainText
from api.formats.responses import TOKEN, signed_in
from api.openapi.document import Problem
from recovery.services.access import authentication, refusals
from recovery.services.access.rate_limits import TooManyTries


class StaffSignIn(Body):
    """E-mail and password, and the code of the second factor, or a recovery code, where one is set."""

    email = PlainText(required=True, longest=254)
    password = ma.fields.String(required=True, validate=ma.validate.Length(max=1000))
    totp = PlainText(longest=24, load_default=None, allow_none=True)


blueprint = Blueprint(
    "staff sessions", __name__, url_prefix="/staff/sessions", description="Staff sign in and out."
)


@blueprint.post("")
@blueprint.arguments(StaffSignIn())
@blueprint.response(201, TOKEN)
@blueprint.alt_response(401, schema=Problem, description="that does not sign anyone in")
@blueprint.alt_response(429, schema=Problem, description="tried too often from there; wait a while")
def sign_in_staff(body: dict[str, Any]) -> Response:
    """Sign in with e-mail and password, and the second factor where one is set."""
    try:
        rate_limits.enforce_for_staff(body["email"])
        opened = authentication.staff_sign_in(
            database.current(),
            email=body["email"],
            password=body["password"],
            totp=body["totp"],
            now=database.request_time(),
        )
    except (authentication.SignInRefused, TooManyTries):
        refusals.note_sign_in(database.current(), email=body["email"], now=database.request_time())
        database.commit_despite_error()
        raise
    rate_limits.record_staff_sign_in(body["email"])
    return signed_in(opened)


@blueprint.delete("/current")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(204)
def sign_out_staff() -> Response:
    """End this session at once."""
    auth.require_staff_setting_up()
    authentication.staff_sign_out(database.current(), bearer=auth.bearer(), now=database.request_time())
    return Response(status=204)
