"""One report judged against the expected course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recovery.domain import findings, looks, plausibility, symptoms
from recovery.domain.findings import Finding, Rule, from_dict, to_dict
from recovery.domain.protocol import Protocol
from recovery.domain.rules import scores, signs

__all__ = ["Assessment", "Finding", "PastCourse", "Rule", "assess", "from_dict", "to_dict"]

SCORE_RULES = (scores.far_above, scores.persistence, scores.late)
"""Every rule that looks at scores, in the order in which findings are told."""


@dataclass(frozen=True, kw_only=True)
class PastCourse:
    """The reports after an earlier treatment of the same patient."""

    treatment: symptoms.TreatmentFacts
    observations: tuple[symptoms.Observation, ...]


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """How one report stands: the most urgent level of its findings, `expected` without any.

    `ask_again` lists entries to confirm; `hours` is since the treatment, `day` the recovery day.
    """

    level: symptoms.Level
    day: int
    hours: float
    protocol_version: str
    findings: tuple[findings.Finding, ...]
    ask_again: tuple[symptoms.Symptom, ...]


def assess(
    observation: symptoms.Observation,
    *,
    history: Sequence[symptoms.Observation],
    treatment: symptoms.TreatmentFacts,
    protocol: Protocol,
    earlier: Sequence[PastCourse] = (),
    settled: bool = True,
) -> Assessment:
    """Judge a report by the other reports of its course.

    `history` comes in any order; only reports of earlier `hours` count. Right after a report arrived
    (`settled=False`) entries under question raise nothing yet; warning signs never wait. The first
    12 hours are judged by warning signs only. `earlier` are the patient's previous courses.
    """
    table = protocol.curves.table(treatment)
    past = sorted((other for other in history if other.hours < observation.hours), key=_hours)
    doubtful = plausibility.doubtful(
        observation, before=past[-1] if past else None, table=table, rule=protocol.rules.plausibility
    )
    ask_again = tuple(symptom for symptom in doubtful if symptom not in observation.confirmed)
    look = looks.look_at(observation, table=table, without=() if settled else ask_again)
    found = list(signs.warning_sign(observation.warning_signs, day=look.day, course=protocol))
    if look.day >= 1:
        general = protocol.rules.general
        before = [looks.look_at(other, table=table) for other in past]
        view = looks.View(
            look=look,
            past=looks.apart(before, before=look.hours, hours=general.apart_hours),
            rules=protocol.rules,
            fine=treatment.skin_type in general.fine_skin_types,
        )
        for rule in SCORE_RULES:
            found.extend(rule(view))
    return Assessment(
        level=max((finding.level for finding in found), key=_rank, default=symptoms.Level.EXPECTED),
        day=look.day,
        hours=observation.hours,
        protocol_version=protocol.version,
        findings=tuple(found),
        ask_again=ask_again,
    )


def _hours(observation: symptoms.Observation) -> float:
    return observation.hours


def _rank(level: symptoms.Level) -> int:
    return level.rank
