"""Two treatments at once: nobody is asked twice, and nothing that the later one does not ask is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.contact import AnswersBy
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import treatment_corrections
from recovery.services.core.audit import OPERATOR
from recovery.services.messaging import text_planning
from recovery.services.read_models import send_explanations
from tests.support.data.people import Clinic, Patient
from tests.support.data.planned_texts import claim, steps_of
from tests.support.data.reporting import report, review
from tests.support.data.treatments import treat_again

PLANNED, CANCELLED = MessageState.PLANNED, MessageState.CANCELLED
NEWER = (CANCELLED, UnsentReason.NEWER_TREATMENT)
WITH_NEWER = (CANCELLED, UnsentReason.ASKED_WITH_NEWER)


@pytest.fixture
def now() -> datetime:
    """Noon of an ordinary day."""
    return datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def first(clinic: Clinic, now: datetime) -> Patient:
    """Treated this moment."""
    return clinic.add_patient(now=now, hours_ago=0)


def verdicts(clinic: Clinic, treatment_id: UUID) -> dict[str, tuple[MessageState, str | None]]:
    return {step: (row.state, row.reason) for step, row in steps_of(clinic.sessions, treatment_id).items()}


def of_days(clinic: Clinic, patient: Patient, *days: int) -> list[tuple[MessageState, str | None]]:
    found = verdicts(clinic, patient.treatment_id)
    return [found[f"day{day}_link"] for day in days]


def asked_on(clinic: Clinic, *patients: Patient) -> list[datetime]:
    """When texts that ask are planned, of all these treatments together."""
    return sorted(
        row.due_at
        for patient in patients
        for row in steps_of(clinic.sessions, patient.treatment_id).values()
        if row.asks_day is not None and row.state is PLANNED
    )


def withdraw(clinic: Clinic, patient: Patient, *, now: datetime) -> None:
    with clinic.sessions.begin() as session:
        treatment_corrections.withdraw(
            session, clinic_id=clinic.id, treatment_id=patient.treatment_id, reason="Wrong patient.",
            content=clinic.content, actor=OPERATOR, now=now,
        )  # fmt: skip


def why(clinic: Clinic, patient: Patient, step: str, *, now: datetime) -> str:
    with clinic.sessions() as session:
        told = send_explanations.explain_treatment(
            session,
            clinic_id=clinic.id,
            treatment_id=patient.treatment_id,
            content=clinic.content,
            now=now,
        )
    return next(text.why for text in told.steps if text.step == step)


def test_from_the_second_treatment_on_the_first_asks_for_marks_alone(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    third_day = now + timedelta(days=3)
    second = treat_again(clinic, first, at=third_day)
    # What was due before then has its moment behind it.
    assert of_days(clinic, first, 4, 5, 7) == [NEWER] * 3
    assert of_days(clinic, first, 14, 28) == [(PLANNED, None)] * 2
    assert of_days(clinic, second, 1, 2, 3, 4, 5, 7, 14, 28) == [(PLANNED, None)] * 8
    assert "a newer treatment has taken over" in why(clinic, first, "day5_link", now=third_day)


def test_where_both_would_ask_one_question_is_sent(clinic: Clinic, first: Patient, now: datetime) -> None:
    # Day 14 of the first is day 2 of the second, its day 28 no day of the second's.
    later = now + timedelta(days=12)
    second = treat_again(clinic, first, at=later)
    assert of_days(clinic, first, 14, 28) == [WITH_NEWER, (PLANNED, None)]
    days = [moment.date() for moment in asked_on(clinic, first, second)]
    assert len(days) == len(set(days)) == 10
    assert "asks about both" in why(clinic, first, "day14_link", now=later)
    withdraw(clinic, second, now=later)
    assert of_days(clinic, first, 14, 28) == [(PLANNED, None)] * 2


def test_every_day_of_two_treatments_asks_once(clinic: Clinic, now: datetime) -> None:
    for apart in (1, 2, 7, 9, 13, 14, 21, 27):
        first = clinic.add_patient(now=now, hours_ago=0)
        second = treat_again(clinic, first, at=now + timedelta(days=apart))
        days = [moment.date() for moment in asked_on(clinic, first, second)]
        assert len(days) == len(set(days)), f"{apart} days apart"


def test_who_answers_by_text_is_asked_once_a_day_too(clinic: Clinic, now: datetime) -> None:
    first = clinic.add_patient(now=now, hours_ago=0, answers_by=AnswersBy.TEXT)
    later = now + timedelta(days=8)
    second = treat_again(clinic, first, at=later)
    found = verdicts(clinic, first.treatment_id)
    assert (found["day14_text"], found["day28_text"]) == (WITH_NEWER, (PLANNED, None))
    days = [moment.date() for moment in asked_on(clinic, first, second)]
    assert len(days) == len(set(days)) == 11


def test_withdrawing_or_moving_the_second_brings_the_firsts_back(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    second = treat_again(clinic, first, at=now + timedelta(days=2))
    assert of_days(clinic, first, 3, 4, 5, 7) == [NEWER] * 4
    moved = now + timedelta(days=2)
    with clinic.sessions.begin() as session:
        treatment_corrections.correct(
            session, clinic_id=clinic.id, treatment_id=second.treatment_id,
            changes={"performed_at": now + timedelta(hours=2)}, reason="Typed the wrong day.",
            content=clinic.content, actor=OPERATOR, now=moved,
        )  # fmt: skip
    # Of one visit now, the first sends for both.
    assert of_days(clinic, first, 3, 4, 5, 7) == [(PLANNED, None)] * 4
    assert of_days(clinic, second, 3) == [(CANCELLED, UnsentReason.COVERED)]
    withdraw(clinic, second, now=moved)
    assert of_days(clinic, first, 3, 4, 5, 7) == [(PLANNED, None)] * 4


def test_one_that_is_entered_days_later_takes_over_from_when_it_was_done(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    entered = now + timedelta(days=4)
    second = treat_again(clinic, first, at=now + timedelta(days=2), now=entered)
    assert of_days(clinic, first, 5, 7) == [NEWER] * 2
    assert of_days(clinic, second, 1) == [(MessageState.EXPIRED, UnsentReason.MOMENT_PASSED)]
    assert of_days(clinic, second, 3, 4, 5, 7) == [(PLANNED, None)] * 4


def test_what_was_asked_before_stands_and_a_reminder_of_it_does_not_leave(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    morning = datetime(2027, 3, 11, 9, 1, tzinfo=UTC)
    with clinic.sessions.begin() as session:
        assert claim(session, content=clinic.content, now=morning)
        row = session.get_one(PatientRow, (clinic.id, first.id))
        session.add(_reminder(row, first.treatment_id, at=morning))
    treat_again(clinic, first, at=datetime(2027, 3, 11, 14, tzinfo=UTC))
    found = verdicts(clinic, first.treatment_id)
    assert found["day1_link"] == (MessageState.CLAIMED, None)
    assert found["reminder_day1"] == NEWER


def _reminder(row: PatientRow, treatment_id: UUID, *, at: datetime) -> Message:
    return Message(
        clinic_id=row.clinic_id, patient_id=row.id, treatment_id=treatment_id, step="reminder_day1",
        template="reminder_link", details={"day": 1}, due_at=at + timedelta(hours=6),
        useful_until=at + timedelta(hours=11), state=PLANNED, created_at=at,
    )  # fmt: skip


def test_one_more_question_of_the_first_is_taken_back_and_asked_again_where_the_second_was_none(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    seen = now + timedelta(days=5, hours=2)
    report(clinic, first, at=seen, scores=OPEN)
    review(clinic, now=seen)
    assert verdicts(clinic, first.treatment_id)["again_1"] == (PLANNED, None)
    second = treat_again(clinic, first, at=seen + timedelta(hours=1))
    assert verdicts(clinic, first.treatment_id)["again_1"] == NEWER
    assert "One more question" in why(clinic, first, "again_1", now=seen + timedelta(hours=1))
    withdraw(clinic, second, now=seen + timedelta(hours=2))
    assert verdicts(clinic, first.treatment_id)["again_1"] == (PLANNED, None)


def test_nothing_more_is_asked_after_a_late_word_of_the_first(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    seen = now + timedelta(days=5, hours=2)
    treat_again(clinic, first, at=seen + timedelta(hours=1))
    sent = seen + timedelta(hours=3)
    report(clinic, first, at=sent, seen_at=seen, scores=OPEN)
    review(clinic, now=sent)
    assert "again_1" not in verdicts(clinic, first.treatment_id)


def test_planning_anew_changes_nothing_where_nothing_changed(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    later = now + timedelta(days=12)
    second = treat_again(clinic, first, at=later)
    before = [verdicts(clinic, one.treatment_id) for one in (first, second)]
    with clinic.sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, first.id))
        text_planning.plan_texts(session, patient=row, content=clinic.content, now=later)
        assert session.get_one(Treatment, (clinic.id, first.treatment_id)).withdrawn_at is None
    assert [verdicts(clinic, one.treatment_id) for one in (first, second)] == before


OPEN = {Symptom.REDNESS: 2, Symptom.SWELLING: 0, Symptom.PEELING: 2, Symptom.ITCHING: 6}
"""Itching that is asked about first on day 5."""
