"""How a skin came through one session, in few figures: how red it became, and when it was calm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recovery.domain.clinical import symptoms
from recovery.domain.clinical.symptoms import AnswerScale, Observation, Symptom

CALM = 1
"""Redness and swelling of at most so much, which the page calls barely there, are calm."""

_SHOWN = (Symptom.REDNESS, Symptom.SWELLING)


@dataclass(frozen=True, kw_only=True)
class Peak:
    """The highest score, how it was given, and the recovery day on which that was first."""

    score: int
    day: int
    scale: AnswerScale = AnswerScale.NUMBERS


@dataclass(frozen=True, kw_only=True)
class HealingTime:
    """`peaks` of what was reported. From recovery day `calm_on` redness and swelling stayed calm.

    None where the last report of them was not calm; `last_day` is the day of the last report.
    """

    peaks: dict[Symptom, Peak]
    calm_on: int | None
    last_day: int | None


def summarize_healing(seen: Sequence[Observation]) -> HealingTime:
    """What these reports of one session say, in any order."""
    course = sorted(seen, key=lambda observation: observation.hours)
    calm_on: int | None = None
    for observation in course:
        if not any(symptom in observation.scores for symptom in _SHOWN):
            continue
        if all(observation.scores.get(symptom, 0) <= CALM for symptom in _SHOWN):
            calm_on = symptoms.recovery_day(observation.hours) if calm_on is None else calm_on
        else:
            calm_on = None
    return HealingTime(
        peaks={symptom: peak for symptom in _SHOWN if (peak := _peak(course, symptom)) is not None},
        calm_on=calm_on,
        last_day=symptoms.recovery_day(course[-1].hours) if course else None,
    )


def _peak(course: Sequence[Observation], symptom: Symptom) -> Peak | None:
    given = [
        Peak(
            score=observation.scores[symptom],
            day=symptoms.recovery_day(observation.hours),
            scale=observation.scale,
        )
        for observation in course
        if symptom in observation.scores
    ]
    return max(given, key=lambda peak: peak.score, default=None)
