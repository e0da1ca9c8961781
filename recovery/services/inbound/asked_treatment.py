"""Which treatment a text is about: the one whose question it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.models.messaging import patient_texts
from recovery.models.patients.patients import Patient
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.messaging.send_eligibility import local_day
from recovery.services.tasks import tasks


@dataclass(frozen=True, kw_only=True)
class AskedTreatment:
    """The treatment, and when its question left and in which wording, where one did."""

    treatment: Treatment
    asked_at: datetime | None
    asked_with: str | None = None


def find(session: Session, patient: Patient, *, now: datetime) -> AskedTreatment | None:
    """The treatment that was last asked about by text; None for a patient without one.

    A question that is over gives way to a newer treatment: skin treated since it was asked is what the
    patient sees. Where nothing was asked, it is the newest treatment; of one visit the first recorded, as
    that one sends its questions.
    """
    performed = [
        treatment
        for treatment in treatments.list_for_patient(
            session, patient.clinic_id, patient.id, limit=tasks.FOLLOWED_AT_ONCE
        )
        if treatment.performed_at <= now
    ]
    if not performed:
        return None
    question = patient_texts.get_last_question(
        session, clinic_id=patient.clinic_id, patient_id=patient.id, phone=patient.phone, before=now
    )
    if question is not None and question.claimed_at is not None:
        asked_at = question.claimed_at
        asked = next((one for one in performed if one.id == question.treatment_id), None)
        over = now > question.useful_until and performed[0].performed_at > asked_at
        if asked is not None and not over and tasks.is_followed(asked, now=now):
            return AskedTreatment(treatment=asked, asked_at=asked_at, asked_with=question.template)
    days = [local_day(patient.time_zone, one.performed_at) for one in performed]
    visit = [one for one, day in zip(performed, days, strict=True) if day == days[0]]
    return AskedTreatment(treatment=min(visit, key=lambda one: one.id), asked_at=None)
