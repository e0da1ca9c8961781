"""A clinic's courses as they were followed: its own, counted since it is live, each with its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.calibration.band_calibration import Grouping
from recovery.domain.clinical.symptoms import AnswerScale
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.domain.flags.followed_course import CourseEnd, FollowedCourse
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.complications import Complication
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.read_models import band_calibration
from tests.support.data.model_rows import add_flag, add_revision, add_treatment
from tests.support.data.people import Clinic

Treat = Callable[..., None]


@pytest.fixture
def treat(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Treat:
    """A patient's treatment of 40 days ago with a report on each of these days, with these flags, with what
    was recorded without one, and treated again so many days later."""

    def make(
        *days: int,
        scale: AnswerScale = AnswerScale.NUMBERS,
        flags: tuple[FlagOutcome | None, ...] = (),
        recorded: FlagOutcome | None = None,
        days_ago: int = 40,
        again_after: int | None = None,
        **values: Any,
    ) -> None:
        patient, performed = clinic.add_patient(now=now), now - timedelta(days=days_ago)
        with sessions.begin() as session:
            row = session.get_one(PatientRow, (clinic.id, patient.id))
            treatment = add_treatment(session, row, performed_at=performed, **values)
            if again_after is not None:
                add_treatment(session, row, performed_at=performed + timedelta(days=again_after))
            for day in days:
                add_revision(session, treatment, seen_at=performed + timedelta(days=day), scale=scale)
            for outcome in flags:
                state = FlagState.OPEN if outcome is None else FlagState.RESOLVED
                add_flag(session, treatment, due_at=performed, state=state, outcome=outcome)
            if recorded is not None:
                began = performed.date() + timedelta(days=3)
                session.add(
                    Complication(
                        clinic_id=clinic.id,
                        treatment_id=treatment.id,
                        outcome=recorded,
                        began_on=began,
                        recorded_at=now,
                    )
                )

    return make


@pytest.fixture
def followed(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> Callable[[], list[FollowedCourse]]:
    """The clinic's courses that have reports, oldest first."""

    def listed() -> list[FollowedCourse]:
        with sessions() as session:
            row = session.get_one(ClinicRow, clinic.id)
            found = band_calibration.list_followed_courses(session, clinic=row, now=now)
        return [one for one in reversed(found) if one.course.reports]

    return listed


def test_each_course_has_its_reports_and_its_end(
    treat: Treat, followed: Callable[[], list[FollowedCourse]]
) -> None:
    treat(1, 14, days_ago=45)
    treat(1, days_ago=44)
    treat(1, flags=(FlagOutcome.EXPECTED_HEALING,), days_ago=43)
    treat(1, 14, flags=(FlagOutcome.EXPECTED_HEALING, None), days_ago=42)
    treat(1, flags=(FlagOutcome.COLD_SORE,), days_ago=41)
    ends = [one.end for one in followed()]
    assert ends == [
        CourseEnd.HEALED,
        CourseEnd.UNKNOWN,
        CourseEnd.HEALED,
        CourseEnd.UNKNOWN,
        CourseEnd.COMPLICATION,
    ]
    assert [len(one.course.reports) for one in followed()] == [2, 1, 1, 2, 1]
    assert {one.protocol for one in followed()} == {"a version"}


def test_a_complication_that_nobody_flagged_is_no_healing(
    treat: Treat, followed: Callable[[], list[FollowedCourse]]
) -> None:
    treat(1, 14, recorded=FlagOutcome.BURN, days_ago=41)
    treat(1, 14, flags=(FlagOutcome.EXPECTED_HEALING,), recorded=FlagOutcome.SCAR, days_ago=40)
    assert [one.end for one in followed()] == [CourseEnd.COMPLICATION] * 2


def test_what_was_seen_once_a_later_treatment_had_taken_over_teaches_nothing_but_how_it_ended(
    treat: Treat, followed: Callable[[], list[FollowedCourse]]
) -> None:
    treat(1, 3, 14, again_after=10)
    (one,) = followed()
    assert ([seen.hours for seen in one.course.reports], one.end) == ([24.0, 72.0], CourseEnd.HEALED)


def test_a_course_names_the_lot_of_its_treatment(
    treat: Treat, followed: Callable[[], list[FollowedCourse]]
) -> None:
    treat(1, lot="A-17", days_ago=41)
    treat(1, days_ago=40)
    assert [one.course.lot for one in followed()] == ["A-17", None]


def test_a_report_keeps_how_it_was_answered(
    treat: Treat, followed: Callable[[], list[FollowedCourse]]
) -> None:
    treat(1, scale=AnswerScale.WORDS, days_ago=41)
    treat(1, days_ago=40)
    scales = [report.scale for one in followed() for report in one.course.reports]
    assert scales == [AnswerScale.WORDS, AnswerScale.NUMBERS]


def test_withdrawn_treatments_and_practice_are_left_out(
    treat: Treat,
    followed: Callable[[], list[FollowedCourse]],
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    treat(1, withdrawn_at=now)
    treat(1, days_ago=70)
    treat(1)
    clinic.add_patient(now=now, training=True)
    assert len(followed()) == 1
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).live_since = None
    assert followed() == []


def test_more_courses_than_are_read_at_once(
    treat: Treat, followed: Callable[[], list[FollowedCourse]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(band_calibration, "AT_ONCE", 2)
    for days_ago in range(40, 45):
        treat(1, 14, days_ago=days_ago)
    assert [one.end for one in followed()] == [CourseEnd.HEALED] * 5


def test_answers_are_counted_against_each_version(
    treat: Treat, clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    treat(1, 2)
    newest = max(content.protocols)
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        first, second = band_calibration.calibrate_versions(
            session, clinic=row, versions=[newest, newest], content=content, now=now
        )
        assert first.version == newest
        assert first.counts == second.counts
        assert [group.name for group in first.groups(Grouping.DAY)] == ["1", "2"]
        with pytest.raises(UnknownProtocol):
            band_calibration.calibrate_versions(
                session, clinic=row, versions=["nobody's"], content=content, now=now
            )
