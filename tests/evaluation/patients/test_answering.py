from __future__ import annotations

import random
import statistics

import pytest

from evaluation.patients import answering


def test_who_answers_everything_does_so_ill_and_without_a_reminder() -> None:
    assert answering.diligence(random.Random(1), 1.0) is None
    assert answering.chance(None, day=7, factor=0.5, reminder=0.4) == 1.0


def test_diligence_spreads_around_its_mean() -> None:
    rng = random.Random(1)
    drawn = [share for _ in range(3_000) if (share := answering.diligence(rng, 0.85)) is not None]
    assert statistics.fmean(drawn) == pytest.approx(0.85, abs=0.01)
    assert min(drawn) < 0.6 < 0.98 < max(drawn)


@pytest.mark.parametrize(
    ("day", "factor", "reminder", "chance"),
    [
        (0, 1.0, 0.0, 0.8),
        (3, 1.0, 0.0, 0.74),
        (7, 1.0, 0.0, 0.66),
        (28, 1.0, 0.0, 0.66),
        (0, 0.5, 0.0, 0.4),
        # 20 of 100 are silent after a reminder that brought two in five: a third were before it.
        (0, 1.0, 0.4, 2 / 3),
        (0, 0.9, 0.4, 0.6),
        (0, 1.0, 0.9, 0.0),
    ],
)
def test_days_illness_and_a_missing_reminder_make_answers_rarer(
    day: int, factor: float, reminder: float, chance: float
) -> None:
    assert answering.chance(0.8, day=day, factor=factor, reminder=reminder) == pytest.approx(chance, abs=1e-9)


def test_an_answer_comes_within_its_hours() -> None:
    rng = random.Random(1)
    delays = [24 * answering.delay(rng) for _ in range(3_000)]
    assert min(delays) >= 0
    assert max(delays) <= answering.ANSWERED_WITHIN
    assert statistics.fmean(delays) == pytest.approx(answering.ANSWERED_AFTER, abs=0.1)


def test_who_gives_in_never_makes_it_worse() -> None:
    assert [answering.given_in(score) for score in range(11)] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]
