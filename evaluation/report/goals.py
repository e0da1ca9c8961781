"""What the rules are wanted to reach on simulated courses, and whether they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation import metrics, tally
from evaluation.ground_truth import CourseKind
from evaluation.report import tables

ALL = tally.CohortGroup.ALL
ANY_LEAST = {
    CourseKind.INFECTION: 97.0,
    CourseKind.COLD_SORE: 93.0,
    CourseKind.DERMATITIS: 94.0,
    CourseKind.PROLONGED: 90.0,
}
"""Percent of courses with a flag of any level."""
INFECTION_SAME_DAY_LEAST = 96.0
INFECTION_NEAR_SIGN_LEAST = 50.0
"""Percent of infections flagged within a day of the first sign that a daily answer would show."""
NORMAL_ANY_MOST, NORMAL_SAME_DAY_MOST = 6.0, 2.0
GAP_MOST = 5.0
"""Points by which fewer may be found on skin types IV-VI."""
ASKED_MORE_MOST = 1.5
"""Questions beside the plan in a normal course."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One goal: `value` is to be at least, or at most, `bound`."""

    what: str
    value: float
    bound: float
    at_most: bool = False
    unit: str = " %"

    @property
    def reached(self) -> bool:
        """As the figures are, their intervals aside."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound


def of(figures: metrics.ArmFigures) -> Iterator[Goal]:
    """Every goal held against one arm."""
    normal, infection = figures.by_kind[CourseKind.NORMAL], figures.by_kind[CourseKind.INFECTION]
    yield Goal(what="normal, any flag", value=_any(normal), bound=NORMAL_ANY_MOST, at_most=True)
    yield Goal(what="normal, same-day", value=_same_day(normal), bound=NORMAL_SAME_DAY_MOST, at_most=True)
    for kind, least in ANY_LEAST.items():
        yield Goal(what=f"{tables.name(kind)}, any flag", value=_any(figures.by_kind[kind]), bound=least)
    yield Goal(what="infection, same-day", value=_same_day(infection), bound=INFECTION_SAME_DAY_LEAST)
    yield Goal(
        what="infection, within 24 h of the first sign",
        value=100 * infection.within_of_sign(24).value,
        bound=INFECTION_NEAR_SIGN_LEAST,
    )
    for kind in ANY_LEAST:
        if (points := tables.gap(figures.by_kind[kind])) is not None:
            what = f"{tables.name(kind)}, I-III minus IV-VI"
            yield Goal(what=what, value=points, bound=GAP_MOST, at_most=True, unit=" points")
    yield Goal(
        what="more questions in a normal course",
        value=normal.asked_more / max(1, normal.courses),
        bound=ASKED_MORE_MOST,
        at_most=True,
        unit="",
    )


def _any(counted: tally.Tally) -> float:
    return 100 * counted.any_in(ALL).ever.value


def _same_day(counted: tally.Tally) -> float:
    return 100 * counted.same_day_in(ALL).ever.value


def table(figures: metrics.ArmFigures) -> str:
    """The goals of one arm, each with what was measured."""
    rows = [
        (
            goal.what,
            f"at {'most' if goal.at_most else 'least'} {goal.bound:g}{goal.unit}",
            f"{goal.value:.2f}" if not goal.unit else f"{goal.value:.1f}{goal.unit}",
            "yes" if goal.reached else "no",
        )
        for goal in of(figures)
    ]
    return tables.table(("goal", "wanted", "measured", "reached"), rows)
