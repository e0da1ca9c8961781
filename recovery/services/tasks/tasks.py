"""Follow-up tasks opened and closed, by when each is due; what was to be read (the inbox) is marked as read
here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.review import urgency as urgencies
from recovery.models.clinic import clinics
from recovery.models.inbound import inbound_texts
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.tasks import tasks
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.clinic.clinics import opening_hours_of

FOLLOWED_FOR = timedelta(days=63)
"""A course is over a week after its last check-in, that of day 56."""

FOLLOW_UP = frozenset(
    {
        TaskKind.SILENCE,
        TaskKind.UNDELIVERABLE,
        TaskKind.OPTED_OUT,
        TaskKind.UNMATCHED_TEXT,
        TaskKind.MAY_STOP,
        TaskKind.PUT_ASIDE,
    }
)
"""Tasks that take a call or a look; the others are done by reading."""

FOLLOWED_AT_ONCE = 10
"""More treatments than one patient is followed for at a time."""

TO_READ = {InboundSource.TEXT: TaskKind.TEXT_TO_READ, InboundSource.NOTE: TaskKind.NOTE_TO_READ}


HEARD_FROM = "the patient was heard from"
PATIENT_DECIDED = "the patient has said whether texts are wanted"
READABLE_SINCE = "scores that can be read came since"


@dataclass(frozen=True, kw_only=True)
class TaskSubject:
    """Whom a task is about; a text from a shared or unknown number is about nobody yet."""

    clinic_id: UUID
    patient_id: UUID | None = None
    treatment_id: UUID | None = None


def is_followed(treatment: Treatment, *, now: datetime) -> bool:
    """Whether the treatment's course is not over."""
    return now - treatment.performed_at <= FOLLOWED_FOR


def reading_due_at(hours: OpeningHours, *, now: datetime) -> datetime:
    """By when a nurse reads what is not urgent."""
    return urgencies.reading_wait(now, hours=hours).due_at


def open_task(
    session: Session,
    subject: TaskSubject,
    *,
    kind: TaskKind,
    due_at: datetime,
    now: datetime,
    urgency: Urgency = Urgency.NEXT_BUSINESS_DAY,
    detail: Mapping[str, str] | None = None,
) -> UUID:
    """Open a task; a patient's open one of this kind stands, with the earlier time and the greater urgency.

    Which one it is. What is more urgent than the next business day stands in the queue.
    """
    opened = tasks.open_task(
        session,
        Task(
            clinic_id=subject.clinic_id,
            kind=kind,
            patient_id=subject.patient_id,
            treatment_id=subject.treatment_id,
            opened_at=now,
            due_at=due_at,
            urgency=urgency,
            detail=dict(detail or {}),
        ),
    )
    if not opened.new:
        session.add(
            TaskEvent(
                clinic_id=subject.clinic_id,
                task_id=opened.id,
                at=now,
                kind=TaskEventKind.EXTENDED,
                detail={"urgency": urgency.value},
            )
        )
    return opened.id


def end_silence(session: Session, patient: Patient, *, now: datetime) -> None:
    """Words count as contact: nobody has to call this patient for not having answered."""
    for treatment in treatments.list_for_patient(
        session, patient.clinic_id, patient.id, limit=FOLLOWED_AT_ONCE
    ):
        tasks.close_automatically(
            session,
            clinic_id=patient.clinic_id,
            kind=TaskKind.SILENCE,
            treatment_id=treatment.id,
            comment=HEARD_FROM,
            now=now,
        )


def close_all(
    session: Session, patient: Patient, *, comment: str, by: UUID, kind: TaskKind | None = None, now: datetime
) -> None:
    """One of the staff closes every open task about a patient, or those of one kind, and has so read what
    they were about."""
    for task in tasks.list_open_of_patient(session, patient.clinic_id, patient.id, kind=kind):
        task.done_at, task.done_by, task.comment = now, by, comment
        read_what_it_was_about(session, task, by=by, now=now)


def end_pause(session: Session, patient: Patient, *, now: datetime) -> None:
    """The patient has said whether texts are wanted: no text waits any more, the words in doubt stay to be
    read by the time that was promised."""
    for task in tasks.list_open_of_patient(session, patient.clinic_id, patient.id, kind=TaskKind.MAY_STOP):
        task.done_at, task.comment = now, PATIENT_DECIDED
        entry = None
        if "text" in task.detail:
            entry = inbound_texts.get_for_update(session, task.clinic_id, UUID(task.detail["text"]))
        if entry is None or entry.patient_id is None or not entry.to_read or entry.read_at is not None:
            # Words from a shared number have a task of their own.
            continue
        open_task(
            session,
            TaskSubject(
                clinic_id=entry.clinic_id, patient_id=entry.patient_id, treatment_id=entry.treatment_id
            ),
            kind=TaskKind.TEXT_TO_READ,
            due_at=task.due_at,
            urgency=task.urgency,
            detail={key: value for key, value in task.detail.items() if key != "text"},
            now=task.opened_at,
        )


def settle_reading(session: Session, entry: InboundText, *, now: datetime) -> None:
    """What was to be read has become needless: its task is done without anyone's doing."""
    for task in reading_tasks(session, entry):
        task.done_at, task.comment = now, READABLE_SINCE


def open_call_task(session: Session, message: Message, *, opted_out: bool, now: datetime) -> None:
    """The carrier cannot or may not bring this patient texts: someone should phone who is still followed."""
    clinic = clinics.get(session, message.clinic_id)
    if clinic is None or message.patient_id is None:
        return
    if patients.get_one(session, message.clinic_id, message.patient_id).ended_at is not None:
        return
    open_task(
        session,
        TaskSubject(
            clinic_id=message.clinic_id, patient_id=message.patient_id, treatment_id=message.treatment_id
        ),
        kind=TaskKind.OPTED_OUT if opted_out else TaskKind.UNDELIVERABLE,
        due_at=reading_due_at(opening_hours_of(clinic), now=now),
        detail={} if message.reason is None else {"code": message.reason},
        now=now,
    )


def read_what_it_was_about(session: Session, task: Task, *, by: UUID, now: datetime) -> None:
    """Whoever closes a task has read what it was to read."""
    if "text" in task.detail:
        entry = inbound_texts.get_for_update(session, task.clinic_id, UUID(task.detail["text"]))
        if entry is not None and entry.read_at is None:
            entry.read_at, entry.read_by = now, by
    if task.patient_id is None:
        return
    for source, kind in TO_READ.items():
        if task.kind is kind:
            inbound_texts.mark_read(
                session,
                clinic_id=task.clinic_id,
                source=source,
                patient_id=task.patient_id,
                treatment_id=task.treatment_id,
                by=by,
                now=now,
            )


def reading_tasks(session: Session, entry: InboundText) -> Sequence[Task]:
    """The open tasks of reading this."""
    return tasks.list_open_about(
        session,
        clinic_id=entry.clinic_id,
        kind=TaskKind.UNMATCHED_TEXT if entry.patient_id is None else TO_READ[entry.source],
        patient_id=entry.patient_id,
        treatment_id=entry.treatment_id,
        text_id=entry.id,
    )
