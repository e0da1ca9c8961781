"""What the newest consultation of a patient says to whoever treats: the offer, prompts, and warnings beside
each treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.patients.consultation import Condition
from recovery.domain.patients.precautions import Prompt, StricterSetting, TreatedWith
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import consultation
from recovery.services.content.content import Content


@dataclass(frozen=True, kw_only=True)
class PrecautionsView:
    """What follows from what was found; nothing where nobody was consulted.

    `offered` is a stricter setting for this patient, and `holds` says whether it is in force.
    """

    offered: StricterSetting | None
    holds: bool
    prompts: Sequence[Prompt]


def read_precautions(session: Session, patient: Patient, *, content: Content) -> PrecautionsView:
    """What is offered and prompted for this patient."""
    kept = consultation.get_current(session, patient)
    conditions = [] if kept is None else kept.known()
    offered = content.precautions.stricter_for(conditions)
    return PrecautionsView(
        offered=offered,
        holds=offered is not None and consultation.holds(patient, offered),
        prompts=content.precautions.prompts_for(conditions),
    )


def warnings_by_treatment(
    session: Session, patient: Patient, *, done: Sequence[Treatment], content: Content
) -> dict[UUID, list[Prompt]]:
    """What the patient's findings say of these treatments of theirs as they were recorded, by treatment."""
    kept = consultation.get_current(session, patient)
    conditions = [] if kept is None else kept.known()
    return {treatment.id: _warnings(conditions, treatment, content=content) for treatment in done}


def list_warnings(session: Session, treatment: Treatment, *, content: Content) -> list[Prompt]:
    """What the patient's findings say of one treatment as it was recorded."""
    patient = patients.get_one(session, treatment.clinic_id, treatment.patient_id)
    return warnings_by_treatment(session, patient, done=[treatment], content=content)[treatment.id]


def _warnings(conditions: Sequence[Condition], treatment: Treatment, *, content: Content) -> list[Prompt]:
    treated = TreatedWith(device=treatment.device, numbing=treatment.numbing, topical=treatment.topical)
    return content.precautions.warnings_for(conditions, treated)
