"""What a patient is told of the clinic's work on a report: nothing, waiting until when, seen, closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Level, Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagState, FollowUpState, Urgency
from recovery.models.clinic import clinics
from recovery.models.flags.flags import Flag
from recovery.models.reports import reports as report_rows
from recovery.models.treatments.treatments import Treatment
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.reports import follow_up_status
from recovery.services.reports.follow_up_status import NONE, FollowUpStatus
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import open_on_weekdays, report, review

OfNew = Callable[..., FollowUpStatus]
OfCourse = Callable[[], dict[UUID, FollowUpStatus]]
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def of_new(
    clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session], now: datetime
) -> OfNew:
    """What is told of a report that has just come."""

    def read(level: Level, *, report_id: UUID | None = None, at: datetime = now) -> FollowUpStatus:
        with sessions() as session:
            return follow_up_status.status_of_new_report(
                session,
                report_id=report_id or uuid4(),
                level=level,
                treatment=session.get_one(Treatment, (clinic.id, patient.treatment_id)),
                content=content,
                now=at,
            )

    return read


@pytest.fixture
def of_course(
    clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session]
) -> OfCourse:
    """What is told of every report of the course."""

    def read() -> dict[UUID, FollowUpStatus]:
        with sessions() as session:
            treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
            judged = report_rows.latest_assessments(session, clinic.id, treatment.id)
            return dict(
                follow_up_status.statuses_of_course(
                    session, treatment=treatment, judged=judged, content=content
                )
            )

    return read


def waiting(by: datetime, urgency: Urgency = Urgency.SAME_DAY) -> FollowUpStatus:
    return FollowUpStatus(state=FollowUpState.WAITING, by=by, urgency=urgency)


def set_flag(sessions: sessionmaker[Session], **values: object) -> None:
    with sessions.begin() as session:
        session.execute(update(Flag).values(values))


def test_a_promise_is_overdue_once_its_time_has_passed(now: datetime) -> None:
    assert waiting(now - timedelta(seconds=1)).is_overdue(now=now)
    assert not waiting(now).is_overdue(now=now)
    assert not NONE.is_overdue(now=now)


def test_a_new_report_waits_as_long_as_its_level_says(of_new: OfNew, clinic: Clinic, now: datetime) -> None:
    open_on_weekdays(clinic)
    assert of_new(Level.EXPECTED) == NONE
    assert of_new(Level.EMERGENCY) == waiting(now + QUARTER, Urgency.EMERGENCY)
    assert of_new(Level.ABNORMAL) == waiting(now + 2 * HOUR)
    assert of_new(Level.WATCH) == waiting(
        (now + timedelta(days=1)).replace(hour=17), Urgency.NEXT_BUSINESS_DAY
    )
    assert of_new(Level.ABNORMAL, at=now.replace(hour=20)) == waiting(
        (now + timedelta(days=1)).replace(hour=11)
    )


def test_a_new_report_waits_no_longer_than_the_flag_that_is_open_already(
    of_new: OfNew, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    report(clinic, patient, WarningSign.PUS, at=now)
    review(clinic, now=now)
    assert of_new(Level.WATCH, at=now + HOUR) == waiting(now + 2 * HOUR, Urgency.NEXT_BUSINESS_DAY)
    assert of_new(Level.EMERGENCY, at=now + HOUR) == waiting(now + HOUR + QUARTER, Urgency.EMERGENCY)


def test_a_corrected_report_that_is_expected_now_is_still_with_the_nurse_who_has_it(
    of_new: OfNew, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    flagged = report(clinic, patient, WarningSign.PUS, at=now)
    review(clinic, now=now)
    assert of_new(Level.EXPECTED, report_id=flagged) == waiting(now + 2 * HOUR)
    set_flag(sessions, state=FlagState.CLAIMED)
    assert of_new(Level.EXPECTED, report_id=flagged) == FollowUpStatus(
        state=FollowUpState.SEEN, by=None, urgency=Urgency.SAME_DAY
    )


def test_a_course_tells_each_report_where_it_stands(
    of_course: OfCourse, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    calm = report(clinic, patient, at=now - HOUR)
    flagged = report(clinic, patient, WarningSign.PUS, at=now)
    assert of_course() == {calm: NONE, flagged: waiting(now + 2 * HOUR)}, "before the worker has looked"
    review(clinic, now=now)
    for state, told in (
        (FlagState.OPEN, FollowUpState.WAITING),
        (FlagState.CLAIMED, FollowUpState.SEEN),
        (FlagState.CONTACTED, FollowUpState.CONTACTED),
        (FlagState.RESOLVED, FollowUpState.CLOSED),
    ):
        set_flag(sessions, state=state)
        by = now + 2 * HOUR if state is FlagState.OPEN else None
        status = FollowUpStatus(state=told, by=by, urgency=Urgency.SAME_DAY)
        assert of_course() == {calm: NONE, flagged: status}


def test_what_came_after_a_flag_was_closed_waits_anew(
    of_course: OfCourse, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    flagged = report(clinic, patient, WarningSign.PUS, at=now)
    review(clinic, now=now)
    set_flag(sessions, state=FlagState.RESOLVED)
    later = now + 3 * HOUR
    report(clinic, patient, WarningSign.PUS, WarningSign.BREATHING, at=later, report_id=flagged, revision=2)
    assert of_course() == {flagged: waiting(later + QUARTER, Urgency.EMERGENCY)}


def test_a_nurse_looks_when_this_is_due_or_already_for_the_open_flag(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        hours = opening_hours_of(clinics.get_one(session, clinic.id))
    for flag_due_at, by in (
        (None, now + 2 * HOUR),
        (now + HOUR, now + HOUR),
        (now + 3 * HOUR, now + 2 * HOUR),
    ):
        assert follow_up_status.waiting_status(
            Urgency.SAME_DAY, hours=hours, flag_due_at=flag_due_at, content=content, now=now
        ) == waiting(by)


def test_a_treatment_stands_where_its_flag_does_and_waits_before_a_worker_has_looked(
    clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    def standing(at: datetime = now) -> FollowUpStatus:
        with sessions() as session:
            treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
            found = follow_up_status.statuses_of_treatments(session, [treatment], content=content, now=at)
            return found[treatment.id]

    assert standing() == NONE
    report(clinic, patient, WarningSign.PUS, at=now)
    assert standing() == waiting(now + 2 * HOUR), "before the worker has looked"
    review(clinic, now=now)
    assert standing() == waiting(now + 2 * HOUR)
    set_flag(sessions, state=FlagState.CLAIMED)
    assert standing() == FollowUpStatus(state=FollowUpState.SEEN, by=None, urgency=Urgency.SAME_DAY)
    report(clinic, patient, WarningSign.BREATHING, at=now + HOUR)
    assert standing() == FollowUpStatus(state=FollowUpState.SEEN, by=None, urgency=Urgency.EMERGENCY)
    set_flag(sessions, state=FlagState.RESOLVED)
    assert standing() == waiting(now + HOUR + QUARTER, Urgency.EMERGENCY), "what came later waits anew"
    review(clinic, now=now + HOUR)
    set_flag(sessions, state=FlagState.RESOLVED)
    assert standing().state is FollowUpState.CLOSED


def test_an_entry_in_question_makes_a_treatment_wait_only_once_its_time_is_over(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=72)
    scores = {Symptom.REDNESS: 10, Symptom.SWELLING: 1, Symptom.PEELING: 0}
    report(clinic, patient, at=now, scores=scores)
    held = timedelta(minutes=10)
    for at, state in (
        (now, FollowUpState.NONE),
        (now + held - timedelta(seconds=1), FollowUpState.NONE),
        (now + held, FollowUpState.WAITING),
    ):
        with sessions() as session:
            treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
            (status,) = follow_up_status.statuses_of_treatments(
                session, [treatment], content=content, now=at
            ).values()
            assert status.state is state, at
