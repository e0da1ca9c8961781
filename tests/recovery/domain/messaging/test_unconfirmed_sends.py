from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from recovery.domain.messaging import unconfirmed_sends
from recovery.domain.messaging.catalogue import TextKind
from recovery.domain.messaging.text_lifecycle import MAX_ATTEMPTS, MessageState
from recovery.domain.messaging.unconfirmed_sends import (
    REPEAT_AFTER,
    REPEATED_ONCE,
    Evidence,
    UnconfirmedDecision,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
WAIT = timedelta(minutes=1)
LATER = UnconfirmedDecision(state=None, evidence=None, again_at=NOW + WAIT)


def absent(
    *, looks: int = 2, attempts: int = 1, useful_for: timedelta = timedelta(hours=1)
) -> UnconfirmedDecision:
    return unconfirmed_sends.decide_on_missing_record(
        looks=looks, attempts=attempts, useful_until=NOW + useful_for, now=NOW, wait=WAIT
    )


def silent(
    kind: TextKind,
    *,
    after: timedelta = REPEAT_AFTER,
    repeated: bool = False,
    useful_for: timedelta = timedelta(hours=1),
) -> UnconfirmedDecision:
    return unconfirmed_sends.decide_on_unreadable_records(
        kind=kind,
        repeated=repeated,
        claimed_at=NOW - after,
        useful_until=NOW + useful_for,
        now=NOW,
        wait=WAIT,
    )


def test_one_look_that_lacks_a_text_proves_nothing() -> None:
    assert absent(looks=1) == LATER


def test_two_looks_send_it_again_until_it_was_tried_too_often() -> None:
    for attempts in range(1, MAX_ATTEMPTS):
        assert absent(attempts=attempts) == UnconfirmedDecision(
            state=MessageState.PLANNED, evidence=Evidence.ABSENCE
        )
    aside = UnconfirmedDecision(state=MessageState.QUARANTINED, evidence=Evidence.ABSENCE)
    assert absent(attempts=MAX_ATTEMPTS) == aside


@pytest.mark.parametrize("looks", [1, 2])
def test_no_text_is_sent_again_after_its_use(looks: int) -> None:
    assert absent(looks=looks, useful_for=timedelta()) == UnconfirmedDecision(
        state=MessageState.EXPIRED, evidence=Evidence.TIME
    )


@pytest.mark.parametrize("kind", TextKind)
def test_records_that_cannot_be_read_say_nothing(kind: TextKind) -> None:
    assert silent(kind, after=REPEAT_AFTER - timedelta(seconds=1)) == LATER
    assert silent(kind, repeated=True, after=10 * REPEAT_AFTER) == LATER
    assert silent(kind, useful_for=timedelta()) == UnconfirmedDecision(
        state=MessageState.EXPIRED, evidence=Evidence.TIME
    )


@pytest.mark.parametrize("kind", TextKind)
def test_only_a_text_whose_repeat_is_harmless_is_sent_again_unproven(kind: TextKind) -> None:
    again = UnconfirmedDecision(state=MessageState.PLANNED, evidence=Evidence.HARMLESS)
    assert silent(kind) == (again if kind in REPEATED_ONCE else LATER)
