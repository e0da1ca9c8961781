"""What was found when a patient was consulted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response

from api import auth, database
from api.app_state import state
from api.clinic.patients.patients import get_own_clinic
from api.formats.request_bodies import Blueprint, Body, PlainText, StrictInteger, Timestamp, no_repeats
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.patients.consultation import Condition
from recovery.domain.treatments.indication import Indication
from recovery.models.patients.consultations import Consultation
from recovery.services.changes import consultation
from recovery.services.changes.consultation import NewConsultation
from recovery.services.core import audit
from recovery.services.patients import enrolment

blueprint = Blueprint(
    "consultation", __name__, url_prefix="/patients", description="What a consultation found."
)
blueprint.before_request(auth.require_staff)


class ConsultationIn(Body):
    """Skin type (Fitzpatrick), what the patient comes for, what speaks for care, and the history in words.

    Each one sent stands beside those before; the newest holds.
    """

    skin_type = StrictInteger(minimum=1, maximum=6, load_default=None, allow_none=True)
    concerns = ma.fields.List(
        ma.fields.Enum(Indication, by_value=True), load_default=list, validate=no_repeats
    )
    conditions = ma.fields.List(
        ma.fields.Enum(Condition, by_value=True), load_default=list, validate=no_repeats
    )
    history = PlainText(longest=4000, lines=True, load_default=None, allow_none=True)


class ConsultationOut(ma.Schema):
    """What holds; `recorded_at` is null where the patient was not consulted yet."""

    recorded_at = Timestamp(required=True, allow_none=True)
    skin_type = ma.fields.Integer(required=True, allow_none=True)
    concerns = ma.fields.List(ma.fields.Enum(Indication, by_value=True), required=True)
    conditions = ma.fields.List(ma.fields.Enum(Condition, by_value=True), required=True)
    history = ma.fields.String(required=True, allow_none=True)


_CONSULTATION = ConsultationOut()


@blueprint.get("/<uuid:patient_id>/consultation")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _CONSULTATION)
def get_consultation(patient_id: UUID) -> Response:
    """What the newest consultation found."""
    caller, session = auth.staff(), database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="consultation.read",
        subject=("patient", patient.id),
        now=database.request_time(),
    )
    return _answer(consultation.get_current(session, patient))


@blueprint.put("/<uuid:patient_id>/consultation")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(ConsultationIn())
@blueprint.response(200, _CONSULTATION)
@blueprint.alt_response(403, schema=Problem)
def put_consultation(body: dict[str, Any], *, patient_id: UUID) -> Response:
    """Keep what a consultation found. A skin type holds for the patient from here on."""
    caller, session = auth.staff_for(Duty.CONSULTATION), database.current()
    return _answer(
        consultation.record(
            session,
            clinic=get_own_clinic(),
            patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
            found=NewConsultation(**body),
            content=state().content,
            actor=audit.staff(caller.staff_id),
            now=database.request_time(),
        )
    )


def _answer(kept: Consultation | None) -> Response:
    shown = {
        "recorded_at": None if kept is None else kept.recorded_at,
        "skin_type": None if kept is None else kept.skin_type,
        "concerns": [] if kept is None else kept.for_what(),
        "conditions": [] if kept is None else kept.known(),
        "history": None if kept is None else kept.history,
    }
    return json(shown, schema=_CONSULTATION)
