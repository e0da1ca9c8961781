"""Worlds drawn around the one that is assumed, and how far the figures move over them: middle 95 %, as a
table.

Every spread is a starting estimate.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Sequence

from evaluation import cohort, ground_truth, metrics, tally
from evaluation.report import tables

LOG_SPREADS = {"level": 0.15, "time": 0.15, "noise": 0.25, "onset_power": 0.3, "healing_power": 0.12}
"""Standard deviation of the logarithm by which each parameter of `ground_truth.World` is multiplied."""

RANGES = {
    "compliance": (0.7, 0.95),
    "reminder_helps": (0.2, 0.6),
    "answers_when_ill": (0.6, 1.0),
    "ticks": (0.7, 0.98),
    "gives_in": (0.0, 0.25),
    "typo_rate": (0.005, 0.02),
}
"""Between which each parameter of `cohort.Arm` is drawn evenly."""

MIDDLE = (0.025, 0.975)


def draw(arm: cohort.Arm, *, count: int, seed: int) -> tuple[cohort.Arm, ...]:
    """`count` arms like this one, each in a world of its own. Two arms with one seed get the same worlds."""
    return tuple(_drawn(arm, number, random.Random(f"world/{seed}/{number}")) for number in range(count))


def _drawn(arm: cohort.Arm, number: int, rng: random.Random) -> cohort.Arm:
    world = {key: math.exp(rng.gauss(0.0, spread)) for key, spread in LOG_SPREADS.items()}
    answers = {key: rng.uniform(least, most) for key, (least, most) in RANGES.items()}
    drawn = dataclasses.replace(ground_truth.FIRST_SIMULATION, **world)
    return dataclasses.replace(arm, name=f"{arm.name}, world {number + 1}", world=drawn, **answers)  # type: ignore[arg-type]


def middle(values: Sequence[float]) -> tuple[float, float, float]:
    """The bounds of the middle 95 % of some values, and their median between them."""
    ordered = sorted(values)
    low, high = (_quantile(ordered, share) for share in MIDDLE)
    return low, _quantile(ordered, 0.5), high


def _quantile(ordered: Sequence[float], share: float) -> float:
    """With straight lines between the values."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _any(counted: tally.Tally) -> float:
    return counted.any_in(tally.CohortGroup.ALL).ever.value


def _same_day(counted: tally.Tally) -> float:
    return counted.same_day_in(tally.CohortGroup.ALL).ever.value


def table(figures: Sequence[metrics.ArmFigures]) -> str:
    """The middle 95 % over the worlds of one arm, the median before it."""
    rows = [
        (
            tables.name(kind),
            *(_range([what(one.by_kind[kind]) for one in figures]) for what in (_any, _same_day)),
        )
        for kind in figures[0].by_kind
    ]
    every = middle([one.workload(same_day=False).flags for one in figures])
    rows.append(("flags per 100 treatments", f"{every[1]:.1f} ({every[0]:.1f}-{every[2]:.1f})", "-"))
    return tables.table(("courses", "any flag", "same-day"), rows)


def _range(values: Sequence[float]) -> str:
    low, mean, high = (100 * value for value in middle(values))
    return f"{mean:.1f} % ({low:.1f}-{high:.1f})"
