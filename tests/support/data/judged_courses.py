"""Reports in short, judged under the shipped protocol."""

from __future__ import annotations

from collections.abc import Mapping

from recovery.domain.clinical import assessment, protocol, symptoms

Level = symptoms.Level
Rule = assessment.AssessmentRule
Sign = symptoms.WarningSign
Symptom = symptoms.Symptom
NUMBERS = symptoms.AnswerScale.NUMBERS
WORDS = symptoms.AnswerScale.WORDS


def seen(
    hours: float,
    *signs: Sign,
    confirmed: bool = True,
    scale: symptoms.AnswerScale = NUMBERS,
    **scores: int,
) -> symptoms.Observation:
    """A report with these scores; redness, swelling and peeling are 0 where they are not given."""
    return scored(hours, scores, *signs, confirmed=confirmed, scale=scale)


def scored(
    hours: float,
    scores: dict[str, int],
    *signs: Sign,
    confirmed: bool = True,
    scale: symptoms.AnswerScale = NUMBERS,
) -> symptoms.Observation:
    """As `seen`, with the scores by their names."""
    given = {"redness": 0, "swelling": 0, "peeling": 0} | scores
    named = {Symptom(name): score for name, score in given.items()}
    return symptoms.Observation(
        hours=hours,
        scores=named,
        warning_signs=frozenset(signs),
        confirmed=frozenset(named) if confirmed else frozenset(),
        scale=scale,
    )


def judge(
    standard: protocol.Protocol,
    treatment: symptoms.TreatmentFacts,
    *reports: symptoms.Observation,
    settled: bool = True,
    override: assessment.BandOverride | None = None,
) -> assessment.Assessment:
    """The last report judged by the ones before it."""
    *history, last = reports
    return assessment.assess(
        last,
        history=history,
        treatment=treatment,
        protocol=standard,
        settled=settled,
        override=override,
    )


def rules(found: assessment.Assessment) -> Mapping[Rule, Level]:
    """The level of each rule that raised something."""
    return {finding.rule: finding.level for finding in found.findings}


def held(found: assessment.Assessment) -> Mapping[Rule, Level]:
    """The level of each rule that spoke and is asked about first."""
    return {finding.rule: finding.level for finding in found.held}


def told(found: assessment.Assessment, rule: Rule) -> str:
    """What one rule came to: its level in a word, after "held" where it is asked about first, or nothing."""
    raised, waiting = rules(found).get(rule), held(found).get(rule)
    assert raised is None or waiting is None
    if waiting is not None:
        return f"held {waiting.value}"
    return "" if raised is None else raised.value
