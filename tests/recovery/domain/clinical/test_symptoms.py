from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from recovery.domain.clinical import symptoms
from recovery.domain.clinical.symptoms import Level


@pytest.mark.parametrize(
    ("hours", "day"), [(-0.5, 0), (0, 0), (11.99, 0), (12, 1), (35.99, 1), (36, 2), (84, 4), (336, 14)]
)
def test_a_recovery_day_begins_twelve_hours_before_its_full_day(hours: float, day: int) -> None:
    assert symptoms.recovery_day(hours) == day


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 28, 23.0), (10, 24, 25.0), (6, 1, 24.0)])
@pytest.mark.parametrize("told_in", ["Europe/Berlin", "UTC"])
def test_hours_are_those_that_passed_when_the_clocks_go_forward_and_back(
    told_in: str, month: int, day: int, hours: float
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    noons = datetime(2026, month, day, 12, tzinfo=zone), datetime(2026, month, day + 1, 12, tzinfo=zone)
    performed, seen = (noon.astimezone(ZoneInfo(told_in)) for noon in noons)
    assert symptoms.hours_between(performed, seen) == hours


def test_hours_before_the_treatment_are_negative() -> None:
    zone = ZoneInfo("UTC")
    performed = datetime(2026, 11, 23, 9, tzinfo=zone)
    assert symptoms.hours_between(performed, datetime(2026, 11, 23, 8, 30, tzinfo=zone)) == -0.5


def test_levels_rise_from_expected_to_emergency() -> None:
    rising = [Level.EXPECTED, Level.WATCH, Level.ABNORMAL, Level.EMERGENCY]
    assert [level.rank for level in rising] == [0, 1, 2, 3]
    assert set(rising) == set(Level)


def test_a_word_stands_for_its_range_and_a_number_for_itself() -> None:
    answers = {0: (0, 0), 6: (5, 7)}
    words, numbers = symptoms.AnswerScale.WORDS, symptoms.AnswerScale.NUMBERS
    assert symptoms.stands_for(6, scale=words, answers=answers) == (5, 7)
    assert symptoms.stands_for(6, scale=numbers, answers=answers) == (6, 6)
    # What no answer is sent as, and every one where a protocol knows none, is taken as it is.
    assert symptoms.stands_for(5, scale=words, answers=answers) == (5, 5)
    assert symptoms.stands_for(6, scale=words, answers={}) == (6, 6)
