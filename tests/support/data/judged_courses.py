"""Reports in short, judged under the shipped protocol."""

from __future__ import annotations

from collections.abc import Mapping

from recovery.domain.clinical import assessment, protocol, symptoms

Level = symptoms.Level
Rule = assessment.AssessmentRule
Sign = symptoms.WarningSign
Symptom = symptoms.Symptom


def seen(hours: float, *signs: Sign, confirmed: bool = True, **scores: int) -> symptoms.Observation:
    """A report with these scores; redness, swelling and peeling are 0 where they are not given."""
    return scored(hours, scores, *signs, confirmed=confirmed)


def scored(
    hours: float, scores: dict[str, int], *signs: Sign, confirmed: bool = True
) -> symptoms.Observation:
    """As `seen`, with the scores by their names."""
    given = {"redness": 0, "swelling": 0, "peeling": 0} | scores
    named = {Symptom(name): score for name, score in given.items()}
    return symptoms.Observation(
        hours=hours,
        scores=named,
        warning_signs=frozenset(signs),
        confirmed=frozenset(named) if confirmed else frozenset(),
    )


def judge(
    standard: protocol.Protocol,
    treatment: symptoms.TreatmentFacts,
    *reports: symptoms.Observation,
    settled: bool = True,
) -> assessment.Assessment:
    """The last report judged by the ones before it."""
    *history, last = reports
    return assessment.assess(last, history=history, treatment=treatment, protocol=standard, settled=settled)


def rules(found: assessment.Assessment) -> Mapping[Rule, Level]:
    """The level of each rule that spoke."""
    return {finding.rule: finding.level for finding in found.findings}
