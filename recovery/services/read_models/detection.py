"""What the rules find and miss in one clinic as its manager reads it: shares with intervals, by skin, rule,
sign, device, lot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Device, WarningSign
from recovery.domain.core.confidence_intervals import Share
from recovery.models.read_models import detection_figures as figures
from recovery.models.read_models.detection_figures import CourseCounts, PrecisionCounts

SKIN_GROUPS = (("I-III", (1, 2, 3)), ("IV-VI", (4, 5, 6)), ("unknown", (None,)))
"""As in the rules, which judge redness by another step on types IV to VI."""

MOST_LOTS = 30


@dataclass(frozen=True, kw_only=True)
class SkinDetection:
    """Both shares for one group of skin types."""

    group: str
    sensitivity: Share
    precision: Share
    types: tuple[int | None, ...]

    @property
    def keys(self) -> str:
        """The types as the counts of precision name them."""
        return ",".join("" if one is None else str(one) for one in self.types)


@dataclass(frozen=True, kw_only=True)
class Complications:
    """Treatments of one device or lot, their flags, and the share with a known complication."""

    treatments: int
    flags: int
    complications: Share


@dataclass(frozen=True, kw_only=True)
class Detection:
    """`sensitivity`: of the treatments with a known complication, those where the rules found one; one with
    several counts once. Precision: of the flags that a rule or sign raised and that were closed with an
    outcome that says so, those that were right; a flag with several reasons counts for each.
    """

    sensitivity: Share
    by_rule: Sequence[tuple[AssessmentRule, Share]]
    by_sign: Sequence[tuple[WarningSign, Share]]
    by_skin: Sequence[SkinDetection]
    by_device: Sequence[tuple[Device, Complications]]
    by_lot: Sequence[tuple[str, Complications]]

    @property
    def missed(self) -> int:
        """Treatments with a known complication of which the rules found none."""
        return self.sensitivity.total - self.sensitivity.hits


def summarize(courses: Sequence[CourseCounts], closed: Sequence[PrecisionCounts]) -> Detection:
    """What is known of these treatments now."""
    lots = {course.lot for course in courses if course.lot is not None}
    by_lot = [(lot, _complications(c for c in courses if c.lot == lot)) for lot in lots]
    by_lot.sort(key=lambda one: (-one[1].complications.hits, -one[1].treatments, one[0]))
    by_rule = [(rule, _precision(closed, figures.RULE, [rule])) for rule in AssessmentRule]
    by_sign = [(sign, _precision(closed, figures.SIGN, [sign])) for sign in WarningSign]
    return Detection(
        sensitivity=_sensitivity(courses),
        by_rule=[(rule, share) for rule, share in by_rule if share.total],
        by_sign=[(sign, share) for sign, share in by_sign if share.total],
        by_skin=[
            SkinDetection(
                group=name,
                sensitivity=_sensitivity(c for c in courses if c.skin_type in types),
                precision=_precision(
                    closed, figures.SKIN, ["" if one is None else str(one) for one in types]
                ),
                types=types,
            )
            for name, types in SKIN_GROUPS
        ],
        by_device=[
            (device, found)
            for device in Device
            if (found := _complications(c for c in courses if c.device is device)).treatments
        ],
        by_lot=by_lot[:MOST_LOTS],
    )


def _sensitivity(courses: Iterable[CourseCounts]) -> Share:
    known = [(course.found, course.known) for course in courses]
    return Share(hits=sum(found for found, _ in known), total=sum(total for _, total in known))


def _complications(courses: Iterable[CourseCounts]) -> Complications:
    those = list(courses)
    treatments = sum(course.treatments for course in those)
    return Complications(
        treatments=treatments,
        flags=sum(course.flags for course in those),
        complications=Share(hits=sum(course.known for course in those), total=treatments),
    )


def _precision(closed: Sequence[PrecisionCounts], kind: str, keys: Sequence[str]) -> Share:
    those = [counts for counts in closed if counts.kind == kind and counts.key in keys]
    return Share(hits=sum(counts.right for counts in those), total=sum(counts.closed for counts in those))
