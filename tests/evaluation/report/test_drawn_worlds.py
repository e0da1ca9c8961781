"""Worlds drawn around an arm, and the range of the figures over them."""

from __future__ import annotations

import dataclasses
import math
import statistics

import pytest

from evaluation import arms, cohort, ground_truth
from evaluation.report import drawn_worlds


def test_the_same_seed_is_the_same_worlds_for_every_arm() -> None:
    link, again, text = (drawn_worlds.draw(arm, count=5, seed=1) for arm in (arms.LINK, arms.LINK, arms.TEXT))
    assert link == again
    assert [arm.world for arm in link] == [arm.world for arm in text]
    assert [arm.gives_in for arm in link] == [arm.gives_in for arm in text]
    assert drawn_worlds.draw(arms.LINK, count=5, seed=2) != link
    assert drawn_worlds.draw(arms.LINK, count=9, seed=1)[:5] == link


def test_only_what_nobody_knows_is_another_and_each_has_a_name() -> None:
    drawn = drawn_worlds.draw(arms.LINK, count=20, seed=1)
    assert len({arm.name for arm in drawn}) == 20
    changed = {
        field.name
        for arm in drawn
        for field in dataclasses.fields(cohort.Arm)
        if getattr(arm, field.name) != getattr(arms.LINK, field.name)
    }
    assert changed == {"name", "world", *drawn_worlds.RANGES}
    assert {arm.world.felt_from for arm in drawn} == {ground_truth.FELT_FROM}


def test_parameters_spread_as_stated() -> None:
    drawn = drawn_worlds.draw(arms.LINK, count=2_000, seed=1)
    for key, spread in drawn_worlds.LOG_SPREADS.items():
        logs = [math.log(getattr(arm.world, key)) for arm in drawn]
        assert statistics.fmean(logs) == pytest.approx(0, abs=0.03)
        assert statistics.stdev(logs) == pytest.approx(spread, rel=0.1)
    for key, (least, most) in drawn_worlds.RANGES.items():
        values = [getattr(arm, key) for arm in drawn]
        assert least <= min(values) < least + 0.05 * (most - least)
        assert most - 0.05 * (most - least) < max(values) <= most


def test_every_range_holds_what_the_simulation_assumes() -> None:
    for arm in arms.SHIPPED:
        for key, (least, most) in drawn_worlds.RANGES.items():
            assert least <= getattr(arm, key) <= most


def test_the_middle_leaves_one_in_forty_out_at_either_end() -> None:
    low, median, high = drawn_worlds.middle([float(value) for value in range(41)])
    assert (low, median, high) == (1.0, 20.0, 39.0)
    assert drawn_worlds.middle([3.0]) == (3.0, 3.0, 3.0)
    assert drawn_worlds.middle([4.0, 2.0]) == pytest.approx((2.05, 3.0, 3.95))
