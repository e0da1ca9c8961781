"""What must hold of the demonstration's courses, whatever they tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commands.demo_courses import COURSES, DemoCourse, DemoReport, zone_at_work
from recovery.domain.clinical.symptoms import Symptom


def test_every_patient_has_a_name_of_their_own() -> None:
    names = [course.first_name for course in COURSES]
    assert len(set(names)) == len(names) >= 12


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.first_name)
def test_a_course_is_told_in_order_and_in_scores_there_are(course: DemoCourse) -> None:
    hours = [report.hours for report in course.reports]
    assert hours == sorted(set(hours))
    assert all(0 < hour < course.hours_ago for hour in hours)
    for report in course.reports:
        scores = report.by_symptom()
        assert len(scores) == len(report.scores) >= 3
        assert all(0 <= score <= 10 for score in scores.values())
    assert 1 <= course.skin_type <= 6
    assert 0 < course.depth_mm <= 3
    assert course.areas


def test_scores_stand_under_the_names_they_are_asked_by() -> None:
    report = DemoReport(24, (4, 3, 2, 1))
    assert report.by_symptom() == {
        Symptom.REDNESS: 4,
        Symptom.SWELLING: 3,
        Symptom.PEELING: 2,
        Symptom.PAIN: 1,
    }


def test_a_flag_that_was_closed_had_a_sign_to_be_raised_for() -> None:
    worked = [course for course in COURSES if course.resolution is not None]
    assert worked
    for course in worked:
        assert any(report.signs for report in course.reports)
        assert course.resolution is not None
        assert course.resolution[1].strip(), "an outcome is told with a comment"


def test_somebody_is_silent_and_somebody_was_only_just_treated() -> None:
    silent = [course.hours_ago for course in COURSES if not course.reports]
    assert min(silent) < 24 < max(silent)


@pytest.mark.parametrize("month", [1, 7])
@pytest.mark.parametrize("hour", range(24))
def test_at_every_hour_it_is_daytime_where_the_demonstration_is(hour: int, month: int) -> None:
    now = datetime(2026, month, 15, hour, 30, tzinfo=UTC)
    local = now.astimezone(ZoneInfo(zone_at_work(now)))
    noon = local.replace(hour=12, minute=0)
    assert abs(local - noon) <= timedelta(hours=4), local
