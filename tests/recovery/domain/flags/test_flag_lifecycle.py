from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.clinic import opening_hours
from recovery.domain.clinical.symptoms import Level
from recovery.domain.flags import flag_lifecycle
from recovery.domain.flags.flag_lifecycle import (
    COMPLICATIONS,
    LEGAL_MOVES,
    FlagOutcome,
    FlagState,
    FollowUpState,
    ResponseTimes,
    ResponseTimesError,
    Urgency,
)

BUDGET = "[alert_budget]\nflags_per_100_treatments = 15\n"
TIMES = ResponseTimes(emergency=timedelta(minutes=15), same_day=timedelta(hours=2), flags_per_100=15)
CLINIC = opening_hours.parse(
    time_zone="UTC",
    weekly={day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    holidays={},
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_every_state_of_a_flag_has_its_moves_and_none_is_a_dead_end() -> None:
    assert LEGAL_MOVES.keys() == set(FlagState)
    assert all(LEGAL_MOVES.values())
    assert not any(flag_lifecycle.is_legal_move(now=state, then=state) for state in FlagState)


def test_an_outcome_is_a_complication_or_says_why_it_is_none() -> None:
    neither = {FlagOutcome.EXPECTED_HEALING, FlagOutcome.NOT_REACHED, FlagOutcome.OTHER}
    assert {*COMPLICATIONS} == {*FlagOutcome} - neither
    assert len({*COMPLICATIONS}) == len(COMPLICATIONS)


def test_a_flag_is_resolved_only_by_someone_who_has_it() -> None:
    leading = {state for state, moves in LEGAL_MOVES.items() if FlagState.RESOLVED in moves}
    assert leading == {FlagState.CLAIMED, FlagState.CONTACTED}


def test_every_level_has_its_urgency_in_the_same_order() -> None:
    assert [flag_lifecycle.urgency_of(level) for level in Level] == [
        None, Urgency.NEXT_BUSINESS_DAY, Urgency.SAME_DAY, Urgency.EMERGENCY,
    ]  # fmt: skip
    assert [urgency.rank for urgency in Urgency] == [0, 1, 2]


def test_what_the_patient_sees_of_every_state() -> None:
    assert [flag_lifecycle.follow_up_state(state) for state in FlagState] == [
        FollowUpState.WAITING, FollowUpState.SEEN, FollowUpState.CONTACTED, FollowUpState.CLOSED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("urgency", "since", "due"),
    [
        (Urgency.EMERGENCY, "2026-11-22 03:00", "2026-11-22 03:15"),
        (Urgency.SAME_DAY, "2026-11-23 10:00", "2026-11-23 12:00"),
        (Urgency.SAME_DAY, "2026-11-20 16:00", "2026-11-23 10:00"),
        (Urgency.NEXT_BUSINESS_DAY, "2026-11-23 10:00", "2026-11-24 17:00"),
        (Urgency.NEXT_BUSINESS_DAY, "2026-11-20 10:00", "2026-11-23 17:00"),
    ],
)
def test_due_times(urgency: Urgency, since: str, due: str) -> None:
    assert flag_lifecycle.due_at(urgency, since=at(since), hours=CLINIC, times=TIMES) == at(due)


@given(minutes=st.integers(0, 2 * 365 * 24 * 60))
def test_more_urgent_is_never_due_later(minutes: int) -> None:
    since = at("2026-01-01 00:00") + timedelta(minutes=minutes)
    due = [flag_lifecycle.due_at(urgency, since=since, hours=CLINIC, times=TIMES) for urgency in Urgency]
    assert since < due[0] <= due[1] <= due[2]


def test_response_times_are_read() -> None:
    text = f"[emergency]\nminutes = 15\n[same_day]\nstaffed_minutes = 120\n{BUDGET}"
    assert flag_lifecycle.parse_response_times(text) == TIMES


@pytest.mark.parametrize(
    "text",
    [
        "[emergency",
        f"[emergency]\nminutes = 15\n{BUDGET}",
        "[emergency]\nminutes = 15\n[same_day]\nstaffed_minutes = 120\n",
        f"[emergency]\nminutes = 15\n[same_day]\nminutes = 120\n{BUDGET}",
        f'[emergency]\nminutes = "soon"\n[same_day]\nstaffed_minutes = 120\n{BUDGET}',
    ],
)
def test_response_times_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ResponseTimesError):
        flag_lifecycle.parse_response_times(text)
