"""What follows when a patient who was asked does not answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Device, Level, Observation, Symptom, TreatmentFacts
from recovery.domain.messaging.delivery import MessageState
from recovery.domain.review import silence
from recovery.domain.review.silence import Known, Ladder, Reason, Step

LADDER = Path(__file__).resolve().parents[4] / "config" / "protocols" / "silence.toml"
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
EIGHT = datetime(2026, 11, 23, 20, tzinfo=UTC)

QUIET = Known(
    day=2,
    asked=MessageState.DELIVERED,
    answered=False,
    opted_out=False,
    opened=False,
    missed=1,
    last_level=None,
    rising=False,
    flag_open=False,
    told=False,
    final=True,
)


@pytest.fixture(scope="module")
def ladder() -> Ladder:
    return silence.parse(LADDER.read_text("utf-8"))


def test_looks_are_six_and_eight_hours_after_the_check_in(ladder: Ladder) -> None:
    assert ladder.first_look(day=1, asked_at=NINE, until=EIGHT) == NINE + timedelta(hours=6)
    assert ladder.first_look(day=5, asked_at=NINE, until=EIGHT) == NINE + timedelta(hours=8)
    assert ladder.last_look(asked_at=NINE, until=EIGHT) == NINE + timedelta(hours=8)
    late = NINE + timedelta(hours=10)
    assert ladder.last_look(asked_at=late, until=EIGHT) == EIGHT


@pytest.mark.parametrize("asked", [MessageState.PLANNED, MessageState.EXPIRED, MessageState.CANCELLED])
def test_who_was_not_asked_is_not_silent(ladder: Ladder, asked: MessageState) -> None:
    known = replace(QUIET, asked=asked, last_level=Level.ABNORMAL, flag_open=True)
    assert silence.decide(known, ladder).reason is None


def test_who_answered_is_not_silent(ladder: Ladder) -> None:
    assert silence.decide(replace(QUIET, answered=True, flag_open=True), ladder).steps == ()


@pytest.mark.parametrize(
    ("changes", "reason", "steps"),
    [
        ({"final": False}, Reason.NOTHING, (Step.REMIND,)),
        ({"final": False, "opened": True}, Reason.OPENED, (Step.REMIND,)),
        ({}, Reason.NOTHING, ()),
        ({"missed": 2}, Reason.NOTHING, (Step.TASK,)),
        ({"missed": 2, "opened": True}, Reason.OPENED, (Step.TASK,)),
        ({"missed": 3}, Reason.NOTHING, (Step.LAST_TEXT,)),
        ({"missed": 4, "day": 14}, Reason.NOTHING, ()),
        (
            {"asked": MessageState.UNDELIVERED, "final": False},
            Reason.NOT_DELIVERED,
            (Step.UNDELIVERABLE_TASK,),
        ),
        ({"asked": MessageState.FAILED, "missed": 3}, Reason.NOT_DELIVERED, (Step.UNDELIVERABLE_TASK,)),
        ({"asked": MessageState.CANCELLED, "opted_out": True}, Reason.OPTED_OUT, (Step.OPTED_OUT_TASK,)),
        ({"last_level": Level.EXPECTED}, Reason.NOTHING, ()),
        ({"last_level": Level.WATCH}, Reason.NOTHING, (Step.FINDING,)),
        ({"last_level": Level.WATCH, "final": False}, Reason.NOTHING, (Step.REMIND,)),
        ({"last_level": Level.WATCH, "told": True}, Reason.NOTHING, ()),
        ({"rising": True, "opened": True}, Reason.OPENED, (Step.FINDING,)),
        ({"flag_open": True, "told": True, "missed": 3}, Reason.NOTHING, ()),
        ({"flag_open": True, "missed": 2}, Reason.NOTHING, (Step.FINDING, Step.TASK)),
        (
            {"asked": MessageState.UNDELIVERED, "last_level": Level.ABNORMAL},
            Reason.NOT_DELIVERED,
            (Step.FINDING, Step.UNDELIVERABLE_TASK),
        ),
        (
            {"asked": MessageState.CANCELLED, "opted_out": True, "flag_open": True},
            Reason.OPTED_OUT,
            (Step.FINDING, Step.OPTED_OUT_TASK),
        ),
    ],
)
def test_steps_by_cause(
    ladder: Ladder, changes: dict[str, object], reason: Reason, steps: tuple[Step, ...]
) -> None:
    decision = silence.decide(replace(QUIET, **changes), ladder)  # type: ignore[arg-type]
    assert (decision.reason, decision.steps) == (reason, steps)


@pytest.mark.parametrize(
    ("before", "last", "rises"),
    [
        ({Symptom.REDNESS: 2}, {Symptom.REDNESS: 4}, True),
        ({Symptom.REDNESS: 3}, {Symptom.REDNESS: 4}, False),
        ({Symptom.REDNESS: 0}, {Symptom.REDNESS: 2}, False),
        ({Symptom.PEELING: 0}, {Symptom.PEELING: 9}, False),
        ({Symptom.SWELLING: 1}, {Symptom.SWELLING: 5}, True),
        ({Symptom.PAIN: 0}, {Symptom.PAIN: 2}, True),
        ({}, {Symptom.PAIN: 5}, False),
        ({Symptom.PAIN: 0}, {Symptom.REDNESS: 5}, False),
    ],
)
def test_a_rise_is_two_points_to_above_p90(
    ladder: Ladder,
    standard: Protocol,
    before: dict[Symptom, int],
    last: dict[Symptom, int],
    rises: bool,
) -> None:
    table = standard.curves.table(TreatmentFacts(device=Device.PEN, depth_mm=1.2))
    observations = [Observation(hours=24, scores=before), Observation(hours=48, scores=last)]
    assert silence.rising(observations, table=table, ladder=ladder) is rises
    in_words = [*observations, Observation(hours=50)]
    assert silence.rising(in_words, table=table, ladder=ladder) is rises
    assert not silence.rising(observations[:1], table=table, ladder=ladder)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("remind_after_hours = 6", "remind_after_hours = 9"), "line 1[0-9]: unanswered_after_hours"),
        (("last_after = 3", "last_after = 2"), "last_after: comes before the task"),
        (("rise = 2", "raise = 2"), "rise is missing"),
        (("rise = 2", "rise = 2\nfall = 2"), "fall: is not known"),
    ],
)
def test_faults_of_the_ladder_name_their_place(change: tuple[str, str], complaint: str) -> None:
    text = LADDER.read_text("utf-8")
    assert change[0] in text
    with pytest.raises(silence.SilenceError, match=complaint):
        silence.parse(text.replace(*change))
