"""What one answer says of what was felt: a number, or one of the five worded steps of a check-in."""

from __future__ import annotations

from dataclasses import dataclass

from recovery.domain.clinical import bands, symptoms

HALF = 0.5
"""A whole number tells of half a point to either side."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedCourse:
    """What was reported after one treatment, in any order; `lot` as it was written down, if it was."""

    facts: symptoms.TreatmentFacts
    reports: tuple[symptoms.Observation, ...]
    lot: str | None = None


def interval(
    seen: symptoms.Observation, *, symptom: symptoms.Symptom, answers: symptoms.AnswerRanges
) -> tuple[int, int]:
    """The scores that an answer stands for, both ends included: itself for a number, a range for one of the
    five answers. Raises `KeyError` for a symptom that was not answered."""
    return symptoms.stands_for(seen.scores[symptom], scale=seen.scale, answers=answers)


def part_above(bound: float, *, scores: tuple[int, int], band: bands.Band) -> float:
    """How much of an answer lies above a bound: none, all, or the part that the band expects to.

    Whoever answers 2 feels something from 1.5 to 2.5, and with a worded step from 0.5 to 2.5; a bound in
    between cuts the answer in two. Cut as the band says, a tenth of the answers that follow it lie above p90.
    """
    least, most = scores
    low, high = least - HALF, most + HALF
    if most == 0 or high <= bound:
        return 0.0
    if low >= bound:
        return 1.0
    below, at, until = (_expected_until(felt, band) for felt in (low, bound, high))
    return (until - at) / (until - below) if until > below else 0.0


def _expected_until(felt: float, band: bands.Band) -> float:
    """The share that the band expects to feel no more than this, straight between its centiles."""
    top = symptoms.MAX_SCORE + HALF
    points = ((-HALF, 0.0), (band.p50, 0.5), (band.p90, 0.9), (band.p97_5, 0.975), (top, 1.0))
    before = points[0]
    for point in points[1:]:
        if point[0] > felt:
            return before[1] + (felt - before[0]) / (point[0] - before[0]) * (point[1] - before[1])
        before = point
    return 1.0
