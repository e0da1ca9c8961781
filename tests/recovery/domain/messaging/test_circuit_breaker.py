from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.messaging import circuit_breaker
from recovery.domain.messaging.circuit_breaker import (
    FAULTS_TO_OPEN,
    LONGEST_WAIT,
    SHORTEST_WAIT,
    CallOutcome,
    Circuit,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def after(state: Circuit, *outcomes: CallOutcome, now: datetime = NOW) -> Circuit:
    for outcome in outcomes:
        state = circuit_breaker.next_circuit(state, outcome, now=now)
    return state


def opened(now: datetime = NOW) -> Circuit:
    return after(Circuit(), *[CallOutcome.FAULT] * FAULTS_TO_OPEN, now=now)


def test_it_opens_at_so_many_faults_in_a_row_and_not_one_before() -> None:
    almost = after(Circuit(), *[CallOutcome.FAULT] * (FAULTS_TO_OPEN - 1))
    assert circuit_breaker.allowed_sends(almost, wanted=50, now=NOW) == 50
    assert circuit_breaker.allowed_sends(after(almost, CallOutcome.FAULT), wanted=50, now=NOW) == 0
    assert not after(almost, CallOutcome.WORKED, CallOutcome.FAULT).is_open


def test_open_it_lets_one_through_when_its_wait_is_over() -> None:
    state = opened()
    assert circuit_breaker.allowed_sends(state, wanted=50, now=NOW + SHORTEST_WAIT - SECOND) == 0
    assert circuit_breaker.allowed_sends(state, wanted=50, now=NOW + SHORTEST_WAIT) == 1
    assert circuit_breaker.allowed_sends(state, wanted=0, now=NOW + SHORTEST_WAIT) == 0


def test_a_probe_that_works_closes_it() -> None:
    state = after(opened(), CallOutcome.WORKED, now=NOW + SHORTEST_WAIT)
    assert (state.is_open, state.faults) == (False, 0)
    assert circuit_breaker.allowed_sends(state, wanted=50, now=NOW + SHORTEST_WAIT) == 50


def test_each_probe_that_fails_doubles_the_wait_up_to_the_longest() -> None:
    state, now, waits = opened(), NOW, []
    for _ in range(8):
        assert state.open_until is not None
        waits.append(state.open_until - now)
        now = state.open_until
        state = after(state, CallOutcome.FAULT, now=now)
    assert waits[:3] == [SHORTEST_WAIT, 2 * SHORTEST_WAIT, 4 * SHORTEST_WAIT]
    assert waits[-1] == LONGEST_WAIT


def test_answers_that_come_late_do_not_lengthen_the_wait() -> None:
    state = opened()
    assert after(state, CallOutcome.FAULT, CallOutcome.FAULT, now=NOW + SECOND).open_until == state.open_until


def test_a_throttling_carrier_is_left_alone_as_long_as_it_asks_and_is_not_faulty() -> None:
    asked = timedelta(seconds=7)
    state = circuit_breaker.next_circuit(Circuit(), CallOutcome.THROTTLED, now=NOW, asked=asked)
    state = circuit_breaker.next_circuit(state, CallOutcome.THROTTLED, now=NOW, asked=SECOND)
    assert circuit_breaker.allowed_sends(state, wanted=50, now=NOW + asked - SECOND) == 0
    assert circuit_breaker.allowed_sends(state, wanted=50, now=NOW + asked) == 50
    assert not after(state, *[CallOutcome.THROTTLED] * 100).is_open


@given(st.lists(st.sampled_from(CallOutcome), max_size=200), st.integers(0, 900))
def test_it_never_stays_shut_longer_than_its_longest_wait(outcomes: list[CallOutcome], seconds: int) -> None:
    state, now = Circuit(), NOW
    for outcome in outcomes:
        now += timedelta(seconds=seconds)
        state = circuit_breaker.next_circuit(state, outcome, now=now)
    assert circuit_breaker.allowed_sends(state, wanted=5, now=now + LONGEST_WAIT) >= 1
