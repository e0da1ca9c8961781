"""Staff sign in and out."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import auth, database, limits
from api.clinic import schemas
from api.formats.answers import TOKEN, signed_in
from api.formats.bodies import Blueprint
from api.openapi.documentation import Problem
from recovery.services.access import access

blueprint = Blueprint(
    "staff sessions", __name__, url_prefix="/staff/sessions", description="Staff sign in and out."
)


@blueprint.post("")
@blueprint.arguments(schemas.StaffSignIn())
@blueprint.response(201, TOKEN)
@blueprint.alt_response(401, schema=Problem, description="that does not sign anyone in")
@blueprint.alt_response(429, schema=Problem, description="tried too often from there; wait a while")
def sign_in(body: dict[str, Any]) -> Response:
    """Sign in with e-mail and password, and the second factor where one is set."""
    limits.allow_staff(body["email"])
    opened = access.staff_sign_in(
        database.current(),
        email=body["email"],
        password=body["password"],
        totp=body["totp"],
        now=database.now(),
    )
    limits.staff_came_in(body["email"])
    return signed_in(opened)


@blueprint.delete("/current")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(204)
def sign_out() -> Response:
    """End this session at once."""
    auth.require_staff_setting_up()
    access.staff_sign_out(database.current(), bearer=auth.bearer(), now=database.now())
    return Response(status=204)
