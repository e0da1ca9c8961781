"""A task is taken, given back, closed and taken back within a minute, by one person at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import NurseText, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.tasks import task_events
from recovery.models.tasks.task_events import TaskEventKind
from recovery.models.tasks.tasks import Task
from recovery.models.treatments.treatments import Treatment
from recovery.services.flags import nurse_texts
from recovery.services.tasks import task_work
from recovery.services.tasks.task_work import NoStepToUndo, TaskDone, TaskHeldByAnother
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import staff_caller

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def patient_without_treatment(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Patient:
    """Enrolled, and not treated: what was recorded was withdrawn."""
    made = clinic.add_patient(now=now)
    with sessions.begin() as session:
        session.execute(update(Treatment).where(Treatment.id == made.treatment_id).values(withdrawn_at=now))
    return made


@pytest.fixture
def asked(texting: Texting, patient: Patient, now: datetime) -> Task:
    """The task of reading what a patient asked."""
    texting.send(patient.phone, "When can I use makeup?", now=now)
    (task,) = texting.tasks()
    return task


def kinds(sessions: sessionmaker[Session], task: Task) -> list[TaskEventKind]:
    with sessions() as session:
        return [event.kind for event in task_events.list_events(session, task.clinic_id, task.id)]


def test_one_person_sees_to_it_and_nobody_else_closes_it(
    clinic: Clinic, asked: Task, sessions: sessionmaker[Session], now: datetime
) -> None:
    other = staff_caller(clinic, clinic.add_nurse(now=now))
    with sessions.begin() as session:
        task_work.claim(session, caller=staff_caller(clinic), task_id=asked.id, now=now)
        task_work.claim(session, caller=staff_caller(clinic), task_id=asked.id, now=now)
        with pytest.raises(TaskHeldByAnother) as refused:
            task_work.claim(session, caller=other, task_id=asked.id, now=now)
        assert (refused.value.holder, refused.value.since) == (f"Nurse {clinic.nurse.email}", now)
        with pytest.raises(TaskHeldByAnother):
            task_work.close_task(session, caller=other, task_id=asked.id, comment="", now=now)
        task_work.release(session, caller=staff_caller(clinic), task_id=asked.id, now=now)
        task_work.close_task(session, caller=other, task_id=asked.id, comment="Told her.", now=now)
        with pytest.raises(TaskDone):
            task_work.claim(session, caller=other, task_id=asked.id, now=now)
    assert kinds(sessions, asked) == [TaskEventKind.CLAIMED, TaskEventKind.RELEASED, TaskEventKind.DONE]


def test_closing_is_taken_back_for_a_minute_with_what_was_read(
    clinic: Clinic, asked: Task, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    caller = staff_caller(clinic)
    with sessions.begin() as session:
        task_work.close_task(session, caller=caller, task_id=asked.id, comment="Read.", now=now)
    assert texting.entries()[0].read_at == now
    with sessions.begin() as session:
        other = staff_caller(clinic, clinic.add_nurse(now=now))
        with pytest.raises(NoStepToUndo):
            task_work.undo(session, caller=other, task_id=asked.id, now=now)
        with pytest.raises(NoStepToUndo):
            task_work.undo(session, caller=caller, task_id=asked.id, now=now + MINUTE + SECOND)
        task_work.undo(session, caller=caller, task_id=asked.id, now=now + MINUTE)
    (task,), (entry,) = texting.tasks(), texting.entries()
    assert (task.done_at, task.done_by, task.comment) == (None, None, None)
    assert (entry.read_at, entry.read_by) == (None, None)
    with sessions.begin() as session, pytest.raises(NoStepToUndo):
        task_work.undo(session, caller=caller, task_id=asked.id, now=now + MINUTE)


def test_where_a_newer_one_is_open_taking_back_brings_that_one_forward(
    clinic: Clinic,
    patient: Patient,
    asked: Task,
    texting: Texting,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    caller = staff_caller(clinic)
    with sessions.begin() as session:
        task_work.close_task(session, caller=caller, task_id=asked.id, comment="", now=now)
    texting.send(patient.phone, "And a hat?", now=now + SECOND)
    with sessions.begin() as session:
        task_work.undo(session, caller=caller, task_id=asked.id, now=now + 2 * SECOND)
    closed, newer = texting.tasks()
    assert (closed.done_at, newer.done_at) == (now, None)
    assert newer.due_at == closed.due_at
    assert [entry.read_at for entry in texting.entries()] == [None, None], "both wait with the newer one"


def test_what_was_marked_as_read_last_waits_again(
    clinic: Clinic, patient: Patient, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    for words in ("One?", "Two?"):
        texting.send(patient.phone, words, now=now)
    caller, (first, second) = staff_caller(clinic), texting.entries()
    with sessions.begin() as session:
        task_work.mark_read(session, caller=caller, entry_id=first.id, now=now)
        task_work.mark_read(session, caller=caller, entry_id=second.id, now=now + SECOND)
    assert texting.tasks()[0].done_at == now + SECOND
    with sessions.begin() as session:
        assert task_work.undo_reading(session, caller=caller, now=now + 2 * SECOND) == 1
    assert [entry.read_at for entry in texting.entries()] == [now, None]
    assert texting.tasks()[0].done_at is None
    with sessions.begin() as session:
        assert task_work.undo_reading(session, caller=caller, now=now + 2 * MINUTE) == 0


def test_a_reply_in_approved_words_leaves_in_a_minute_and_can_be_taken_back(
    clinic: Clinic, asked: Task, sessions: sessionmaker[Session], now: datetime
) -> None:
    caller = staff_caller(clinic)
    with sessions.begin() as session:
        nurse_texts.text_about_task(
            session, caller=caller, task_id=asked.id, template=NurseText.LOOKED_AT,
            content=clinic.content, now=now,
        )  # fmt: skip

    def reply() -> Message:
        with sessions() as session:
            return session.query(Message).filter(Message.step.like("nurse:%")).one()

    assert (reply().template, reply().due_at, reply().patient_id) == ("seen", now + MINUTE, asked.patient_id)
    with sessions.begin() as session:
        task_work.undo(session, caller=caller, task_id=asked.id, now=now + SECOND)
    assert reply().state is MessageState.CANCELLED


def test_danger_raises_the_open_task_and_escalates_it_anew(
    patient_without_treatment: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient_without_treatment.phone, "When do you open?", now=now)
    (calm,) = texting.tasks()
    assert (calm.urgency, calm.is_urgent) == (Urgency.NEXT_BUSINESS_DAY, False)
    texting.send(patient_without_treatment.phone, "I can't breathe", now=now + SECOND)
    (task,) = texting.tasks()
    assert (task.id, task.urgency, task.is_urgent) == (calm.id, Urgency.EMERGENCY, True)
    assert task.due_at == task.escalate_at == now + SECOND + 15 * MINUTE
