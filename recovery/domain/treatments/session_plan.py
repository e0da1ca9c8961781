"""A plan of sessions and the day its next one would be, the rule: how many, weeks apart, maintenance.

Sessions lie four to six weeks apart, because new collagen is still forming until then; three to six make a
series, and maintenance follows every six to twelve months.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

FEWEST, MOST = 3, 6
"""Sessions of a series."""
CLOSEST, FARTHEST = 4, 6
"""Weeks between two sessions."""
SOONEST, LATEST = 6, 12
"""Months between maintenance sessions."""
TOOK_PLACE_WITHIN = timedelta(days=14)
"""A session so shortly before the agreed one is the agreed one, brought forward."""


@dataclass(frozen=True, kw_only=True)
class SessionPlan:
    """So many sessions so many weeks apart, then maintenance every so many months, or none."""

    sessions: int
    weeks_between: int
    maintenance_months: int | None


def propose_next_session(plan: SessionPlan, *, done: Collection[date]) -> date | None:
    """When the next session would be, from the visits that took place.

    None before the first one, and when the series is complete and no maintenance is planned.
    """
    if not done:
        return None
    last = max(done)
    if len(set(done)) < plan.sessions:
        return last + timedelta(weeks=plan.weeks_between)
    return None if plan.maintenance_months is None else _months_later(last, plan.maintenance_months)


def has_taken_place(*, agreed: date, visit: date) -> bool:
    """Whether a visit is the session that was agreed for a day, early or late."""
    return visit >= agreed - TOOK_PLACE_WITHIN


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, the last one where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
