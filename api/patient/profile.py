"""Endpoints: who the patient is to us, changing language, zone or texts, leaving the follow-up."""

from __future__ import annotations

from typing import Any, cast

from flask import Response

from api import auth, clinic_content, database
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.openapi.document import Problem
from api.patient import profile_schemas as schemas
from recovery.models.clinic import clinics
from recovery.models.patients.patients import Patient
from recovery.services.changes import patient_preferences
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.changes.patient_preferences import TextPreferences
from recovery.services.patients import enrolment

blueprint = Blueprint("patient", __name__, url_prefix="/me", description="The patient's own record.")
blueprint.before_request(auth.require_patient)

_PROFILE = schemas.ProfileOut()


@blueprint.get("")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _PROFILE)
def get_own_profile() -> Response:
    """The patient, which texts they get, and whom to call."""
    return _profile(_caller())


@blueprint.patch("")
@blueprint.doc(security=[{"patient": []}])
@blueprint.arguments(schemas.ProfileChangeIn())
@blueprint.response(200, _PROFILE)
@blueprint.alt_response(409, schema=Problem, description="others have this number: text START from the phone")
def update_own_profile(body: dict[str, Any]) -> Response:
    """Change language, time zone, way of answering, or which texts come; what is left out stays.

    A consent that is given needs the `wording` that was shown. `stopped: false` takes back an earlier STOP;
    where the phone company holds texts back itself, START has to be texted from the phone.
    """
    wishes = body.pop("texts", {})
    again = wishes.pop("stopped", None) is False
    patient = _caller()
    patient_preferences.update_preferences(
        database.current(),
        clinic=clinics.get_one(database.current(), patient.clinic_id),
        patient=patient,
        changes=cast(PatientChanges, body),
        wishes=TextPreferences(again=again, **wishes),
        content=clinic_content.running(),
        now=database.request_time(),
    )
    return _profile(patient)


@blueprint.post("/leave")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(204)
def leave_follow_up() -> Response:
    """End the follow-up: no more texts, and every device is signed out. The clinic is told to call.

    What was reported stays in the clinic's record. Coming back takes a new invitation and a new consent.
    """
    patient_preferences.leave(database.current(), patient=_caller(), now=database.request_time())
    return Response(status=204)


def _caller() -> Patient:
    caller = auth.patient()
    return enrolment.get_patient(database.current(), clinic_id=caller.clinic_id, patient_id=caller.patient_id)


def _profile(patient: Patient) -> Response:
    session = database.current()
    return json(
        {
            "id": patient.id,
            "first_name": patient.first_name,
            "language": patient.language,
            "time_zone": patient.time_zone,
            "answers_by": patient.answers_by,
            "texts": patient_preferences.get_permissions(session, patient),
            "clinic": clinics.get_one(session, patient.clinic_id),
        },
        schema=_PROFILE,
    )
