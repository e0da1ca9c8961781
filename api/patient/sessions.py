"""Endpoints: a patient's sign-in by code or invitation, a renewed link, whom to call, devices listed and
signed out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from api import auth, database, device_names, rate_limits
from api.formats.request_bodies import Blueprint
from api.formats.responses import TOKEN, json, signed_in
from api.openapi.document import Problem
from api.patient import sign_in_schemas as schemas
from recovery.models.clinic import clinics
from recovery.services.access import authentication, patient_devices, sign_in_codes
from recovery.services.access import rate_limits as rules
from recovery.services.access.authentication import SignedIn
from recovery.services.core import phone_numbers
from recovery.services.patients import enrolment

blueprint = Blueprint(
    "patient sessions", __name__, url_prefix="/patient", description="A patient signs in and out."
)

_ASKED = schemas.CodeAsked()
_DEVICES = schemas.DevicePage()
_RECEPTION = schemas.ReceptionFoundOut()
_OWN: dict[str, Any] = {"security": [{"patient": []}]}


@blueprint.post("/codes")
@blueprint.arguments(schemas.CodeIn())
@blueprint.response(202, _ASKED)
@blueprint.alt_response(429, schema=Problem, description="asked for too often")
def request_sign_in_code(body: dict[str, Any]) -> Response:
    """Ask for a code by text.

    The answer is the same whoever has the number; only one that a clinic enrolled is texted, and none that
    asked for no more texts. Show how to call the clinic to whoever gets no text within a minute or two. A
    new code ends the one before.
    """
    phone = _number(body)
    where = rate_limits.address()
    rate_limits.enforce(
        {
            rules.CODES_OF_NUMBER: phone,
            rules.CODES_OF_NUMBER_A_DAY: phone,
            rules.CODES_OF_ADDRESS: where,
            rules.CODES_OF_ADDRESS_A_DAY: where,
        }
    )
    sign_in_codes.request_code(database.current(), phone=phone, now=database.request_time())
    return json({"expires_in": int(sign_in_codes.LIVES.total_seconds())}, schema=_ASKED, status=202)


@blueprint.post("/invitations")
@blueprint.arguments(schemas.RenewalIn())
@blueprint.response(202)
@blueprint.alt_response(429, schema=Problem, description="asked for too often")
def renew_invitation(body: dict[str, Any]) -> Response:
    """Ask for a new link in place of one that has ended.

    It is texted to the number the clinic has, wherever the request comes from. The answer is always the
    same.
    """
    rate_limits.enforce(
        {
            rules.RENEWALS_OF_INVITATION: body["invitation"],
            rules.RENEWALS_OF_ADDRESS: rate_limits.address(),
        }
    )
    enrolment.renew_invitation(database.current(), invitation=body["invitation"], now=database.request_time())
    return Response(status=202)


@blueprint.post("/reception")
@blueprint.arguments(schemas.ReceptionIn())
@blueprint.response(200, _RECEPTION)
@blueprint.alt_response(429, schema=Problem, description="asked for too often")
def find_reception(body: dict[str, Any]) -> Response:
    """Whom to call while nobody is signed in: show it on the page that asks for the secret.

    The clinic an invitation came from, whether it still opens or not; without one the clinic of an
    installation that has only one. `phone` is the number that is answered at this moment.
    """
    rate_limits.enforce({rules.RECEPTIONS_OF_ADDRESS: rate_limits.address()})
    found = authentication.find_reception(
        database.current(), invitation=body["invitation"], now=database.request_time()
    )
    return json({"clinic": found}, schema=_RECEPTION)


@blueprint.post("/sessions")
@blueprint.arguments(schemas.PatientSignIn())
@blueprint.response(201, TOKEN)
@blueprint.alt_response(401, schema=schemas.RefusedProblem, description="unknown, ended or wrong")
@blueprint.alt_response(409, schema=schemas.SeveralRecordsProblem, description="it opens several records")
@blueprint.alt_response(429, schema=Problem, description="too many tries, or too many wrong secrets today")
def sign_in_patient(body: dict[str, Any]) -> Response:
    """Spend a code or an invitation together with the second secret.

    Send `phone` and `code`, or `invitation`; the secret is the year of birth, or the PIN chosen at the
    clinic. Five wrong tries end a code or an invitation; ten wrong secrets a day close the patient's
    sign-in until tomorrow. Where one phone has several records that the code and the secret open, the
    answer is 409 and nothing is spent: send the same again with the `record` that is meant.
    """
    return signed_in(_by_code(body) if body["code"] else _by_invitation(body))


@blueprint.get("/sessions")
@blueprint.doc(**_OWN)
@blueprint.response(200, _DEVICES)
def list_own_devices() -> Response:
    """The devices this patient is signed in on, the one seen last first."""
    auth.require_patient()
    devices = patient_devices.list_devices(
        database.current(), caller=auth.patient(), now=database.request_time()
    )
    this = authentication.stored_token_hash(auth.bearer())
    items = [
        {
            "id": device.id,
            "device": device.device or device_names.UNKNOWN,
            "created_at": device.created_at,
            "last_seen_at": device.last_seen_at,
            "expires_at": device.expires_at,
            "current": device.token_hash == this,
        }
        for device in devices
    ]
    return json({"items": items, "next": None}, schema=_DEVICES)


@blueprint.delete("/sessions/<uuid:device_id>")
@blueprint.doc(**_OWN)
@blueprint.response(204)
def sign_out_own_device(device_id: UUID) -> Response:
    """End the session of one of the patient's devices at once."""
    auth.require_patient()
    patient_devices.sign_out(
        database.current(), caller=auth.patient(), device_id=device_id, now=database.request_time()
    )
    return Response(status=204)


@blueprint.delete("/sessions/current")
@blueprint.doc(**_OWN)
@blueprint.response(204)
def sign_out_patient() -> Response:
    """End this device's session at once."""
    auth.require_patient()
    authentication.patient_sign_out(
        database.current(), caller=auth.patient(), bearer=auth.bearer(), now=database.request_time()
    )
    return Response(status=204)


def _by_code(body: dict[str, Any]) -> SignedIn:
    phone = _number(body)
    rate_limits.enforce({rules.SIGN_INS_OF_NUMBER: phone, rules.SIGN_INS_OF_ADDRESS: rate_limits.address()})
    opened = sign_in_codes.sign_in(
        database.current(),
        phone=phone,
        code=body["code"],
        secret=body["secret"],
        record=body["record"],
        device=_device(),
        now=database.request_time(),
    )
    rules.uncount(database.current(), rules.SIGN_INS_OF_NUMBER, phone)
    return opened


def _number(body: dict[str, Any]) -> str:
    """The number that was typed; where the installation has one clinic, one of its country without a code."""
    try:
        return phone_numbers.to_e164(body["phone"])
    except phone_numbers.NotAPhoneNumber:
        single = clinics.get_single(database.current())
        if single is None:
            raise
        return phone_numbers.to_e164(body["phone"], like=single.phone)


def _by_invitation(body: dict[str, Any]) -> SignedIn:
    rate_limits.enforce({rules.SIGN_INS_OF_ADDRESS: rate_limits.address()})
    return authentication.patient_sign_in(
        database.current(),
        invitation=body["invitation"],
        secret=body["secret"],
        device=_device(),
        now=database.request_time(),
    )


def _device() -> str:
    return device_names.device_name(request.headers.get("User-Agent", ""))
