"""When the next session would be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.treatments import session_plan
from recovery.domain.treatments.session_plan import SessionPlan

FIRST = date(2026, 8, 31)
PLAN = SessionPlan(sessions=3, weeks_between=4, maintenance_months=6)


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
    assert session_plan.propose_next_session(PLAN, done=done) == proposed


def test_a_series_without_maintenance_ends() -> None:
    plan = SessionPlan(sessions=3, weeks_between=6, maintenance_months=None)
    done = [FIRST, FIRST + timedelta(weeks=6), FIRST + timedelta(weeks=12)]
    assert session_plan.propose_next_session(plan, done=done[:2]) == done[2]
    assert session_plan.propose_next_session(plan, done=done) is None


@given(
    sessions=st.integers(session_plan.FEWEST, session_plan.MOST),
    weeks=st.integers(session_plan.CLOSEST, session_plan.FARTHEST),
    months=st.integers(session_plan.SOONEST, session_plan.LATEST),
    gaps=st.lists(st.integers(7, 90), max_size=8),
)
def test_a_next_session_lies_weeks_ahead_in_a_series_and_months_after_it(
    sessions: int, weeks: int, months: int, gaps: list[int]
) -> None:
    done = [FIRST]
    for gap in gaps:
        done.append(done[-1] + timedelta(days=gap))
    plan = SessionPlan(sessions=sessions, weeks_between=weeks, maintenance_months=months)
    proposed = session_plan.propose_next_session(plan, done=done)
    assert proposed is not None
    ahead = proposed - done[-1]
    if len(done) < sessions:
        assert ahead == timedelta(weeks=weeks)
    else:
        assert timedelta(days=28 * months) < ahead <= timedelta(days=31 * months)


def test_early_or_late_it_is_the_session_that_was_agreed() -> None:
    assert session_plan.has_taken_place(agreed=FIRST, visit=FIRST + timedelta(days=30))
    assert session_plan.has_taken_place(agreed=FIRST, visit=FIRST - timedelta(days=14))
    assert not session_plan.has_taken_place(agreed=FIRST, visit=FIRST - timedelta(days=15))
