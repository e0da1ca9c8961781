from __future__ import annotations

import dataclasses

import pytest

from evaluation import arms, cohort, ground_truth
from recovery.domain.clinical import symptoms

OTHERS = (*arms.SENT, *arms.PRACTICE, *arms.ROBUSTNESS, arms.WITH_LATE_CHECK_INS)


def changed(arm: cohort.Arm) -> set[str]:
    """In which fields an arm differs from the reference."""
    return {
        field.name
        for field in dataclasses.fields(cohort.Arm)
        if getattr(arm, field.name) != getattr(cohort.REFERENCE, field.name)
    }


def test_every_arm_has_a_name_of_its_own_because_figures_are_kept_by_name() -> None:
    names = [arm.name for arm in (cohort.REFERENCE, *OTHERS)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("arm", OTHERS, ids=lambda arm: arm.name)
def test_every_arm_differs_from_the_reference_in_more_than_its_name(arm: cohort.Arm) -> None:
    assert changed(arm) > {"name"}


@pytest.mark.parametrize("arm", arms.ROBUSTNESS, ids=lambda arm: arm.name)
def test_another_truth_is_one_change_of_the_world_and_nothing_else(arm: cohort.Arm) -> None:
    assert changed(arm) == {"name", "world"}
    differing = [
        field.name
        for field in dataclasses.fields(ground_truth.World)
        if getattr(arm.world, field.name) != getattr(ground_truth.FIRST_SIMULATION, field.name)
    ]
    assert len(differing) == 1


def test_the_truth_is_the_first_simulation_wherever_clinics_and_patients_are_what_differs() -> None:
    for arm in (*arms.SENT, *arms.PRACTICE, arms.WITH_LATE_CHECK_INS):
        assert arm.world == ground_truth.FIRST_SIMULATION


def test_rates_are_shares_and_days_rise() -> None:
    for arm in OTHERS:
        rates = {name: value for name, value in vars(arm).items() if name.endswith("_rate")}
        assert len(rates) == 7
        assert all(0 <= rate <= 1 for rate in (*rates.values(), arm.compliance, arm.under_reporters))
        assert list(arm.days) == sorted(set(arm.days))


def test_late_check_ins_come_after_all_others_and_leave_them_as_they_are() -> None:
    late = arms.WITH_LATE_CHECK_INS.days
    assert late == (*cohort.REFERENCE.days, *arms.LATE_DAYS)
    assert min(arms.LATE_DAYS) > max(cohort.REFERENCE.days)


def test_the_treatments_cover_every_curve_of_depth_and_device() -> None:
    assert arms.SHALLOW.depth_mm is not None
    assert arms.DEEP.depth_mm is not None
    assert arms.SHALLOW.depth_mm < 1.0
    assert arms.DEEP.depth_mm >= 2.0
    assert arms.RADIO_FREQUENCY.device is symptoms.Device.RF
    all_at_once = arms.PRACTICE[-1].treatments
    assert {cohort.REFERENCE_TREATMENT, arms.SHALLOW, arms.DEEP, arms.RADIO_FREQUENCY} < set(all_at_once)
