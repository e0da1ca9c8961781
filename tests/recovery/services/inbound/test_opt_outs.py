"""No more texts to a number, in every clinic, and who is called instead; and texts again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.inbound.text_meaning import ParsedText
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.core.audit import AuditEntry
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents
from recovery.services.inbound import opt_outs
from recovery.services.tasks.tasks import FOLLOWED_FOR
from tests.support.data.inbound_texting import Texting
from tests.support.data.model_rows import add_treatment
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import open_on_weekdays, raise_flag

MINUTE = timedelta(minutes=1)
Rows = list[tuple[MessageState, str | None]]


@pytest.fixture
def texted(clinic: Clinic, now: datetime) -> Patient:
    """A patient whose course is planned."""
    return clinic.add_patient(now=now, hours_ago=1)


def stop(sessions: sessionmaker[Session], phone: str, *, now: datetime) -> None:
    with sessions.begin() as session:
        everyone = patients.find_by_phone_for_update(session, phone, only=None)
        opt_outs.stop(session, patients=everyone, how="text", now=now)


def start(sessions: sessionmaker[Session], phone: str, *, content: Content, now: datetime) -> None:
    with sessions.begin() as session:
        everyone = patients.find_by_phone_for_update(session, phone, only=None)
        contents = RunningContents(session, newest=content)
        opt_outs.start(session, patients=everyone, phone=phone, contents=contents, now=now)


def states(sessions: sessionmaker[Session], patient: Patient) -> Rows:
    with sessions() as session:
        rows = session.scalars(select(Message).where(Message.patient_id == patient.id).order_by(Message.id))
        return [(row.state, row.reason) for row in rows]


def tasks(sessions: sessionmaker[Session]) -> list[Task]:
    with sessions() as session:
        return list(session.scalars(select(Task).order_by(Task.id)))


def audited(sessions: sessionmaker[Session], action: str) -> list[object]:
    with sessions() as session:
        return list(session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == action)))


def test_nothing_more_leaves_for_a_number_in_any_clinic(
    texted: Patient, clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    elsewhere = other_clinic.add_patient(now=now, hours_ago=1, phone=texted.phone)
    somebody_else = clinic.add_patient(now=now, hours_ago=1)
    untouched = states(sessions, somebody_else)
    stop(sessions, texted.phone, now=now)
    for patient in (texted, elsewhere):
        assert MessageState.PLANNED not in {state for state, _ in states(sessions, patient)}
        assert UnsentReason.OPTED_OUT in {reason for _, reason in states(sessions, patient)}
    assert states(sessions, somebody_else) == untouched
    with sessions() as session:
        rows = session.scalars(select(OptOut)).all()
        assert {(row.clinic_id, row.phone, row.how, row.since) for row in rows} == {
            (place.id, texted.phone, "text", now) for place in (clinic, other_clinic)
        }
    assert set(audited(sessions, "patient.opt_out")) == {texted.id, elsewhere.id}


def test_whoever_is_followed_is_called_by_the_next_business_day(
    texted: Patient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    open_on_weekdays(clinic)
    stop(sessions, texted.phone, now=now)
    stop(sessions, texted.phone, now=now + timedelta(hours=1))
    (task,) = tasks(sessions)
    assert (task.kind, task.patient_id, task.treatment_id) == (
        TaskKind.OPTED_OUT,
        texted.id,
        texted.treatment_id,
    )
    assert (task.due_at, task.detail) == ((now + timedelta(days=1)).replace(hour=17), {})


def test_every_treatment_that_is_followed_is_called_about(
    texted: Patient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, texted.id))
        for days in range(1, 5):
            add_treatment(session, row, performed_at=now - timedelta(days=days))
    stop(sessions, texted.phone, now=now)
    assert len({task.treatment_id for task in tasks(sessions)}) == 5


def test_a_flag_is_called_about_by_its_own_due_time(
    texted: Patient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    flag_id = raise_flag(clinic, texted, at=now)
    stop(sessions, texted.phone, now=now)
    with sessions() as session:
        due_at = session.get_one(Flag, (clinic.id, flag_id)).due_at
    assert [(task.due_at, task.detail) for task in tasks(sessions)] == [(due_at, {"flag": str(flag_id)})]


@pytest.mark.parametrize(("flagged", "called"), [(False, 0), (True, 1)])
def test_a_course_that_is_over_is_called_about_only_with_a_flag(
    texted: Patient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
    flagged: bool,
    called: int,
) -> None:
    if flagged:
        raise_flag(clinic, texted, at=now)
    over = now - FOLLOWED_FOR - timedelta(seconds=1)
    with sessions.begin() as session:
        session.execute(update(Treatment).values(performed_at=over))
    stop(sessions, texted.phone, now=now)
    assert len(tasks(sessions)) == called


def test_start_brings_back_what_is_still_to_come_where_it_was_stopped(
    texted: Patient, clinic: Clinic, other_clinic: Clinic, content: Content,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    stop(sessions, texted.phone, now=now)
    elsewhere = other_clinic.add_patient(now=now, hours_ago=1, phone=texted.phone)
    untouched = states(sessions, elsewhere)
    start(sessions, texted.phone, content=content, now=now)
    with sessions() as session:
        assert session.scalars(select(OptOut)).all() == []
        waiting = select(Message).where(
            Message.patient_id == texted.id, Message.state == MessageState.PLANNED
        )
        again = session.scalars(waiting).all()
    assert len(again) > 3
    assert all(text.due_at > now for text in again)
    assert states(sessions, elsewhere) == untouched
    assert audited(sessions, "patient.opt_in") == [texted.id]


@pytest.mark.parametrize(
    ("keyword", "goes_on", "calls"), [("START", True, []), ("STOP", False, [TaskKind.OPTED_OUT])]
)
def test_a_patients_own_word_ends_a_pause_and_what_was_in_doubt_is_still_read_by_its_time(
    texted: Patient, texting: Texting, now: datetime, keyword: str, goes_on: bool, calls: list[TaskKind]
) -> None:
    texting.act(texted.phone, "enough of this", ParsedText(may_stop=True, more=True), now=now)
    texting.send(texted.phone, keyword, now=now + MINUTE)
    pause, *others = texting.tasks()
    assert (pause.kind, pause.done_at, pause.done_by) == (TaskKind.MAY_STOP, now + MINUTE, None)
    read = next(task for task in others if task.kind is TaskKind.TEXT_TO_READ)
    assert (read.done_at, read.due_at, read.treatment_id) == (None, pause.due_at, texted.treatment_id)
    assert [task.kind for task in others if task is not read] == calls
    assert texting.entries()[0].read_at is None
    leaves = texting.claim(now=(now + timedelta(days=1)).replace(hour=12))
    assert any("Day 1" in text.body for text in leaves) is goes_on


def test_a_pause_of_one_on_a_number_is_none_of_the_other(
    texted: Patient, clinic: Clinic, other_clinic: Clinic, texting: Texting, now: datetime
) -> None:
    texting.act(texted.phone, "enough of this", ParsedText(may_stop=True, more=True), now=now)
    elsewhere = other_clinic.add_patient(now=now, hours_ago=1, phone=texted.phone)
    texting.act(texted.phone, "enough", ParsedText(may_stop=True, more=True), now=now + MINUTE)
    pauses = [task for task in texting.tasks() if task.kind is TaskKind.MAY_STOP]
    assert [(pause.patient_id, pause.opened_at) for pause in pauses] == [
        (texted.id, now),
        (elsewhere.id, now + MINUTE),
    ]
    first, *_ = texting.entries()
    assert pauses[0].detail == {"text": str(first.id)}


def test_start_from_a_number_that_never_stopped_changes_nothing(
    texted: Patient, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    before = states(sessions, texted)
    start(sessions, texted.phone, content=content, now=now)
    assert states(sessions, texted) == before
    assert audited(sessions, "patient.opt_in") == []
