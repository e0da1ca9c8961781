"""How strongly and how fast one skin heals, from its own first reports and its earlier sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recovery.domain.clinical import banded_report, thresholds

STRENGTH = (banded_report.REDNESS, banded_report.SWELLING)
"""What the strength of a reaction is read from."""


def estimate_factors(
    first: Iterable[banded_report.BandedReport], *, rule: thresholds.PersonalBand, fine: bool
) -> banded_report.PersonalFactors:
    """The personal factors from reports of this course and of earlier ones; only first hours count.

    A prior of the ordinary patient is added on both sides, so that one report alone changes little.
    """
    early = [look for look in first if look.hours < rule.first_hours]
    felt, expected = _sums(early, STRENGTH, rule)
    red, usual = _sums(early, (banded_report.REDNESS,), rule)
    prior = rule.redness_weight * (rule.fine_prior if fine else 1.0)
    strength = (rule.weight + felt) / (rule.weight + expected)
    return banded_report.PersonalFactors(
        widen=min(max(strength, 1.0), rule.widen_most),
        redness=min(max((prior + red) / (rule.redness_weight + usual), rule.narrow_least), 1.0),
    )


def estimate_duration(
    courses: Sequence[Sequence[banded_report.BandedReport]], *, rule: thresholds.PersonalBand
) -> float:
    """How many times longer than usual this skin took in earlier sessions, in steps of a twentieth.

    It is what redness and swelling were after the first hours, over what their strength in the first
    hours led to expect. Half of the difference is believed, for one session says little.
    """
    felt = expected = rule.weight
    for course in courses:
        early = [look for look in course if look.hours < rule.first_hours]
        rest = [look for look in course if look.hours >= rule.first_hours]
        first, usual = _sums(early, STRENGTH, rule)
        later, expected_later = _sums(rest, STRENGTH, rule)
        felt += later
        expected += expected_later * (rule.weight + first) / (rule.weight + usual)
    times = min(max(1 + (felt / expected - 1) / 2, rule.duration_least), rule.duration_most)
    return round(times * 20) / 20


def _sums(
    seen: Iterable[banded_report.BandedReport], indexes: Sequence[int], rule: thresholds.PersonalBand
) -> tuple[float, float]:
    """The scores given and the p50 beside them, summed. A score too far above p97.5 teaches nothing: it may
    be the beginning of what is to be found."""
    felt = expected = 0.0
    for look in seen:
        for index in indexes:
            score, least = look.scores[index], look.least[index]
            if score is not None and least is not None and least <= look.p97_5[index] + rule.teach_margin:
                felt += score
                expected += look.p50[index]
    return felt, expected
