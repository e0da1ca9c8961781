"""A reply belongs to the question it answers, whichever treatment is the newest."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import REACHED_NOBODY, Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.reports.reports import Report, ReportRevision
from recovery.models.treatments.treatments import Treatment
from recovery.services.inbound import asked_treatment
from recovery.services.inbound.asked_treatment import AskedTreatment
from tests.support.data.inbound_texting import Texting
from tests.support.data.model_rows import add_treatment
from tests.support.data.people import Clinic, Patient

HOUR = timedelta(hours=1)


@pytest.fixture
def older(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Patient:
    """A patient treated three days ago, with none of the planned texts."""
    made = clinic.add_patient(now=now, hours_ago=75)
    with sessions.begin() as session:
        session.execute(delete(Message))
    return made


def treat(clinic: Clinic, patient: Patient, *, at: datetime) -> UUID:
    with clinic.sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        before = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        return add_treatment(session, row, performed_at=at, protocol=before.protocol).id


def ask(
    clinic: Clinic,
    patient: Patient,
    treatment_id: UUID,
    *,
    at: datetime,
    state: MessageState = MessageState.DELIVERED,
    step: str = "day3_text",
    phone: str | None = None,
    useful_for: timedelta = 11 * HOUR,
    day: int = 3,
) -> None:
    with clinic.sessions.begin() as session:
        session.add(
            Message(
                clinic_id=clinic.id,
                patient_id=patient.id,
                treatment_id=treatment_id,
                step=step,
                template="dayN_text" if day < 14 else "marks_text",
                due_at=at,
                useful_until=at + useful_for,
                state=state,
                to_phone=phone or patient.phone,
                claimed_at=None if state is MessageState.PLANNED else at,
                created_at=at,
                asks_day=None if step.startswith("reminder") else day,
            )
        )


def found(clinic: Clinic, patient: Patient, *, now: datetime, of_skin: bool = False) -> AskedTreatment:
    with clinic.sessions() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        about = asked_treatment.find(session, row, of_skin=of_skin, now=now)
    assert about is not None
    return about


def test_scores_go_to_the_newest_treatment_whichever_was_asked_about(
    texting: Texting, clinic: Clinic, older: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    newer = treat(clinic, older, at=now - 5 * HOUR)
    ask(clinic, older, older.treatment_id, at=now - HOUR)
    texting.send(older.phone, "5 4 3 2", now=now)
    with sessions() as session:
        (report,) = session.scalars(select(Report))
        (said,) = session.scalars(select(ReportRevision))
    assert report.treatment_id == newer
    assert said.scores == {"redness": 5, "swelling": 4, "peeling": 3, "pain": 2}
    assert [entry.treatment_id for entry in texting.entries()] == [newer]


def test_only_the_question_for_marks_is_still_the_earlier_treatments(
    clinic: Clinic, older: Patient, now: datetime
) -> None:
    newer = treat(clinic, older, at=now - 30 * HOUR)
    ask(clinic, older, older.treatment_id, at=now - 3 * HOUR)
    assert found(clinic, older, now=now).treatment.id == newer
    assert found(clinic, older, now=now).asked_at is None, "nothing was asked of the newer one"
    ask(clinic, older, older.treatment_id, at=now - 2 * HOUR, step="day14_text", day=14)
    assert found(clinic, older, now=now).treatment.id == older.treatment_id
    assert found(clinic, older, now=now, of_skin=True).treatment.id == newer
    ask(clinic, older, newer, at=now - HOUR, step="day1_text")
    assert found(clinic, older, now=now).treatment.id == newer


@pytest.mark.parametrize(
    ("words", "earlier"),
    [
        ("none", True),
        ("some new bumps", True),
        ("5 4 3 2", False),
        ("there is pus and I have a fever", False),
        ("same as yesterday", False),
    ],
)
def test_an_answer_about_marks_is_the_earlier_treatments_and_danger_is_the_newest_ones(
    texting: Texting, clinic: Clinic, older: Patient, now: datetime, words: str, earlier: bool
) -> None:
    newer = treat(clinic, older, at=now - 30 * HOUR)
    ask(clinic, older, older.treatment_id, at=now - HOUR, step="day14_text", day=14)
    texting.send(older.phone, words, now=now)
    assert [entry.treatment_id for entry in texting.entries()] == [older.treatment_id if earlier else newer]


def test_danger_in_an_answer_to_the_earlier_treatments_question_flags_the_newest(
    texting: Texting, clinic: Clinic, older: Patient, now: datetime
) -> None:
    newer = treat(clinic, older, at=now - 30 * HOUR)
    ask(clinic, older, older.treatment_id, at=now - HOUR, step="day14_text", day=14)
    texting.send(older.phone, "no bumps, but there is pus and I have a fever", now=now)
    texting.review(now=now)
    with clinic.sessions() as session:
        (flag,) = session.scalars(select(Flag))
    assert (flag.treatment_id, flag.urgency.value) == (newer, "same_day")


def test_the_later_question_wins_and_a_reminder_is_one(clinic: Clinic, older: Patient, now: datetime) -> None:
    # Of one visit, so that both are asked.
    other = treat(clinic, older, at=older.performed_at + 11 * HOUR)
    ask(clinic, older, older.treatment_id, at=now - 3 * HOUR)
    ask(clinic, older, other, at=now - 2 * HOUR, step="day1_text")
    assert found(clinic, older, now=now).asked_at == now - 2 * HOUR
    assert found(clinic, older, now=now).treatment.id == other
    ask(clinic, older, older.treatment_id, at=now - HOUR, step="reminder_day3")
    assert found(clinic, older, now=now).treatment.id == older.treatment_id
    assert found(clinic, older, now=now - 90 * timedelta(minutes=1)).treatment.id == other


@pytest.mark.parametrize("state", REACHED_NOBODY)
def test_a_question_that_reached_nobody_asked_nothing(
    clinic: Clinic, older: Patient, now: datetime, state: MessageState
) -> None:
    newer = treat(clinic, older, at=now - 5 * HOUR)
    ask(clinic, older, older.treatment_id, at=now - HOUR, state=state)
    assert found(clinic, older, now=now).treatment.id == newer


def test_a_question_to_another_number_asked_nothing(clinic: Clinic, older: Patient, now: datetime) -> None:
    newer = treat(clinic, older, at=now - 5 * HOUR)
    ask(clinic, older, older.treatment_id, at=now - HOUR, phone="+12025550000")
    assert found(clinic, older, now=now).asked_at is None
    assert found(clinic, older, now=now).treatment.id == newer


def test_a_question_gives_way_to_skin_treated_since(clinic: Clinic, older: Patient, now: datetime) -> None:
    ask(clinic, older, older.treatment_id, at=now - 20 * HOUR)
    assert found(clinic, older, now=now).treatment.id == older.treatment_id
    newer = treat(clinic, older, at=now - 15 * HOUR)
    assert found(clinic, older, now=now - 10 * HOUR).treatment.id == newer
    assert found(clinic, older, now=now).treatment.id == newer


def test_a_question_that_is_over_gives_way_to_another_treatment_of_the_visit(
    clinic: Clinic, older: Patient, now: datetime
) -> None:
    ask(clinic, older, older.treatment_id, at=older.performed_at + HOUR, useful_for=3 * HOUR)
    before = found(clinic, older, now=older.performed_at + 12 * HOUR)
    assert before.asked_at == older.performed_at + HOUR
    treat(clinic, older, at=older.performed_at + 11 * HOUR)
    about = found(clinic, older, now=older.performed_at + 12 * HOUR)
    assert (about.treatment.id, about.asked_at) == (older.treatment_id, None), "of the visit the first"


def test_of_one_visit_it_is_the_treatment_that_sends_the_questions(
    clinic: Clinic, older: Patient, now: datetime
) -> None:
    treat(clinic, older, at=older.performed_at + timedelta(minutes=20))
    assert found(clinic, older, now=now).treatment.id == older.treatment_id


def test_a_treatment_still_to_come_is_nobodys_skin_yet(clinic: Clinic, older: Patient, now: datetime) -> None:
    treat(clinic, older, at=now + 20 * HOUR)
    assert found(clinic, older, now=now).treatment.id == older.treatment_id
