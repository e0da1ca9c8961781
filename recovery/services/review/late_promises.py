"""The worker tells a patient, once, whom to call when a promised time has passed and nobody has opened the
matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic import clinics
from recovery.models.flags import flags
from recovery.models.messaging import messages, patient_texts
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.tasks import tasks
from recovery.models.tasks.tasks import TaskKind
from recovery.models.treatments import treatments

USEFUL = timedelta(hours=12)
BEFORE = timedelta(minutes=5)
"""The promise may have been planned a little before its task or flag was opened."""

PROMISES = (
    "got_text", "which_sign", "texts_paused", "emergency", "emergency_sign", "emergency_self_harm",
    "maybe_emergency", "flag_same_day", "flag_after_hours", "flag_next_day",
)  # fmt: skip
"""The wordings that say by when a nurse looks, or that one will."""

READ_BY = (TaskKind.TEXT_TO_READ, TaskKind.MAY_STOP)
"""The tasks about a text whose answer says by when a nurse reads it."""


def tell_late(session: Session, *, now: datetime, limit: int) -> int:
    """Tell the patients of matters that are past their time and unopened; how many matters there were.

    Each time is told of once, and only where a text promised it. Emergencies at any hour, the rest in the
    hours in which texts leave. Matters somebody works at this moment are looked at next time. The caller
    commits.
    """
    late_tasks = tasks.list_late_for_update(session, kinds=READ_BY, now=now, limit=limit)
    for task in late_tasks:
        task.late_told_at = now
        if task.patient_id is not None:
            patient = patients.get_one(session, task.clinic_id, task.patient_id)
            _tell(
                session, patient, about=task.id, due_at=task.due_at, treatment_id=task.treatment_id,
                since=task.opened_at, urgent=task.urgency is Urgency.EMERGENCY, now=now,
            )  # fmt: skip
    late_flags = flags.list_late_for_update(session, now=now, limit=limit)
    for flag in late_flags:
        flag.late_told_at = now
        treatment = treatments.get(session, flag.clinic_id, flag.treatment_id)
        if treatment is not None:
            patient = patients.get_one(session, flag.clinic_id, treatment.patient_id)
            urgent = flag.urgency is Urgency.EMERGENCY
            _tell(
                session, patient, about=flag.id, due_at=flag.due_at, treatment_id=treatment.id,
                since=flag.opened_at, urgent=urgent, now=now,
            )  # fmt: skip
    session.flush()
    return len(late_tasks) + len(late_flags)


def _tell(
    session: Session,
    patient: Patient,
    *,
    about: UUID,
    due_at: datetime,
    treatment_id: UUID | None,
    since: datetime,
    urgent: bool = False,
    now: datetime,
) -> None:
    promised = patient_texts.was_told(
        session, clinic_id=patient.clinic_id, patient_id=patient.id, templates=PROMISES, since=since - BEFORE
    )
    if not promised or patient.ended_at is not None:
        return
    clinic = clinics.get_one(session, patient.clinic_id)
    messages.insert_planned(
        session,
        Message(
            clinic_id=clinic.id,
            patient_id=patient.id,
            treatment_id=treatment_id,
            step=f"late:{about}:{due_at.astimezone(UTC):%Y%m%dT%H%M%S}",
            template="late_emergency" if urgent else "late",
            details={},
            due_at=now,
            useful_until=now + USEFUL,
            state=MessageState.PLANNED,
            created_at=now,
        ),
    )
