"""Centiles by time fitted to answers that are intervals: the LMS method by penalised likelihood, with scipy.

What is felt is taken as Box-Cox normal with a median and a spread that change smoothly with time (Cole and
Green 1992; GAMLSS calls the family BCCG). An answer is the interval it stands for, so that numbers and worded
steps are fitted together, and none is an interval with no lower end. A small share of answers may be slips of
a finger.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from recovery.domain.clinical import symptoms
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.calibration.answer_interval import HALF

Floats: TypeAlias = npt.NDArray[np.float64]

SHIFT = 0.5
"""Added before the transformation, so that a score of none lies above zero."""
POWERS = (0.0, 0.5, 1.0)
"""The Box-Cox powers that are tried; the likeliest is kept."""
CENTILES = (0.5, 0.9, 0.975)
LOG_SPREAD = (-3.0, 1.1)
"""Bounds of the logarithm of the spread, where nearly everybody feels the same, or nothing."""
MOST_STEPS = 500
FAR_BELOW = 3.0
"""How far below the transformed score of none a median may lie, where nearly everybody feels nothing."""
TINY = 1e-300


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One score of one report, as what it stands for: from `low` to `high`, both included."""

    hours: float
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class _Data:
    """The answers, transformed: each lies `share` of the way from knot `left` to the next. `slip` is how
    often a slip would have given it."""

    left: npt.NDArray[np.intp]
    share: Floats
    low: Floats
    high: Floats
    slip: Floats


def fit_centiles(
    answers: Sequence[Answer], *, knots: Sequence[float], smooth: float, slips: float
) -> list[Band]:
    """The band at each knot (hours) that makes the answers likeliest.

    `smooth` weighs the bends of median and spread from knot to knot against the answers, `slips` is the share
    of answers that say nothing.
    """
    fits = [
        (power, _fit(_prepare(answers, knots=knots, power=power), power, len(knots), smooth, slips))
        for power in POWERS
    ]
    power, (_, found) = min(fits, key=lambda fit: fit[1][0])
    median, spread = found[: len(knots)], np.exp(found[len(knots) :])
    columns = [_back(median + spread * special.ndtri(centile), power) for centile in CENTILES]
    return [
        Band(p50=float(low), p90=float(high), p97_5=float(top))
        for low, high, top in zip(*columns, strict=True)
    ]


def _forward(value: Floats, power: float) -> Floats:
    shifted = value + SHIFT
    return np.log(shifted) if power == 0 else (shifted**power - 1) / power


def _back(value: Floats, power: float) -> Floats:
    shifted = np.exp(value) if power == 0 else np.maximum(value * power + 1, 0.0) ** (1 / power)
    return np.clip(shifted - SHIFT, 0.0, symptoms.MAX_SCORE)


def _prepare(answers: Sequence[Answer], *, knots: Sequence[float], power: float) -> _Data:
    times = np.asarray(knots, dtype=np.float64)
    hours = np.clip(np.asarray([one.hours for one in answers], dtype=np.float64), times[0], times[-1])
    left = np.clip(np.searchsorted(times, hours, side="right") - 1, 0, len(times) - 2)
    low = np.asarray([one.low for one in answers], dtype=np.float64)
    high = np.asarray([one.high for one in answers], dtype=np.float64)
    open_low, open_high = low <= 0, high >= symptoms.MAX_SCORE
    return _Data(
        left=left,
        share=(hours - times[left]) / (times[left + 1] - times[left]),
        low=np.where(open_low, -np.inf, _forward(np.maximum(low - HALF, 0.0), power)),
        high=np.where(open_high, np.inf, _forward(high + HALF, power)),
        slip=(high - low + 1) / (symptoms.MAX_SCORE + 1),
    )


def _fit(data: _Data, power: float, count: int, smooth: float, slips: float) -> tuple[float, Floats]:
    ground, top = (float(_forward(np.asarray(float(end)), power)) for end in (0, symptoms.MAX_SCORE))
    begin = np.concatenate([np.full(count, ground), np.zeros(count)])
    found = optimize.minimize(
        _loss,
        begin,
        args=(data, smooth, slips),
        jac=True,
        method="L-BFGS-B",
        bounds=[(ground - FAR_BELOW, top)] * count + [LOG_SPREAD] * count,
        options={"maxiter": MOST_STEPS},
    )
    return float(found.fun), np.asarray(found.x, dtype=np.float64)


def _loss(parameters: Floats, data: _Data, smooth: float, slips: float) -> tuple[float, Floats]:
    """The penalised negative log likelihood and its gradient."""
    count = len(parameters) // 2
    right = data.left + 1
    median = _between(parameters[:count], data)
    log_spread = _between(parameters[count:], data)
    spread = np.exp(log_spread)
    low, high = (data.low - median) / spread, (data.high - median) / spread
    likely = (1 - slips) * (special.ndtr(high) - special.ndtr(low)) + slips * data.slip
    likely = np.maximum(likely, TINY)
    at_low, at_high = _density(low), _density(high)
    by_median = (1 - slips) * (at_low - at_high) / spread / likely
    by_spread = (1 - slips) * (_times(low, at_low) - _times(high, at_high)) / likely
    gradient = np.zeros(2 * count)
    for place, part in ((0, by_median), (count, by_spread)):
        np.add.at(gradient, place + data.left, -part * (1 - data.share))
        np.add.at(gradient, place + right, -part * data.share)
    loss = -float(np.sum(np.log(likely)))
    for place in (0, count):
        bends = np.diff(parameters[place : place + count], n=2)
        loss += smooth * float(np.sum(bends**2))
        pull = 2 * smooth * bends
        gradient[place : place + count - 2] += pull
        gradient[place + 1 : place + count - 1] -= 2 * pull
        gradient[place + 2 : place + count] += pull
    return loss, gradient


def _between(values: Floats, data: _Data) -> Floats:
    return values[data.left] * (1 - data.share) + values[data.left + 1] * data.share


def _density(where: Floats) -> Floats:
    density: Floats = np.exp(-0.5 * where**2) / math.sqrt(2 * math.pi)
    return density


def _times(where: Floats, density: Floats) -> Floats:
    """The product, nothing where the end is open."""
    return np.where(np.isfinite(where), where, 0.0) * density
