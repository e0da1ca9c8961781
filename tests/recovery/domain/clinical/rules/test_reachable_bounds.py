"""Every bound of the protocol that ships can be passed, on either scale and after any treatment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recovery.domain.clinical import assessment, protocol, symptoms
from tests.support.data.judged_courses import judge, scored

Level = symptoms.Level
Rule = assessment.AssessmentRule
Scale = symptoms.AnswerScale
Symptom = symptoms.Symptom
PEN, RF = symptoms.Device.PEN, symptoms.Device.RF
TREATMENTS = [
    symptoms.TreatmentFacts(device=device, depth_mm=depth, skin_type=skin_type)
    for device, depths in ((PEN, (0.5, 1.2, 1.75, 2.2, 3.0)), (RF, (1.5, 2.5, 3.5)))
    for depth in depths
    for skin_type in (2, 5)
]
STRONGEST = {Scale.NUMBERS: 10, Scale.WORDS: 9}
STRONG = {Scale.NUMBERS: 7, Scale.WORDS: 6}
LAST_DAY = 28


def spoken(
    standard: protocol.Protocol,
    facts: symptoms.TreatmentFacts,
    scale: Scale,
    *reports: tuple[float, dict[str, int]],
) -> Iterator[tuple[Rule, Level]]:
    """What the last of these reports comes to, what is asked about first too."""
    found = judge(standard, facts, *(scored(hours, scores, scale=scale) for hours, scores in reports))
    return ((one.rule, one.level) for one in (*found.findings, *found.held))


@pytest.mark.parametrize("scale", Scale)
@pytest.mark.parametrize(
    "facts", TREATMENTS, ids=lambda facts: f"{facts.device} {facts.depth_mm} {facts.skin_type}"
)
def test_what_is_late_can_be_said_of_each_symptom_of_each_step(
    standard: protocol.Protocol, facts: symptoms.TreatmentFacts, scale: Scale
) -> None:
    never = [
        (step.from_day, symptom)
        for step in standard.rules.late
        for symptom in step.scores
        if not any(
            (Rule.LATE, step.level)
            in spoken(standard, facts, scale, (24.0 * day, {symptom: STRONGEST[scale]}))
            for day in range(step.from_day, LAST_DAY + 1)
        )
    ]
    assert never == []


@pytest.mark.parametrize("scale", Scale)
@pytest.mark.parametrize(
    "facts", TREATMENTS, ids=lambda facts: f"{facts.device} {facts.depth_mm} {facts.skin_type}"
)
def test_every_other_rule_can_speak_at_each_of_its_levels(
    standard: protocol.Protocol, facts: symptoms.TreatmentFacts, scale: Scale
) -> None:
    most, strong, calm = STRONGEST[scale], STRONG[scale], {"redness": 0, "itching": 0}
    reached: set[tuple[Rule, Level]] = set()
    for course in (
        [(6.0, {"pain": most})],
        [(168.0, {"pain": most})],
        [(168.0, {"redness": most, "itching": most})],
        [(168.0, calm), (192.0, {"redness": strong})],
        [(168.0, calm), (192.0, {"redness": strong, "swelling": strong})],
        [(168.0, {"redness": strong}), (192.0, {"redness": strong})],
        [(168.0, {"redness": 2, "itching": most})],
        [(168.0, {"redness": strong, "swelling": 2, "itching": strong})],
        [(168.0, {"itching": 4}), (192.0, {"itching": 4})],
    ):
        reached.update(spoken(standard, facts, scale, *course))
    rules = standard.rules
    wanted = {
        (Rule.FAR_ABOVE, rules.alone.level),
        (Rule.FAR_ABOVE, rules.far_above.level),
        (Rule.REBOUND, rules.alone.level),
        (Rule.REBOUND, rules.rebound.level),
        (Rule.PERSISTENCE, rules.persistence.level),
        (Rule.CLUSTER, rules.cluster.level),
        (Rule.CLUSTER, rules.cluster.urgent_level),
        (Rule.PERSONAL_BAND, rules.personal_band.level),
        (Rule.ITCH, rules.itch.level),
    }
    assert wanted - reached == set()
