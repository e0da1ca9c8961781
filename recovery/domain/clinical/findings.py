"""The names of the rules, a finding as one of them gives it (level, value, bound), and its plain form for
storage and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from recovery.domain.clinical import symptoms


class AssessmentRule(StrEnum):
    """The rules by which a report is judged."""

    WARNING_SIGN = "warning_sign"
    FAR_ABOVE = "far_above"
    REBOUND = "rebound"
    PERSISTENCE = "persistence"
    LATE = "late"
    ITCH = "itch"
    CLUSTER = "cluster"
    PERSONAL_BAND = "personal_band"
    OVERRIDE = "override"
    SILENCE = "silence"
    TOLD = "told"


class SignMention(StrEnum):
    """How a sign stands in the patient's own words: named, named only with a "no", or perhaps meant."""

    NAMED = "named"
    DENIED = "denied"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One reason to look at a report.

    `value` was reported, `bound` is the most that was expected, `reference` the patient's own earlier
    figure that a rule compares with, `count` how many reports running are above, this one included.
    `value_range` and `reference_range` are the scores meant where those are the middle of an answer in words.
    `several` are the symptoms that count together, where a rule looks at several; `signs` those that are
    worse together than alone. `said` marks a sign that was read from words instead of an answer: a nurse
    reads the words first. `strongest` is the area in which the patient said that it is strongest.
    """

    rule: AssessmentRule
    level: symptoms.Level
    day: int
    symptom: symptoms.Symptom | None = None
    sign: symptoms.WarningSign | None = None
    value: float | None = None
    bound: float | None = None
    reference: float | None = None
    count: int = 1
    several: tuple[symptoms.Symptom, ...] = ()
    signs: tuple[symptoms.WarningSign, ...] = ()
    said: SignMention | None = None
    value_range: tuple[int, int] | None = None
    reference_range: tuple[int, int] | None = None
    strongest: symptoms.Area | None = None


def placed(found: Sequence[Finding], *, area: symptoms.Area | None) -> tuple[Finding, ...]:
    """These findings of one report; those by its scores say in which area the patient sees most of it."""
    return tuple(
        one if one.rule is AssessmentRule.WARNING_SIGN else replace(one, strongest=area) for one in found
    )


def only_in_doubt(found: Sequence[Finding]) -> bool:
    """Whether nothing but words that may mean something else makes this an emergency.

    A nurse sees to it like to any emergency; the patient is told conditionally.
    """
    urgent = [finding for finding in found if finding.level is symptoms.Level.EMERGENCY]
    return bool(urgent) and all(finding.said is SignMention.DOUBTFUL for finding in urgent)


def to_dict(finding: Finding) -> dict[str, Any]:
    """A finding as plain JSON values; `from_dict` gives the same finding back."""
    return {
        "rule": finding.rule.value,
        "level": finding.level.value,
        "day": finding.day,
        "symptom": finding.symptom.value if finding.symptom else None,
        "sign": finding.sign.value if finding.sign else None,
        "value": finding.value,
        "bound": finding.bound,
        "reference": finding.reference,
        "count": finding.count,
        "several": [symptom.value for symptom in finding.several],
        "signs": [sign.value for sign in finding.signs],
        "said": finding.said.value if finding.said else None,
        # Only where there is one: what was judged before is written as it was.
        **{
            name: list(meant)
            for name in ("value_range", "reference_range")
            if (meant := getattr(finding, name)) is not None
        },
        **({} if finding.strongest is None else {"strongest": finding.strongest.value}),
    }


def from_dict(stored: Mapping[str, Any]) -> Finding:
    """The finding that `to_dict` wrote. Raises `KeyError` or `ValueError` for anything else."""
    return Finding(
        rule=AssessmentRule(stored["rule"]),
        level=symptoms.Level(stored["level"]),
        day=stored["day"],
        symptom=symptoms.Symptom(stored["symptom"]) if stored["symptom"] else None,
        sign=symptoms.WarningSign(stored["sign"]) if stored["sign"] else None,
        value=stored["value"],
        bound=stored["bound"],
        reference=stored["reference"],
        count=stored["count"],
        several=tuple(symptoms.Symptom(item) for item in stored["several"]),
        signs=tuple(symptoms.WarningSign(item) for item in stored["signs"]),
        said=SignMention(stored["said"]) if stored.get("said") else None,
        value_range=_range(stored.get("value_range")),
        reference_range=_range(stored.get("reference_range")),
        strongest=symptoms.Area(stored["strongest"]) if stored.get("strongest") else None,
    )


def _range(stored: Sequence[int] | None) -> tuple[int, int] | None:
    if stored is None:
        return None
    least, most = stored
    return least, most
