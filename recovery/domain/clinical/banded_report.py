"""What a rule is given: a report with the band beside each score, earlier reports spaced apart, bounds
widened for this patient."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from recovery.domain.clinical import bands, symptoms, thresholds

SCORED = (
    symptoms.Symptom.REDNESS,
    symptoms.Symptom.SWELLING,
    symptoms.Symptom.PAIN,
    symptoms.Symptom.ITCHING,
    symptoms.Symptom.PEELING,
    symptoms.Symptom.DRYNESS,
    symptoms.Symptom.BRUISING,
)
"""The symptoms that score rules look at, in the order of every tuple of a `BandedReport`."""

REDNESS, SWELLING, PAIN, ITCHING, PEELING, DRYNESS, BRUISING = range(7)
CORE = (REDNESS, SWELLING, PAIN)
"""Where the symptoms that alarm by themselves stand in `SCORED`."""
SPEAKING = (*CORE, ITCHING)
"""Those that speak for each other where they rise together."""
WIDENED = tuple(SCORED[index] for index in SPEAKING)
"""Those whose bands hold wider for a skin that reacts more strongly."""


@dataclass(frozen=True, slots=True)
class BandedReport:
    """One report: per symptom of `SCORED` its score and band. An optional score left out stands at p50;
    a required one left out is None and raises nothing.

    One of the five answers stands for a range of scores: `scores` are the middles, by which a rise is told,
    `least` the lowest scores meant, by which a bound is passed. For a number both are the number.
    """

    hours: float
    day: int
    scores: tuple[float | None, ...]
    least: tuple[float | None, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]
    p97_5: tuple[float, ...]
    strongest: float
    """What the strongest answer of this report's scale surely says: no bound of `far_above` lies above it."""

    def range_meant(self, index: int) -> tuple[int, int] | None:
        """The scores meant by an answer in words; None for a number, and for a word of one score only."""
        middle, least = self.scores[index], self.least[index]
        if middle is None or least is None or middle == least:
            return None
        return round(least), round(2 * middle - least)


@dataclass(frozen=True, slots=True)
class PersonalFactors:
    """What the patient's own reports say, 1 for the ordinary patient: `widen` times the upper bounds,
    `redness` times the redness expected later."""

    widen: float = 1.0
    redness: float = 1.0


ORDINARY = PersonalFactors()

_UNBOUNDED = (0.0, float(symptoms.MAX_SCORE), float(symptoms.MAX_SCORE))
"""The band of a symptom that a curve says nothing of."""


@dataclass(frozen=True, slots=True)
class RuleInput:
    """What a rule may know: the report it judges, the earlier ones in order of hours and far enough
    apart to show different moments, the bounds, whether redness is judged by the smaller step, and
    what the patient's own earlier reports say."""

    report: BandedReport
    past: tuple[BandedReport, ...]
    rules: thresholds.Thresholds
    uses_fine_step: bool = False
    factors: PersonalFactors = ORDINARY

    def p90_bound(self, look: BandedReport, index: int) -> float:
        """p90 for this patient, never below the score that raises nothing."""
        return max(look.p90[index] * self.factors.widen, self.rules.general.least)

    def p97_5_bound(self, look: BandedReport, index: int) -> float:
        """p97.5 for this patient, never below the score that raises nothing."""
        return max(look.p97_5[index] * self.factors.widen, self.rules.general.least)

    def eased_to_least(self, index: int) -> bool:
        """Whether the score fell since the report before, to the least that there is above none: that is
        healing, whatever adds up."""
        score, surely = self.report.scores[index], self.report.least[index]
        before = self.past[-1].scores[index] if self.past else None
        if score is None or surely is None or before is None:
            return False
        return surely <= self.rules.general.least and score < before

    def lowest_score(self, index: int, *, since: int = 0) -> float | None:
        """The lowest earlier score from day `since` on, None without one."""
        scores = (look.scores[index] for look in self.past if look.day >= since)
        return min((score for score in scores if score is not None), default=None)

    def lowest_range(self, index: int, *, since: int = 0) -> tuple[int, int] | None:
        """What was meant by the lowest earlier score, where it was an answer in words."""
        lowest = self.lowest_score(index, since=since)
        looks = (look for look in self.past if look.day >= since and look.scores[index] == lowest)
        return None if lowest is None else next(looks).range_meant(index)


def band_report(
    observation: symptoms.Observation,
    *,
    table: bands.BandTable,
    answers: symptoms.AnswerRanges,
    without: Collection[symptoms.Symptom] = (),
) -> BandedReport:
    """A report held against the bands of its treatment; entries `without` count as left out.

    `answers` are the ranges of the five answers, empty where a protocol takes them for numbers.
    """
    hours = observation.hours
    where = bands.locate_knot(table.hours, hours)
    ranges = answers if observation.scale is symptoms.AnswerScale.WORDS else {}
    p50, p90, p97_5 = [], [], []
    scores: list[float | None] = []
    least: list[float | None] = []
    for symptom in SCORED:
        row = table.bands.get(symptom)
        low, high, top = _UNBOUNDED if row is None else bands.interpolate_values(row, where)
        p50.append(low)
        p90.append(high)
        p97_5.append(top)
        score = None if symptom in without else observation.scores.get(symptom)
        if score is not None:
            lowest, highest = ranges.get(score, (score, score))
            scores.append((lowest + highest) / 2)
            least.append(lowest)
        else:
            usual = None if symptom in symptoms.REQUIRED else low
            scores.append(usual)
            least.append(usual)
    return BandedReport(
        hours,
        symptoms.recovery_day(hours),
        tuple(scores),
        tuple(least),
        tuple(p50),
        tuple(p90),
        tuple(p97_5),
        _strongest(answers, ranges),
    )


def _strongest(answers: symptoms.AnswerRanges, ranges: symptoms.AnswerRanges) -> float:
    if not answers:
        # Protocols published before they had the ranges keep their bounds, also those no answer reaches.
        return math.inf
    return max(low for low, _ in ranges.values()) if ranges else symptoms.MAX_SCORE


def spaced_reports(looks: Sequence[BandedReport], *, before: float, hours: float) -> tuple[BandedReport, ...]:
    """The reports earlier than `before`, each at least `hours` apart from the next: reports sent twice, or
    minutes apart, show one moment. `looks` stand in order of hours."""
    kept: list[BandedReport] = []
    following = before
    for look in reversed(looks):
        if look.hours < before and following - look.hours >= hours:
            kept.append(look)
            following = look.hours
    return tuple(reversed(kept))


def hours_running(looks: Sequence[BandedReport], *, count: int) -> float:
    """Hours from the first to the last of the newest `count` reports, of which `looks` are all in order."""
    running = looks[-count:]
    return running[-1].hours - running[0].hours
