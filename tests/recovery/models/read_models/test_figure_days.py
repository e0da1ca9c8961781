"""Whatever figures read notes its own change, and a day that is kept holds until something makes it old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.flags.complications import Complication
from recovery.models.flags.flags import EventKind, Flag, FlagAssessment, FlagEvent
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient
from recovery.models.read_models import figure_days
from recovery.models.read_models.clinic_figures import TreatmentFilter
from recovery.models.read_models.figure_days import Counting, FigureChange, FigureDay
from recovery.models.reports.reports import Report, ReportRevision, StoredAssessment
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import (
    add_assessment,
    add_flag,
    add_inbound,
    add_revision,
    add_text,
    add_treatment,
)

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
RULES = b"how it is counted"


@pytest.fixture
def counting(treatment: Treatment) -> Counting:
    return Counting(treatment.clinic_id, "UTC", RULES)


@pytest.fixture
def treated_on(treatment: Treatment) -> date:
    return treatment.performed_at.date()


def keep(session: Session, counting: Counting, day: date, *, at: datetime, **values: Any) -> None:
    """A day, with nothing noted about it."""
    session.execute(delete(FigureChange))
    filled: dict[str, Any] = {"good_until": None, "sums": {}, "lasted": b"", "counted_as": RULES}
    row = FigureDay(clinic_id=counting.clinic_id, day=day, counted_at=at, **(filled | values))
    figure_days.keep_day(session, row)


def held(session: Session, counting: Counting, day: date, *, now: datetime) -> list[date]:
    """Which of the days around one hold."""
    rows = figure_days.list_holding(session, counting, first=day - 9 * DAY, last=day + 9 * DAY, now=now)
    return sorted(row.day for row in rows)


@dataclass(frozen=True, kw_only=True)
class Course:
    """A row of each kind about one treatment."""

    session: Session
    patient: Patient
    treatment: Treatment
    now: datetime
    revision: ReportRevision
    flag: Flag
    text: Message
    words: InboundText
    recorded: Complication


@pytest.fixture
def course(session: Session, patient: Patient, treatment: Treatment, now: datetime) -> Course:
    revision = add_revision(session, treatment, seen_at=now)
    assessed = add_assessment(session, treatment, revision, at=now)
    recorded = Complication(
        clinic_id=treatment.clinic_id, treatment_id=treatment.id, outcome=FlagOutcome.SCAR,
        began_on=now.date(), recorded_at=now,
    )  # fmt: skip
    session.add(recorded)
    session.flush()
    return Course(
        session=session,
        patient=patient,
        treatment=treatment,
        now=now,
        revision=revision,
        flag=add_flag(session, treatment, due_at=now, raised_by=assessed),
        text=add_text(session, treatment.clinic_id, due_at=now - 5 * DAY, treatment=treatment),
        words=add_inbound(session, treatment, received_at=now),
        recorded=recorded,
    )


def _corrected(course: Course) -> None:
    course.treatment.performed_at += timedelta(minutes=1)


def _withdrawn(course: Course) -> None:
    course.treatment.withdrawn_at = course.now


def _treated_again(course: Course) -> None:
    add_treatment(course.session, course.patient, performed_at=course.now - 3 * DAY)


def _reported(course: Course) -> None:
    add_revision(course.session, course.treatment, seen_at=course.now)


def _seen_at_another_time(course: Course) -> None:
    course.revision.seen_at -= timedelta(hours=30)


def _report_of_another_time(course: Course) -> None:
    row = course.session.get_one(Report, (course.treatment.clinic_id, course.revision.report_id))
    row.created_at -= DAY


def _judged(course: Course) -> None:
    add_assessment(course.session, course.treatment, None, at=course.now)


def _reviewed(course: Course) -> None:
    row = course.session.scalars(select(StoredAssessment)).first()
    assert row is not None
    row.reviewed_at = course.now


def _closed(course: Course) -> None:
    course.flag.outcome = FlagOutcome.SCAR


def _acted(course: Course) -> None:
    course.session.add(
        FlagEvent(clinic_id=course.flag.clinic_id, flag_id=course.flag.id, at=course.now, kind=EventKind.NOTE)
    )


def _raised_again(course: Course) -> None:
    another = add_assessment(course.session, course.treatment, None, at=course.now)
    course.session.execute(delete(FigureChange))
    course.session.add(
        FlagAssessment(clinic_id=another.clinic_id, flag_id=course.flag.id, assessment_id=another.id)
    )


def _texted(course: Course) -> None:
    course.text.state = MessageState.DELIVERED


def _counted_in_segments(course: Course) -> None:
    course.text.segments = 2


def _read(course: Course) -> None:
    course.words.read_at = course.now


def _taken_back(course: Course) -> None:
    course.recorded.withdrawn_at = course.now


def _other_skin(course: Course) -> None:
    course.patient.skin_type = 6


def _report_erased(course: Course) -> None:
    for row in (FlagAssessment, StoredAssessment, ReportRevision):
        course.session.execute(delete(row))
    course.session.execute(delete(FigureChange))
    course.session.execute(delete(Report))


CHANGES = (
    _corrected, _withdrawn, _treated_again, _reported, _seen_at_another_time, _report_of_another_time,
    _judged, _reviewed, _closed, _acted, _raised_again, _texted, _counted_in_segments, _read, _taken_back,
    _other_skin, _report_erased,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_whatever_changes_of_a_patient_makes_the_days_of_their_treatments_old(
    session: Session,
    course: Course,
    counting: Counting,
    treated_on: date,
    now: datetime,
    change: Callable[[Course], None],
) -> None:
    keep(session, counting, treated_on, at=now)
    assert held(session, counting, treated_on, now=now) == [treated_on]
    change(course)
    session.flush()
    assert held(session, counting, treated_on, now=now) == []


def test_a_text_makes_the_day_it_was_due_on_old_and_so_does_one_that_is_moved(
    session: Session, course: Course, counting: Counting, now: datetime
) -> None:
    due_on = course.text.due_at.date()
    for days, others in ((0, [due_on + DAY]), (1, [])):
        keep(session, counting, due_on, at=now)
        keep(session, counting, due_on + DAY, at=now)
        course.text.due_at += days * DAY
        course.text.reason = f"changed {days}"
        session.flush()
        assert held(session, counting, due_on, now=now) == others


def test_a_treatment_that_is_moved_or_erased_makes_the_day_it_was_on_old(
    session: Session, patient: Patient, counting: Counting, now: datetime
) -> None:
    other = add_treatment(session, patient, performed_at=now - 4 * DAY)
    before, after = (now - 4 * DAY).date(), (now - 6 * DAY).date()
    for day in (before, after):
        keep(session, counting, day, at=now)
    other.performed_at = now - 6 * DAY
    session.flush()
    assert held(session, counting, before, now=now) == []
    for day in (before, after):
        keep(session, counting, day, at=now)
    session.delete(other)
    session.flush()
    assert held(session, counting, before, now=now) == [before]


def test_what_figures_do_not_read_and_other_patients_and_clinics_leave_a_day_as_it_is(
    session: Session,
    course: Course,
    counting: Counting,
    treated_on: date,
    foreign_treatment: Treatment,
    now: datetime,
) -> None:
    keep(session, counting, treated_on, at=now)
    course.text.body = "Other words."
    course.treatment.topical = "aloe"
    course.patient.first_name = "Another"
    course.flag.comment = "Seen."
    foreign_treatment.withdrawn_at = now
    session.flush()
    assert held(session, counting, treated_on, now=now) == [treated_on]
    assert session.scalar(select(func.count()).select_from(FigureChange)) == 1, "the other clinic's"


def test_days_are_those_of_the_zone(
    session: Session, course: Course, counting: Counting, now: datetime
) -> None:
    course.treatment.performed_at = now.replace(hour=2)
    session.flush()
    in_denver = counting._replace(zone="America/Denver")
    for how, old in ((counting, now.date()), (in_denver, now.date() - DAY)):
        for day in (now.date() - DAY, now.date()):
            keep(session, how, day, at=now)
        course.treatment.withdrawn_at = None if course.treatment.withdrawn_at else now
        session.flush()
        left = {now.date() - DAY, now.date()} - {old}
        assert set(held(session, how, now.date(), now=now)) == left


def test_a_day_holds_from_when_it_was_counted_until_its_moment_and_by_the_same_rules(
    session: Session, counting: Counting, treated_on: date, now: datetime
) -> None:
    until = now + DAY
    keep(session, counting, treated_on, at=now, good_until=until)
    for moment, holds in ((now - INSTANT, False), (now, True), (until - INSTANT, True), (until, False)):
        assert held(session, counting, treated_on, now=moment) == ([treated_on] if holds else [])
        listed = figure_days.list_days_that_hold(
            session, counting, first=treated_on, last=treated_on, now=moment
        )
        assert listed == ({treated_on} if holds else set())
    assert held(session, counting._replace(counted_as=b"otherwise"), treated_on, now=now) == []
    keep(session, counting, treated_on, at=now, counted_as=b"otherwise")
    assert held(session, counting, treated_on, now=now) == [], "kept in the place of what was kept"


def test_what_was_noted_is_taken_with_the_days_it_is_about(
    session: Session, course: Course, counting: Counting, treated_on: date, now: datetime
) -> None:
    quiet = treated_on - 9 * DAY
    for day in (treated_on, quiet):
        keep(session, counting, day, at=now)
    course.flag.outcome = FlagOutcome.SCAR
    session.flush()
    figure_days.drop_changed(session, counting)
    assert set(session.scalars(select(FigureDay.day))) == {quiet}
    assert session.scalar(select(func.count()).select_from(FigureChange)) == 0
    figure_days.drop_all(session, counting.clinic_id)
    assert session.scalar(select(func.count()).select_from(FigureDay)) == 0


def test_one_at_a_time_counts_the_days_of_a_clinic(
    sessions: sessionmaker[Session], treatment: Treatment, foreign_treatment: Treatment
) -> None:
    with sessions() as one, sessions() as another:
        assert figure_days.lock_clinic(one, treatment.clinic_id)
        assert not figure_days.lock_clinic(another, treatment.clinic_id)
        assert figure_days.lock_clinic(another, foreign_treatment.clinic_id)
        one.rollback()
        assert figure_days.lock_clinic(another, treatment.clinic_id)


def test_the_next_moment_is_when_the_clock_alone_changes_a_figure(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime
) -> None:
    def moment() -> datetime | None:
        return figure_days.read_next_moment(session, which, wordings=["in_hours"])

    assert moment() is None
    # Of a flag a first act, a call and a close are waited for, 24 hours each; then the promised time.
    flag = add_flag(session, treatment, due_at=now + 3 * DAY, opened_at=now)
    assert moment() == now + DAY
    flag.opened_at = now - DAY - INSTANT
    session.flush()
    assert moment() is None, "of a silence nobody was promised anything"
    assessed = add_assessment(
        session, treatment, add_revision(session, treatment, seen_at=now - 5 * DAY), at=now - 5 * DAY,
        reviewed_at=now,
    )  # fmt: skip
    session.add(FlagAssessment(clinic_id=flag.clinic_id, flag_id=flag.id, assessment_id=assessed.id))
    session.flush()
    assert moment() == now + 3 * DAY
    add_text(
        session, treatment.clinic_id, due_at=now, treatment=treatment, asks_day=9,
        state=MessageState.DELIVERED, claimed_at=now - timedelta(hours=3),
    )  # fmt: skip
    assert moment() == now + timedelta(hours=21)
