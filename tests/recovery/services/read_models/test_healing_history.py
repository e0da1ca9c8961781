"""How the skin came through each session, and the course of the newest that was reported about."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Symptom
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.read_models import healing_history
from recovery.services.read_models.healing_history import HealingHistory
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report
from tests.support.data.treatments import treat_again

DAY = timedelta(days=1)
CALM_AGAIN = {Symptom.REDNESS: 0, Symptom.SWELLING: 0}


@pytest.fixture
def first(clinic: Clinic, now: datetime) -> Patient:
    return clinic.add_patient(now=now, hours_ago=24 * 40)


@pytest.fixture
def second(clinic: Clinic, first: Patient, now: datetime) -> Patient:
    return treat_again(clinic, first, at=now - 3 * DAY)


def read(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, *, now: datetime
) -> HealingHistory:
    with sessions() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        return healing_history.read_history(session, patient=row, content=content, now=now)


def test_sessions_come_newest_first_each_with_its_own_reports(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime, first: Patient,
    second: Patient,
) -> None:  # fmt: skip
    for days, scores in ((1, {Symptom.REDNESS: 6}), (4, CALM_AGAIN)):
        report(clinic, first, at=first.performed_at + days * DAY, scores=scores)
    report(clinic, second, at=second.performed_at + DAY, scores={Symptom.REDNESS: 3})
    newest, oldest = read(sessions, clinic, first, content, now=now).sessions
    assert [one.treatment.id for one in (newest, oldest)] == [second.treatment_id, first.treatment_id]
    assert [one.day for one in (newest, oldest)] == [3, 40]
    assert (oldest.settling.calm_on, oldest.settling.last_day) == (4, 4)
    assert oldest.settling.peaks[Symptom.REDNESS].score == 6
    assert (newest.settling.calm_on, newest.settling.last_day) == (None, 1)


def test_the_course_is_that_of_the_newest_session_with_reports_over_those_before(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime, first: Patient,
    second: Patient,
) -> None:  # fmt: skip
    silent = treat_again(clinic, first, at=now - DAY, session_number=3)
    report(clinic, first, at=first.performed_at + DAY, scores={Symptom.REDNESS: 6})
    report(clinic, second, at=second.performed_at + DAY, scores={Symptom.REDNESS: 3})
    history = read(sessions, clinic, first, content, now=now)
    assert history.sessions[0].treatment.id == silent.treatment_id
    assert history.sessions[0].settling.last_day is None
    assert history.course is not None
    redness = next(series for series in history.course.series if series.symptom is Symptom.REDNESS)
    assert [(point.hours, point.score) for point in redness.points] == [(24, 3)]
    assert [earlier.performed_at for earlier in history.course.earlier] == [first.performed_at]
    assert history.course.now == 72


def test_where_nothing_was_reported_there_is_no_course(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime, first: Patient
) -> None:
    history = read(sessions, clinic, first, content, now=now)
    assert (len(history.sessions), history.course) == (1, None)


def test_a_withdrawn_session_is_left_out(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime, first: Patient,
    second: Patient,
) -> None:  # fmt: skip
    report(clinic, second, at=now, scores=CALM_AGAIN)
    with sessions.begin() as session:
        withdrawn = update(Treatment).where(Treatment.id == second.treatment_id)
        session.execute(withdrawn.values(withdrawn_at=now))
    history = read(sessions, clinic, first, content, now=now)
    assert [one.treatment.id for one in history.sessions] == [first.treatment_id]
    assert history.course is None
