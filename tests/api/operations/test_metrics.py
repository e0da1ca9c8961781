from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.operations.metrics import CONTENT_TYPE, render_metrics
from operations.rules.installation_status import InstallationStatus, Lateness
from recovery.domain.messaging.circuit_breaker import Circuit
from recovery.domain.messaging.text_lifecycle import MessageState

AT = datetime(2026, 11, 23, 8, 12, tzinfo=UTC)
CALM = InstallationStatus(
    at=AT,
    worker_seen_at=AT - timedelta(seconds=4),
    workers_alive=2,
    texts_due=0,
    text_due_since=None,
    doubt_since=None,
    unreviewed=0,
    review_since=None,
    flags_open=0,
    flags_overdue=0,
)


def figures(standing: InstallationStatus) -> dict[tuple[str, str], float]:
    """Every figure as a scraper reads it, by its name and its one label."""
    read = {}
    for family in text_string_to_metric_families(render_metrics(standing).decode()):
        for sample in family.samples:
            (label,) = sample.labels.values() or ("",)
            read[sample.name.removeprefix("afterglow_"), label] = sample.value
    return read


def test_each_figure_is_told_under_its_own_name() -> None:
    read = figures(
        replace(
            CALM,
            texts_due=3,
            text_due_since=AT - timedelta(seconds=10),
            doubt_since=AT - timedelta(seconds=20),
            unreviewed=5,
            review_since=AT - timedelta(seconds=30),
            flags_open=7,
            flags_overdue=4,
        )
    )
    assert {name: read[name, ""] for name, label in read if not label} == {
        "workers_alive": 2.0,
        "worker_last_beat_seconds": 4.0,
        "texts_due": 3.0,
        "oldest_due_seconds": 10.0,
        "oldest_in_doubt_seconds": 20.0,
        "reports_unreviewed": 5.0,
        "oldest_unreviewed_seconds": 30.0,
        "flags_open": 7.0,
        "flags_overdue": 4.0,
    }


def test_where_nothing_waits_its_age_is_zero_and_never_below() -> None:
    assert figures(CALM)["oldest_due_seconds", ""] == 0.0
    ahead = figures(replace(CALM, text_due_since=AT + timedelta(seconds=1)))
    assert ahead["oldest_due_seconds", ""] == 0.0


def test_of_a_worker_that_never_ran_no_age_is_made_up() -> None:
    read = figures(replace(CALM, worker_seen_at=None, workers_alive=0))
    assert ("worker_last_beat_seconds", "") not in read
    assert read["workers_alive", ""] == 0.0
    assert read["late", "worker"] == 1.0


def test_texts_are_counted_by_state_where_there_are_any() -> None:
    read = figures(
        replace(
            CALM,
            texts={MessageState.PLANNED: 12, MessageState.IN_DOUBT: 0},
            texts_last_day={MessageState.DELIVERED: 40},
        )
    )
    assert {label: value for (name, label), value in read.items() if name == "texts"} == {
        "planned": 12.0,
        "in_doubt": 0.0,
    }
    assert {label: value for (name, label), value in read.items() if name == "texts_last_day"} == {
        "delivered": 40.0
    }


@pytest.mark.parametrize(
    ("standing", "late"),
    [
        (CALM, set()),
        (replace(CALM, text_due_since=AT - timedelta(hours=1)), {Lateness.TEXTS}),
        (replace(CALM, review_since=AT - timedelta(hours=1)), {Lateness.REVIEW}),
        (replace(CALM, refused_by={"AC1": "20003"}), {Lateness.CREDENTIALS}),
    ],
)
def test_what_is_late_is_one_and_everything_else_is_told_as_zero(
    standing: InstallationStatus, late: set[Lateness]
) -> None:
    told = {label: value for (name, label), value in figures(standing).items() if name == "late"}
    assert told == {lateness.value: float(lateness in late) for lateness in Lateness}


def test_each_account_of_a_carrier_is_told_apart() -> None:
    circuits = {"AC1": Circuit(faults=10, open_until=AT + timedelta(seconds=30)), "AC2": Circuit(faults=2)}
    read = figures(replace(CALM, circuits=circuits, refused_by={"AC2": "20003"}))
    assert (read["circuit_open", "AC1"], read["circuit_open", "AC2"]) == (1.0, 0.0)
    assert (read["carrier_faults", "AC1"], read["carrier_faults", "AC2"]) == (10.0, 2.0)
    assert (read["carrier_refuses_us", "AC1"], read["carrier_refuses_us", "AC2"]) == (0.0, 1.0)


def test_this_process_is_told_by_its_number() -> None:
    read = figures(CALM)
    assert read["process_resident_memory_bytes", str(os.getpid())] > 0
    assert "text/plain" in CONTENT_TYPE
