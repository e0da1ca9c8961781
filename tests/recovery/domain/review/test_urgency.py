"""One urgency and one due time for whatever waits, in whatever lane."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from recovery.domain.clinic import opening_hours
from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags.flag_lifecycle import ResponseTimes, Urgency
from recovery.domain.inbound.text_meaning import NamedSigns
from recovery.domain.messaging.catalogue import TextKind
from recovery.domain.review import urgency
from recovery.domain.review.urgency import Wait

NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
THURSDAY_AT_FOUR = datetime(2026, 11, 26, 16, tzinfo=UTC)
TIMES = ResponseTimes(emergency=timedelta(minutes=15), same_day=timedelta(hours=2), flags_per_100=15.0)
BREATH = frozenset({WarningSign.BREATHING})
PUS = frozenset({WarningSign.PUS})


def hours(**holidays: str) -> OpeningHours:
    closed = {day.replace("_", "-").removeprefix("d"): name for day, name in holidays.items()}
    return opening_hours.parse(time_zone="UTC", weekly=NINE_TO_FIVE, holidays=closed)


@pytest.mark.parametrize(
    ("signs", "asks", "texted", "wanted"),
    [
        (NamedSigns(), False, True, Urgency.NEXT_BUSINESS_DAY),
        (NamedSigns(watch=PUS), False, True, Urgency.NEXT_BUSINESS_DAY),
        (NamedSigns(), True, True, Urgency.SAME_DAY),
        (NamedSigns(warning=PUS), False, True, Urgency.SAME_DAY),
        (NamedSigns(emergency=BREATH), False, True, Urgency.EMERGENCY),
        (NamedSigns(warning=PUS), False, False, Urgency.EMERGENCY),
        (NamedSigns(), True, False, Urgency.SAME_DAY),
    ],
)
def test_words_are_as_urgent_as_the_danger_they_name(
    signs: NamedSigns, asks: bool, texted: bool, wanted: Urgency
) -> None:
    assert urgency.of_words(signs, asks_for_nurse=asks, may_be_texted=texted) is wanted


def test_due_times_are_those_of_flags() -> None:
    open_hours = hours()

    def due(wanted: Urgency) -> datetime:
        return urgency.wait_from(THURSDAY_AT_FOUR, urgency=wanted, hours=open_hours, times=TIMES).due_at

    assert due(Urgency.EMERGENCY) == THURSDAY_AT_FOUR + timedelta(minutes=15)
    assert due(Urgency.SAME_DAY) == datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert due(Urgency.NEXT_BUSINESS_DAY) == datetime(2026, 11, 27, 17, tzinfo=UTC)
    assert urgency.reading_wait(THURSDAY_AT_FOUR, hours=open_hours) == Wait(
        urgency=Urgency.NEXT_BUSINESS_DAY, due_at=due(Urgency.NEXT_BUSINESS_DAY)
    )


def test_a_text_that_was_put_aside_is_as_urgent_as_what_it_would_have_said() -> None:
    assert urgency.of_unsent(TextKind.EMERGENCY) is Urgency.EMERGENCY
    assert urgency.of_unsent(TextKind.SAFETY) is Urgency.SAME_DAY
    assert urgency.of_unsent(TextKind.STAFF) is Urgency.SAME_DAY
    assert urgency.of_unsent(TextKind.TIP) is Urgency.NEXT_BUSINESS_DAY


FRIDAY_OFF = hours(d2026_11_27="Bridge day")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "due_at", "moved"),
    [
        (Urgency.EMERGENCY, at(27, 9, 15), at(27, 9, 15)),
        (Urgency.SAME_DAY, at(27, 10), at(30, 10)),
        (Urgency.SAME_DAY, at(26, 16, 30), at(26, 16, 30)),
        (Urgency.NEXT_BUSINESS_DAY, at(27, 17), at(30, 17)),
        (Urgency.NEXT_BUSINESS_DAY, at(30, 17), at(30, 17)),
        (Urgency.SAME_DAY, at(26, 15), at(26, 15)),
    ],
    ids=["on the clock", "into the holiday", "before it", "its close", "after it", "past already"],
)
def test_a_holiday_added_later_moves_what_falls_on_it(
    wanted: Urgency, due_at: datetime, moved: datetime
) -> None:
    wait = Wait(urgency=wanted, due_at=due_at)
    assert urgency.moved_due_at(wait, before=hours(), then=FRIDAY_OFF, now=THURSDAY_AT_FOUR) == moved


def test_the_close_of_a_day_follows_its_hours_over_a_change_of_the_clock() -> None:
    zone = ZoneInfo("America/New_York")
    wall = {day: [["09:00", "17:00"]] for day in opening_hours.WEEKDAYS}
    later = {day: [["09:00", "18:00"]] for day in opening_hours.WEEKDAYS}
    before, then = (
        opening_hours.parse(time_zone=zone.key, weekly=weekly, holidays={}) for weekly in (wall, later)
    )
    sunday = datetime(2026, 11, 1, 22, tzinfo=UTC)
    assert sunday.astimezone(zone).time() == time(17)
    moved = urgency.moved_due_at(
        Wait(urgency=Urgency.NEXT_BUSINESS_DAY, due_at=sunday),
        before=before,
        then=then,
        now=datetime(2026, 10, 31, 12, tzinfo=UTC),
    )
    assert moved.astimezone(zone) == datetime(2026, 11, 1, 18, tzinfo=zone)


def test_the_more_urgent_of_two() -> None:
    assert urgency.more_urgent(Urgency.SAME_DAY, Urgency.EMERGENCY) is Urgency.EMERGENCY
    assert urgency.more_urgent(Urgency.SAME_DAY, Urgency.NEXT_BUSINESS_DAY) is Urgency.SAME_DAY
