"""What a patient may know of one recovery: its phase, its check-ins, what was said before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.recovery_phase import RecoveryPhase
from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.content.emergency_text import HelpLine
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.read_models import patient_course_view
from recovery.services.read_models.patient_course_view import PatientCourseView, RecoveryView, TreatmentStatus
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import CALM, raise_flag, report, review
from tests.support.data.treatments import treat_again

DAY = timedelta(days=1)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    return clinic.add_patient(now=now, hours_ago=48)


def read(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, *, now: datetime
) -> PatientCourseView:
    with sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        return patient_course_view.read_course_view(session, treatment=treatment, content=content, now=now)


def read_recovery(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, *, now: datetime
) -> RecoveryView:
    with sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        return patient_course_view.read_recovery_view(session, treatment=treatment, content=content, now=now)


def statuses(
    sessions: sessionmaker[Session],
    clinic: Clinic,
    patients: list[Patient],
    content: Content,
    *,
    now: datetime,
) -> list[TreatmentStatus]:
    with sessions() as session:
        treated = [session.get_one(Treatment, (clinic.id, one.treatment_id)) for one in patients]
        return list(patient_course_view.treatment_statuses(session, treated, content=content, now=now))


def test_the_crisis_line_comes_first_while_nothing_but_self_harm_is_open(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    def first() -> HelpLine | None:
        (status,) = statuses(sessions, clinic, [patient], content, now=now)
        return status.help

    assert first() is None
    report(clinic, patient, WarningSign.PUS, at=now - DAY)
    review(clinic, now=now)
    assert first() is None
    report(clinic, patient, WarningSign.SELF_HARM, at=now)
    assert first() is HelpLine.CRISIS, "before the worker has looked"
    review(clinic, now=now)
    assert first() is HelpLine.CRISIS
    report(clinic, patient, WarningSign.BREATHING, at=now)
    assert first() is HelpLine.EMERGENCY
    review(clinic, now=now)
    assert first() is HelpLine.EMERGENCY
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.RESOLVED))
    assert first() is None


def test_a_treatment_is_in_the_phase_of_its_day(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    for days, phase in (
        (0, RecoveryPhase.RECOVERING),
        (7, RecoveryPhase.RECOVERING),
        (8, RecoveryPhase.LATER_CHECKS),
        (56, RecoveryPhase.LATER_CHECKS),
        (57, RecoveryPhase.ENDED),
    ):
        at = patient.performed_at + days * DAY
        (status,) = statuses(sessions, clinic, [patient], content, now=at)
        assert (status.day, status.phase) == (days, phase)


def test_a_flag_on_one_treatment_puts_no_other_with_the_nurse(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    first = clinic.add_patient(now=now, hours_ago=24 * 60)
    second = treat_again(clinic, first, at=now - DAY)
    raise_flag(clinic, second, at=now)
    shown = statuses(sessions, clinic, [second, first], content, now=now)
    assert [status.phase for status in shown] == [RecoveryPhase.WAITING, RecoveryPhase.ENDED]
    assert [status.held for status in shown] == [True, False]
    assert [status.treatment.id for status in shown] == [second.treatment_id, first.treatment_id]
    for state, phase in (
        (FlagState.CLAIMED, RecoveryPhase.WITH_NURSE),
        (FlagState.CONTACTED, RecoveryPhase.WITH_NURSE),
        (FlagState.RESOLVED, RecoveryPhase.RECOVERING),
    ):
        with sessions.begin() as session:
            session.execute(update(Flag).values(state=state))
        assert statuses(sessions, clinic, [second], content, now=now)[0].phase is phase


def test_the_hours_give_way_until_the_skin_is_no_longer_told_to_be_open(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    def held(at: datetime) -> bool:
        return statuses(sessions, clinic, [patient], content, now=at)[0].held

    assert not held(now)
    report(clinic, patient, WarningSign.RAW_SKIN, at=now)
    review(clinic, now=now)
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.RESOLVED))
    assert held(now + 30 * DAY), "the flag is closed, and no later report says otherwise"
    report(clinic, patient, at=now + DAY)
    assert not held(now + DAY)


def test_no_treatment_has_no_status(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    assert statuses(sessions, clinic, [], content, now=now) == []


def test_what_to_avoid_is_told_whether_it_is_past_or_not(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    soon, late = (
        statuses(sessions, clinic, [patient], content, now=patient.performed_at + days * DAY)[0].avoid
        for days in (0, 200)
    )
    assert len(soon) > 0
    assert list(soon) == list(late)


def test_a_check_in_is_done_by_a_report_of_its_day(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    before = read(sessions, clinic, patient, content, now=now)
    days = [check_in.day for check_in in before.check_ins]
    assert days == sorted(set(days))
    assert days[:3] == [1, 2, 3]
    assert not any(check_in.done for check_in in before.check_ins)
    report(clinic, patient, at=patient.performed_at + DAY)
    after = read(sessions, clinic, patient, content, now=now)
    assert [check_in.day for check_in in after.check_ins if check_in.done] == [1]


def test_the_next_check_in_is_the_first_that_is_neither_done_nor_closed(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    view = read(sessions, clinic, patient, content, now=now)
    first, second, *_, last = view.check_ins
    assert view.next_check_in(now=patient.performed_at) == first
    assert view.next_check_in(now=first.closes_at - timedelta(seconds=1)) == first
    assert view.next_check_in(now=first.closes_at) == second
    assert view.next_check_in(now=last.closes_at) is None
    report(clinic, patient, at=patient.performed_at + DAY)
    done = read(sessions, clinic, patient, content, now=now)
    assert done.next_check_in(now=patient.performed_at) == second


def test_own_reports_come_in_the_order_seen_and_earlier_sessions_newest_first(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    first = clinic.add_patient(now=now, hours_ago=24 * 90)
    second = treat_again(clinic, first, at=now - 40 * DAY)
    third = treat_again(clinic, first, at=now - 2 * DAY, session_number=3)
    for treated, hours in ((third, 40), (third, 20), (first, 24)):
        at = treated.performed_at + timedelta(hours=hours)
        report(clinic, treated, at=at, scores={Symptom.REDNESS: 3})
    view = read_recovery(sessions, clinic, third, content, now=now)
    own = [said.hours_since(third.performed_at) for said in view.course.reports]
    assert own == [20, 40]
    assert [(one.treatment.id, len(one.reports)) for one in view.earlier] == [
        (second.treatment_id, 0),
        (first.treatment_id, 1),
    ]
    said = [*view.course.reports, *(said for one in view.earlier for said in one.reports)]
    assert set(view.judged) == {one.report_id for one in said}
    assert (view.standing.treatment.id, view.course.patient.id) == (third.treatment_id, first.id)
    assert view.course.treatment is view.standing.treatment
    assert view.course.protocol.version == view.standing.treatment.protocol


def test_assessments_are_asked_for_once_and_only_where_they_are_shown(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    first = clinic.add_patient(now=now, hours_ago=24 * 90)
    second = treat_again(clinic, first, at=now - 40 * DAY)
    third = treat_again(clinic, first, at=now - 2 * DAY, session_number=3)
    for treated in (first, second, third):
        report(clinic, treated, at=treated.performed_at + DAY)
    asked: list[str] = []
    with sessions() as session:
        bind = session.get_bind()

    def note(*call: Any) -> None:
        asked.append(call[2])

    event.listen(bind, "before_cursor_execute", note)
    try:
        read(sessions, clinic, third, content, now=now)
        assert len(asked) > 0
        assert not [one for one in asked if "FROM assessment" in one]
        read_recovery(sessions, clinic, third, content, now=now)
    finally:
        event.remove(bind, "before_cursor_execute", note)
    assert len([one for one in asked if "DISTINCT ON (assessment.report_id)" in one]) == 1


def test_one_more_question_is_a_check_in_of_its_own_done_by_a_report_since(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    treated = now.replace(hour=10, minute=0, second=0, microsecond=0)
    patient = clinic.add_patient(now=treated, hours_ago=0)
    seen = treated + 5 * DAY
    swollen = CALM | {Symptom.REDNESS: 1, Symptom.SWELLING: 3}
    report(clinic, patient, at=seen, scores=swollen, confirmed=Symptom)
    review(clinic, now=seen)
    asked = (treated + 6 * DAY).replace(hour=8)

    def beside(at: datetime) -> list[tuple[int, datetime, datetime, bool]]:
        view = read(sessions, clinic, patient, content, now=at)
        assert [one.opens_at for one in view.check_ins] == sorted(one.opens_at for one in view.check_ins)
        planned = {1, 2, 3, 4, 5, 7, 14, 28, 56}
        return [
            (one.day, one.opens_at, one.closes_at, one.done)
            for one in view.check_ins
            if one.day not in planned
        ]

    closes = (treated + 6 * DAY).replace(hour=20)
    assert beside(seen) == [(6, asked, closes, False)]
    upcoming = read(sessions, clinic, patient, content, now=seen).next_check_in(now=seen)
    assert upcoming is not None
    assert upcoming.opens_at == asked
    with sessions.begin() as session:
        # Of the same recovery day as the report before: the moment decides, not the day.
        values = {"claimed_at": asked, "state": MessageState.DELIVERED, "asks_day": 6}
        session.execute(update(Message).where(Message.step == "again_1").values(values))
    report(clinic, patient, at=asked - timedelta(minutes=1), scores=CALM, confirmed=Symptom)
    assert [done for *_, done in beside(asked)] == [False]
    report(clinic, patient, at=asked + timedelta(minutes=1), scores=CALM, confirmed=Symptom)
    assert [done for *_, done in beside(asked)] == [True]


def test_a_question_that_was_taken_back_is_no_check_in(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=24 * 7)
    before = len(read(sessions, clinic, patient, content, now=now).check_ins)
    report(clinic, patient, at=now, scores=CALM | {Symptom.SWELLING: 3}, confirmed=Symptom)
    review(clinic, now=now)
    with sessions.begin() as session:
        values = {"state": MessageState.CANCELLED}
        session.execute(update(Message).where(Message.step == "again_1").values(values))
    assert len(read(sessions, clinic, patient, content, now=now).check_ins) == before
