"""Facts in, findings out: each fault alone, at its bound, and with what explains it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from operations.rules.installation_checks import CLOCK_OFF, LEAST_FREE, find_problems
from operations.rules.installation_problems import (
    CarrierCheck,
    ClinicFacts,
    DatabaseFacts,
    InstallationFacts,
    ProblemCause,
)
from operations.rules.installation_status import DOUBT_LATE, InstallationStatus
from recovery.domain.messaging.circuit_breaker import Circuit
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.text_price import TextPrice

Status = Callable[..., InstallationStatus]
ACCOUNT = "AC0123456789abcdef0123456789abcdef"
CLINIC = ClinicFacts(
    id="the-clinic", name="First Clinic", live=True, demonstration=False, stopped_since=None,
    has_hours=True, on_call=True,
)  # fmt: skip


PRICE = TextPrice(link_length=40, check_in=1, course=12, short_course=12, too_dear=())


def facts(
    status: InstallationStatus | None, *, database: Mapping[str, Any] | None = None, **changed: Any
) -> InstallationFacts:
    """An installation that is well with this status, but for what is named."""
    kept: dict[str, Any] = {
        "schema": "0042", "expected_schema": "0042", "clock_off": timedelta(), "standing": status,
        "clinics": [CLINIC],
    }  # fmt: skip
    whole: dict[str, Any] = {
        "started_before": True, "unreachable_database": None,
        "database": DatabaseFacts(**kept | dict(database or {})),
        "texts_leave": True, "carrier": CarrierCheck.WORKS, "carrier_code": None, "public_is_local": False,
        "price": PRICE, "longest_link": 90, "disk_free": LEAST_FREE, "disk": "/data", "heartbeat": True,
        "alerts": True,
    }  # fmt: skip
    return InstallationFacts(**whole | changed)


def causes(installation: InstallationFacts) -> list[ProblemCause]:
    return [problem.cause for problem in find_problems(installation)]


def says(installation: InstallationFacts, cause: ProblemCause) -> str:
    (problem,) = [one for one in find_problems(installation) if one.cause is cause]
    return problem.text


def test_a_healthy_installation_has_no_problem(status: Status) -> None:
    assert causes(facts(status())) == []


def test_without_a_database_only_the_machine_is_looked_at(at: datetime) -> None:
    nothing = facts(None, database={}, started_before=False)
    assert causes(dataclasses.replace(nothing, database=None)) == [ProblemCause.NOTHING_HERE]
    away = dataclasses.replace(
        nothing, started_before=True, database=None, unreachable_database=("DATABASE_URL", "refused")
    )
    assert causes(away) == [ProblemCause.DATABASE_AWAY]
    assert "DATABASE_URL cannot be reached (refused)" in says(away, ProblemCause.DATABASE_AWAY)


def test_a_database_of_another_shape_is_asked_nothing_more(status: Status) -> None:
    other = facts(None, database={"schema": None})
    assert causes(other) == [ProblemCause.SCHEMA_OTHER]
    assert "shape none" in says(other, ProblemCause.SCHEMA_OTHER)


def test_a_disk_is_full_below_its_bound(status: Status) -> None:
    assert causes(facts(status(), disk_free=LEAST_FREE - 1)) == [ProblemCause.DISK_FULL]


@pytest.mark.parametrize(("sign", "words"), [(1, "11 s ahead of"), (-1, "11 s behind")])
def test_a_clock_may_be_a_little_off_in_either_direction(status: Status, sign: int, words: str) -> None:
    assert causes(facts(status(), database={"clock_off": sign * CLOCK_OFF})) == []
    wrong = facts(status(), database={"clock_off": sign * (CLOCK_OFF + timedelta(seconds=1))})
    assert causes(wrong) == [ProblemCause.CLOCK_WRONG]
    assert words in says(wrong, ProblemCause.CLOCK_WRONG)


def test_a_worker_that_never_ran_has_stopped_or_hangs_is_told_apart(status: Status, at: datetime) -> None:
    silent = at - timedelta(minutes=3)
    assert causes(facts(status(worker_seen_at=None))) == [ProblemCause.WORKER_NEVER]
    stopped = facts(status(worker_seen_at=silent, workers_alive=0))
    assert causes(stopped) == [ProblemCause.WORKER_STOPPED]
    assert "3 min ago" in says(stopped, ProblemCause.WORKER_STOPPED)
    stuck = facts(status(worker_seen_at=silent), database={"sick_worker": "host:7"})
    assert causes(stuck) == [ProblemCause.WORKER_STUCK]
    assert "A worker (host:7) holds its place" in says(stuck, ProblemCause.WORKER_STUCK)


@pytest.mark.parametrize(
    ("seconds", "words"), [(119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h")]
)
def test_how_long_ago_is_said_in_the_unit_that_fits(
    status: Status, at: datetime, seconds: int, words: str
) -> None:
    stopped = facts(status(worker_seen_at=at - timedelta(seconds=seconds), workers_alive=0))
    assert f"heard of {words} ago" in says(stopped, ProblemCause.WORKER_STOPPED)


def test_what_the_carrier_answers_now_counts_before_what_it_answered_the_worker(status: Status) -> None:
    refused = status(refused_by={ACCOUNT: "20003"})
    assert causes(facts(refused, carrier=CarrierCheck.UNREACHABLE)) == [ProblemCause.CARRIER_UNREACHABLE]
    now = facts(refused, carrier=CarrierCheck.REFUSES_US, carrier_code="20404")
    assert causes(now) == [ProblemCause.CREDENTIALS]
    assert "(20404)" in says(now, ProblemCause.CREDENTIALS)
    assert "did not take the worker's" in says(facts(refused), ProblemCause.CREDENTIALS)


def test_an_open_circuit_names_its_account_in_short_and_the_next_try(status: Status, at: datetime) -> None:
    circuit = Circuit(faults=12, open_until=at + timedelta(minutes=1))
    told = says(facts(status(circuits={ACCOUNT: circuit})), ProblemCause.CIRCUIT_OPEN)
    assert "12 hand-overs in a row to the carrier's account AC01...cdef failed" in told
    assert "The next try is at 2026-11-23 12:01 UTC." in told


def test_a_pause_is_told_when_it_is_longer_than_a_minute(status: Status, at: datetime) -> None:
    minute = timedelta(minutes=1)
    short, long = Circuit(paused_until=at + minute), Circuit(paused_until=at + minute * 2)
    assert causes(facts(status(circuits={ACCOUNT: short}))) == []
    assert causes(facts(status(circuits={ACCOUNT: long}))) == [ProblemCause.CARRIER_PAUSED]


def test_a_clinic_in_training_needs_neither_hours_nor_a_carrier(status: Status) -> None:
    bare = dataclasses.replace(CLINIC, live=False, has_hours=False, on_call=False)
    training = {"clinics": [bare]}
    assert causes(facts(status(), database=training, texts_leave=False, heartbeat=False)) == [
        ProblemCause.ONLY_TRAINING
    ]
    live = {"clinics": [dataclasses.replace(bare, live=True)]}
    assert causes(facts(status(), database=live, texts_leave=False, heartbeat=False)) == [
        ProblemCause.CONSOLE_BUT_LIVE,
        ProblemCause.HOURS_MISSING,
        ProblemCause.ON_CALL_MISSING,
        ProblemCause.NOBODY_TOLD,
    ]


def test_the_demonstration_may_text_to_the_terminal_and_be_watched_by_nobody(status: Status) -> None:
    shown = {"clinics": [dataclasses.replace(CLINIC, demonstration=True)]}
    assert causes(facts(status(), database=shown, texts_leave=False, alerts=False)) == []


def test_addresses_matter_only_where_texts_leave(status: Status) -> None:
    long = dataclasses.replace(PRICE, link_length=91, too_dear=("day1_link",))
    wrong: dict[str, Any] = {"public_is_local": True, "price": long}
    assert causes(facts(status(), **wrong)) == [
        ProblemCause.RECEIPTS_CANNOT_COME,
        ProblemCause.LINK_TOO_LONG,
    ]
    demonstration = {"clinics": [dataclasses.replace(CLINIC, demonstration=True)]}
    assert causes(facts(status(), database=demonstration, texts_leave=False, **wrong)) == []


def test_longer_links_are_told_with_their_price(status: Status) -> None:
    dear = facts(status(), price=dataclasses.replace(PRICE, link_length=57, check_in=2, course=20))
    assert causes(dear) == [ProblemCause.LINKS_COST_MORE]
    assert "20 segments instead of 12, a check-in 2" in says(dear, ProblemCause.LINKS_COST_MORE)


def test_a_stop_switch_and_a_missing_clinic_are_named(status: Status, at: datetime) -> None:
    stopped = facts(status(), database={"clinics": [dataclasses.replace(CLINIC, stopped_since=at)]})
    assert causes(stopped) == [ProblemCause.STOP_SWITCH]
    assert "First Clinic is on since 2026-11-23 12:00 UTC" in says(stopped, ProblemCause.STOP_SWITCH)
    assert causes(facts(status(), database={"clinics": []})) == [ProblemCause.NO_CLINIC]


def test_several_live_clinics_are_counted_rather_than_listed(status: Status) -> None:
    three = {"clinics": [CLINIC, dataclasses.replace(CLINIC, name="Second"), CLINIC]}
    told = says(facts(status(), database=three, texts_leave=False), ProblemCause.CONSOLE_BUT_LIVE)
    assert told.startswith("First Clinic (and 2 more) is live")


def test_a_backlog_is_explained_by_what_stands_above_it(status: Status, at: datetime) -> None:
    late = {
        "text_due_since": at - timedelta(minutes=9),
        "texts_due": 4,
        "review_since": at - timedelta(hours=1),
    }
    alone = facts(status(**late))
    assert causes(alone) == [ProblemCause.TEXTS_LATE, ProblemCause.REVIEW_LATE]
    assert "4 texts are due, the oldest for 9 min: more is due" in says(alone, ProblemCause.TEXTS_LATE)
    assert "the worker's log names them" in says(alone, ProblemCause.REVIEW_LATE)
    no_worker = facts(status(worker_seen_at=None, **late))
    for cause in (ProblemCause.TEXTS_LATE, ProblemCause.REVIEW_LATE):
        assert "for the reason above" in says(no_worker, cause)
    no_carrier = facts(status(**late), carrier=CarrierCheck.UNREACHABLE)
    assert "for the reason above" in says(no_carrier, ProblemCause.TEXTS_LATE)
    assert "the worker's log names them" in says(no_carrier, ProblemCause.REVIEW_LATE)


def test_a_doubt_is_told_once_it_should_have_been_settled(status: Status, at: datetime) -> None:
    texts = {MessageState.IN_DOUBT: 3}
    assert causes(facts(status(doubt_since=at - DOUBT_LATE, texts=texts))) == []
    old = facts(status(doubt_since=at - DOUBT_LATE - timedelta(seconds=1), texts=texts))
    assert causes(old) == [ProblemCause.MANY_IN_DOUBT]
    assert says(old, ProblemCause.MANY_IN_DOUBT).startswith("3 texts may or may not have gone out")


@pytest.mark.parametrize(
    ("delivered", "undelivered", "failed", "told"),
    [(8, 1, 1, False), (7, 2, 1, True), (6, 2, 1, False), (0, 0, 10, True), (0, 0, 0, False)],
)
def test_texts_that_reach_no_phone_are_told_from_a_share_of_enough_of_them(
    status: Status, delivered: int, undelivered: int, failed: int, told: bool
) -> None:
    ends = {
        MessageState.DELIVERED: delivered,
        MessageState.UNDELIVERED: undelivered,
        MessageState.FAILED: failed,
        MessageState.SENT: 50,
    }
    expected = [ProblemCause.UNDELIVERED] if told else []
    assert causes(facts(status(texts_last_day=ends))) == expected


@pytest.mark.parametrize(
    ("field", "cause"),
    [
        ("quarantined", ProblemCause.PUT_ASIDE),
        ("over_budget", ProblemCause.BUDGET_USED),
        ("alerts_lost", ProblemCause.ALERTS_LOST),
    ],
)
def test_what_was_counted_is_told_with_its_number(status: Status, field: str, cause: ProblemCause) -> None:
    counted = facts(status(), database={field: 7})
    assert causes(counted) == [cause]
    assert says(counted, cause).startswith("7 ")


def test_flags_past_their_due_time_are_work_for_a_nurse(status: Status) -> None:
    overdue = facts(status(flags_open=5, flags_overdue=2))
    assert causes(overdue) == [ProblemCause.FLAGS_OVERDUE]
    assert says(overdue, ProblemCause.FLAGS_OVERDUE) == "2 of 5 flags are past their due time."


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"heartbeat": False}, "HEARTBEAT_URL is not set"),
        ({"alerts": False}, "ALERT_WEBHOOK or ALERT_EMAIL is not set"),
        (
            {"heartbeat": False, "alerts": False},
            "HEARTBEAT_URL and ALERT_WEBHOOK or ALERT_EMAIL are not set",
        ),
    ],
)
def test_a_live_clinic_is_to_be_watched_from_outside(
    status: Status, given: dict[str, Any], words: str
) -> None:
    unwatched = facts(status(), **given)
    assert causes(unwatched) == [ProblemCause.NOBODY_TOLD]
    assert says(unwatched, ProblemCause.NOBODY_TOLD).startswith(words)


def test_problems_come_most_basic_first(status: Status, at: datetime) -> None:
    broken = facts(
        status(worker_seen_at=None, text_due_since=at - timedelta(hours=1), flags_overdue=1),
        database={"schema": "0041", "clock_off": timedelta(minutes=1), "alerts_lost": 1, "clinics": []},
        disk_free=0,
        carrier=CarrierCheck.REFUSES_US,
        started_before=False,
    )
    order = list(ProblemCause)
    places = [order.index(cause) for cause in causes(broken)]
    assert len(places) == 10
    assert places == sorted(places)
