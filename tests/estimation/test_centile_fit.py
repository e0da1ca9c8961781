"""Centiles are found again in answers drawn from a distribution whose centiles are known."""

from __future__ import annotations

import math
import random

import pytest

from estimation.centile_fit import Answer, fit_centiles
from evaluation import ground_truth

KNOTS = (6.0, 24.0, 48.0, 72.0, 96.0, 168.0, 672.0)
Z = {"p50": 0.0, "p90": 1.2816, "p97_5": 1.96}


def median(hours: float) -> float:
    return 4 * math.exp(-hours / 60)


def drawn(count: int, *, words: bool, slips: float = 0.0, seed: int = 3) -> list[Answer]:
    """Answers of people whose feeling is lognormal around a median that decays."""
    rng = random.Random(seed)
    answers = []
    for hours in KNOTS:
        for _ in range(count):
            felt = median(hours) * math.exp(0.4 * rng.gauss(0, 1))
            score = rng.randint(0, 10) if rng.random() < slips else min(round(felt), 10)
            low, high = ground_truth.ANSWERS[ground_truth.answer_to(score)] if words else (score, score)
            answers.append(Answer(hours=hours, low=low, high=high))
    return answers


@pytest.mark.parametrize("words", [False, True])
def test_the_centiles_of_what_is_felt_are_found_in_either_kind_of_answer(words: bool) -> None:
    found = fit_centiles(drawn(1500, words=words), knots=KNOTS, smooth=1, slips=0.01)
    for hours, band in zip(KNOTS[:5], found, strict=False):
        for name, z in Z.items():
            true = median(hours) * math.exp(0.4 * z)
            assert getattr(band, name) == pytest.approx(true, abs=0.4), (hours, name)


def test_slips_of_a_finger_do_not_widen_the_band() -> None:
    clean, slipped = (
        fit_centiles(drawn(600, words=False, slips=slips), knots=KNOTS, smooth=1, slips=0.01)
        for slips in (0.0, 0.01)
    )
    assert slipped[4].p97_5 == pytest.approx(clean[4].p97_5, abs=0.3)
    assert slipped[6].p97_5 < 0.6


def test_centiles_are_in_order_and_within_the_scale() -> None:
    for seed in range(5):
        for band in fit_centiles(drawn(7, words=True, seed=seed), knots=KNOTS, smooth=1, slips=0.01):
            assert 0 <= band.p50 <= band.p90 <= band.p97_5 <= 10


def test_a_day_nobody_reported_lies_between_its_neighbours() -> None:
    seen = [answer for answer in drawn(500, words=False) if answer.hours != 72]
    found = fit_centiles(seen, knots=KNOTS, smooth=10, slips=0.01)
    assert found[2].p90 > found[3].p90 > found[4].p90


def test_nothing_felt_by_anybody_is_a_band_of_zero() -> None:
    nothing = [Answer(hours=hours, low=0, high=0) for hours in KNOTS for _ in range(30)]
    for band in fit_centiles(nothing, knots=KNOTS, smooth=1, slips=0.01):
        assert (band.p50, band.p90) == (0, 0)
