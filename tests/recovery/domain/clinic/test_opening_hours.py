from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.clinic import opening_hours
from recovery.domain.clinic.opening_hours import HoursError, OpeningHours, local_to_utc

NEW_YORK = ZoneInfo("America/New_York")
WEEKLY = {
    "mon": [["09:00", "12:00"], ["13:00", "17:00"]],
    "tue": [["09:00", "17:00"]],
    "wed": [["09:00", "17:00"]],
    "thu": [["09:00", "17:00"]],
    "fri": [["09:00", "16:00"]],
}
CLINIC = opening_hours.parse(
    time_zone="America/New_York", weekly=WEEKLY, holidays={"2026-11-26": "Thanksgiving"}
)
NEVER = opening_hours.parse(time_zone="UTC", weekly={}, holidays={})


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("weekly", "holidays", "zone", "message"),
    [
        ({"monday": []}, {}, "UTC", "unknown weekday 'monday'"),
        ({"mon": "09:00-17:00"}, {}, "UTC", "mon: expected a list"),
        ({"mon": [["09:00"]]}, {}, "UTC", "mon: expected [opens, closes]"),
        ({"mon": [["9", "17:00"]]}, {}, "UTC", "mon: ['9', '17:00'] is not a pair"),
        ({"mon": [[9, 17]]}, {}, "UTC", "mon: [9, 17] is not a pair"),
        ({"mon": [["17:00", "09:00"]]}, {}, "UTC", "mon: ['17:00', '09:00'] ends before"),
        ({"mon": [["09:00", "09:00"]]}, {}, "UTC", "ends before it begins"),
        ({"mon": [["09:00", "12:00"], ["11:59", "13:00"]]}, {}, "UTC", "overlaps"),
        ({}, {"25 December": "Christmas"}, "UTC", "holiday '25 December'"),
        ({}, {}, "Mars/Olympus", "'Mars/Olympus' is not an IANA zone"),
        ({}, {}, "", "is not an IANA zone"),
        ({}, {}, "../etc/passwd", "is not an IANA zone"),
    ],
)
def test_hours_that_cannot_be_read_say_where(
    weekly: dict[str, object], holidays: dict[str, str], zone: str, message: str
) -> None:
    with pytest.raises(HoursError) as refused:
        opening_hours.parse(time_zone=zone, weekly=weekly, holidays=holidays)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 08:59:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 12:00", False),  # lunch
        ("2026-11-23 16:59", True),
        ("2026-11-23 17:00", False),
        ("2026-11-22 12:00", False),  # Sunday
        ("2026-11-26 12:00", False),  # a holiday
    ],
)
def test_the_first_minute_is_staffed_and_the_last_moment_is_not(moment: str, is_open: bool) -> None:
    assert CLINIC.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-23 09:00", 120, "2026-11-23 11:00"),
        ("2026-11-23 11:00", 120, "2026-11-23 14:00"),  # over lunch
        ("2026-11-23 10:00", 120, "2026-11-23 12:00"),  # ends as lunch begins
        ("2026-11-23 16:30", 120, "2026-11-24 10:30"),  # over a night
        ("2026-11-23 03:00", 120, "2026-11-23 11:00"),
        ("2026-11-20 15:30", 120, "2026-11-23 10:30"),  # over a weekend
        ("2026-11-25 16:00", 120, "2026-11-27 10:00"),  # over a holiday
        ("2026-11-23 09:00", 0, "2026-11-23 09:00"),
        ("2026-11-23 09:00", 60 * 40, "2026-12-01 12:00"),  # more than a week's work
    ],
)
def test_only_staffed_time_counts(start: str, minutes: int, end: str) -> None:
    assert CLINIC.add_staffed_time(at(start), timedelta(minutes=minutes)) == at(end)


def test_a_clinic_that_never_opens_counts_by_the_clock() -> None:
    start = at("2026-11-23 09:00")
    assert NEVER.add_staffed_time(start, timedelta(hours=2)) == start + timedelta(hours=2)
    assert NEVER.next_opening(start) is None
    assert not NEVER.is_open_until(start, start)
    assert NEVER.next_business_day_close(start) == start + timedelta(days=1)


@pytest.mark.parametrize(
    ("moment", "opening", "closing"),
    [
        ("2026-11-23 08:00", "2026-11-23 09:00", None),
        ("2026-11-23 10:00", "2026-11-23 13:00", "2026-11-23 12:00"),
        ("2026-11-20 15:59", "2026-11-23 09:00", "2026-11-20 16:00"),
        ("2026-11-20 16:00", "2026-11-23 09:00", None),
        ("2026-11-25 18:00", "2026-11-27 09:00", None),
    ],
)
def test_next_opening_and_closing(moment: str, opening: str, closing: str | None) -> None:
    assert CLINIC.next_opening(at(moment)) == at(opening)
    if closing is None:
        assert not CLINIC.is_open_until(at(moment), at(moment))
    else:
        assert CLINIC.is_open_until(at(moment), at(closing))
        assert not CLINIC.is_open_until(at(moment), at(closing) + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("moment", "close"),
    [
        ("2026-11-23 10:00", "2026-11-24 17:00"),
        ("2026-11-23 23:30", "2026-11-24 17:00"),
        ("2026-11-24 00:30", "2026-11-25 17:00"),
        ("2026-11-20 10:00", "2026-11-23 17:00"),  # Friday to Monday, the last closing of the day
        ("2026-11-22 10:00", "2026-11-23 17:00"),
        ("2026-11-25 10:00", "2026-11-27 16:00"),  # over a holiday
    ],
)
def test_the_next_business_day_ends_at_its_last_closing(moment: str, close: str) -> None:
    assert CLINIC.next_business_day_close(at(moment)) == at(close)


@pytest.mark.parametrize(
    ("zone", "day", "wall", "utc"),
    [
        ("America/New_York", date(2027, 3, 14), time(2, 30), "2027-03-14 07:30"),  # skipped: 03:30 EDT
        ("America/New_York", date(2027, 3, 14), time(3, 0), "2027-03-14 07:00"),
        ("America/New_York", date(2027, 11, 7), time(1, 30), "2027-11-07 05:30"),  # the first of two
        ("America/New_York", date(2027, 11, 7), time(2, 0), "2027-11-07 07:00"),
        ("Europe/London", date(2027, 3, 28), time(1, 30), "2027-03-28 01:30"),
        ("Europe/London", date(2027, 10, 31), time(1, 30), "2027-10-31 00:30"),
        ("Australia/Lord_Howe", date(2027, 10, 3), time(2, 15), "2027-10-02 15:45"),  # half an hour only
        ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), "2027-04-03 14:45"),
    ],
)
def test_a_wall_time_is_past_the_gap_or_first_in_the_fold(zone: str, day: date, wall: time, utc: str) -> None:
    assert local_to_utc(day, at=wall, zone=ZoneInfo(zone)) == at(utc, ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("day", "staffed"), [(date(2027, 3, 14), 3), (date(2027, 11, 7), 5), (date(2027, 11, 8), 4)]
)
def test_a_night_shift_over_a_change_of_the_clocks_is_as_long_as_it_is(day: date, staffed: int) -> None:
    weekly = {name: [["00:00", "04:00"]] for name in opening_hours.WEEKDAYS}
    clinic = opening_hours.parse(time_zone="America/New_York", weekly=weekly, holidays={})
    midnight = local_to_utc(day, at=time(0), zone=NEW_YORK)
    closing = midnight + timedelta(hours=staffed)
    assert clinic.is_open_until(midnight, closing)
    assert not clinic.is_open_until(midnight, closing + timedelta(microseconds=1))
    tomorrow = local_to_utc(day + timedelta(days=1), at=time(0), zone=NEW_YORK)
    assert clinic.add_staffed_time(midnight, timedelta(hours=staffed + 1)) == tomorrow + timedelta(hours=1)


@pytest.mark.parametrize("day", [date(2027, 3, 14), date(2027, 11, 7), date(2027, 7, 1)])
def test_a_clinic_that_is_always_staffed_has_no_gap_at_midnight(day: date) -> None:
    always = opening_hours.parse(
        time_zone="America/New_York",
        weekly={name: [["00:00", "24:00"]] for name in opening_hours.WEEKDAYS},
        holidays={},
    )
    midnight = local_to_utc(day + timedelta(days=1), at=time(0), zone=NEW_YORK)
    assert always.is_open(midnight - timedelta(microseconds=1))
    start = midnight - timedelta(hours=2)
    assert always.is_open_until(start, start + timedelta(days=2))
    assert always.staffed_time_between(start, start + timedelta(hours=30)) == timedelta(hours=30)
    assert always.add_staffed_time(start, timedelta(hours=5)) == start + timedelta(hours=5)


def test_two_periods_that_meet_are_no_break() -> None:
    weekly = {"mon": [["09:00", "12:00"], ["12:00", "17:00"]]}
    clinic = opening_hours.parse(time_zone="America/New_York", weekly=weekly, holidays={})
    assert clinic.is_open_until(at("2026-11-23 11:00"), at("2026-11-23 17:00"))
    assert not clinic.is_open_until(at("2026-11-23 11:00"), at("2026-11-23 17:01"))


def test_a_period_that_a_clock_change_turns_round_is_none() -> None:
    weekly = {"sun": [["01:00", "01:30"], ["02:45", "03:15"], ["09:00", "12:00"]]}
    clinic = opening_hours.parse(time_zone="America/New_York", weekly=weekly, holidays={})
    assert not clinic.is_open(at("2027-03-14 03:20"))
    assert clinic.next_opening(at("2027-03-14 01:30")) == at("2027-03-14 09:00")
    end = clinic.add_staffed_time(at("2027-03-14 01:00"), timedelta(hours=1))
    assert end == at("2027-03-14 09:30")


@pytest.mark.parametrize("period", [["24:00", "24:00"], ["09:00", "24:01"], ["24:00", "09:00"]])
def test_midnight_only_ends_a_day(period: list[str]) -> None:
    with pytest.raises(HoursError):
        opening_hours.parse(time_zone="America/New_York", weekly={"mon": [period]}, holidays={})


MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def staffed_between(clinic: OpeningHours, start: datetime, end: datetime) -> timedelta:
    total = timedelta(0)
    for opens, closes in clinic.periods(after=start):
        total += max(timedelta(0), min(closes, end) - max(opens, start))
    return total


@given(start=MOMENTS, amount=st.timedeltas(timedelta(minutes=1), timedelta(hours=30)))
def test_exactly_the_asked_staffed_time_lies_in_between(start: datetime, amount: timedelta) -> None:
    end = CLINIC.add_staffed_time(start, amount)
    assert staffed_between(CLINIC, start, end) == amount


@given(at=MOMENTS)
def test_open_is_open_until_now_at_least_and_the_next_opening_is_one(at: datetime) -> None:
    assert CLINIC.is_open_until(at, at) is CLINIC.is_open(at)
    opening = CLINIC.next_opening(at)
    assert opening is not None
    assert opening > at
    assert CLINIC.is_open(opening)
    assert CLINIC.next_business_day_close(at) > at
