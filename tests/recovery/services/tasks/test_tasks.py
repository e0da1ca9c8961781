"""Follow-up tasks: opened once, due at the earlier time, closed by a person together with what was read."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.core.audit import AuditEntry
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.messaging.messages import Message
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments.treatments import Treatment
from recovery.services.tasks import task_work, tasks
from recovery.services.tasks.task_work import UnknownInboxEntry, UnknownTask
from recovery.services.tasks.tasks import FOLLOWED_FOR, TaskSubject
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import open_on_weekdays, report, staff_caller

HOUR = timedelta(hours=1)


@pytest.fixture
def subject(clinic: Clinic, patient: Patient) -> TaskSubject:
    return TaskSubject(clinic_id=clinic.id, patient_id=patient.id, treatment_id=patient.treatment_id)


def close(clinic: Clinic, task: Task, *, now: datetime, comment: str = "") -> Task:
    with clinic.sessions.begin() as session:
        return task_work.close_task(
            session, caller=staff_caller(clinic), task_id=task.id, comment=comment, now=now
        ).task


def read(clinic: Clinic, entry: InboundText, *, now: datetime) -> InboundText:
    with clinic.sessions.begin() as session:
        return task_work.mark_read(session, caller=staff_caller(clinic), entry_id=entry.id, now=now).entry


def audited(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        return [action for action in actions if action in ("task.done", "inbox.read")]


def test_a_course_is_followed_for_nine_weeks(now: datetime) -> None:
    performed = Treatment(performed_at=now)
    assert tasks.is_followed(performed, now=now + FOLLOWED_FOR)
    assert not tasks.is_followed(performed, now=now + FOLLOWED_FOR + timedelta(seconds=1))


def test_a_patients_open_task_of_a_kind_stands_and_is_due_at_the_earlier_time(
    subject: TaskSubject, sessions: sessionmaker[Session], texting: Texting, now: datetime
) -> None:
    for hours, detail in ((2, {"code": "1"}), (1, {"flag": "f"}), (3, None)):
        with sessions.begin() as session:
            tasks.open_task(
                session, subject, kind=TaskKind.UNDELIVERABLE, due_at=now + hours * HOUR, now=now,
                detail=detail,
            )  # fmt: skip
    (task,) = texting.tasks()
    assert (task.due_at, task.opened_at) == (now + HOUR, now)
    assert task.detail == {"code": "1", "flag": "f"}


def test_another_kind_and_a_closed_one_are_tasks_of_their_own(
    subject: TaskSubject, clinic: Clinic, sessions: sessionmaker[Session], texting: Texting, now: datetime
) -> None:
    for kind in (TaskKind.SILENCE, TaskKind.OPTED_OUT, TaskKind.SILENCE):
        with sessions.begin() as session:
            tasks.open_task(session, subject, kind=kind, due_at=now, now=now)
        if kind is TaskKind.OPTED_OUT:
            close(clinic, texting.tasks()[0], now=now)
    assert [(task.kind, task.done_at) for task in texting.tasks()] == [
        (TaskKind.SILENCE, now),
        (TaskKind.OPTED_OUT, None),
        (TaskKind.SILENCE, None),
    ]


@pytest.mark.parametrize(
    ("opted_out", "reason", "kind", "detail"),
    [
        (False, "30003", TaskKind.UNDELIVERABLE, {"code": "30003"}),
        (True, None, TaskKind.OPTED_OUT, {}),
    ],
)
def test_where_a_carrier_brings_nothing_somebody_calls_by_the_next_business_day(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime,
    opted_out: bool, reason: str | None, kind: TaskKind, detail: dict[str, str],
) -> None:  # fmt: skip
    open_on_weekdays(clinic)
    message = Message(
        clinic_id=clinic.id, patient_id=patient.id, treatment_id=patient.treatment_id, reason=reason
    )
    with clinic.sessions.begin() as session:
        tasks.open_call_task(session, message, opted_out=opted_out, now=now)
    (task,) = texting.tasks()
    assert (task.kind, task.detail, task.treatment_id) == (kind, detail, patient.treatment_id)
    assert task.due_at == (now + timedelta(days=1)).replace(hour=17)


def test_a_text_to_the_staff_that_fails_is_nobodys_call(
    clinic: Clinic, texting: Texting, now: datetime
) -> None:
    with clinic.sessions.begin() as session:
        tasks.open_call_task(session, Message(clinic_id=clinic.id), opted_out=False, now=now)
    assert texting.tasks() == []


def test_a_task_is_closed_once_and_what_it_was_to_read_is_read(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], texting: Texting, now: datetime
) -> None:
    for words in ("When can I use makeup?", "And a hat?"):
        texting.send(patient.phone, words, now=now)
    (task,) = texting.tasks()
    closed = close(clinic, task, now=now + HOUR, comment="  Told her. ")
    assert (closed.done_at, closed.done_by, closed.comment) == (now + HOUR, clinic.nurse.id, "Told her.")
    assert [entry.read_at for entry in texting.entries()] == [now + HOUR] * 2
    again = close(clinic, task, now=now + 2 * HOUR, comment="Me too.")
    assert (again.done_at, again.comment) == (now + HOUR, "Told her.")
    assert audited(sessions) == ["task.done"]


def test_a_comment_of_blanks_is_none(
    subject: TaskSubject, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    with clinic.sessions.begin() as session:
        tasks.open_task(session, subject, kind=TaskKind.SILENCE, due_at=now, now=now)
    assert close(clinic, texting.tasks()[0], now=now, comment=" \n").comment is None


def test_closing_one_kind_reads_nothing_of_another(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "When can I use makeup?", now=now)
    report(clinic, patient, at=now, note="I love it")
    text_task, note_task = texting.tasks()
    assert (text_task.kind, note_task.kind) == (TaskKind.TEXT_TO_READ, TaskKind.NOTE_TO_READ)
    close(clinic, note_task, now=now)
    assert [entry.read_at for entry in texting.entries()] == [None, now]


def test_a_task_is_done_with_the_last_of_what_it_was_to_read(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], texting: Texting, now: datetime
) -> None:
    for words in ("When can I use makeup?", "And a hat?"):
        texting.send(patient.phone, words, now=now)
    first, second = texting.entries()
    assert read(clinic, first, now=now).read_by == clinic.nurse.id
    assert texting.tasks()[0].done_at is None
    assert read(clinic, first, now=now + HOUR).read_at == now, "what is read stays so"
    read(clinic, second, now=now + HOUR)
    (task,) = texting.tasks()
    assert (task.done_at, task.done_by) == (now + HOUR, clinic.nurse.id)
    assert audited(sessions) == ["inbox.read"] * 2


def test_texts_from_an_unknown_number_are_read_and_closed_one_by_one(
    clinic: Clinic, texting: Texting, now: datetime
) -> None:
    for words in ("hello", "anybody there?"):
        texting.send("+12025559999", words, now=now)
    entry, _ = texting.entries()
    read(clinic, entry, now=now)
    assert [task.done_at for task in texting.tasks()] == [now, None]
    close(clinic, texting.tasks()[1], now=now + HOUR)
    assert [entry.read_at for entry in texting.entries()] == [now, now + HOUR]


def test_what_is_another_clinics_is_unknown(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "hello", now=now)
    (task,), (entry,) = texting.tasks(), texting.entries()
    with pytest.raises(UnknownTask):
        close(other_clinic, task, now=now)
    with pytest.raises(UnknownInboxEntry):
        read(other_clinic, entry, now=now)
    with clinic.sessions.begin() as session:
        with pytest.raises(UnknownTask):
            task_work.close_task(session, caller=staff_caller(clinic), task_id=uuid4(), comment="", now=now)
        with pytest.raises(UnknownInboxEntry):
            task_work.mark_read(session, caller=staff_caller(clinic), entry_id=uuid4(), now=now)
    assert texting.tasks()[0].done_at is None


def test_every_kind_takes_either_a_call_or_reading() -> None:
    assert tasks.FOLLOW_UP.isdisjoint(tasks.TO_READ.values())
    assert tasks.FOLLOW_UP | set(tasks.TO_READ.values()) == set(TaskKind)
