"""Reports held against their band, as the rules see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from recovery.domain import bands, symptoms, thresholds

SCORED = (
    symptoms.Symptom.REDNESS,
    symptoms.Symptom.SWELLING,
    symptoms.Symptom.PAIN,
    symptoms.Symptom.ITCHING,
)
"""The symptoms that score rules look at, in the order of every tuple of a `Look`."""

CORE = (0, 1, 2)
"""Where redness, swelling and pain stand in `SCORED`: the symptoms that alarm by themselves."""


@dataclass(frozen=True, slots=True)
class Look:
    """One report: per symptom of `SCORED` its score and band. An optional score left out stands at p50;
    a required one left out is None and raises nothing."""

    hours: float
    day: int
    scores: tuple[float | None, ...]
    bands: tuple[bands.Band, ...]
    signs: frozenset[symptoms.WarningSign]


@dataclass(frozen=True, slots=True)
class View:
    """What a rule may know: the report it judges, the earlier ones in order of hours and far enough
    apart to show different moments, the bounds, and whether redness is judged by the smaller step."""

    look: Look
    past: tuple[Look, ...]
    rules: thresholds.Thresholds
    fine: bool


def look_at(
    observation: symptoms.Observation, *, table: bands.BandTable, without: Collection[symptoms.Symptom] = ()
) -> Look:
    """A report held against the bands of its treatment; entries `without` count as left out."""
    hours = observation.hours
    where = bands.place(table.hours, hours)
    row = tuple(bands.between(table.bands[symptom], where) for symptom in SCORED)
    scores: list[float | None] = []
    for symptom, band in zip(SCORED, row, strict=True):
        score = None if symptom in without else observation.scores.get(symptom)
        if score is None and symptom not in symptoms.REQUIRED:
            scores.append(band.p50)
        else:
            scores.append(score)
    return Look(
        hours=hours,
        day=symptoms.day_of(hours),
        scores=tuple(scores),
        bands=row,
        signs=observation.warning_signs,
    )


def apart(looks: Sequence[Look], *, before: float, hours: float) -> tuple[Look, ...]:
    """Of looks in order of hours, those earlier than `before`, each at least `hours` before the next:
    reports sent twice, or minutes apart, show one moment."""
    kept: list[Look] = []
    following = before
    for look in reversed(looks):
        if look.hours < before and following - look.hours >= hours:
            kept.append(look)
            following = look.hours
    return tuple(reversed(kept))
