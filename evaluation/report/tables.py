"""Shares, intervals and tables in plain text that is also markdown, for every page of figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation import ground_truth, tally
from recovery.domain.core import confidence_intervals


def percent(share: confidence_intervals.Share) -> str:
    """A share as `97.1 %`, a dash where nothing was counted."""
    return f"{100 * share.value:.1f} %" if share.total else "-"


def with_interval(share: confidence_intervals.Share) -> str:
    """A share as `97.1 % (96.8-97.3)`."""
    if not share.total:
        return "-"
    low, high = share.interval
    return f"{percent(share)} ({100 * low:.1f}-{100 * high:.1f})"


def pair(counted: tally.Tally, group: tally.CohortGroup = tally.CohortGroup.ALL) -> str:
    """Any flag / same-day flags of one part of the cohort."""
    return f"{percent(counted.any_in(group).ever)} / {percent(counted.same_day_in(group).ever)}"


def gap(counted: tally.Tally) -> float | None:
    """How many points fewer are found on skin types IV-VI than on I-III, None where one has no courses."""
    light = counted.any_in(tally.CohortGroup.LIGHT).ever
    dark = counted.any_in(tally.CohortGroup.DARK).ever
    return 100 * (light.value - dark.value) if light.total and dark.total else None


def name(kind: ground_truth.CourseKind) -> str:
    """A kind of course in words."""
    return kind.value.replace("_", " ")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a line for its head, one for its rule and one for each row."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
