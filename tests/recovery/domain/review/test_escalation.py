"""When a late flag reaches whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from recovery.domain.clinic import opening_hours
from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.flags.flag_lifecycle import FlagState, ResponseTimesError, Urgency
from recovery.domain.review import escalation
from recovery.domain.review.escalation import EscalationSchedule, EscalationStep

TIMES = Path(__file__).resolve().parents[4] / "config" / "protocols" / "response-times.toml"
FRIDAY_AT_HALF_PAST_FOUR = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def schedule() -> EscalationSchedule:
    return escalation.parse(TIMES.read_text("utf-8"))


@pytest.fixture(scope="module")
def hours() -> OpeningHours:
    weekly = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    return opening_hours.parse(time_zone="UTC", weekly=weekly, holidays={})


def test_steps_come_in_their_order_and_end() -> None:
    steps: list[EscalationStep] = []
    following = escalation.next_step(None)
    while following is not None:
        steps.append(following)
        following = escalation.next_step(following)
    assert steps == [EscalationStep.HOLDER, EscalationStep.ON_CALL, EscalationStep.MANAGER]


def test_the_shipped_steps_never_come_before_the_one_above(schedule: EscalationSchedule) -> None:
    assert set(schedule.after) == set(Urgency)
    for waits in schedule.after.values():
        assert list(waits) == list(EscalationStep)
        assert all(earlier <= later for earlier, later in pairwise(waits.values()))


@pytest.mark.parametrize("step", EscalationStep)
def test_an_emergency_nobody_has_taken_goes_to_everybody_when_it_is_due(
    schedule: EscalationSchedule, hours: OpeningHours, step: EscalationStep
) -> None:
    due = FRIDAY_AT_HALF_PAST_FOUR + timedelta(hours=8)
    assert schedule.step_due_at(step, urgency=Urgency.EMERGENCY, due_at=due, hours=hours, taken=False) == due


def test_an_emergency_that_was_taken_climbs_on_the_clock_day_and_night(
    schedule: EscalationSchedule, hours: OpeningHours
) -> None:
    due = FRIDAY_AT_HALF_PAST_FOUR + timedelta(hours=8)
    manager = schedule.step_due_at(
        EscalationStep.MANAGER, urgency=Urgency.EMERGENCY, due_at=due, hours=hours, taken=True
    )
    assert manager == due + timedelta(minutes=10)


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize(
    ("step", "at"),
    [
        (EscalationStep.HOLDER, FRIDAY_AT_HALF_PAST_FOUR),
        (EscalationStep.ON_CALL, FRIDAY_AT_HALF_PAST_FOUR + timedelta(minutes=30)),
        (EscalationStep.MANAGER, datetime(2026, 11, 30, 9, 30, tzinfo=UTC)),
    ],
)
def test_other_steps_come_in_staffed_time(
    schedule: EscalationSchedule, hours: OpeningHours, step: EscalationStep, at: datetime, taken: bool
) -> None:
    due = FRIDAY_AT_HALF_PAST_FOUR
    assert schedule.step_due_at(step, urgency=Urgency.SAME_DAY, due_at=due, hours=hours, taken=taken) == at


def test_a_step_without_a_wait_comes_at_once_even_where_the_clinic_is_closed(
    schedule: EscalationSchedule, hours: OpeningHours
) -> None:
    night = FRIDAY_AT_HALF_PAST_FOUR + timedelta(hours=5)
    holder = schedule.step_due_at(
        EscalationStep.HOLDER, urgency=Urgency.NEXT_BUSINESS_DAY, due_at=night, hours=hours, taken=True
    )
    assert holder == night


def test_without_readable_hours_a_step_comes_on_the_clock(schedule: EscalationSchedule) -> None:
    due = FRIDAY_AT_HALF_PAST_FOUR
    manager = schedule.step_due_at(
        EscalationStep.MANAGER, urgency=Urgency.SAME_DAY, due_at=due, hours=None, taken=True
    )
    assert manager == due + timedelta(minutes=60)


def test_only_a_flag_whose_patient_was_not_reached_is_overdue() -> None:
    assert FlagState.CONTACTED not in escalation.OVERDUE
    assert FlagState.RESOLVED not in escalation.OVERDUE
    assert {FlagState.OPEN, FlagState.CLAIMED} == escalation.OVERDUE


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("[escalation.same_day]", "[escalation.some_day]", "same_day"),
        ("manager_minutes = 60", "boss_minutes = 60", "manager_minutes"),
        ("manager_minutes = 60", 'manager_minutes = "60"', "same_day: manager is a whole number"),
        ("manager_minutes = 60", "manager_minutes = 60.5", "same_day: manager is a whole number"),
        ("manager_minutes = 60", "manager_minutes = true", "same_day: manager is a whole number"),
        ("on_call_minutes = 30", "on_call_minutes = -1", "same_day: on_call is a whole number"),
        ("manager_minutes = 60", "manager_minutes = 29", "same_day: a step comes before"),
        ("[escalation.same_day]", "[escalation.same_day", "escalation: "),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(before: str, after: str, complaint: str) -> None:
    text = TIMES.read_text("utf-8")
    assert before in text
    with pytest.raises(ResponseTimesError, match=complaint):
        escalation.parse(text.replace(before, after, 1))


@pytest.mark.parametrize("text", ["", "escalation = 3", 'escalation = "soon"', "[escalation]\nemergency = 5"])
def test_a_text_without_a_schedule_is_refused(text: str) -> None:
    with pytest.raises(ResponseTimesError, match="escalation"):
        escalation.parse(text)
