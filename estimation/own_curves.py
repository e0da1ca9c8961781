"""A clinic's own curves: which courses teach, what each symptom's row learns, drawn towards the shipped ones
and held to the cap."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from estimation import centile_fit
from estimation.centile_fit import Answer
from estimation.estimate_settings import CurveSettings
from recovery.domain.clinical import symptoms
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.calibration.answer_interval import (
    HALF,
    ReportedCourse,
    interval,
)
from recovery.domain.clinical.protocol import CHECK_IN_DAYS, Protocol
from recovery.domain.flags.followed_course import CourseEnd, FollowedCourse

DIGITS = 1


class LeftOut(StrEnum):
    """Why nothing is learnt from a course."""

    COMPLICATION = "ended as something other than healing"
    UNKNOWN = "how it ended is not known"
    MODIFIED = "an area with a factor of its own"


@dataclass(frozen=True, kw_only=True)
class OwnRow:
    """One symptom of one curve as the clinic's reports have it."""

    curve: str
    symptom: symptoms.Symptom
    reports: int
    courses: int
    bands: tuple[Band, ...]


@dataclass(frozen=True, kw_only=True)
class OwnCurves:
    """What was learnt. Symptoms and curves that are in no row stay as they ship."""

    rows: tuple[OwnRow, ...]
    courses: int
    reports: int
    left_out: Counter[LeftOut]

    @property
    def curves(self) -> tuple[str, ...]:
        """The names of the curves that were learnt."""
        return tuple(dict.fromkeys(row.curve for row in self.rows))


def learn(followed: Iterable[FollowedCourse], *, shipped: Protocol, settings: CurveSettings) -> OwnCurves:
    """The clinic's own rows. Only courses that healed teach; all others neither widen nor narrow."""
    left_out: Counter[LeftOut] = Counter()
    by_curve: dict[str, list[ReportedCourse]] = {}
    for one in followed:
        reason = _left_out(one, shipped)
        if reason is not None:
            left_out[reason] += 1
        elif one.course.reports:
            by_curve.setdefault(shipped.curves.choose(one.course.facts).curve.name, []).append(one.course)
    rows = [
        row
        for curve in shipped.curves.curves
        for symptom in curve.bands
        for row in (_row(curve.name, symptom, by_curve.get(curve.name, ()), shipped, settings),)
        if row is not None
    ]
    changed = {row.curve for row in rows}
    taught = [course for name, courses in by_curve.items() if name in changed for course in courses]
    reports = sum(len(_one_a_day(course)) for course in taught)
    return OwnCurves(rows=tuple(rows), courses=len(taught), reports=reports, left_out=left_out)


def _left_out(one: FollowedCourse, shipped: Protocol) -> LeftOut | None:
    if one.end is CourseEnd.COMPLICATION:
        return LeftOut.COMPLICATION
    if one.end is CourseEnd.UNKNOWN:
        return LeftOut.UNKNOWN
    return LeftOut.MODIFIED if shipped.curves.is_modified(one.course.facts) else None


def _row(
    curve: str,
    symptom: symptoms.Symptom,
    courses: Sequence[ReportedCourse],
    shipped: Protocol,
    settings: CurveSettings,
) -> OwnRow | None:
    answers, taught, by_day = [], 0, Counter[int]()
    for course in courses:
        given = [seen for seen in _one_a_day(course) if symptom in seen.scores]
        taught += bool(given)
        for seen in given:
            low, high = interval(seen, symptom=symptom, answers=shipped.answers)
            answers.append(Answer(hours=seen.hours, low=low, high=high))
            by_day[symptoms.recovery_day(seen.hours)] += 1
    if taught < settings.least_courses:
        return None
    own = centile_fit.fit_centiles(
        answers, knots=shipped.curves.hours, smooth=settings.smooth, slips=settings.slips
    )
    (old,) = (each.bands[symptom] for each in shipped.curves.curves if each.name == curve)
    bands = tuple(
        _drawn(mine, theirs, known=known, settings=settings)
        for mine, theirs, known in zip(own, old, _known(by_day), strict=True)
    )
    return OwnRow(curve=curve, symptom=symptom, reports=len(answers), courses=taught, bands=bands)


def _one_a_day(course: ReportedCourse) -> list[symptoms.Observation]:
    """The first report of each day, so that nobody who reports often counts for several."""
    first: dict[int, symptoms.Observation] = {}
    for seen in sorted(course.reports, key=lambda each: each.hours):
        first.setdefault(symptoms.recovery_day(seen.hours), seen)
    return list(first.values())


def _known(by_day: Counter[int]) -> list[float]:
    """How many courses speak for each day of a curve; a day between two others is known from them."""
    days = sorted(by_day)
    counted = np.interp(CHECK_IN_DAYS, days, [by_day[day] for day in days], left=0.0, right=0.0)
    return [float(count) for count in counted]


def _drawn(mine: Band, theirs: Band, *, known: float, settings: CurveSettings) -> Band:
    """The own band drawn towards the shipped one, which counts as `weight` courses, and held to the cap."""
    share = known / (known + settings.weight)
    p50, p90, p97_5 = (
        _not_exceeded(share * own + (1 - share) * old) if known else old
        for own, old in (
            (mine.p50, theirs.p50),
            (mine.p90, theirs.p90),
            (mine.p97_5, theirs.p97_5),
        )
    )
    top = min(p97_5, theirs.p97_5 * settings.widest)
    return Band(p50=round(min(p50, top), DIGITS), p90=round(min(p90, top), DIGITS), p97_5=round(top, DIGITS))


def _not_exceeded(felt: float) -> float:
    """A centile of what is felt as a bound for answers: the next whole number where that is what is put down.

    Where the 90th of 100 patients feels 1.8, the answer is 2, and more than ten are above 1.8.
    """
    return min(max(felt, math.ceil(felt - HALF)), float(symptoms.MAX_SCORE))
