"""Which treatment a text is about: the one whose question it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.clinical import taking_over
from recovery.models.messaging import patient_texts
from recovery.models.messaging.messages import Message
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


def find(session: Session, patient: Patient, *, of_skin: bool, now: datetime) -> AskedTreatment | None:
    """The treatment that was last asked about by text; None for a patient without one.

    A question that is over gives way to a newer treatment: skin treated since it was asked is what the
    patient sees. Of a course that a later treatment has taken over only the question for marks is answered,
    and not by what tells of the skin now (`of_skin`). Where nothing was asked, it is the newest treatment; of
    one visit the first recorded, as that one sends its questions.
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
        asked = next((one for one in performed if one.id == question.treatment_id), None)
        if asked is not None and _is_answered(question, asked, performed, of_skin=of_skin, now=now):
            return AskedTreatment(treatment=asked, asked_at=question.claimed_at, asked_with=question.template)
    days = [local_day(patient.time_zone, one.performed_at) for one in performed]
    visit = [one for one, day in zip(performed, days, strict=True) if day == days[0]]
    return AskedTreatment(treatment=min(visit, key=lambda one: one.id), asked_at=None)


def _is_answered(
    question: Message, asked: Treatment, performed: Sequence[Treatment], *, of_skin: bool, now: datetime
) -> bool:
    """Whether what a patient writes now is about the treatment whose question left last."""
    if not tasks.is_followed(asked, now=now):
        return False
    if taking_over.taken_over_at(asked.performed_at, [one.performed_at for one in performed]) is not None:
        asks_for_marks = (question.asks_day or 0) >= taking_over.MARKS_FROM_DAY
        if of_skin or not asks_for_marks:
            return False
    left_at = question.claimed_at or question.due_at
    return now <= question.useful_until or performed[0].performed_at <= left_at
