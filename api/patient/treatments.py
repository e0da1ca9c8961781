"""The patient's treatments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from api import auth, database
from api.answers import json
from api.bodies import Blueprint
from api.patient import schemas
from recovery.domain import symptoms
from recovery.models import treatments as stored
from recovery.models.treatments import Treatment
from recovery.services import treatments

MOST = 200

blueprint = Blueprint(
    "patient treatments",
    __name__,
    url_prefix="/me/treatments",
    description="What was done, and which day it is.",
)
blueprint.before_request(auth.require_patient)

_ONE = schemas.OwnTreatment()
_PAGE = schemas.OwnTreatmentPage()


@blueprint.get("")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _PAGE)
def listed() -> Response:
    """The patient's treatments, newest first."""
    caller = auth.patient()
    own = stored.of_patient(database.current(), caller.clinic_id, caller.patient_id, limit=MOST)
    return json({"items": [_shown(one) for one in own], "next": None}, schema=_PAGE)


@blueprint.get("/<uuid:treatment_id>")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _ONE)
def one(treatment_id: UUID) -> Response:
    """One treatment, with its recovery day."""
    caller = auth.patient()
    found = treatments.treatment_of(
        database.current(),
        clinic_id=caller.clinic_id,
        treatment_id=treatment_id,
        patient_id=caller.patient_id,
    )
    return json(_shown(found), schema=_ONE)


def _shown(treatment: Treatment) -> dict[str, Any]:
    passed = symptoms.hours_between(treatment.performed_at, database.now())
    return {
        "id": treatment.id,
        "performed_at": treatment.performed_at,
        "device": treatment.device,
        "depth_mm": treatment.depth_mm,
        "areas": [symptoms.Area(area) for area in treatment.areas],
        "session_number": treatment.session_number,
        "recovery_day": symptoms.day_of(passed),
    }
