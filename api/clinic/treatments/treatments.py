"""Endpoints: a treatment recorded, read, corrected, withdrawn."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Response

from api import auth, clinic_content, database
from api.clinic import repeats
from api.clinic.patients.patients import get_own_clinic
from api.clinic.treatments import treatment_schemas
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import new_treatments, treatment_corrections
from recovery.services.changes.treatment_corrections import TreatmentChanges
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import precautions_view
from recovery.services.treatments import overlapping, treatments
from recovery.services.treatments.treatments import NewTreatment

blueprint = Blueprint("treatments", __name__, url_prefix="", description="What was done.")
blueprint.before_request(auth.require_staff)

_TREATMENT = treatment_schemas.TreatmentOut()


@blueprint.post("/patients/<uuid:patient_id>/treatments")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(treatment_schemas.TreatmentIn())
@blueprint.response(201, _TREATMENT)
@blueprint.alt_response(
    409, schema=treatment_schemas.AlikeProblem, description="one alike is recorded already, within an hour"
)
@repeats.once()
def create_treatment(body: dict[str, Any], *, patient_id: UUID) -> Response:
    """Record a treatment, which plans the texts that follow it.

    One alike within an hour is asked about first (409, `treatments`): with `anyway` it is recorded.
    """
    caller = auth.staff()
    session = database.current()
    anyway, new = body.pop("anyway"), NewTreatment(**body)
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    if not anyway:
        treatments.require_unlike(session, patient=patient, new=new)
    treatment = new_treatments.record(
        session,
        clinic=get_own_clinic(),
        patient=patient,
        new=new,
        content=clinic_content.running(),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return _answer(treatment, status=201)


@blueprint.get("/treatments/<uuid:treatment_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _TREATMENT)
def get_treatment(treatment_id: UUID) -> Response:
    """One treatment of the clinic."""
    caller = auth.staff()
    treatment = treatments.get_treatment(
        database.current(), clinic_id=caller.clinic_id, treatment_id=treatment_id
    )
    return _answer(treatment)


@blueprint.patch("/treatments/<uuid:treatment_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(
    treatment_schemas.TreatmentChangeIn(partial=tuple(treatment_schemas.TreatmentIn().fields))
)
@blueprint.response(200, _TREATMENT)
@blueprint.alt_response(403, schema=Problem)
def update_treatment(body: dict[str, Any], *, treatment_id: UUID) -> Response:
    """Correct a treatment. Texts that have not left are planned anew, and its reports judged anew."""
    caller = auth.staff_for(Duty.CORRECTION)
    corrected = treatment_corrections.correct(
        database.current(),
        clinic_id=caller.clinic_id,
        treatment_id=treatment_id,
        reason=body.pop("reason"),
        changes=cast(TreatmentChanges, body),
        content=clinic_content.running(),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return _answer(corrected)


@blueprint.post("/treatments/<uuid:treatment_id>/withdraw")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(treatment_schemas.WithdrawIn())
@blueprint.response(200, _TREATMENT)
@blueprint.alt_response(403, schema=Problem)
def withdraw_treatment(body: dict[str, Any], *, treatment_id: UUID) -> Response:
    """Withdraw a treatment entered in error: its planned texts are cancelled, an open flag stays."""
    caller = auth.staff_for(Duty.CORRECTION)
    withdrawn = treatment_corrections.withdraw(
        database.current(),
        clinic_id=caller.clinic_id,
        treatment_id=treatment_id,
        reason=body["reason"],
        content=clinic_content.running(),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return _answer(withdrawn)


def _answer(treatment: Treatment, *, status: int = 200) -> Response:
    kept = {name: getattr(treatment, name) for name in _TREATMENT.fields if hasattr(treatment, name)}
    warnings = precautions_view.list_warnings(database.current(), treatment, content=clinic_content.running())
    overlap = overlapping.read_overlap(database.current(), treatment)
    beside = {"takes_over": overlap.takes_over, "taken_over_by": overlap.taken_over_by}
    return json({**kept, **beside, "warnings": warnings}, schema=_TREATMENT, status=status)
