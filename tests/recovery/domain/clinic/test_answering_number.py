"""Which number somebody answers, by the clinic's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from recovery.domain.clinic.answering_number import number_answered_at

WEEKDAYS = {day: [["09:00", "12:30"], ["13:30", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


class Numbers(NamedTuple):
    weekly_hours: Mapping[str, Any]
    holidays: Mapping[str, Any] = {}
    phone: str = "own"
    out_of_hours_phone: str = "night"
    emergency_number: str = "911"
    time_zone: str = "UTC"


@pytest.mark.parametrize(
    ("clinic", "at", "number"),
    [
        (Numbers(WEEKDAYS), datetime(2026, 11, 27, 9, tzinfo=UTC), "own"),
        (Numbers(WEEKDAYS), datetime(2026, 11, 27, 13, tzinfo=UTC), "night"),
        (Numbers(WEEKDAYS), datetime(2026, 11, 27, 17, 30, tzinfo=UTC), "night"),
        (Numbers(WEEKDAYS), datetime(2026, 11, 28, 10, tzinfo=UTC), "night"),
        (Numbers(WEEKDAYS, {"2026-11-27": "Holiday"}), datetime(2026, 11, 27, 10, tzinfo=UTC), "night"),
        (Numbers(WEEKDAYS, time_zone="America/Chicago"), datetime(2026, 11, 27, 10, tzinfo=UTC), "night"),
        (Numbers(ALWAYS), datetime(2026, 11, 28, 23, 59, tzinfo=UTC), "own"),
        (Numbers({}, out_of_hours_phone=""), datetime(2026, 11, 27, 10, tzinfo=UTC), "911"),
        (Numbers({"mon": [["25:00", "26:00"]]}), datetime(2026, 11, 27, 10, tzinfo=UTC), "night"),
    ],
)
def test_the_number_that_is_answered_goes_by_the_clinics_clock(
    clinic: Numbers, at: datetime, number: str
) -> None:
    assert number_answered_at(clinic, at) == number
