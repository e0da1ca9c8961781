"""Signing a device in and out."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import auth, database
from api.answers import TOKEN, signed_in
from api.bodies import Blueprint
from api.documentation import Problem
from api.patient import schemas
from recovery.services import access

blueprint = Blueprint(
    "patient sessions", __name__, url_prefix="/patient/sessions", description="A patient signs in and out."
)


@blueprint.post("")
@blueprint.arguments(schemas.PatientSignIn())
@blueprint.response(201, TOKEN)
@blueprint.alt_response(401, schema=Problem, description="unknown, ended or wrong")
@blueprint.alt_response(429, schema=Problem, description="too many wrong secrets today")
def sign_in(body: dict[str, Any]) -> Response:
    """Spend an invitation together with the second secret.

    Five wrong secrets end an invitation; ten a day close the patient's sign-in until tomorrow.
    """
    opened = access.patient_sign_in(
        database.current(), invitation=body["invitation"], secret=body["secret"], now=database.now()
    )
    return signed_in(opened)


@blueprint.delete("/current")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(204)
def sign_out() -> Response:
    """End this device's session at once."""
    auth.require_patient()
    access.patient_sign_out(
        database.current(), caller=auth.patient(), bearer=auth.bearer(), now=database.now()
    )
    return Response(status=204)
