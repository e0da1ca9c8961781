"""Endpoints and bodies: what was found when a patient was consulted, what it offers and prompts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response

from api import auth, clinic_content, database
from api.clinic.patients.patients import get_own_clinic
from api.formats.request_bodies import (
    Blueprint,
    Body,
    PlainText,
    StrictBoolean,
    StrictInteger,
    Timestamp,
    no_repeats,
)
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.clinical.symptoms import Device, Level
from recovery.domain.patients.consultation import Condition
from recovery.domain.patients.precautions import Beside
from recovery.domain.treatments.indication import Indication
from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Patient
from recovery.services.changes import consultation
from recovery.services.changes.consultation import NewConsultation
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import precautions_view

blueprint = Blueprint(
    "consultation", __name__, url_prefix="/patients", description="What a consultation found."
)
blueprint.before_request(auth.require_staff)


class ConsultationIn(Body):
    """Skin type (Fitzpatrick), what the patient comes for, what speaks for care, and the history in words.

    Each one sent stands beside those before; the newest holds. With `judge_sooner` the stricter setting that
    these conditions offer is taken, as by `setBandOverride` and by whom that may; where they offer none,
    nothing follows.
    """

    skin_type = StrictInteger(minimum=1, maximum=6, load_default=None, allow_none=True)
    concerns = ma.fields.List(
        ma.fields.Enum(Indication, by_value=True), load_default=list, validate=no_repeats
    )
    conditions = ma.fields.List(
        ma.fields.Enum(Condition, by_value=True), load_default=list, validate=no_repeats
    )
    history = PlainText(longest=4000, lines=True, load_default=None, allow_none=True)
    judge_sooner = StrictBoolean(load_default=False)


class StricterOut(ma.Schema):
    """What these conditions offer: every finding of this patient is worth at least this level.

    `holds` says whether it is in force, by `judge_sooner` or `setBandOverride`.
    """

    at_least = ma.fields.Enum(Level, by_value=True, required=True)
    because = ma.fields.List(ma.fields.Enum(Condition, by_value=True), required=True)
    holds = ma.fields.Boolean(required=True)


class PromptOut(ma.Schema):
    """What to consider because of a condition, for a practitioner to decide, and where it is from.

    With `devices` or `beside` it concerns only a treatment with one of these devices, or with something
    recorded there; such a one also stands among a treatment's warnings.
    """

    condition = ma.fields.Enum(Condition, by_value=True, required=True)
    say = ma.fields.String(required=True)
    source = ma.fields.String(required=True)
    devices = ma.fields.List(ma.fields.Enum(Device, by_value=True), required=True)
    beside = ma.fields.Enum(Beside, by_value=True, required=True, allow_none=True)


class ConsultationOut(ma.Schema):
    """What holds; `recorded_at` is null where the patient was not consulted yet."""

    recorded_at = Timestamp(required=True, allow_none=True)
    skin_type = ma.fields.Integer(required=True, allow_none=True)
    concerns = ma.fields.List(ma.fields.Enum(Indication, by_value=True), required=True)
    conditions = ma.fields.List(ma.fields.Enum(Condition, by_value=True), required=True)
    history = ma.fields.String(required=True, allow_none=True)
    stricter = ma.fields.Nested(StricterOut, required=True, allow_none=True)
    prompts = ma.fields.List(ma.fields.Nested(PromptOut), required=True)


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
    return _answer(patient, consultation.get_current(session, patient))


@blueprint.put("/<uuid:patient_id>/consultation")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(ConsultationIn())
@blueprint.response(200, _CONSULTATION)
@blueprint.alt_response(403, schema=Problem)
def put_consultation(body: dict[str, Any], *, patient_id: UUID) -> Response:
    """Keep what a consultation found. A skin type holds for the patient from here on."""
    caller, session = auth.staff_for(Duty.CONSULTATION), database.current()
    if body["judge_sooner"]:
        auth.staff_for(Duty.KNOWN_SKIN)
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    kept = consultation.record(
        session,
        clinic=get_own_clinic(),
        patient=patient,
        found=NewConsultation(**body),
        content=clinic_content.running(),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return _answer(patient, kept)


def _answer(patient: Patient, kept: Consultation | None) -> Response:
    follows = precautions_view.read_precautions(database.current(), patient, content=clinic_content.running())
    offered = follows.offered
    shown = {
        "recorded_at": None if kept is None else kept.recorded_at,
        "skin_type": None if kept is None else kept.skin_type,
        "concerns": [] if kept is None else kept.for_what(),
        "conditions": [] if kept is None else kept.known(),
        "history": None if kept is None else kept.history,
        "stricter": None
        if offered is None
        else {"at_least": offered.at_least, "because": offered.because, "holds": follows.holds},
        "prompts": follows.prompts,
    }
    return json(shown, schema=_CONSULTATION)
