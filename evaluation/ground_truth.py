"""How simulated skin really heals and goes wrong, as figures: items, persons, worlds, treatments, illnesses
with their signs and onsets.

The parameters are those of the project's first simulation. None is a measurement: no source gives a
day-by-day course for micro-needling, so medians, spreads and complication courses are extrapolated
and every figure that rests on them is a simulation's figure. They are kept apart from the protocol
on purpose; the rules under test must not be able to see them.

The first simulation left open how the spreads of peeling, dryness, itching, bruising, pain and
pinpoint bleeding, the form of a rise and fall, and the noise of a fading symptom were chosen. They
are taken from the percentile tables that were printed from it (reference, shallow, deep and
radio-frequency courses): a rise and fall is (r exp(1 - r)) ** power with r = time / peak; an entry
below 0.3 is felt as nothing and carries no noise; a day's report stands 0.1 days after the full day
and the first one 0.3 days after the treatment.
"""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass
from enum import StrEnum

from recovery.domain.clinical import symptoms


class CourseKind(StrEnum):
    """What happens to the skin in a simulated course."""

    NORMAL = "normal"
    INFECTION = "infection"
    COLD_SORE = "cold_sore"
    DERMATITIS = "dermatitis"
    PROLONGED = "prolonged"
    PIGMENT = "pigment"
    BURN = "burn"
    URTICARIA = "urticaria"
    FOLLICULITIS = "folliculitis"
    GRANULOMA = "granuloma"
    MYCOBACTERIA = "slow_mycobacteria"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing a patient feels: median and log spread of its level (0-10) and of its time (days).

    `power` None is a decay with `time` as its constant, after `plateau` days at full level; otherwise
    a rise and fall with its peak at `time`. `share` of people have it at all.
    """

    symptom: symptoms.Symptom | None
    level: float
    level_spread: float
    time: float
    time_spread: float
    power: float | None = None
    plateau: float = 0.0
    share: float = 1.0


ITEMS: tuple[Item, ...] = (
    Item(symptom=symptoms.Symptom.REDNESS, level=6.0, level_spread=0.25, time=1.35, time_spread=0.38),
    Item(
        symptom=symptoms.Symptom.SWELLING,
        level=3.0,
        level_spread=0.45,
        time=1.05,
        time_spread=0.35,
        plateau=0.6,
    ),
    Item(
        symptom=symptoms.Symptom.PEELING,
        level=2.5,
        level_spread=0.5,
        time=3.0,
        time_spread=0.2,
        power=4.0,
    ),
    Item(symptom=symptoms.Symptom.PAIN, level=2.2, level_spread=0.55, time=0.75, time_spread=0.4),
    Item(
        symptom=symptoms.Symptom.ITCHING,
        level=1.4,
        level_spread=0.7,
        time=1.8,
        time_spread=0.3,
        power=2.0,
    ),
    Item(
        symptom=symptoms.Symptom.DRYNESS,
        level=2.8,
        level_spread=0.45,
        time=2.3,
        time_spread=0.25,
        power=3.0,
    ),
    Item(
        symptom=symptoms.Symptom.BRUISING,
        level=2.6,
        level_spread=0.6,
        time=2.4,
        time_spread=0.4,
        share=0.3,
    ),
    Item(symptom=None, level=1.8, level_spread=0.45, time=0.35, time_spread=0.35, share=0.6),
)
"""Everything a patient feels, in the order of `symptoms.Symptom`; last pinpoint bleeding, which the
first simulation asked about and the product does not."""

ANSWERS: dict[int, tuple[int, int]] = {0: (0, 0), 2: (1, 2), 4: (3, 4), 6: (5, 7), 9: (8, 10)}
"""The page's five answers as they are sent, and the scores for which patients choose each."""


def answer_to(score: int) -> int:
    """The one of the five answers that a score lies in, as it is sent."""
    return next(sent for sent, (least, most) in ANSWERS.items() if least <= score <= most)


REACTIVITY_SHARED = 0.6
"""How much of each level's spread belongs to the person and not to the symptom."""
SPEED_SHARED = 0.7
"""How much of each healing time's spread belongs to the person."""
DARK_SHARE = 0.35
"""Share of the cohort with Fitzpatrick types IV-VI."""
DARK_REDNESS = 0.7
"""What is left of a redness score on those types."""
UNDER_REPORTER_FACTOR = 0.55
"""What is left of every score of an under-reporter."""
SCALE_SPREAD = 0.15
"""Log spread of the personal scale: what one person calls 3 is another's 4."""
FELT_FROM = 0.3
"""Below this level a symptom is reported as none."""
NOISE = 0.6
"""Standard deviation of one entry around what is felt, before rounding."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """What stays with one patient over all sessions. The two factors are standard normal."""

    skin_type: int
    under_reporter: bool
    reactivity: float
    speed: float
    scale: float


def draw_person(rng: random.Random, *, under_reporters: float) -> Person:
    """One patient; `under_reporters` is the share who score low and tick less often."""
    dark = rng.random() < DARK_SHARE
    return Person(
        skin_type=rng.choice((4, 5, 6) if dark else (1, 2, 3)),
        under_reporter=rng.random() < under_reporters,
        reactivity=rng.gauss(0.0, 1.0),
        speed=rng.gauss(0.0, 1.0),
        scale=math.exp(rng.gauss(0.0, SCALE_SPREAD)),
    )


@dataclass(frozen=True, kw_only=True)
class World:
    """How far the truth is from the first simulation's; 1 everywhere is that simulation.

    `level` and `time` multiply every level and every healing time, `noise` the noise of an entry.
    `onset_power` bends the growth of a complication: above 1 slow first, below 1 sudden.
    `healing_power` bends the decay: below 1 a fast start with a long tail. Below `felt_from` a symptom
    is reported as none; at 0 patients put down ones and twos where nothing is left to be felt.
    """

    level: float = 1.0
    time: float = 1.0
    noise: float = 1.0
    onset_power: float = 1.0
    healing_power: float = 1.0
    felt_from: float = FELT_FROM


FIRST_SIMULATION = World()


PEN_DEPTHS = (
    (0.5, 0.7, 0.8), (1.0, 1.0, 1.0), (1.5, 1.0, 1.0), (2.0, 1.35, 1.1), (2.5, 1.35, 1.1), (3.0, 1.6, 1.15),
)  # fmt: skip
"""Needle depth in mm, and how it multiplies healing times and levels; linear between, the same beyond."""
RF_DEPTHS = ((2.0, 1.4, 1.15), (2.75, 1.54, 1.17), (3.5, 1.68, 1.19))
"""The same for radio frequency."""
SLOWER_AREAS = 1.2
LIKE_THE_FACE = frozenset({symptoms.Area.FACE, symptoms.Area.EYE_AREA, symptoms.Area.SCALP})
_SHEDS = (symptoms.Symptom.PEELING, symptoms.Symptom.DRYNESS)
ACIDS: dict[symptoms.Acid, dict[symptoms.Symptom, tuple[float, float]]] = {
    symptoms.Acid.NONE: {},
    symptoms.Acid.SUPERFICIAL: dict.fromkeys(_SHEDS, (1.25, 1.2)),
    symptoms.Acid.TCA: dict.fromkeys(_SHEDS, (1.5, 1.3)) | {symptoms.Symptom.REDNESS: (1.3, 1.1)},
}
"""How an acid of the same session multiplies the healing time and the level of a symptom."""


def treatment_factors(facts: symptoms.TreatmentFacts) -> tuple[float, float]:
    """How a treatment multiplies healing times and levels, in this order. Extrapolated sizes."""
    points = RF_DEPTHS if facts.device is symptoms.Device.RF else PEN_DEPTHS
    if facts.depth_mm is not None:
        time, level = _at_depth(points, facts.depth_mm)
    else:
        time, level = RF_DEPTHS[0][1:] if facts.device is symptoms.Device.RF else (1.0, 1.0)
    if not LIKE_THE_FACE & set(facts.areas):
        time *= SLOWER_AREAS
    return time, level


def _at_depth(points: tuple[tuple[float, float, float], ...], depth: float) -> tuple[float, float]:
    for (low, *before), (high, *after) in itertools.pairwise(points):
        if depth <= high:
            share = max(0.0, (depth - low) / (high - low))
            time, level = (one + share * (two - one) for one, two in zip(before, after, strict=True))
            return time, level
    return points[-1][1], points[-1][2]


EYE_AREA_SWELLING = 1.3
"""How much more the eye area swells."""


@dataclass(frozen=True, kw_only=True)
class Rise:
    """What a complication adds to one item: `size` a day without end, or `size` after `RISE_DAYS`."""

    symptom: symptoms.Symptom
    size: float
    endless: bool = False


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A warning sign that `share` of the ill show from `after` days past onset."""

    sign: symptoms.WarningSign
    share: float
    after: float


@dataclass(frozen=True, kw_only=True)
class Illness:
    """What one complication adds to the skin and which signs it shows."""

    rises: tuple[Rise, ...] = ()
    signs: tuple[Sign, ...] = ()


ILLNESSES: dict[CourseKind, Illness] = {
    CourseKind.NORMAL: Illness(),
    CourseKind.INFECTION: Illness(
        rises=(
            Rise(symptom=symptoms.Symptom.REDNESS, size=2.0, endless=True),
            Rise(symptom=symptoms.Symptom.SWELLING, size=1.4, endless=True),
            Rise(symptom=symptoms.Symptom.PAIN, size=2.0, endless=True),
        ),
        signs=(
            Sign(sign=symptoms.WarningSign.PUS, share=0.55, after=1.0),
            Sign(sign=symptoms.WarningSign.SPREADING_HEAT, share=0.6, after=0.7),
            Sign(sign=symptoms.WarningSign.FEVER, share=0.25, after=1.5),
        ),
    ),
    CourseKind.COLD_SORE: Illness(
        rises=(
            Rise(symptom=symptoms.Symptom.PAIN, size=4.0),
            Rise(symptom=symptoms.Symptom.ITCHING, size=4.0),
        ),
        signs=(Sign(sign=symptoms.WarningSign.BLISTERS, share=0.8, after=0.7),),
    ),
    CourseKind.DERMATITIS: Illness(
        rises=(
            Rise(symptom=symptoms.Symptom.REDNESS, size=3.5),
            Rise(symptom=symptoms.Symptom.ITCHING, size=5.0),
            Rise(symptom=symptoms.Symptom.SWELLING, size=1.5),
        ),
    ),
    CourseKind.PROLONGED: Illness(),
    CourseKind.PIGMENT: Illness(signs=(Sign(sign=symptoms.WarningSign.PATCHES, share=1.0, after=0.0),)),
    # The rarer ones below are in case reports only: that they happen, and when, is known, every size is a
    # starting estimate.
    CourseKind.BURN: Illness(
        rises=(
            Rise(symptom=symptoms.Symptom.REDNESS, size=2.5),
            Rise(symptom=symptoms.Symptom.SWELLING, size=1.0),
            Rise(symptom=symptoms.Symptom.PAIN, size=3.5),
        ),
        signs=(
            Sign(sign=symptoms.WarningSign.BURN_MARKS, share=0.6, after=0.2),
            Sign(sign=symptoms.WarningSign.BLISTERS, share=0.4, after=0.3),
            Sign(sign=symptoms.WarningSign.RAW_SKIN, share=0.4, after=0.5),
        ),
    ),
    CourseKind.URTICARIA: Illness(
        rises=(
            Rise(symptom=symptoms.Symptom.REDNESS, size=2.0),
            Rise(symptom=symptoms.Symptom.SWELLING, size=2.0),
            Rise(symptom=symptoms.Symptom.ITCHING, size=6.0),
        ),
        signs=(
            Sign(sign=symptoms.WarningSign.HIVES, share=0.8, after=0.2),
            Sign(sign=symptoms.WarningSign.HIVES_ALL_OVER, share=0.15, after=0.5),
        ),
    ),
    CourseKind.FOLLICULITIS: Illness(
        rises=(
            Rise(symptom=symptoms.Symptom.REDNESS, size=1.0),
            Rise(symptom=symptoms.Symptom.PAIN, size=1.0),
            Rise(symptom=symptoms.Symptom.ITCHING, size=2.0),
        ),
        signs=(
            Sign(sign=symptoms.WarningSign.BREAKOUT, share=0.7, after=0.5),
            Sign(sign=symptoms.WarningSign.PUS, share=0.15, after=1.0),
        ),
    ),
    CourseKind.GRANULOMA: Illness(
        rises=(Rise(symptom=symptoms.Symptom.REDNESS, size=1.5),),
        signs=(Sign(sign=symptoms.WarningSign.BUMPS, share=0.9, after=2.0),),
    ),
    CourseKind.MYCOBACTERIA: Illness(
        rises=(
            Rise(symptom=symptoms.Symptom.REDNESS, size=2.0),
            Rise(symptom=symptoms.Symptom.SWELLING, size=1.0),
            Rise(symptom=symptoms.Symptom.PAIN, size=1.5),
        ),
        signs=(
            Sign(sign=symptoms.WarningSign.BUMPS, share=0.7, after=2.0),
            Sign(sign=symptoms.WarningSign.PAIN_RISING, share=0.2, after=3.0),
            Sign(sign=symptoms.WarningSign.PUS, share=0.3, after=7.0),
        ),
    ),
}

RISE_DAYS = 1.5
"""Days in which a rise with a bound reaches it. The first simulation does not say; with its rules and
this figure cold sores and dermatitis are found as late as they were there (median 1.4 and 2.0 days)."""
BEND_DAYS = 2.0
"""Where a bent growth without end meets the straight one."""
PROLONGED_FROM_DAY = 3.0
"""A redness that does not fade is there from the start; from this day on it should have been seen."""


ONSETS = {
    CourseKind.INFECTION: (1.5, 4.5),
    CourseKind.DERMATITIS: (0.8, 5.0),
    CourseKind.PIGMENT: (7.0, 28.0),
    CourseKind.BURN: (0.0, 0.25),
    CourseKind.URTICARIA: (0.1, 2.0),
    CourseKind.FOLLICULITIS: (1.5, 5.0),
    CourseKind.GRANULOMA: (10.0, 40.0),
    CourseKind.MYCOBACTERIA: (14.0, 35.0),
}
"""The days between which a complication begins, evenly drawn. Starting estimates."""


def draw_onset(rng: random.Random, kind: CourseKind) -> float | None:
    """The day a complication begins, None for a normal course."""
    if kind in ONSETS:
        return rng.uniform(*ONSETS[kind])
    if kind is CourseKind.PROLONGED:
        return PROLONGED_FROM_DAY
    if kind is CourseKind.COLD_SORE:
        while not 2.5 <= (onset := rng.gauss(4.5, 1.2)) <= 7.0:
            pass
        return onset
    return None
