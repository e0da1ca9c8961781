"""A score as a person reads it: a number as it was given, an answer in words as that word and its range."""

from __future__ import annotations

from collections.abc import Iterable

from recovery.domain.clinical.symptoms import AnswerScale, Symptom
from recovery.domain.content.check_in import AnswerBand, CheckInWords


def score_range(least: int, most: int) -> str:
    """`5-7`, or the score where there is only one."""
    return str(least) if least == most else f"{least}-{most}"


def answer_text(
    symptom: Symptom,
    score: int,
    *,
    scale: AnswerScale,
    bands: Iterable[AnswerBand],
    words: CheckInWords,
) -> str:
    """As it was answered: `6` for a number, `easy to see (5-7)` for an answer in words."""
    band = next((band for band in bands if band.score == score), None)
    if scale is AnswerScale.NUMBERS or band is None:
        return str(score)
    said = words.answers[symptom][band.name]
    return f"{said[:1].lower()}{said[1:]} ({score_range(band.least, band.most)})"
