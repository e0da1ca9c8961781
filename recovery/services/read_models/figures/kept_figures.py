"""Sums of days that are over, kept so that a year is read from them and not counted anew.

A day that is not kept, or that no longer holds, is counted while somebody waits: what is read is always what
counting everything would say. See docs/decisions/0025-figures-kept-by-day.md.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from types import ModuleType
from typing import NamedTuple

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.flags import flag_lifecycle
from recovery.domain.messaging import text_lifecycle
from recovery.models.clinic.clinics import Clinic
from recovery.models.messaging import messages
from recovery.models.read_models import (
    check_in_figures,
    clinic_figures,
    detection_figures,
    figure_days,
    figure_memory,
    promise_figures,
    text_figures,
)
from recovery.models.read_models.clinic_figures import TreatmentFilter
from recovery.models.read_models.figure_days import Counting, FigureDay
from recovery.services.read_models.figures import figure_sums
from recovery.services.read_models.figures.figure_sums import FigureSums
from recovery.services.review import late_promises

KEPT_DAYS = 366
"""So many days until yesterday are kept: the longest period that is summed up."""

ONE_DAY = timedelta(days=1)
WORDINGS = sorted(late_promises.PROMISES)
_RULES: Sequence[ModuleType] = (
    check_in_figures, clinic_figures, detection_figures, promise_figures, text_figures, figure_sums,
    flag_lifecycle, text_lifecycle, messages,
)  # fmt: skip
"""What decides what is counted: another text of these counts anew."""


def read_sums(session: Session, clinic: Clinic, *, first: date, last: date, now: datetime) -> FigureSums:
    """What the treatments of these days, both ends included, and the texts due on them sum up to."""
    figure_memory.allow(session)
    kept = figure_days.list_holding(session, counting(clinic), first=first, last=last, now=now)
    held = {day.day for day in kept}
    missing = [day for day in _days(first, last) if day not in held]
    sums = [figure_sums.from_kept(day.sums, day.lasted) for day in kept]
    if missing:
        sums.append(_count(session, clinic, missing, now=now))
    return figure_sums.add_up(sums)


def keep_days(session: Session, clinic: Clinic, *, now: datetime, limit: int) -> int:
    """Count days that are over and not kept, at most `limit`, the newest first; how many were counted.

    None where another worker does. Of a clinic that is not live nothing counts.
    """
    if not figure_days.lock_clinic(session, clinic.id):
        return 0
    how = counting(clinic)
    figure_days.drop_changed(session, how)
    if clinic.live_since is None:
        return 0
    figure_memory.allow(session)
    last = _today(clinic, now) - ONE_DAY
    first = max(last - timedelta(days=KEPT_DAYS - 1), _today(clinic, clinic.live_since))
    held = figure_days.list_days_that_hold(session, how, first=first, last=last, now=now)
    wanted = [day for day in reversed(_days(first, last)) if day not in held][:limit]
    for day in wanted:
        sums, lasted = figure_sums.to_kept(_count(session, clinic, [day], now=now))
        until = figure_days.read_next_moment(
            session, filter_of_days(clinic, [day], now=now), wordings=WORDINGS
        )
        row = FigureDay(
            clinic_id=clinic.id, day=day, counted_as=how.counted_as, counted_at=now, good_until=until,
            sums=sums, lasted=lasted,
        )  # fmt: skip
        figure_days.keep_day(session, row)
    return len(wanted)


class CheckedDays(NamedTuple):
    """How many kept days hold, and which of them are not what counting says: there should be none."""

    held: int
    wrong: Sequence[date]


def check_days(session: Session, clinic: Clinic, *, now: datetime) -> CheckedDays:
    """Count every day that holds anew, and compare."""
    last = _today(clinic, now)
    first = last - timedelta(days=KEPT_DAYS)
    kept = figure_days.list_holding(session, counting(clinic), first=first, last=last, now=now)
    wrong = [
        day.day
        for day in kept
        if (day.sums, day.lasted) != figure_sums.to_kept(_count(session, clinic, [day.day], now=now))
    ]
    return CheckedDays(len(kept), sorted(wrong))


def counting(clinic: Clinic) -> Counting:
    """How the days of this clinic are counted."""
    told = f"{clinic.time_zone} {clinic.live_since} {WORDINGS} {_rules()}"
    return Counting(clinic.id, clinic.time_zone, hashlib.sha256(told.encode()).digest())


def filter_of_days(clinic: Clinic, days: Sequence[date], *, now: datetime) -> TreatmentFilter:
    """These days, in their order, as moments in the clinic's zone."""
    zone = opening_hours.zone_named(clinic.time_zone)

    def midnight(day: date) -> datetime:
        return opening_hours.local_to_utc(day, at=time(), zone=zone)

    spans = [(midnight(first), midnight(last + ONE_DAY)) for first, last in _runs(days)]
    return TreatmentFilter(
        clinic_id=clinic.id, start=spans[0][0], end=spans[-1][1], now=now, spans=spans
    )  # fmt: skip


def _count(session: Session, clinic: Clinic, days: Sequence[date], *, now: datetime) -> FigureSums:
    which = filter_of_days(clinic, days, now=now)
    return figure_sums.read_sums(session, which, zone=clinic.time_zone, wordings=WORDINGS)


def _today(clinic: Clinic, now: datetime) -> date:
    return now.astimezone(opening_hours.zone_named(clinic.time_zone)).date()


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days that follow on one another, as their first and last."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day == runs[-1][1] + ONE_DAY:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


@cache
def _rules() -> str:
    told = "".join(inspect.getsource(module) for module in _RULES)
    return hashlib.sha256(told.encode()).hexdigest()
