"""Every state in which a patient is told something, as data: where the flag stands, at which opening hour, on
which day, in which language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from recovery.domain.clinic import opening_hours
from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.core.language import Language
from recovery.domain.flags import flag_lifecycle
from recovery.domain.flags.flag_lifecycle import FlagState, ResponseTimes, Urgency
from recovery.models.flags.flags import Flag

ZONE = ZoneInfo("America/Chicago")
OWN, CLOSED, EMERGENCY = "+12025550190", "+12025550191", "911"
WEEKDAYS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ALWAYS = {day: [["00:00", "24:00"]] for day in opening_hours.WEEKDAYS}
DAYS = (0, 1, 3, 7, 14, 28)


class FlagCase(StrEnum):
    """Where the flag of a treatment stands; without one, whether something is asked about once more first."""

    NONE = "none"
    ASKED_AGAIN = "asked_again"
    OPEN = "open"
    CLAIMED = "claimed"
    CONTACTED = "contacted"
    CLOSED = "closed"
    REOPENED = "reopened"
    OVERDUE = "overdue"


WITHOUT_FLAG = (FlagCase.NONE, FlagCase.ASKED_AGAIN)


@dataclass(frozen=True, kw_only=True)
class HourCase:
    """One moment of one clinic's week, by its wall clock, and whether somebody is there."""

    name: str
    at: tuple[int, int, int]
    open: bool
    weekly: Mapping[str, Any]
    out_of_hours: str = CLOSED

    @property
    def now(self) -> datetime:
        """The moment; all of them lie in one November."""
        day, hour, minute = self.at
        return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)

    @property
    def holidays(self) -> Mapping[str, str]:
        """The clinic is closed on one Thursday."""
        return {"2026-11-26": "Thanksgiving"}

    @property
    def hours(self) -> OpeningHours:
        """The clinic's hours, ready to be asked."""
        return opening_hours.parse(time_zone=ZONE.key, weekly=self.weekly, holidays=self.holidays)

    @property
    def answering(self) -> str:
        """The number that somebody answers at this moment."""
        return OWN if self.open else self.out_of_hours or EMERGENCY


HOURS = (
    HourCase(name="open", at=(18, 10, 0), open=True, weekly=WEEKDAYS),
    HourCase(name="before closing", at=(18, 16, 30), open=True, weekly=WEEKDAYS),
    HourCase(name="closed at night", at=(18, 23, 0), open=False, weekly=WEEKDAYS),
    HourCase(name="closed on Friday evening", at=(20, 18, 0), open=False, weekly=WEEKDAYS),
    HourCase(name="closed at the weekend", at=(21, 11, 0), open=False, weekly=WEEKDAYS),
    HourCase(name="closed, no number for it", at=(21, 11, 0), open=False, weekly=WEEKDAYS, out_of_hours=""),
    HourCase(name="never closes", at=(18, 23, 30), open=True, weekly=ALWAYS),
    HourCase(name="holiday", at=(26, 11, 0), open=False, weekly=WEEKDAYS),
)


@dataclass(frozen=True, kw_only=True)
class ToldState:
    """One combination."""

    flag: FlagCase
    urgency: Urgency
    hour: HourCase
    day: int
    language: Language

    @property
    def now(self) -> datetime:
        """The moment of telling."""
        return self.hour.now

    @property
    def performed_at(self) -> datetime:
        """When the treatment was."""
        return self.now - timedelta(days=self.day)

    def row(self, times: ResponseTimes) -> Flag | None:
        """The flag as it is kept; None without one."""
        if self.flag in WITHOUT_FLAG:
            return None
        opened = {FlagCase.OVERDUE: timedelta(days=7), FlagCase.REOPENED: timedelta()}
        since = self.now - opened.get(self.flag, timedelta(minutes=5))
        states = {
            FlagCase.CLAIMED: FlagState.CLAIMED,
            FlagCase.CONTACTED: FlagState.CONTACTED,
            FlagCase.CLOSED: FlagState.RESOLVED,
        }
        due_at = flag_lifecycle.due_at(self.urgency, since=since, hours=self.hour.hours, times=times)
        return Flag(
            clinic_id=uuid4(),
            id=uuid4(),
            treatment_id=uuid4(),
            state=states.get(self.flag, FlagState.OPEN),
            urgency=self.urgency,
            urgency_rank=self.urgency.rank,
            due_at=due_at,
            opened_at=since,
        )


def every_state() -> Iterator[ToldState]:
    """All of them; without a flag there is one urgency only."""
    for flag, urgency, hour, day, language in product(FlagCase, Urgency, HOURS, DAYS, Language):
        if flag not in WITHOUT_FLAG or urgency is Urgency.SAME_DAY:
            yield ToldState(flag=flag, urgency=urgency, hour=hour, day=day, language=language)
