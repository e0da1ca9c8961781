"""When a patient is asked next, by the plan or beside it, and what forbids one more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.asking import OpenMatter
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import AGAIN_STEP, Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.messaging.further_questions import CourseQuestions, NextCheckIn
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import raise_flag

TREATED = datetime(2027, 3, 1, 10, tzinfo=UTC)
FINDING = OpenMatter.FINDING


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return clinic.add_patient(now=TREATED, hours_ago=0)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return (TREATED + timedelta(days=day)).replace(hour=hour, minute=minute)


def questions(
    session: Session, clinic: Clinic, patient: Patient, now: datetime, **rule: Any
) -> CourseQuestions:
    treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
    shipped = clinic.content.protocols[treatment.protocol].rules.asking
    assert shipped is not None
    return CourseQuestions(
        session=session,
        patient=session.get_one(PatientRow, (clinic.id, patient.id)),
        treatment=treatment,
        rule=replace(shipped, **rule),
        content=clinic.content,
        now=now,
    )


def find(
    clinic: Clinic, patient: Patient, since: datetime, *, now: datetime | None = None, **rule: Any
) -> NextCheckIn | None:
    with clinic.sessions() as session:
        asked = questions(session, clinic, patient, now or since, **rule)
        return asked.find_next(since=since, about=FINDING)


def ask(clinic: Clinic, patient: Patient, since: datetime, **rule: Any) -> None:
    with clinic.sessions.begin() as session:
        questions(session, clinic, patient, since, **rule).ask_next(since=since, about=FINDING)


def steps(sessions: sessionmaker[Session]) -> list[tuple[str, MessageState]]:
    with sessions() as session:
        rows = session.scalars(select(Message).order_by(Message.step)).all()
        return [(row.step, row.state) for row in rows if row.step.startswith(AGAIN_STEP)]


def left(sessions: sessionmaker[Session], step: str, when: datetime) -> None:
    with sessions.begin() as session:
        values = {"state": MessageState.DELIVERED, "claimed_at": when}
        session.execute(update(Message).where(Message.step == step).values(values))


@pytest.mark.parametrize(
    ("since", "following", "beside", "soon"),
    [
        pytest.param(at(2, 9, 20), at(3, 9), False, True, id="the plan asks within a day"),
        pytest.param(at(5, 9, 20), at(6, 8), True, True, id="the plan leaves a day out"),
        pytest.param(at(5, 23), at(6, 11), True, True, id="twelve hours after a report of the night"),
        pytest.param(at(7, 8, 50), at(8, 8), True, True, id="a moment before the plan asks about that day"),
        pytest.param(at(7, 9, 20), at(8, 8), True, True, id="after the last day of the week"),
        pytest.param(at(10, 9, 20), at(14, 9), False, False, id="too late for one more"),
        pytest.param(at(13, 9, 20), at(14, 9), False, True, id="the day before a late check"),
    ],
)
def test_the_next_check_in(
    clinic: Clinic, patient: Patient, since: datetime, following: datetime, beside: bool, soon: bool
) -> None:
    found = find(clinic, patient, since)
    assert found is not None
    assert (found.at, found.beside, found.soon) == (following, beside, soon)


def test_after_the_last_check_nobody_asks(clinic: Clinic, patient: Patient) -> None:
    assert find(clinic, patient, at(56, 10)) is None


def test_an_answer_that_came_late_is_asked_about_as_soon_as_it_may_be(
    clinic: Clinic, patient: Patient
) -> None:
    found = find(clinic, patient, at(5, 9, 20), now=at(6, 10))
    assert found is not None
    assert (found.at, found.useful_until) == (at(6, 10), at(6, 20))
    too_late = find(clinic, patient, at(5, 9, 20), now=at(6, 14))
    assert too_late is None, "the plan asks in its turn"


def test_an_evening_question_may_be_answered_for_as_long_as_any(clinic: Clinic, patient: Patient) -> None:
    found = find(clinic, patient, at(8, 6))
    assert found is not None
    assert (found.at, found.useful_until) == (at(8, 18), at(9, 6))


def test_at_most_so_many_are_asked_and_one_that_never_left_does_not_count(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    ask(clinic, patient, at(5, 9, 20), most=1)
    ask(clinic, patient, at(5, 9, 30), most=1)
    assert steps(sessions) == [("again_1", MessageState.PLANNED)]
    ask(clinic, patient, at(4, 9, 20), most=1)
    assert steps(sessions) == [("again_1", MessageState.CANCELLED)], "the plan asks after that"
    ask(clinic, patient, at(7, 9, 20), most=1)
    assert steps(sessions) == [("again_1", MessageState.PLANNED)]
    left(sessions, "again_1", at(8, 8))
    ask(clinic, patient, at(8, 9), most=1)
    assert [step for step, _ in steps(sessions)] == ["again_1"]
    ask(clinic, patient, at(8, 9), most=2)
    assert [step for step, _ in steps(sessions)] == ["again_1", "again_2"]


def test_a_question_that_left_since_is_the_next_one(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    ask(clinic, patient, at(5, 9, 20))
    left(sessions, "again_1", at(6, 8, 1))
    found = find(clinic, patient, at(5, 9, 20), now=at(6, 9))
    assert found is not None
    assert (found.at, found.beside) == (at(6, 8, 1), True)


def test_none_is_added_while_a_flag_is_open(clinic: Clinic, patient: Patient) -> None:
    raise_flag(clinic, patient, at=at(5, 8))
    found = find(clinic, patient, at(5, 9, 20))
    assert found is not None
    assert (found.at, found.beside, found.soon) == (at(7, 9), False, False)


def test_the_moment_is_of_the_patients_own_day(clinic: Clinic, content: Content) -> None:
    abroad = clinic.add_patient(now=TREATED, hours_ago=0, time_zone="America/Los_Angeles")
    found = find(clinic, abroad, at(7, 18))
    assert found is not None
    # Six in the morning of the next day is ten at night there.
    assert found.at == at(8, 16)
