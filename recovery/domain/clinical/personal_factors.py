"""How strongly and how long one skin reacts, estimated from its own first reports and its earlier
sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recovery.domain.clinical import banded_report, symptoms, taking_over, thresholds
from recovery.domain.clinical.protocol import Protocol

STRENGTH = (banded_report.REDNESS, banded_report.SWELLING)
"""What the strength of a reaction is read from."""


@dataclass(frozen=True, kw_only=True)
class PastCourse:
    """The reports after an earlier treatment of the same patient. `healed` is false where it did not heal as
    expected, or nobody knows yet: such a course teaches nothing. What was seen once a later treatment had
    taken over teaches nothing of it either."""

    treatment: symptoms.TreatmentFacts
    observations: tuple[symptoms.Observation, ...]
    healed: bool = True

    def banded(self, protocol: Protocol) -> list[banded_report.BandedReport]:
        """What teaches of it, against the bands of its own treatment."""
        table = protocol.curves.table(self.treatment)
        return [
            banded_report.band_report(observation, table=table, answers=protocol.answers)
            for observation in taking_over.own_part(self.observations, self.treatment)
        ]


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
