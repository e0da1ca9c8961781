"""Reports held against their band, as the rules see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from recovery.domain.clinical import bands, symptoms, thresholds

SCORED = (
    symptoms.Symptom.REDNESS,
    symptoms.Symptom.SWELLING,
    symptoms.Symptom.PAIN,
    symptoms.Symptom.ITCHING,
)
"""The symptoms that score rules look at, in the order of every tuple of a `BandedReport`."""

REDNESS, SWELLING, PAIN, ITCHING = range(4)
CORE = (REDNESS, SWELLING, PAIN)
"""Where the symptoms that alarm by themselves stand in `SCORED`."""


@dataclass(frozen=True, slots=True)
class BandedReport:
    """One report: per symptom of `SCORED` its score and band. An optional score left out stands at p50;
    a required one left out is None and raises nothing."""

    hours: float
    day: int
    scores: tuple[float | None, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]
    p97_5: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PersonalFactors:
    """What the patient's own reports say, 1 for the ordinary patient: `widen` times the upper bounds,
    `redness` times the redness expected later."""

    widen: float = 1.0
    redness: float = 1.0


ORDINARY = PersonalFactors()


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

    def lowest_score(self, index: int, *, since: int = 0) -> float | None:
        """The lowest earlier score from day `since` on, None without one."""
        scores = (look.scores[index] for look in self.past if look.day >= since)
        return min((score for score in scores if score is not None), default=None)


def band_report(
    observation: symptoms.Observation, *, table: bands.BandTable, without: Collection[symptoms.Symptom] = ()
) -> BandedReport:
    """A report held against the bands of its treatment; entries `without` count as left out."""
    hours = observation.hours
    where = bands.locate_knot(table.hours, hours)
    given = observation.scores
    p50, p90, p97_5 = [], [], []
    scores: list[float | None] = []
    for symptom in SCORED:
        low, high, top = bands.interpolate_values(table.bands[symptom], where)
        p50.append(low)
        p90.append(high)
        p97_5.append(top)
        score = None if symptom in without else given.get(symptom)
        if score is None and symptom not in symptoms.REQUIRED:
            scores.append(low)
        else:
            scores.append(score)
    return BandedReport(
        hours, symptoms.recovery_day(hours), tuple(scores), tuple(p50), tuple(p90), tuple(p97_5)
    )


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
