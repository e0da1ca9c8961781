"""What a draft would find of simulated complications beside what the shipped protocol finds, after treatments
of each changed curve."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation import cohort, ground_truth, metrics, tally
from evaluation.report.tables import table, with_interval
from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical import symptoms
from recovery.domain.clinical.bands import Curve
from recovery.domain.core.confidence_intervals import Share


@dataclass(frozen=True, kw_only=True)
class Found:
    """The share of one complication that is flagged after one kind of treatment, at all or for the same day,
    under both protocols."""

    curve: str
    kind: ground_truth.CourseKind
    same_day: bool
    shipped: Share
    draft: Share

    @property
    def lost(self) -> float:
        """How many of 100 the draft misses that the shipped protocol finds."""
        return 100 * (self.shipped.value - self.draft.value)


def changed_curves(*, shipped: str, draft: str) -> tuple[str, ...]:
    """The names of the curves that a draft changes: those that were learnt, and those that follow from them.
    Raises `ProtocolError`."""
    before, after = (protocols.parse(text).curves.curves for text in (shipped, draft))
    return tuple(new.name for old, new in zip(before, after, strict=True) if new.bands != old.bands)


def compare(
    *,
    shipped: str,
    draft: str,
    curves: Sequence[str],
    courses: int,
    seed: int,
    arm: cohort.Arm = cohort.REFERENCE,
    processes: int = 1,
) -> list[Found]:
    """The same courses, asked as in `arm`, under both protocols (their TOML): `courses` of each complication
    after a treatment of each of these curves. Raises `ProtocolError`."""
    found = []
    for curve in protocols.parse(shipped).curves.curves:
        if curve.name not in curves:
            continue
        after_it = dataclasses.replace(arm, name=curve.name, treatments=(facts_of(curve),))
        before, after = (_shares(text, after_it, courses, seed, processes) for text in (shipped, draft))
        found += [
            Found(
                curve=curve.name,
                kind=kind,
                same_day=same_day,
                shipped=before[kind, same_day],
                draft=after[kind, same_day],
            )
            for kind in metrics.COMPLICATIONS
            for same_day in (False, True)
        ]
    return found


def table_of(found: Sequence[Found]) -> str:
    """The shares under both protocols, with Wilson 95 % intervals."""
    return table(
        ("curve", "complication", "flag", "shipped", "draft", "points lost"),
        [
            (
                each.curve,
                each.kind.value.replace("_", " "),
                "same day" if each.same_day else "any",
                with_interval(each.shipped),
                with_interval(each.draft),
                f"{each.lost:+.1f}",
            )
            for each in found
        ],
    )


def facts_of(curve: Curve) -> symptoms.TreatmentFacts:
    """A treatment that follows a curve: in the middle of its depths, or half a millimetre above the least."""
    if not curve.is_for_a_depth:
        (device, *_) = sorted(curve.devices)
        usual = cohort.REFERENCE_TREATMENT
        return usual if usual.device in curve.devices else dataclasses.replace(usual, device=device)
    least = curve.from_mm if curve.above_mm is None else curve.above_mm
    most = curve.to_mm if curve.below_mm is None else curve.below_mm
    depth = (least or 0.0) + 0.5 if most is None else ((least or 0.0) + most) / 2
    return symptoms.TreatmentFacts(device=min(curve.devices), depth_mm=depth)


def _shares(
    protocol: str, arm: cohort.Arm, courses: int, seed: int, processes: int
) -> dict[tuple[ground_truth.CourseKind, bool], Share]:
    sizes = metrics.Sizes(complication=courses)
    figures = metrics.one_arm(
        protocol=protocol, sizes=sizes, seed=seed, kinds=metrics.COMPLICATIONS, arm=arm, processes=processes
    )
    return {
        (kind, same_day): (counted.same_day_in if same_day else counted.any_in)(tally.CohortGroup.ALL).ever
        for kind, counted in figures.by_kind.items()
        for same_day in (False, True)
    }
