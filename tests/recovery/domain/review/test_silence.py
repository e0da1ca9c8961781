"""What follows when a patient who was asked does not answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Level
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review import silence
from recovery.domain.review.silence import SilenceAction, SilenceCause, SilenceFacts, SilenceSchedule

LADDER = Path(__file__).resolve().parents[4] / "config" / "protocols" / "silence.toml"
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
EIGHT = datetime(2026, 11, 23, 20, tzinfo=UTC)

QUIET = SilenceFacts(
    day=2,
    check_in_state=MessageState.DELIVERED,
    answered=False,
    opted_out=False,
    opened=False,
    missed_count=1,
    finding=Level.EXPECTED,
    flag_open=False,
    already_found=False,
    time_is_up=True,
)


@pytest.fixture(scope="module")
def ladder() -> SilenceSchedule:
    return silence.parse(LADDER.read_text("utf-8"))


def test_looks_are_six_and_eight_hours_after_the_check_in(ladder: SilenceSchedule) -> None:
    assert ladder.first_check_at(day=1, asked_at=NINE, until=EIGHT) == NINE + timedelta(hours=6)
    assert ladder.first_check_at(day=5, asked_at=NINE, until=EIGHT) == NINE + timedelta(hours=6)
    assert ladder.first_check_at(day=6, asked_at=NINE, until=EIGHT) == NINE + timedelta(hours=8)
    assert ladder.remind_on_days == {1, 2, 3, 4, 5, 7}
    assert ladder.unanswered_at(asked_at=NINE, until=EIGHT) == NINE + timedelta(hours=8)
    late = NINE + timedelta(hours=10)
    assert ladder.unanswered_at(asked_at=late, until=EIGHT) == EIGHT


@pytest.mark.parametrize("asked", [MessageState.PLANNED, MessageState.EXPIRED, MessageState.CANCELLED])
def test_who_was_not_asked_is_not_silent(ladder: SilenceSchedule, asked: MessageState) -> None:
    known = replace(QUIET, check_in_state=asked, finding=Level.ABNORMAL, flag_open=True)
    assert silence.decide(known, ladder).reason is None


def test_who_answered_is_not_silent(ladder: SilenceSchedule) -> None:
    assert silence.decide(replace(QUIET, answered=True, flag_open=True), ladder).steps == ()


@pytest.mark.parametrize(
    ("changes", "reason", "steps"),
    [
        ({"time_is_up": False}, SilenceCause.NOTHING, (SilenceAction.REMIND,)),
        ({"time_is_up": False, "opened": True}, SilenceCause.OPENED, (SilenceAction.REMIND,)),
        ({}, SilenceCause.NOTHING, ()),
        ({"missed_count": 2}, SilenceCause.NOTHING, (SilenceAction.TASK,)),
        ({"missed_count": 2, "opened": True}, SilenceCause.OPENED, (SilenceAction.TASK,)),
        ({"missed_count": 3}, SilenceCause.NOTHING, (SilenceAction.LAST_TEXT,)),
        ({"missed_count": 4, "day": 14}, SilenceCause.NOTHING, ()),
        (
            {"check_in_state": MessageState.UNDELIVERED, "time_is_up": False},
            SilenceCause.NOT_DELIVERED,
            (SilenceAction.UNDELIVERABLE_TASK,),
        ),
        (
            {"check_in_state": MessageState.FAILED, "missed_count": 3},
            SilenceCause.NOT_DELIVERED,
            (SilenceAction.UNDELIVERABLE_TASK,),
        ),
        (
            {"check_in_state": MessageState.CANCELLED, "opted_out": True},
            SilenceCause.OPTED_OUT,
            (SilenceAction.OPTED_OUT_TASK,),
        ),
        ({"finding": Level.WATCH}, SilenceCause.NOTHING, (SilenceAction.FINDING,)),
        ({"finding": Level.WATCH, "time_is_up": False}, SilenceCause.NOTHING, (SilenceAction.REMIND,)),
        ({"finding": Level.WATCH, "already_found": True}, SilenceCause.NOTHING, ()),
        ({"finding": Level.ABNORMAL, "opened": True}, SilenceCause.OPENED, (SilenceAction.FINDING,)),
        ({"flag_open": True, "already_found": True, "missed_count": 3}, SilenceCause.NOTHING, ()),
        (
            {"finding": Level.ABNORMAL, "flag_open": True, "missed_count": 2},
            SilenceCause.NOTHING,
            (SilenceAction.FINDING, SilenceAction.TASK),
        ),
        (
            {"check_in_state": MessageState.UNDELIVERED, "finding": Level.ABNORMAL},
            SilenceCause.NOT_DELIVERED,
            (SilenceAction.FINDING, SilenceAction.UNDELIVERABLE_TASK),
        ),
        (
            {
                "check_in_state": MessageState.CANCELLED,
                "opted_out": True,
                "flag_open": True,
                "finding": Level.ABNORMAL,
            },
            SilenceCause.OPTED_OUT,
            (SilenceAction.FINDING, SilenceAction.OPTED_OUT_TASK),
        ),
        ({"finding": Level.WATCH, "missed_count": 3}, SilenceCause.NOTHING, (SilenceAction.FINDING,)),
    ],
)
def test_steps_by_cause(
    ladder: SilenceSchedule,
    changes: dict[str, object],
    reason: SilenceCause,
    steps: tuple[SilenceAction, ...],
) -> None:
    decision = silence.decide(replace(QUIET, **changes), ladder)  # type: ignore[arg-type]
    assert (decision.reason, decision.steps) == (reason, steps)


@pytest.mark.parametrize(
    ("last", "held", "rising", "flag_open", "level"),
    [
        (Level.EXPECTED, Level.EXPECTED, False, False, Level.EXPECTED),
        (Level.WATCH, Level.EXPECTED, False, False, Level.ABNORMAL),
        (Level.EXPECTED, Level.EXPECTED, True, False, Level.ABNORMAL),
        (Level.EXPECTED, Level.EXPECTED, False, True, Level.ABNORMAL),
        (Level.EXPECTED, Level.WATCH, False, False, Level.WATCH),
        (Level.EXPECTED, Level.WATCH, True, False, Level.ABNORMAL),
        (Level.EXPECTED, Level.WATCH, False, True, Level.ABNORMAL),
        (Level.EMERGENCY, Level.EXPECTED, False, False, Level.ABNORMAL),
    ],
)
def test_what_silence_is_a_finding_for(
    standard: Protocol, last: Level, held: Level, rising: bool, flag_open: bool, level: Level
) -> None:
    rule = standard.rules.silence
    found = silence.level_of_silence(last=last, held=held, rising=rising, flag_open=flag_open, rule=rule)
    assert found is level
    milder = silence.level_of_silence(
        last=last, held=held, rising=rising, flag_open=flag_open, rule=replace(rule, level=Level.WATCH)
    )
    assert milder is (Level.WATCH if level is not Level.EXPECTED else Level.EXPECTED)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("remind_after_hours = 6", "remind_after_hours = 9"), "line 1[0-9]: unanswered_after_hours"),
        (("last_after = 3", "last_after = 2"), "last_after: comes before the task"),
        (("task_after = 2", "tasks_after = 2"), "task_after is missing"),
        (("task_after = 2", "task_after = 2\nrise = 2"), "rise: is not known"),
    ],
)
def test_faults_of_the_ladder_name_their_place(change: tuple[str, str], complaint: str) -> None:
    text = LADDER.read_text("utf-8")
    assert change[0] in text
    with pytest.raises(silence.SilenceError, match=complaint):
        silence.parse(text.replace(*change))
