"""Which scores of the curves differ between two versions of the expected course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recovery.domain.clinical.bands import Curves
from recovery.domain.clinical.protocol import PERCENTILES
from recovery.domain.clinical.symptoms import Symptom


@dataclass(frozen=True, kw_only=True)
class ScoreChange:
    """One score of a row: the hours of its day, before and after."""

    hours: float
    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """One percentile of a symptom in a curve, and the scores of it that differ."""

    curve: str
    title: str
    symptom: Symptom
    percentile: str
    scores: Sequence[ScoreChange]


def compare_curves(before: Curves, after: Curves) -> Sequence[RowChange]:
    """Every row that differs, in the order of the new version; curves that only one of them has are left out,
    and so are symptoms."""
    known = {curve.name: curve for curve in before.curves}
    return [
        RowChange(curve=curve.name, title=curve.title, symptom=symptom, percentile=percentile, scores=scores)
        for curve in after.curves
        if curve.name in known
        for symptom, bands in curve.bands.items()
        if symptom in known[curve.name].bands
        for percentile in PERCENTILES
        if (
            scores := [
                ScoreChange(hours=hours, before=getattr(old, percentile), after=getattr(new, percentile))
                for hours, old, new in zip(after.hours, known[curve.name].bands[symptom], bands, strict=True)
                if getattr(old, percentile) != getattr(new, percentile)
            ]
        )
    ]
