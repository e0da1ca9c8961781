"""Endpoints: the patient's own treatments, each with its day, phase and what to avoid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response

from api import auth, clinic_content, database
from api.formats import pagination
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.patient import schemas
from recovery.domain.clinical import symptoms
from recovery.domain.core.language import Language
from recovery.models.treatments import treatments as stored
from recovery.models.treatments.treatments import Treatment
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_course_view
from recovery.services.read_models.patient_course_view import TreatmentStatus
from recovery.services.treatments import treatments

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
@blueprint.arguments(schemas.WholePage(), location="query")
@blueprint.response(200, _PAGE)
def list_own_treatments(query: dict[str, Any]) -> Response:
    """The patient's treatments, newest first."""
    caller, session, limit = auth.patient(), database.current(), query["limit"]
    after = pagination.decode_cursor(query["cursor"])
    own = stored.list_for_patient(session, caller.clinic_id, caller.patient_id, limit=limit + 1, after=after)
    page, more = own[:limit], len(own) > limit
    following = pagination.encode_cursor(page[-1].performed_at, page[-1].id) if more else None
    return json({"items": _all_shown(page), "next": following}, schema=_PAGE)


@blueprint.get("/<uuid:treatment_id>")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _ONE)
def get_own_treatment(treatment_id: UUID) -> Response:
    """One treatment, with its recovery day, where it stands, and what to avoid until when."""
    caller = auth.patient()
    treatment = treatments.get_treatment(
        database.current(),
        clinic_id=caller.clinic_id,
        treatment_id=treatment_id,
        patient_id=caller.patient_id,
    )
    return json(*_all_shown([treatment]), schema=_ONE)


def _all_shown(own: Sequence[Treatment]) -> list[dict[str, Any]]:
    session, caller = database.current(), auth.patient()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    stand = patient_course_view.treatment_statuses(
        session, own, content=clinic_content.running(), now=database.request_time()
    )
    return [treatment_json(status, language=patient.language) for status in stand]


def treatment_json(standing: TreatmentStatus, *, language: Language) -> dict[str, Any]:
    """A treatment as its patient reads it, in the shape of `OwnTreatment`."""
    treatment, words = standing.treatment, clinic_content.running().care_for(language).avoid
    return {
        "id": treatment.id,
        "performed_at": treatment.performed_at,
        "device": treatment.device,
        "depth_mm": treatment.depth_mm,
        "areas": [symptoms.Area(area) for area in treatment.areas],
        "session_number": treatment.session_number,
        "recovery_day": standing.day,
        "status": standing.phase,
        "follow_up": {
            "state": standing.follow_up.state,
            "by": standing.follow_up.by,
            "urgency": standing.follow_up.urgency,
            "help": standing.help,
        },
        "avoid": [
            {
                "what": rule.what,
                "label": words[rule.what],
                "until": (until := rule.until(treatment.performed_at)),
                "over": until <= database.request_time() and not standing.held,
                "held": standing.held,
            }
            for rule in standing.avoid
        ],
        "taken_over_at": standing.taken_over_at,
    }
