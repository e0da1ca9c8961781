"""What a chart of one treatment shows, as figures: the band's corners, points above it or not, marks of signs
(drawn elsewhere)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from recovery.domain.clinical import bands, symptoms


class BandPosition(StrEnum):
    """Where a score lies against the expected band of its moment."""

    WITHIN = "within"
    HIGH = "high"
    ABOVE = "above"


@dataclass(frozen=True, kw_only=True)
class BandPoint:
    """The band at one moment, `hours` after the treatment."""

    hours: float
    band: bands.Band


@dataclass(frozen=True, kw_only=True)
class ChartPoint:
    """One reported score; `meant` is the range it stands for, where it is an answer in words.

    `high` is more than nine in ten report at that moment, `above` more than 39 in 40; a symptom without
    a curve is always `within`. `asked_again` is an entry the patient has not yet confirmed.
    """

    hours: float
    score: int
    standing: BandPosition
    asked_again: bool = False
    meant: tuple[int, int] | None = None

    @property
    def middle(self) -> float:
        """Where the score lies: in the middle of what is meant."""
        return self.score if self.meant is None else sum(self.meant) / 2


@dataclass(frozen=True, kw_only=True)
class SymptomSeries:
    """One symptom: the corners of its band, straight in between, and what was reported, both in order."""

    symptom: symptoms.Symptom
    band: tuple[BandPoint, ...]
    points: tuple[ChartPoint, ...]


@dataclass(frozen=True, kw_only=True)
class ChartReport:
    """One report, and which of its entries the patient was asked about and has not confirmed."""

    observation: symptoms.Observation
    asked_again: frozenset[symptoms.Symptom] = frozenset()


@dataclass(frozen=True, kw_only=True)
class SignMark:
    """A warning sign at the moment it was seen."""

    hours: float
    sign: symptoms.WarningSign


def build_series(
    symptom: symptoms.Symptom,
    *,
    seen: Iterable[ChartReport],
    table: bands.BandTable,
    last_hour: float,
    also_at: float | None = None,
    answers: symptoms.AnswerRanges | None = None,
) -> SymptomSeries:
    """The course of one symptom from the treatment to `last_hour`.

    `answers` are the ranges that answers in words stand for; such a score is high where its whole range is.
    `also_at` is one more hour at which the band gets a corner, for an axis that changes its scale there.
    """
    points = []
    for report in sorted(seen, key=lambda entry: entry.observation.hours):
        score = report.observation.scores.get(symptom)
        if score is None:
            continue
        hours = report.observation.hours
        least, most = symptoms.stands_for(score, scale=report.observation.scale, answers=answers or {})
        points.append(
            ChartPoint(
                hours=hours,
                score=score,
                standing=band_position(least, band=table.at(symptom=symptom, hours=hours)),
                asked_again=symptom in report.asked_again,
                meant=None if least == most else (least, most),
            )
        )
    return SymptomSeries(
        symptom=symptom,
        band=_band(
            symptom, table=table, corners={0.0, last_hour, *table.hours, also_at or 0.0}, end=last_hour
        ),
        points=tuple(points),
    )


def band_position(score: float, *, band: bands.Band | None) -> BandPosition:
    """Where a score lies; a score on the edge of the band is inside it."""
    if band is None or score <= band.p90:
        return BandPosition.WITHIN
    return BandPosition.HIGH if score <= band.p97_5 else BandPosition.ABOVE


def sign_marks(seen: Iterable[ChartReport]) -> tuple[SignMark, ...]:
    """Every warning sign of every report, in the order seen."""
    return tuple(
        SignMark(hours=report.observation.hours, sign=sign)
        for report in sorted(seen, key=lambda entry: entry.observation.hours)
        for sign in symptoms.WarningSign
        if sign in report.observation.warning_signs
    )


def symptoms_to_draw(seen: Sequence[ChartReport]) -> tuple[symptoms.Symptom, ...]:
    """What is worth drawing: the required symptoms and pain always, the others where reported."""
    always = {*symptoms.REQUIRED, symptoms.Symptom.PAIN}
    return tuple(
        symptom
        for symptom in symptoms.Symptom
        if symptom in always or any(symptom in report.observation.scores for report in seen)
    )


def _band(
    symptom: symptoms.Symptom, *, table: bands.BandTable, corners: Iterable[float], end: float
) -> tuple[BandPoint, ...]:
    within = sorted(hour for hour in corners if 0 <= hour <= end)
    points = ((hour, table.at(symptom=symptom, hours=hour)) for hour in within)
    return tuple(BandPoint(hours=hour, band=band) for hour, band in points if band is not None)
