"""Expected bands: curves by day, which curve a treatment is held against, modifiers that stretch it, the band
at an hour."""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from recovery.domain.clinical import symptoms

MAX_TABLES = 4096
"""Tables kept ready per set of curves; the combinations a clinic uses are a few dozen."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """Scores that half, nine in ten and 39 in 40 of normal healers do not exceed at one moment."""

    p50: float
    p90: float
    p97_5: float


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One expected course: per symptom a band at each knot.

    The depths `from_mm` and `to_mm` are included, `above_mm` and `below_mm` are not.
    """

    name: str
    title: str
    devices: frozenset[symptoms.Device]
    bands: Mapping[symptoms.Symptom, tuple[Band, ...]]
    from_mm: float | None = None
    above_mm: float | None = None
    to_mm: float | None = None
    below_mm: float | None = None

    @property
    def is_for_a_depth(self) -> bool:
        """Whether it is for some depths only."""
        return any(bound is not None for bound in (self.from_mm, self.above_mm, self.to_mm, self.below_mm))

    def applies_to(self, facts: symptoms.TreatmentFacts) -> bool:
        """Whether a treatment follows this curve. A treatment of unknown depth fits no depth's curve."""
        if facts.device not in self.devices:
            return False
        if not self.is_for_a_depth:
            return True
        depth = facts.depth_mm
        return (
            depth is not None
            and (self.from_mm is None or depth >= self.from_mm)
            and (self.above_mm is None or depth > self.above_mm)
            and (self.to_mm is None or depth <= self.to_mm)
            and (self.below_mm is None or depth < self.below_mm)
        )


def lay_halfway(one: Curve, other: Curve) -> dict[symptoms.Symptom, tuple[Band, ...]]:
    """The bands in the middle of two curves, for the symptoms that both have."""
    return {
        symptom: tuple(interpolate(pair, (0, 0.5)) for pair in zip(row, other.bands[symptom], strict=True))
        for symptom, row in one.bands.items()
        if symptom in other.bands
    }


def carry_on(
    curve: Curve, *, hours: Sequence[float], duration: float, level: float
) -> dict[symptoms.Symptom, tuple[Band, ...]]:
    """The bands of a curve, `duration` times as long and `level` times as strong, never below it."""
    return {
        symptom: tuple(
            Band(p50=round(band.p50, 1), p90=round(band.p90, 1), p97_5=round(band.p97_5, 1))
            for band in _stretched(hours, row, knots=hours, stretch=duration, factor=level)
        )
        for symptom, row in curve.bands.items()
    }


class CurveReason(StrEnum):
    """Why a treatment is held against its curve."""

    DEPTH = "depth"
    DEPTH_NOT_RECORDED = "depth_not_recorded"
    DEVICE = "device"


@dataclass(frozen=True, kw_only=True)
class CurveChoice:
    """The curve that a treatment is held against, and why: its depth, its device because depths make no
    difference there, or that nobody recorded the depth."""

    curve: Curve
    because: CurveReason


@dataclass(frozen=True, kw_only=True)
class Modifier:
    """How an area, a device or a skin type changes the curve: `level` times the scores of the named
    symptoms, `duration` times the hours of all; of what was put on, those of the named symptoms alone."""

    level: float = 1.0
    duration: float = 1.0
    symptoms: frozenset[symptoms.Symptom] = frozenset(symptoms.Symptom)


@dataclass(frozen=True, kw_only=True)
class BandTable:
    """The bands of one treatment, ready for any hour."""

    hours: tuple[float, ...]
    bands: Mapping[symptoms.Symptom, tuple[Band, ...]]

    def at(self, *, symptom: symptoms.Symptom, hours: float) -> Band | None:
        """The band at an hour, or None for a symptom without a curve."""
        row = self.bands.get(symptom)
        return None if row is None else interpolate(row, locate_knot(self.hours, hours))


def locate_knot(knots: Sequence[float], hours: float) -> tuple[int, float]:
    """The knot before an hour and how far, from 0 to 1, the hour lies towards the next one."""
    if hours <= knots[0]:
        return 0, 0.0
    if hours >= knots[-1]:
        return len(knots) - 2, 1.0
    index = bisect.bisect_right(knots, hours) - 1
    return index, (hours - knots[index]) / (knots[index + 1] - knots[index])


def interpolate(row: Sequence[Band], where: tuple[int, float]) -> Band:
    """The band at a place among the knots: linear between two, level before the first and after the last."""
    p50, p90, p97_5 = interpolate_values(row, where)
    return Band(p50=p50, p90=p90, p97_5=p97_5)


def interpolate_values(row: Sequence[Band], where: tuple[int, float]) -> tuple[float, float, float]:
    """The same as plain numbers: p50, p90, p97.5."""
    index, share = where
    low, high = row[index], row[index + 1]
    return (
        low.p50 + share * (high.p50 - low.p50),
        low.p90 + share * (high.p90 - low.p90),
        low.p97_5 + share * (high.p97_5 - low.p97_5),
    )


@dataclass(frozen=True, kw_only=True)
class Curves:
    """All curves of a protocol with their modifiers. The last curve is the one for everything else."""

    hours: tuple[float, ...]
    curves: tuple[Curve, ...]
    areas: Mapping[symptoms.Area, Modifier]
    devices: Mapping[symptoms.Device, Modifier]
    skin_types: Mapping[int, Modifier]
    cap: float
    adjuncts: Mapping[symptoms.Acid, tuple[Modifier, ...]] = field(default_factory=dict)
    _ready: dict[object, BandTable] = field(default_factory=dict, compare=False, repr=False)

    def choose(self, facts: symptoms.TreatmentFacts) -> CurveChoice:
        """The curve of a treatment, before any modifier, and why it is that one."""
        curve = next(curve for curve in self.curves if curve.applies_to(facts))
        if not any(one.is_for_a_depth and facts.device in one.devices for one in self.curves):
            because = CurveReason.DEVICE
        elif facts.depth_mm is None:
            because = CurveReason.DEPTH_NOT_RECORDED
        else:
            because = CurveReason.DEPTH
        return CurveChoice(curve=curve, because=because)

    def table(
        self, facts: symptoms.TreatmentFacts, *, level: float = 1.0, duration: float = 1.0
    ) -> BandTable:
        """The bands of a treatment. `level` and `duration` come from a clinic's or patient's override."""
        key = (facts.device, facts.depth_mm, facts.areas, facts.acid, facts.skin_type, level, duration)
        table = self._ready.get(key)
        if table is None:
            if len(self._ready) >= MAX_TABLES:
                self._ready.clear()
            table = self._ready[key] = self._build(facts, level=level, duration=duration)
        return table

    def is_modified(self, facts: symptoms.TreatmentFacts) -> bool:
        """Whether area, device or skin type change the curve for this treatment."""
        return (
            any(area in self.areas for area in facts.areas)
            or facts.device in self.devices
            or facts.skin_type in self.skin_types
        )

    def _build(self, facts: symptoms.TreatmentFacts, *, level: float, duration: float) -> BandTable:
        curve = self.choose(facts).curve
        modifiers = [self.areas.get(area) for area in facts.areas]
        single = [self.devices.get(facts.device), self.skin_types.get(facts.skin_type or 0)]
        stretch = duration * max((m.duration for m in modifiers if m), default=1.0)
        for modifier in single:
            stretch *= modifier.duration if modifier else 1.0
        put_on = self.adjuncts.get(facts.acid, ())
        stretches = {symptom: min(stretch * _longer(put_on, symptom), self.cap) for symptom in curve.bands}
        knots = tuple(sorted({hour * times for hour in self.hours for times in (1.0, *stretches.values())}))
        rows: dict[symptoms.Symptom, tuple[Band, ...]] = {}
        for symptom, bands in curve.bands.items():
            factor = level * max((m.level for m in modifiers if m and symptom in m.symptoms), default=1.0)
            for modifier in (*single, *put_on):
                factor *= modifier.level if modifier and symptom in modifier.symptoms else 1.0
            factor = min(factor, self.cap / max(stretches[symptom], 1.0))
            rows[symptom] = _stretched(
                self.hours, bands, knots=knots, stretch=stretches[symptom], factor=factor
            )
        return BandTable(hours=knots, bands=rows)


def _longer(put_on: Sequence[Modifier], symptom: symptoms.Symptom) -> float:
    return math.prod(modifier.duration for modifier in put_on if symptom in modifier.symptoms)


def _stretched(
    hours: Sequence[float], bands: tuple[Band, ...], *, knots: Sequence[float], stretch: float, factor: float
) -> tuple[Band, ...]:
    """A longer course holds what came before for longer, so its upper bounds never fall below the
    unstretched ones; a shorter course is simply earlier."""
    row = []
    for knot in knots:
        late = interpolate(bands, locate_knot(hours, knot / stretch))
        now = interpolate(bands, locate_knot(hours, knot)) if stretch > 1.0 else late
        row.append(
            Band(
                p50=min(late.p50 * factor, symptoms.MAX_SCORE),
                p90=min(max(late.p90, now.p90) * factor, symptoms.MAX_SCORE),
                p97_5=min(max(late.p97_5, now.p97_5) * factor, symptoms.MAX_SCORE),
            )
        )
    return tuple(row)
