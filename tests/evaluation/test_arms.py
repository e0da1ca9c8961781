from __future__ import annotations

import dataclasses
import pathlib

import pytest

from evaluation import arms, cohort, ground_truth
from recovery.domain.clinical import symptoms
from recovery.domain.messaging import text_schedule
from recovery.domain.patients.contact import AnswersBy

SCHEDULE = pathlib.Path(__file__).parents[2] / "config/messages/schedule.toml"

OTHERS = (*arms.SHIPPED, *arms.LATE, *arms.LATE_UNTIL_28, *arms.TICKING, *arms.PRACTICE, *arms.ROBUSTNESS)
BY_CHANNEL = {arm.channel: arm for arm in (*arms.SHIPPED, cohort.REFERENCE)}


def changed(arm: cohort.Arm) -> set[str]:
    """In which fields an arm differs from the one that ships for its channel."""
    return {
        field.name
        for field in dataclasses.fields(cohort.Arm)
        if getattr(arm, field.name) != getattr(BY_CHANNEL[arm.channel], field.name)
    }


def test_every_arm_has_a_name_of_its_own_because_figures_are_kept_by_name() -> None:
    names = [arm.name for arm in (cohort.REFERENCE, *OTHERS)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("arm", [arm for arm in OTHERS if arm not in arms.SHIPPED], ids=lambda arm: arm.name)
def test_every_arm_differs_from_what_ships_in_more_than_its_name(arm: cohort.Arm) -> None:
    assert changed(arm) > {"name"}


@pytest.mark.parametrize("arm", arms.ROBUSTNESS, ids=lambda arm: arm.name)
def test_another_truth_is_one_change_of_the_world_and_nothing_else(arm: cohort.Arm) -> None:
    assert arm.channel is cohort.AnswerChannel.LINK
    assert changed(arm) == {"name", "world"}
    differing = [
        field.name
        for field in dataclasses.fields(ground_truth.World)
        if getattr(arm.world, field.name) != getattr(ground_truth.FIRST_SIMULATION, field.name)
    ]
    assert len(differing) == 1


def test_the_truth_is_the_first_simulation_wherever_clinics_and_patients_are_what_differs() -> None:
    for arm in (*arms.SHIPPED, *arms.LATE, *arms.LATE_UNTIL_28, *arms.TICKING, *arms.PRACTICE):
        assert arm.world == ground_truth.FIRST_SIMULATION


def test_rates_are_shares_and_days_rise() -> None:
    for arm in OTHERS:
        rates = {name: value for name, value in vars(arm).items() if name.endswith("_rate")}
        assert len(rates) == 9
        shares = (arm.compliance, arm.under_reporters, arm.gives_in, arm.ticks, arm.answers_when_ill)
        assert all(0 <= rate <= 1 for rate in (*rates.values(), *shares, arm.reminder_helps))
        assert list(arm.days) == sorted(set(arm.days))


def test_what_ships_is_asked_in_the_morning_reminded_and_asked_once_more() -> None:
    assert [arm.channel for arm in arms.SHIPPED] == [cohort.AnswerChannel.LINK, cohort.AnswerChannel.TEXT]
    for arm in arms.SHIPPED:
        assert arm.asked_in_the_morning
        assert arm.asks_more
        assert set(arm.reminded or ()) <= set(arm.days)
    assert not cohort.REFERENCE.asks_more


def test_late_check_ins_come_after_all_others_and_leave_them_as_they_are() -> None:
    for arm, shipped in zip(arms.LATE, arms.SHIPPED, strict=True):
        assert arm.days == (*shipped.days, *arms.LATE_DAYS)
        assert min(arms.LATE_DAYS) > max(shipped.days)
        assert changed(arm) == {"name", "days"}


def test_what_is_asked_late_is_the_plan_that_ships_and_the_one_that_an_older_consent_keeps() -> None:
    schedule = text_schedule.parse(SCHEDULE.read_text(encoding="utf-8"))
    for by, arm, older in zip(AnswersBy, arms.LATE, arms.LATE_UNTIL_28, strict=True):
        assert arm.channel.value == by.value
        told = [
            (step.day, step.consent_version) for step in schedule.steps if step.answers_by is by and step.day
        ]
        assert [day for day, _ in told] == list(arm.days)
        assert [day for day, version in told if version <= 2] == list(older.days)


def test_patients_who_tick_more_differ_in_nothing_else() -> None:
    for arm in arms.TICKING:
        assert changed(arm) == {"name", "breakout_rate", "worried_rate"}


def test_the_treatments_cover_every_curve_of_depth_and_device() -> None:
    assert arms.SHALLOW.depth_mm is not None
    assert arms.DEEP.depth_mm is not None
    assert arms.SHALLOW.depth_mm < 1.0
    assert arms.DEEP.depth_mm >= 2.0
    assert arms.RADIO_FREQUENCY.device is symptoms.Device.RF
    all_at_once = arms.PRACTICE[-1].treatments
    assert {cohort.REFERENCE_TREATMENT, arms.SHALLOW, arms.DEEP, arms.RADIO_FREQUENCY} < set(all_at_once)
