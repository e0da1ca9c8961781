"""Which other treatments of a patient one takes over, and which took it over, for those who show it (what
follows: changes/course_judging)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.clinical import taking_over
from recovery.models.patients.patients import Patient
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.tasks.tasks import FOLLOWED_FOR

MOST_TREATMENTS = 50
"""More than any patient has had."""


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """What a treatment is to the others of its patient: `taken_over_by` the next one, if there is one, and
    `takes_over` those whose follow-up was not over when it was done, newest first."""

    taken_over_by: Treatment | None
    takes_over: Sequence[Treatment]


def overlap_of(treatment: Treatment, standing: Sequence[Treatment]) -> Overlap:
    """Among the treatments of its patient that were not withdrawn. One that was withdrawn takes nothing over
    and is not taken over."""
    others = [] if treatment.withdrawn_at is not None else standing
    at = taking_over.taken_over_at(treatment.performed_at, [other.performed_at for other in others])
    return Overlap(
        taken_over_by=next((other for other in others if other.performed_at == at), None),
        takes_over=followed_at(treatment.performed_at, others),
    )


def read_overlap(session: Session, treatment: Treatment) -> Overlap:
    """What this treatment is to the patient's newest ones."""
    standing = treatments.list_for_patient(
        session, treatment.clinic_id, treatment.patient_id, limit=MOST_TREATMENTS
    )
    return overlap_of(treatment, standing)


def read_followed(
    session: Session, patient: Patient, *, at: datetime, but: Treatment | None = None
) -> Sequence[Treatment]:
    """What a treatment of this moment takes over, newest first; `but` is the one that is corrected."""
    standing = treatments.list_for_patient(session, patient.clinic_id, patient.id, limit=MOST_TREATMENTS)
    return [one for one in followed_at(at, standing) if but is None or one.id != but.id]


def followed_at(at: datetime, standing: Sequence[Treatment]) -> Sequence[Treatment]:
    """Those of an earlier visit whose follow-up is not over at that moment."""
    return [
        one
        for one in standing
        if taking_over.is_later_visit(one.performed_at, at) and at - one.performed_at <= FOLLOWED_FOR
    ]
