from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.messaging import text_lifecycle
from recovery.domain.messaging.text_lifecycle import LEGAL_MOVES, MessageState

TERMINAL = {
    MessageState.DELIVERED,
    MessageState.UNDELIVERED,
    MessageState.FAILED,
    MessageState.EXPIRED,
    MessageState.CANCELLED,
}


def reachable(start: MessageState, *, without: frozenset[MessageState] = frozenset()) -> set[MessageState]:
    seen: set[MessageState] = set()
    ahead = [start]
    while ahead:
        for then in LEGAL_MOVES[ahead.pop()] - seen - without:
            seen.add(then)
            ahead.append(then)
    return seen


def test_every_state_has_its_row_and_exactly_the_final_ones_are_closed() -> None:
    assert LEGAL_MOVES.keys() == set(MessageState)
    assert {state for state, moves in LEGAL_MOVES.items() if not moves} == TERMINAL


def test_every_state_is_reached_and_every_text_can_end() -> None:
    assert reachable(MessageState.PLANNED) == set(MessageState)
    for state in set(MessageState) - TERMINAL:
        assert reachable(state) & TERMINAL


def test_what_was_put_aside_never_left_and_is_planned_anew_or_stays() -> None:
    aside = MessageState.QUARANTINED
    assert LEGAL_MOVES[aside] == {MessageState.PLANNED}
    leads_there = {state for state, moves in LEGAL_MOVES.items() if aside in moves}
    assert leads_there == {MessageState.PLANNED, MessageState.CLAIMED, MessageState.IN_DOUBT}


def test_standing_still_is_no_move() -> None:
    assert not any(text_lifecycle.is_legal_move(now=state, then=state) for state in MessageState)


def test_only_a_claim_leads_to_the_carrier() -> None:
    carried = {MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED, MessageState.IN_DOUBT}
    assert not LEGAL_MOVES[MessageState.PLANNED] & carried
    assert not reachable(MessageState.PLANNED, without=frozenset({MessageState.CLAIMED})) & carried


def test_what_the_carrier_took_never_comes_back() -> None:
    back = {MessageState.PLANNED, MessageState.CLAIMED, MessageState.IN_DOUBT}
    for state in (MessageState.ACCEPTED, MessageState.SENT, *TERMINAL):
        assert not reachable(state) & back


@given(
    attempts=st.integers(0, 50),
    asked=st.none() | st.timedeltas(timedelta(0), timedelta(days=1)),
    jitter=st.floats(0, 1),
)
def test_the_wait_is_bounded_grows_and_obeys_the_carrier(
    attempts: int, asked: timedelta | None, jitter: float
) -> None:
    wait = text_lifecycle.retry_delay(attempts=attempts, asked=asked, jitter=jitter)
    own = text_lifecycle.retry_delay(attempts=attempts, asked=None, jitter=jitter)
    assert timedelta(seconds=2.5) <= own <= timedelta(minutes=10)
    assert wait == (own if asked is None else max(own, asked))
    assert text_lifecycle.retry_delay(attempts=attempts + 1, asked=None, jitter=jitter) >= own


def test_the_wait_doubles_from_five_seconds() -> None:
    waits = [
        text_lifecycle.retry_delay(attempts=attempts, asked=None, jitter=1).total_seconds()
        for attempts in range(1, 10)
    ]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
