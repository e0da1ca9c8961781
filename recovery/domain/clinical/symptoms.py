"""The words that patients, nurses and rules share: symptoms, warning signs, levels, devices, areas, acids, an
observation, recovery day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

AnswerRanges = Mapping[int, tuple[int, int]]
"""The five answers of the page and the app: the score each is sent as, and the scores that it stands for."""

MAX_SCORE = 10
"""Scores are whole numbers from 0 (none) to 10 (worst)."""


class Symptom(StrEnum):
    """What a patient scores from 0 to 10."""

    REDNESS = "redness"
    SWELLING = "swelling"
    PEELING = "peeling"
    PAIN = "pain"
    ITCHING = "itching"
    DRYNESS = "dryness"
    BRUISING = "bruising"


REQUIRED = (Symptom.REDNESS, Symptom.SWELLING, Symptom.PEELING)
"""The symptoms every report from the app carries."""


class WarningSign(StrEnum):
    """What a patient answers with yes or no. The urgency of each is in the protocol."""

    BREATHING = "breathing"
    LIP_TONGUE_THROAT_SWELLING = "lip_tongue_throat_swelling"
    HIVES_ALL_OVER = "hives_all_over"
    EYE_PAIN = "eye_pain"
    VISION = "vision"
    FAINTING = "fainting"
    VERY_ILL = "very_ill"
    SWALLOWING = "swallowing"
    CHEST_PAIN = "chest_pain"
    RACING_HEART = "racing_heart"
    SEIZURE = "seizure"
    CONFUSION = "confusion"
    FACE_DROOPING = "face_drooping"
    BLUE_OR_GREY = "blue_or_grey"
    BLACK_OR_WHITE_SKIN = "black_or_white_skin"
    NUMBING_REACTION = "numbing_reaction"
    EYE_BLISTERS = "eye_blisters"
    SELF_HARM = "self_harm"
    PUS = "pus"
    SPREADING_HEAT = "spreading_heat"
    FEVER = "fever"
    CHILLS = "chills"
    BLISTERS = "blisters"
    COLD_SORE_TINGLE = "cold_sore_tingle"
    EYE_AREA_INFECTION = "eye_area_infection"
    ONE_SIDED_SWELLING = "one_sided_swelling"
    PAIN_RISING = "pain_rising"
    HIVES = "hives"
    BURN_MARKS = "burn_marks"
    RAW_SKIN = "raw_skin"
    BLEEDING = "bleeding"
    NUMBNESS = "numbness"
    WORRIED = "worried"
    BUMPS = "bumps"
    PATCHES = "patches"
    BREAKOUT = "breakout"
    LINES = "lines"


class Level(StrEnum):
    """How one report stands against the expected course, mildest first.

    `expected` is never "all clear"; `watch` is for the next business day, `abnormal` for the same
    day, `emergency` for now.
    """

    EXPECTED = "expected"
    WATCH = "watch"
    ABNORMAL = "abnormal"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for `expected` up to 3 for `emergency`."""
        return list(Level).index(self)


class Device(StrEnum):
    """The needling device."""

    PEN = "pen"
    ROLLER = "roller"
    RF = "rf"


class Area(StrEnum):
    """Where the skin was treated."""

    FACE = "face"
    EYE_AREA = "eye_area"
    NECK = "neck"
    CHEST = "chest"
    BACK = "back"
    ABDOMEN = "abdomen"
    ARMS = "arms"
    HANDS = "hands"
    LEGS = "legs"
    SCALP = "scalp"


class Acid(StrEnum):
    """A peeling acid put on in the same session as the needles."""

    NONE = "none"
    SUPERFICIAL = "superficial"
    TCA = "tca"


@dataclass(frozen=True, kw_only=True)
class TreatmentFacts:
    """What the expected course depends on. `depth_mm` in millimetres, `skin_type` Fitzpatrick 1-6.

    `taken_over_hours` is from when on a later treatment of the same patient has taken the course over
    (`taking_over`), None while none has.
    """

    device: Device
    depth_mm: float | None = None
    areas: tuple[Area, ...] = (Area.FACE,)
    acid: Acid = Acid.NONE
    skin_type: int | None = None
    session_number: int = 1
    taken_over_hours: float | None = None


class AnswerScale(StrEnum):
    """How scores were given: whole numbers from 0 to 10, or the five answers of the page and the app, each
    of which stands for a range of them (`Protocol.answers`)."""

    NUMBERS = "numbers"
    WORDS = "words"


def stands_for(score: int, *, scale: AnswerScale, answers: AnswerRanges) -> tuple[int, int]:
    """The lowest and the highest score meant: the range of one of the five answers, else the score itself."""
    return answers.get(score, (score, score)) if scale is AnswerScale.WORDS else (score, score)


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What one patient saw in the mirror at one moment.

    `hours` since the treatment, from when the signs were seen; `scores` 0-10 as `scale` says, a symptom
    that was not asked is absent; `confirmed` names entries the patient was asked about again and affirmed.
    `strongest` is the area in which it is strongest, where the patient said so.
    """

    hours: float
    scores: Mapping[Symptom, int] = field(default_factory=dict)
    warning_signs: frozenset[WarningSign] = frozenset()
    confirmed: frozenset[Symptom] = frozenset()
    scale: AnswerScale = AnswerScale.NUMBERS
    strongest: Area | None = None


def recovery_day(hours: float) -> int:
    """The recovery day of a moment `hours` after the treatment; the first 12 hours are day 0."""
    return math.floor((hours + 12) / 24)


def hours_between(performed_at: datetime, seen_at: datetime) -> float:
    """Hours that really passed between two aware times, whatever clocks did in between."""
    # Two times of one zone are otherwise subtracted as the clock on the wall showed them.
    return (seen_at.astimezone(UTC) - performed_at.astimezone(UTC)).total_seconds() / 3600
