"""From an abnormal report to one flag, its due time, and the texts that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.core.signed_content import ContentBundle
from recovery.models.flags.flags import EventKind, Flag, FlagAssessment, FlagEvent
from recovery.models.messaging.messages import Message
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.services.access.authentication import PatientCaller
from recovery.services.content.content import Content
from recovery.services.reports import reports
from recovery.services.reports.reports import Submission
from recovery.services.review import report_review
from tests.recovery.services.review.conftest import CALM, Report, Review
from tests.support.data.people import Clinic, Patient

Row = TypeVar("Row")
DOUBTFUL = "felt faint for a second on the stairs"
"""Words that may name an emergency sign, and may mean something else."""

WILD = {Symptom.REDNESS: 10, Symptom.SWELLING: 10, Symptom.PEELING: 0}


def rows(sessions: sessionmaker[Session], table: type[Row]) -> Sequence[Row]:
    with sessions() as session:
        return session.scalars(select(table)).all()


def events(sessions: sessionmaker[Session]) -> list[EventKind]:
    with sessions() as session:
        return list(session.scalars(select(FlagEvent.kind).order_by(FlagEvent.id)))


def told(sessions: sessionmaker[Session]) -> list[tuple[str, bool]]:
    """Templates in the order they were planned, and whether they go to the patient."""
    with sessions() as session:
        return [(row.template, row.patient_id is not None) for row in session.query(Message).order_by("id")]


def test_an_expected_report_raises_nothing(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    report()
    assert take_up() == 1
    assert (rows(sessions, Flag), rows(sessions, Message)) == ([], [])
    assert [one.reviewed_at for one in rows(sessions, StoredAssessment)] == [now]
    assert take_up() == 0


def test_an_abnormal_report_opens_one_flag_and_tells_patient_and_staff(
    report: Report, take_up: Review, sessions: sessionmaker[Session], patient: Patient, now: datetime
) -> None:
    report(WarningSign.PUS)
    assert take_up() == 1
    (flag,) = rows(sessions, Flag)
    assert (flag.treatment_id, flag.state) == (patient.treatment_id, FlagState.OPEN)
    assert (flag.urgency, flag.due_at, flag.opened_at) == (Urgency.SAME_DAY, now + timedelta(hours=2), now)
    assert told(sessions) == [("flag_same_day", True), ("staff_alert", False)]
    assert [row.details["by"] for row in rows(sessions, Message)] == ["2 PM", "2 PM"]
    assert events(sessions) == [EventKind.OPENED]
    take_up()
    assert len(rows(sessions, Message)) == 2


def test_a_flag_is_opened_where_what_was_signed_cannot_be_read(
    report: Report, take_up: Review, sessions: sessionmaker[Session]
) -> None:
    report(WarningSign.PUS)
    strange = b"\1" * 32
    with sessions.begin() as session:
        session.add(ContentBundle(digest=strange, parts={}))
        session.flush()
        session.execute(update(ClinicRow).values(running_content=strange))
    assert take_up() == 1
    (flag,) = rows(sessions, Flag)
    assert flag.urgency is Urgency.SAME_DAY


def test_more_of_the_same_extends_the_flag_and_tells_nobody_again(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    for hours in range(3):
        report(WarningSign.PUS, at=now + timedelta(hours=hours))
        take_up(at=now + timedelta(hours=hours))
    (flag,) = rows(sessions, Flag)
    assert flag.due_at == now + timedelta(hours=2)
    assert events(sessions) == [EventKind.OPENED, EventKind.EXTENDED, EventKind.EXTENDED]
    assert len(rows(sessions, FlagAssessment)) == 3
    assert len(told(sessions)) == 2


def test_worse_raises_the_flag_and_tells_again_milder_does_not_lower_it(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    for minutes, sign in enumerate(
        [WarningSign.BUMPS, WarningSign.PUS, WarningSign.BREATHING, WarningSign.PUS]
    ):
        report(sign, at=now + timedelta(minutes=minutes))
        take_up(at=now + timedelta(minutes=minutes))
    (flag,) = rows(sessions, Flag)
    assert (flag.urgency, flag.urgency_rank) == (Urgency.EMERGENCY, 0)
    assert flag.due_at == now + timedelta(minutes=2 + 15)
    kinds = [EventKind.OPENED, EventKind.RAISED, EventKind.RAISED, EventKind.EXTENDED]
    assert events(sessions) == kinds
    assert told(sessions) == [
        ("flag_next_day", True),
        ("flag_same_day", True),
        ("staff_alert", False),
        ("emergency_sign", True),
        ("on_call_alert", False),
    ]


def test_an_emergency_in_doubt_is_not_told_for_certain_by_a_later_report_that_names_none(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(note=DOUBTFUL)
    take_up()
    alert = [("on_call_alert", False)]
    assert told(sessions) == [("maybe_emergency", True), *alert]
    report(WarningSign.PUS, at=now + timedelta(minutes=5))
    take_up(at=now + timedelta(minutes=5))
    assert told(sessions) == [("maybe_emergency", True), *alert]
    report(WarningSign.BREATHING, at=now + timedelta(minutes=9))
    take_up(at=now + timedelta(minutes=9))
    assert told(sessions) == [("maybe_emergency", True), *alert, ("emergency_sign", True)]


@pytest.mark.parametrize("certain_first", [True, False])
def test_of_a_doubt_and_a_certain_emergency_taken_up_together_only_the_certain_one_is_told(
    report: Report, take_up: Review, sessions: sessionmaker[Session], certain_first: bool
) -> None:
    if certain_first:
        report(WarningSign.BREATHING)
    report(WarningSign.PUS)
    report(note=DOUBTFUL)
    if not certain_first:
        report(WarningSign.BREATHING)
    assert take_up() == 3
    assert sorted(told(sessions)) == [("emergency_sign", True), ("on_call_alert", False)]


@pytest.mark.usefixtures("open_on_weekdays")
def test_a_raised_flag_keeps_the_earlier_due_time(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    friday = now + timedelta(days=4)
    report(WarningSign.BUMPS, at=now)
    take_up()
    (opened,) = rows(sessions, Flag)
    report(WarningSign.PUS, at=friday)
    take_up(at=friday)
    (flag,) = rows(sessions, Flag)
    assert (flag.urgency, flag.due_at) == (Urgency.SAME_DAY, opened.due_at)


def test_a_resolved_flag_stays_closed_and_a_new_finding_opens_another(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(WarningSign.PUS)
    take_up()
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.RESOLVED))
    report(WarningSign.PUS, at=now + timedelta(hours=1))
    take_up(at=now + timedelta(hours=1))
    assert sorted(flag.state for flag in rows(sessions, Flag)) == [FlagState.OPEN, FlagState.RESOLVED]
    assert len(told(sessions)) == 4


@pytest.mark.usefixtures("open_on_weekdays")
def test_an_emergency_reaches_the_on_call_number_at_night(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    night = now.replace(hour=23)
    report(WarningSign.BREATHING, at=night)
    take_up(at=night)
    assert [(row.template, row.due_at) for row in rows(sessions, Message)] == [
        ("emergency_sign", night),
        ("on_call_alert", night),
    ]


def test_a_score_under_question_waits_ten_minutes(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(scores=WILD)
    assert take_up() == 1
    assert rows(sessions, Flag) == []
    assert take_up(at=now + timedelta(minutes=10) - timedelta(seconds=1)) == 0
    assert take_up(at=now + timedelta(minutes=10)) == 1
    assert len(rows(sessions, Flag)) == 1


def test_an_answered_question_is_not_flagged_by_its_old_scores(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    asked = report(scores=WILD)
    report(report_id=asked, revision=2, scores=CALM, at=now + timedelta(minutes=1))
    assert take_up(at=now + timedelta(minutes=10)) == 3
    assert rows(sessions, Flag) == []
    assert AssessmentCause.HOLD_ENDED in {one.cause for one in rows(sessions, StoredAssessment)}


def test_a_late_report_does_not_flag_again_what_a_nurse_already_has(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(WarningSign.PUS, scores=WILD, confirmed=frozenset(WILD))
    take_up()
    before = len(rows(sessions, FlagAssessment))
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.RESOLVED))
        known = session.scalars(select(StoredAssessment)).one()
        again = {
            column.key: getattr(known, column.key)
            for column in StoredAssessment.__table__.columns
            if column.key not in ("id", "reviewed_at")
        }
        session.add(StoredAssessment(**again | {"cause": AssessmentCause.LATE_REPORT}))
    assert take_up() == 1
    assert len(rows(sessions, FlagAssessment)) == before
    assert [flag.state for flag in rows(sessions, Flag)] == [FlagState.RESOLVED]


def test_a_late_report_that_shows_more_is_flagged(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(WarningSign.PUS)
    take_up()
    with sessions.begin() as session:
        known = session.scalars(select(StoredAssessment)).one()
        finding = dict(known.findings[0]) | {"sign": WarningSign.BLISTERS.value}
        more = {
            column.key: getattr(known, column.key)
            for column in StoredAssessment.__table__.columns
            if column.key not in ("id", "reviewed_at", "findings")
        }
        session.add(
            StoredAssessment(
                **more | {"cause": AssessmentCause.LATE_REPORT, "findings": [*known.findings, finding]}
            )
        )
    take_up()
    assert events(sessions) == [EventKind.OPENED, EventKind.EXTENDED]


def test_two_workers_on_one_course_open_one_flag(
    report: Report, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    for minutes in range(6):
        report(WarningSign.PUS, at=now - timedelta(minutes=minutes))
    together = Barrier(2)

    def work() -> int:
        taken = 0
        together.wait(10)
        while True:
            with sessions.begin() as session:
                one = report_review.review_due(session, content=content, now=now, limit=1)
            if not one:
                return taken
            taken += one

    with ThreadPoolExecutor(2) as pool:
        taken = [future.result() for future in [pool.submit(work) for _ in range(2)]]
    assert sum(taken) == 6
    assert len(rows(sessions, Flag)) == 1
    assert len(rows(sessions, FlagAssessment)) == 6
    assert sorted(events(sessions)) == [EventKind.EXTENDED] * 5 + [EventKind.OPENED]
    assert len(told(sessions)) == 2


def test_two_workers_never_wait_for_each_other_in_a_circle(
    clinic: Clinic, patient: Patient, report: Report, sessions: sessionmaker[Session], content: Content,
    now: datetime,
) -> None:  # fmt: skip
    second = clinic.add_patient(now=now)
    rounds = 15
    # Two at a time, one worker meets the courses in this order and the other in the opposite one.
    order = [patient, second, second, patient] * rounds
    for number, by in enumerate(order):
        report(WarningSign.PUS, at=now - timedelta(minutes=len(order) - number), by=by)
    together = Barrier(2)

    def work() -> int:
        taken = 0
        for _ in range(rounds):
            together.wait(30)
            with sessions.begin() as session:
                taken += report_review.review_due(session, content=content, now=now, limit=2)
        return taken

    with ThreadPoolExecutor(2) as pool:
        taken = [future.result() for future in [pool.submit(work) for _ in range(2)]]
    assert taken == [2 * rounds] * 2
    assert len(rows(sessions, Flag)) == 2


def test_a_report_that_cannot_be_reviewed_keeps_no_other_waiting(
    clinic: Clinic,
    other_clinic: Clinic,
    report: Report,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> None:
    report(WarningSign.PUS)
    with sessions.begin() as session:
        session.execute(
            update(ClinicRow).where(ClinicRow.id == clinic.id).values(weekly_hours={"mon": "all day"})
        )
    elsewhere = other_clinic.add_patient(now=now)
    with sessions.begin() as session:
        reports.record(
            session,
            caller=PatientCaller(clinic_id=other_clinic.id, patient_id=elsewhere.id),
            treatment_id=elsewhere.treatment_id,
            submission=Submission(
                report_id=uuid4(),
                revision=1,
                seen_at=now,
                sent_at=now,
                scores=CALM,
                warning_signs=frozenset({WarningSign.PUS}),
                confirmed=frozenset(),
                note=None,
                body={},
            ),
            content=content,
            render=lambda _: b"{}",
            now=now,
        )
    failed: list[type[Exception]] = []
    with sessions.begin() as session:
        done = report_review.review_due(
            session,
            content=content,
            now=now + timedelta(seconds=1),
            limit=10,
            on_failure=lambda _, error: failed.append(type(error)),
        )
    assert (done, [one.__name__ for one in failed]) == (1, ["HoursError"])
    with sessions() as session:
        assert [flag.clinic_id for flag in session.scalars(select(Flag))] == [other_clinic.id]
        waiting = session.scalars(
            select(StoredAssessment).where(StoredAssessment.reviewed_at.is_(None))
        ).all()
        assert [one.clinic_id for one in waiting] == [clinic.id]
