"""How many answers lie above p90 and p97.5, by day, device, depth, lot and skin type: a tenth and a fortieth
where bands fit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from recovery.domain.clinical import bands, symptoms
from recovery.domain.clinical.banded_report import SCORED
from recovery.domain.clinical.calibration.answer_interval import (
    ReportedCourse,
    interval,
    part_above,
)
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.core.confidence_intervals import Share

EXPECTED_ABOVE_P90 = 0.1
SKIN = (symptoms.Symptom.REDNESS, symptoms.Symptom.SWELLING)
"""What a device, a depth or a product shows in first."""
EARLY_DAYS = range(1, 5)
"""The days on which healing skin is still red, and few complications have begun."""
NOT_RECORDED = "not recorded"
"""The group of treatments of which nobody wrote it down."""
MOST_LOTS = 30
"""Who reads looks for the lots that stand out; a clinic may have used hundreds."""


class Grouping(StrEnum):
    """By what answers are told apart."""

    ALL = "all"
    DAY = "day"
    DEVICE = "device"
    DEPTH = "depth"
    LOT = "lot"
    SKIN_TYPE = "skin_type"


@dataclass(frozen=True, kw_only=True)
class Group:
    """One part of all answers about one symptom. Lots are told apart as they are written; a treatment without
    one is in none."""

    grouping: Grouping
    name: str
    symptom: symptoms.Symptom


@dataclass(kw_only=True)
class Counts:
    """Answers of a group, and how much of them lies above each bound."""

    answers: int = 0
    above_p90: float = 0.0
    above_p97_5: float = 0.0

    def add(self, above_p90: float, above_p97_5: float) -> None:
        """One more answer."""
        self.answers += 1
        self.above_p90 += above_p90
        self.above_p97_5 += above_p97_5

    @property
    def p90(self) -> Share:
        """The share above p90."""
        return Share(hits=round(self.above_p90), total=self.answers)

    @property
    def p97_5(self) -> Share:
        """The share above p97.5."""
        return Share(hits=round(self.above_p97_5), total=self.answers)


@dataclass(kw_only=True)
class _Early:
    """The early answers of one group: the courses they come from, and their shares above p90 by course."""

    courses: int = 0
    above: float = 0.0

    @property
    def share(self) -> Share:
        """The share above p90, in courses."""
        return Share(hits=round(self.above), total=self.courses)


@dataclass(frozen=True, kw_only=True)
class Excess:
    """A symptom that lies above its band on the early days, in all courses or in those of one group.

    `above` counts courses, each by the share of its early answers above p90: one patient's answers are alike.
    """

    group: Group
    above: Share


@dataclass(kw_only=True)
class Calibration:
    """The answers of a clinic against the bands of one protocol."""

    version: str
    counts: dict[Group, Counts] = field(default_factory=dict)
    _depths: dict[str, tuple[bool, float]] = field(default_factory=dict)
    """Device and least depth of each group of depths: these are listed by number."""
    _early: dict[Group, _Early] = field(default_factory=dict)

    def groups(self, grouping: Grouping) -> list[Group]:
        """The groups of a grouping that have answers, by name and then by symptom: depths from shallow to
        deep, radio frequency after needles alone; of lots the `MOST_LOTS` first, most surely above p90 on the
        early days before all others."""
        return self._listed((group for group in self.counts if group.grouping is grouping), grouping)

    def excesses(self, grouping: Grouping = Grouping.ALL) -> list[Excess]:
        """Redness and swelling by group, on the early days."""
        own = (group for group in self._early if group.grouping is grouping)
        return [Excess(group=group, above=self._early[group].share) for group in self._listed(own, grouping)]

    @property
    def above_expected(self) -> list[Excess]:
        """Redness and swelling where more than a tenth lies above p90, beyond chance."""
        return [excess for excess in self.excesses() if excess.above.interval[0] > EXPECTED_ABOVE_P90]

    def add(self, course: ReportedCourse, *, protocol: Protocol) -> None:
        """Count one course in."""
        table = protocol.curves.table(course.facts)
        fixed = _fixed_names(course, curves=protocol.curves)
        if course.facts.depth_mm is not None:
            place = (course.facts.device is symptoms.Device.RF, course.facts.depth_mm)
            name = fixed[Grouping.DEPTH]
            self._depths[name] = min(place, self._depths.get(name, place))
        early: dict[symptoms.Symptom, list[float]] = {}
        for seen in course.reports:
            day = symptoms.recovery_day(seen.hours)
            names = {**fixed, Grouping.DAY: str(day)}
            for symptom, above in _above(seen, table, protocol.answers):
                for grouping, name in names.items():
                    group = Group(grouping=grouping, name=name, symptom=symptom)
                    self.counts.setdefault(group, Counts()).add(*above)
                if symptom in SKIN and day in EARLY_DAYS:
                    early.setdefault(symptom, []).append(above[0])
        for symptom, shares in early.items():
            for grouping, name in fixed.items():
                kept = self._early.setdefault(Group(grouping=grouping, name=name, symptom=symptom), _Early())
                kept.courses += 1
                kept.above += sum(shares) / len(shares)

    def _listed(self, groups: Iterable[Group], grouping: Grouping) -> list[Group]:
        if grouping is Grouping.LOT:
            place = {lot: number for number, lot in enumerate(self._first_lots())}
            shown = [group for group in groups if group.name in place]
            return sorted(shown, key=lambda group: (place[group.name], SCORED.index(group.symptom)))
        if grouping is Grouping.DEPTH:
            return sorted(
                groups,
                key=lambda group: (
                    self._depths.get(group.name, _WITHOUT_DEPTH),
                    SCORED.index(group.symptom),
                ),
            )
        return sorted(groups, key=lambda group: (_place(group), SCORED.index(group.symptom)))

    def _first_lots(self) -> list[str]:
        """By the least that redness or swelling lies above p90 beyond chance: a lot of few courses does not
        come first by one of them, and lots that read alike stand by name."""
        surely = {group.name: 0.0 for group in self.counts if group.grouping is Grouping.LOT}
        for group, early in self._early.items():
            if group.grouping is Grouping.LOT:
                surely[group.name] = max(surely[group.name], round(early.share.interval[0], 3))
        return sorted(surely, key=lambda lot: (-surely[lot], lot))[:MOST_LOTS]


_WITHOUT_DEPTH = (True, math.inf)
"""Treatments whose depth nobody recorded stand last."""

_MORE = {symptoms.Symptom.REDNESS: "redder", symptoms.Symptom.SWELLING: "more swollen"}


def warning(calibration: Calibration) -> str | None:
    """What is said first of a clinic whose skin lies above its band, before anybody widens it."""
    more = " and ".join(_MORE[excess.group.symptom] for excess in calibration.above_expected)
    if not more:
        return None
    return (
        f"Your patients are {more} than expected: first look for a fault of device, depth or product lot. "
        f"Widen no band before that."
    )


def calibrate(courses: Iterable[ReportedCourse], *, protocol: Protocol) -> Calibration:
    """All answers of these courses against the bands of a protocol."""
    calibration = Calibration(version=protocol.version)
    for course in courses:
        calibration.add(course, protocol=protocol)
    return calibration


def depth_group(facts: symptoms.TreatmentFacts, *, curves: bands.Curves) -> str:
    """The depth of a treatment as the curve it is held against says it, `not recorded` without one."""
    return NOT_RECORDED if facts.depth_mm is None else curves.choose(facts).curve.title


def skin_group(skin_type: int | None) -> str:
    """The two groups by which skin types are compared."""
    if skin_type is None:
        return NOT_RECORDED
    return "I-III" if skin_type <= 3 else "IV-VI"


def _fixed_names(course: ReportedCourse, *, curves: bands.Curves) -> dict[Grouping, str]:
    facts = course.facts
    return {
        Grouping.ALL: "all",
        Grouping.DEVICE: facts.device.value,
        Grouping.DEPTH: depth_group(facts, curves=curves),
        Grouping.SKIN_TYPE: skin_group(facts.skin_type),
        **({} if course.lot is None else {Grouping.LOT: course.lot}),
    }


def _above(
    seen: symptoms.Observation, table: bands.BandTable, answers: symptoms.AnswerRanges
) -> Iterable[tuple[symptoms.Symptom, tuple[float, float]]]:
    for symptom in SCORED:
        band = table.at(symptom=symptom, hours=seen.hours)
        if symptom not in seen.scores or band is None:
            continue
        scores = interval(seen, symptom=symptom, answers=answers)
        yield (
            symptom,
            (
                part_above(band.p90, scores=scores, band=band),
                part_above(band.p97_5, scores=scores, band=band),
            ),
        )


def _place(group: Group) -> tuple[float, str]:
    """Days by number, everything else by name."""
    first = group.name.split()[0]
    return (float(first), group.name) if first.replace(".", "").isdigit() else (100.0, group.name)
