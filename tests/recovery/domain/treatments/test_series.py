"""When the next session would be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.treatments import series
from recovery.domain.treatments.series import SeriesPlan

FIRST = date(2026, 8, 31)
PLAN = SeriesPlan(sessions=3, weeks_between=4, maintenance_months=6)


@pytest.mark.parametrize(
    ("done", "proposed"),
    [
        ([], None),
        ([FIRST], FIRST + timedelta(weeks=4)),
        ([FIRST + timedelta(weeks=5), FIRST], FIRST + timedelta(weeks=9)),
        # The thirty-first of August, and six months on a month without one.
        ([date(2026, 6, 1), date(2026, 7, 15), FIRST], date(2027, 2, 28)),
        ([FIRST, FIRST, FIRST], FIRST + timedelta(weeks=4)),
    ],
)
def test_the_next_session(done: list[date], proposed: date | None) -> None:
    assert series.proposal(PLAN, done=done) == proposed


def test_a_series_without_maintenance_ends() -> None:
    plan = SeriesPlan(sessions=3, weeks_between=6, maintenance_months=None)
    done = [FIRST, FIRST + timedelta(weeks=6), FIRST + timedelta(weeks=12)]
    assert series.proposal(plan, done=done[:2]) == done[2]
    assert series.proposal(plan, done=done) is None


@given(
    sessions=st.integers(series.FEWEST, series.MOST),
    weeks=st.integers(series.CLOSEST, series.FARTHEST),
    months=st.integers(series.SOONEST, series.LATEST),
    gaps=st.lists(st.integers(7, 90), max_size=8),
)
def test_a_next_session_lies_weeks_ahead_in_a_series_and_months_after_it(
    sessions: int, weeks: int, months: int, gaps: list[int]
) -> None:
    done = [FIRST]
    for gap in gaps:
        done.append(done[-1] + timedelta(days=gap))
    plan = SeriesPlan(sessions=sessions, weeks_between=weeks, maintenance_months=months)
    proposed = series.proposal(plan, done=done)
    assert proposed is not None
    ahead = proposed - done[-1]
    if len(done) < sessions:
        assert ahead == timedelta(weeks=weeks)
    else:
        assert timedelta(days=28 * months) < ahead <= timedelta(days=31 * months)


def test_early_or_late_it_is_the_session_that_was_agreed() -> None:
    assert series.has_taken_place(agreed=FIRST, visit=FIRST + timedelta(days=30))
    assert series.has_taken_place(agreed=FIRST, visit=FIRST - timedelta(days=14))
    assert not series.has_taken_place(agreed=FIRST, visit=FIRST - timedelta(days=15))
