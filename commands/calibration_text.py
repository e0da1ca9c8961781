"""How a clinic's answers lie against bands, as tables for the terminal; printed by `protocol estimate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evaluation.report.tables import table, with_interval
from recovery.domain.clinical.calibration import band_calibration
from recovery.domain.clinical.calibration.band_calibration import Calibration, Counts, Group, Grouping

GROUPINGS = {
    Grouping.DAY: "day",
    Grouping.DEVICE: "device",
    Grouping.DEPTH: "depth",
    Grouping.LOT: "lot",
    Grouping.SKIN_TYPE: "skin type",
}


def first(calibration: Calibration) -> str:
    """What is said before anything else: whether the clinic's skin lies above what is expected, and where."""
    warning = band_calibration.warning(calibration)
    said = warning or "Redness and swelling lie no higher than expected."
    lots = (
        "Lots are told apart as they are written; "
        f"of more than {band_calibration.MOST_LOTS} those that stand out."
        if calibration.groups(Grouping.LOT)
        else "No lot was written down with these treatments; the clinic's own lists may have them."
    )
    return f"{said}\n\n{_early_table(calibration)}\n\n{lots}"


def learnt(*, courses: int, reports: int, left_out: Mapping[str, int]) -> str:
    """From what the curves were learnt, and what was left out."""
    rest = "".join(
        f"\nLeft out, neither to widen nor to narrow: {count}, {why}." for why, count in left_out.items()
    )
    return f"Learnt from {reports} reports of {courses} courses that healed.{rest}"


def table_of(before: Calibration, after: Calibration) -> str:
    """The shares of answers above p90 and p97.5, under the shipped version and under the draft."""
    head = (
        "answers",
        "symptom",
        "n",
        *(f"above {bound}, {each.version}" for bound in ("p90", "p97.5") for each in (before, after)),
    )
    return "Expected are 10 % above p90 and 2.5 % above p97.5.\n\n" + table(head, _rows(before, after))


def _rows(before: Calibration, after: Calibration) -> Iterator[tuple[str, ...]]:
    for grouping in GROUPINGS:
        for group in before.groups(grouping):
            old, new = before.counts[group], after.counts.get(group, Counts())
            yield (
                _name(group),
                group.symptom.value,
                str(old.answers),
                with_interval(old.p90),
                with_interval(new.p90),
                with_interval(old.p97_5),
                with_interval(new.p97_5),
            )


def _early_table(calibration: Calibration) -> str:
    excesses = [
        excess
        for grouping in (Grouping.ALL, Grouping.DEVICE, Grouping.DEPTH, Grouping.LOT)
        for excess in calibration.excesses(grouping)
    ]
    return table(
        ("days 1 to 4", "symptom", "courses", "above p90 (10 % expected)"),
        [
            (
                _name(excess.group),
                excess.group.symptom.value,
                str(excess.above.total),
                with_interval(excess.above),
            )
            for excess in excesses
        ],
    )


def _name(group: Group) -> str:
    """A depth is called by its curve, whose title says device and depth."""
    if group.grouping is Grouping.ALL:
        return "all"
    if group.grouping is Grouping.DEPTH and group.name != band_calibration.NOT_RECORDED:
        return group.name
    return f"{GROUPINGS[group.grouping]} {group.name}"
