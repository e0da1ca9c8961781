"""A clinic's weekly hours and holidays: when it is staffed, opens and closes, when two hours of work have
passed; wall clock to UTC.

All results are UTC. Local wall times that a clock change skips are moved past the gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOOK_AHEAD_DAYS = 60
"""A clinic closed for longer than this has no next opening that helps anyone."""

MIDNIGHT = "24:00"
"""Closes with the day: a clinic that is always staffed has 00:00 to 24:00 and no gap between two days."""

_WITH_THE_DAY = time.max


class HoursError(ValueError):
    """Opening hours that cannot be read; the message says which day and why."""


@dataclass(frozen=True, kw_only=True)
class OpeningHours:
    """Weekly hours in the clinic's own zone, and the dates on which it stays closed."""

    zone: ZoneInfo
    weekly: Mapping[str, tuple[tuple[time, time], ...]]
    closed_on: frozenset[date] = frozenset()

    def periods(self, *, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Staffed periods that end after the given moment, in order, for the next weeks."""
        first = after.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(_LOOK_AHEAD_DAYS):
            day = first + timedelta(days=offset)
            if day in self.closed_on:
                continue
            for opens, closes in self.weekly.get(WEEKDAYS[day.weekday()], ()):
                period = local_to_utc(day, at=opens, zone=self.zone), self._closing_of(day, closes)
                # One that opens inside the hour a clock change skips may end before it begins.
                if period[1] > max(after, period[0]):
                    yield period

    def is_open(self, at: datetime) -> bool:
        """Whether the clinic is staffed at this moment."""
        return any(opens <= at < closes for opens, closes in self._next(at))

    def add_staffed_time(self, start: datetime, amount: timedelta) -> datetime:
        """The moment by which `amount` of staffed time has passed since `start`.

        Without any staffed time ahead, `amount` on the clock: late is worse than early.
        """
        left = amount
        for opens, closes in self.periods(after=start):
            begins = max(opens, start)
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        return start + amount

    def staffed_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much staffed time lies between two moments; none where the end comes first."""
        total = timedelta()
        for opens, closes in self.periods(after=start):
            if opens >= end:
                break
            total += max(timedelta(), min(closes, end) - max(opens, start))
        return total

    def next_opening(self, after: datetime) -> datetime | None:
        """When the clinic opens next; None if it does not in the coming weeks."""
        return next((opens for opens, _ in self.periods(after=after) if opens > after), None)

    def is_open_until(self, at: datetime, end: datetime) -> bool:
        """Whether the clinic is staffed from this moment to the end without a break."""
        return self.is_open(at) and self.staffed_time_between(at, end) >= end - at

    def next_business_day_close(self, at: datetime) -> datetime:
        """The last closing of the first staffed day after the one `at` falls on, in local dates."""
        today = at.astimezone(self.zone).date()
        chosen: date | None = None
        closes_at = at + timedelta(days=1)
        for opens, closes in self.periods(after=at):
            day = opens.astimezone(self.zone).date()
            if day <= today:
                continue
            if chosen is None:
                chosen = day
            if day != chosen:
                break
            closes_at = closes
        return closes_at

    def _closing_of(self, day: date, closes: time) -> datetime:
        if closes == _WITH_THE_DAY:
            return local_to_utc(day + timedelta(days=1), at=time(), zone=self.zone)
        return local_to_utc(day, at=closes, zone=self.zone)

    def _next(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        for period in self.periods(after=at):
            if period[0] > at:
                return
            yield period


def local_to_utc(day: date, *, at: time, zone: ZoneInfo) -> datetime:
    """The UTC moment of a wall time; in a gap the moment after it, in a fold the first of the two."""
    # With fold=0 a skipped wall time is read with the offset before the change, so it lands past the gap.
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of this name. Raises HoursError for one that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise HoursError(f"time zone {name!r} is not an IANA zone") from error


def parse(*, time_zone: str, weekly: Mapping[str, Any], holidays: Mapping[str, Any]) -> OpeningHours:
    """Read `{"mon": [["09:00", "17:30"]], ...}` and `{"2026-12-25": "Christmas"}`; 24:00 closes with the day.

    Raises HoursError naming the day for unknown days, unreadable times, and periods that end before
    they begin or overlap.
    """
    unknown = set(weekly) - set(WEEKDAYS)
    if unknown:
        raise HoursError(f"unknown weekday {min(unknown)!r}; use {', '.join(WEEKDAYS)}")
    return OpeningHours(
        zone=zone_named(time_zone),
        weekly={day: _periods(day, periods) for day, periods in weekly.items()},
        closed_on=frozenset(_date(day) for day in holidays),
    )


def _periods(day: str, periods: Any) -> tuple[tuple[time, time], ...]:
    if not isinstance(periods, list):
        raise HoursError(f"{day}: expected a list of [opens, closes]")
    read: list[tuple[time, time]] = []
    for period in periods:
        if not (isinstance(period, list | tuple) and len(period) == 2):
            raise HoursError(f"{day}: expected [opens, closes], got {period!r}")
        try:
            opens = time.fromisoformat(period[0])
            closes = _WITH_THE_DAY if period[1] == MIDNIGHT else time.fromisoformat(period[1])
        except (TypeError, ValueError) as error:
            raise HoursError(f"{day}: {period!r} is not a pair of HH:MM times") from error
        if period[0] == MIDNIGHT or closes <= opens or (read and opens < read[-1][1]):
            raise HoursError(f"{day}: {period!r} ends before it begins or overlaps the one before")
        read.append((opens, closes))
    return tuple(read)


def _date(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except (TypeError, ValueError) as error:
        raise HoursError(f"holiday {day!r} is not a date like 2026-12-25") from error
