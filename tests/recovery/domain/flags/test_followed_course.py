from __future__ import annotations

import pytest

from recovery.domain.clinical.calibration.answer_interval import ReportedCourse
from recovery.domain.clinical.symptoms import Device, Observation, TreatmentFacts, WarningSign
from recovery.domain.flags.flag_lifecycle import COMPLICATIONS, FlagOutcome
from recovery.domain.flags.followed_course import CourseEnd, course_end

LONG_AGO = 40 * 24.0
HEALED = FlagOutcome.EXPECTED_HEALING


def course(*days: int, signs: frozenset[WarningSign] = frozenset()) -> ReportedCourse:
    return ReportedCourse(
        facts=TreatmentFacts(device=Device.PEN),
        reports=tuple(Observation(hours=day * 24.0, warning_signs=signs) for day in days),
    )


@pytest.mark.parametrize(
    ("days", "flags", "end"),
    [
        ((1, 2, 14), [], CourseEnd.HEALED),
        ((1, 2, 28), [], CourseEnd.HEALED),
        ((1, 2, 7), [], CourseEnd.UNKNOWN),
        ((), [], CourseEnd.UNKNOWN),
        ((1, 2), [HEALED], CourseEnd.HEALED),
        ((1, 14), [HEALED, None], CourseEnd.UNKNOWN),
        ((1, 14), [FlagOutcome.NOT_REACHED], CourseEnd.UNKNOWN),
        ((1, 14), [FlagOutcome.OTHER, HEALED], CourseEnd.UNKNOWN),
    ],
)
def test_a_course_healed_where_that_is_known(
    days: tuple[int, ...], flags: list[FlagOutcome | None], end: CourseEnd
) -> None:
    assert course_end(course(*days), outcomes=flags, hours_passed=LONG_AGO) is end


@pytest.mark.parametrize("outcome", COMPLICATIONS)
def test_one_flag_that_was_more_than_healing_decides(outcome: FlagOutcome) -> None:
    assert course_end(course(1, 28), outcomes=[HEALED, outcome], hours_passed=48) is CourseEnd.COMPLICATION


def test_a_sign_without_a_flag_was_looked_at_by_nobody() -> None:
    told = course(1, 14, signs=frozenset({WarningSign.BURN_MARKS}))
    assert course_end(told, outcomes=[], hours_passed=LONG_AGO) is CourseEnd.UNKNOWN
    assert course_end(told, outcomes=[HEALED], hours_passed=LONG_AGO) is CourseEnd.HEALED


def test_no_end_is_known_before_day_28_has_passed() -> None:
    assert course_end(course(1, 14), outcomes=[], hours_passed=28 * 24) is CourseEnd.UNKNOWN
    assert course_end(course(1, 14), outcomes=[], hours_passed=29 * 24) is CourseEnd.HEALED
