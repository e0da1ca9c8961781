"""What is late, each by its own bound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from operations.rules.installation_status import (
    BEAT_LATE,
    FAULTS_TO_TELL,
    REVIEW_LATE,
    TEXT_LATE,
    InstallationStatus,
    Lateness,
    is_carrier_down,
)
from recovery.domain.messaging.circuit_breaker import Circuit

Status = Callable[..., InstallationStatus]
MOMENT = timedelta(microseconds=1)


def test_nothing_is_late_where_worker_and_carrier_do_their_work(status: Status) -> None:
    assert status().overdue() == frozenset()


@pytest.mark.parametrize(
    ("name", "bound", "lateness"),
    [
        ("worker_seen_at", BEAT_LATE, Lateness.WORKER),
        ("text_due_since", TEXT_LATE, Lateness.TEXTS),
        ("review_since", REVIEW_LATE, Lateness.REVIEW),
    ],
)
def test_what_waits_is_late_beyond_its_bound_and_not_at_it(
    status: Status, at: datetime, name: str, bound: timedelta, lateness: Lateness
) -> None:
    assert status(**{name: at - bound}).overdue() == frozenset()
    assert status(**{name: at - bound - MOMENT}).overdue() == {lateness}


def test_a_worker_that_never_was_is_late(status: Status) -> None:
    assert status(worker_seen_at=None).overdue() == {Lateness.WORKER}


def test_one_account_that_is_down_makes_the_carrier_late(status: Status) -> None:
    well, failing = Circuit(), Circuit(faults=FAULTS_TO_TELL)
    assert status(circuits={"AC1": well}).overdue() == frozenset()
    assert status(circuits={"AC1": well, "AC2": failing}).overdue() == {Lateness.CARRIER}


def test_refused_credentials_are_late_at_once(status: Status) -> None:
    assert status(refused_by={"AC1": "20003"}).overdue() == {Lateness.CREDENTIALS}


def test_several_things_are_late_together(status: Status, at: datetime) -> None:
    late = status(worker_seen_at=None, text_due_since=at - 2 * TEXT_LATE, review_since=at - 2 * REVIEW_LATE)
    assert late.overdue() == {Lateness.WORKER, Lateness.TEXTS, Lateness.REVIEW}


def test_a_carrier_is_down_after_some_faults_in_a_row_or_while_its_circuit_is_open(at: datetime) -> None:
    assert not is_carrier_down(Circuit(faults=FAULTS_TO_TELL - 1))
    assert is_carrier_down(Circuit(faults=FAULTS_TO_TELL))
    assert is_carrier_down(Circuit(open_until=at))
    assert not is_carrier_down(Circuit(paused_until=at)), "a pause the carrier asked for is no fault"
