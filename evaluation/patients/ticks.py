"""Which warning signs a patient ticks: those that show, one by a slip, and what healing skin is ticked for
once a course.

Every share is a starting estimate.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from recovery.domain.clinical import symptoms

TICKS = 0.9
"""Chance that a sign that is there is ticked."""
UNDER_REPORTERS_TICK = 2 / 3
"""What is left of it in an under-reporter."""
STRAY_SIGNS = (
    symptoms.WarningSign.PUS,
    symptoms.WarningSign.SPREADING_HEAT,
    symptoms.WarningSign.FEVER,
    symptoms.WarningSign.CHILLS,
    symptoms.WarningSign.BLISTERS,
    symptoms.WarningSign.COLD_SORE_TINGLE,
    symptoms.WarningSign.ONE_SIDED_SWELLING,
    symptoms.WarningSign.PAIN_RISING,
    symptoms.WarningSign.HIVES,
    symptoms.WarningSign.WORRIED,
)
"""The same-day signs that a slipping finger ticks, evenly drawn."""


def ticked(
    rng: random.Random, *, shown: Sequence[symptoms.WarningSign], chance: float, word_rate: float | None
) -> frozenset[symptoms.WarningSign]:
    """What is ticked of the signs that show, each with `chance`.

    By text there is nothing to tick: `word_rate` of those who would have ticked a sign write the one word for
    a nurse instead. None for the page.
    """
    if not shown:
        return frozenset()
    if word_rate is not None:
        wrote = rng.random() < chance * word_rate
        return frozenset({symptoms.WarningSign.WORRIED}) if wrote else frozenset()
    return frozenset(sign for sign in shown if rng.random() < chance)


def stray(rng: random.Random, *, by_text: bool) -> symptoms.WarningSign:
    """The sign of a slipping finger, by text the word for a nurse."""
    return symptoms.WarningSign.WORRIED if by_text else rng.choice(STRAY_SIGNS)


def once(
    rng: random.Random, *, reports: int, worried_rate: float, breakout_rate: float | None
) -> list[tuple[int, symptoms.WarningSign]]:
    """What patients whose skin heals tick as well, each sign in one of so many reports of a course: the
    report's place and the sign. The rates are shares of courses; without a `breakout_rate` there is nothing
    to tick it on."""
    drawn = []
    for sign, rate in (
        (symptoms.WarningSign.WORRIED, worried_rate),
        (symptoms.WarningSign.BREAKOUT, breakout_rate),
    ):
        if rate and reports and rng.random() < rate:
            drawn.append((rng.randrange(reports), sign))
    return drawn
