"""Who the patient is to us."""

from __future__ import annotations

from flask import Response

from api import auth, database
from api.answers import json
from api.bodies import Blueprint
from api.patient import schemas
from recovery.models import clinics
from recovery.services import enrolment

blueprint = Blueprint("patient", __name__, url_prefix="/me", description="The patient's own record.")
blueprint.before_request(auth.require_patient)

_PROFILE = schemas.ProfileOut()


@blueprint.get("")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _PROFILE)
def me() -> Response:
    """The patient and whom to call."""
    caller = auth.patient()
    session = database.current()
    patient = enrolment.patient_of(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    clinic = clinics.get(session, caller.clinic_id)
    return json(
        {
            "id": patient.id,
            "first_name": patient.first_name,
            "language": patient.language,
            "time_zone": patient.time_zone,
            "answers_by": patient.answers_by,
            "clinic": clinic,
        },
        schema=_PROFILE,
    )
