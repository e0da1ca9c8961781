"""The project's first simulation again, with its two naive rules: does this generator give the figures it
gave?.

Two rules without a confirm step, 85 % compliance, 1 % typing errors, 0.4 % stray ticks, onsets by day
6, a flag counted at or after onset. The reading that gives its figures:

* fixed: 5 or more on redness, swelling or pain after day 0, or any warning sign;
* above the 97.5th percentile: any of its eight items, pinpoint bleeding included, on any of the days
  0 to 7, or any warning sign.

Compliance is each patient's own (a beta distribution around 85 %, parameters summing to 20), falls by
2 points a day from day 0, and is 0.9 of that once ill, prolonged redness counting as ill from day 3.
The concentration of 20 is the only parameter set by these figures themselves.
"""

from __future__ import annotations

import csv
import dataclasses
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass

from evaluation import cohort, ground_truth
from recovery.domain.clinical import symptoms
from recovery.domain.core import confidence_intervals

CORE = (symptoms.Symptom.REDNESS, symptoms.Symptom.SWELLING, symptoms.Symptom.PAIN)
FIXED_BOUND = 5
PINPOINT_BLEEDING = "pinpoint_bleeding"
ARM = dataclasses.replace(cohort.REFERENCE, name="first simulation", stray_rate=0.004)
PUBLISHED = {
    ground_truth.CourseKind.NORMAL: (18.3, 43.5),
    ground_truth.CourseKind.INFECTION: (95.2, 98.6),
    ground_truth.CourseKind.PROLONGED: (33.8, 91.6),
}
"""Percent of courses flagged, fixed rule then 97.5th percentile, as the first simulation gave them."""


def bounds() -> dict[tuple[str, int], int]:
    """The first simulation's 97.5th percentiles by item and day, of its reference treatment."""
    path = pathlib.Path(__file__).with_name("first_simulation_p97_5.csv")
    with path.open(newline="", encoding="utf-8") as lines:
        return {
            (row["symptom"], day): int(row[f"day_{day}"]) for row in csv.DictReader(lines) for day in range(8)
        }


@dataclass(frozen=True, kw_only=True)
class Reproduced:
    """Share of courses of one kind that the two rules flagged."""

    kind: ground_truth.CourseKind
    fixed: confidence_intervals.Share
    above: confidence_intervals.Share


def reproduce(*, kind: ground_truth.CourseKind, count: int, seed: int) -> Reproduced:
    """Both rules over `count` courses of `kind`, as the first simulation counted them."""
    table = bounds()
    fixed = above = total = 0
    for course in cohort.generate(kind=kind, count=count, seed=seed, arm=ARM):
        if course.onset_hours is not None and course.onset_hours > 6 * cohort.DAY_HOURS:
            continue
        total += 1
        counted = [
            report
            for report in course.reports
            if course.onset_hours is None or report.seen_hours >= course.onset_hours
        ]
        fixed += any(_fixed(report) for report in counted)
        above += any(_above(report, table) for report in counted)
    return Reproduced(
        kind=kind,
        fixed=confidence_intervals.Share(hits=fixed, total=total),
        above=confidence_intervals.Share(hits=above, total=total),
    )


def _fixed(report: cohort.CourseReport) -> bool:
    if report.first.warning_signs:
        return True
    return symptoms.recovery_day(report.first.hours) > 0 and any(
        report.first.scores[symptom] >= FIXED_BOUND for symptom in CORE
    )


def _above(report: cohort.CourseReport, table: dict[tuple[str, int], int]) -> bool:
    day = min(symptoms.recovery_day(report.first.hours), 7)
    return (
        bool(report.first.warning_signs)
        or report.pinpoint_bleeding > table[PINPOINT_BLEEDING, day]
        or any(score > table[symptom.value, day] for symptom, score in report.first.scores.items())
    )


def describe(results: Iterable[Reproduced]) -> str:
    """A table of what came out beside what the first simulation gave."""
    lines = [
        "| courses | n | fixed, here | then | above p97.5, here | then |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        then_fixed, then_above = PUBLISHED[result.kind]
        lines.append(
            f"| {result.kind.value} | {result.fixed.total} "
            f"| {100 * result.fixed.value:.1f} % | {then_fixed} % "
            f"| {100 * result.above.value:.1f} % | {then_above} % |"
        )
    return "\n".join(lines) + "\n"


def run(*, count: int = 60_000, seed: int = 3) -> str:
    """The whole comparison at full size, in about twenty seconds."""
    return describe(reproduce(kind=kind, count=count, seed=seed) for kind in PUBLISHED)
