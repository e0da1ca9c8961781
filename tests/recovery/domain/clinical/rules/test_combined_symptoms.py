"""Rules over several symptoms, or over the days, at and around their bounds."""

from __future__ import annotations

import pytest

from recovery.domain.clinical import assessment, protocol, symptoms
from tests.support.data.judged_courses import judge, rules, seen

Level = symptoms.Level
Rule = assessment.AssessmentRule
Symptom = symptoms.Symptom


@pytest.mark.parametrize(
    ("redness", "swelling", "itching", "level"),
    [
        (4, 2, 0, None),  # 1 + 0 points: swelling is not above its p97.5
        (4, 3, 0, Level.ABNORMAL),  # above p90 by 2 and 2: 4 points from core symptoms
        (4, 0, 5, Level.WATCH),  # above p90 by 2 and 2: 4 points with itching
        (4, 0, 4, None),  # itching on its p97.5
        (9, 0, 0, None),  # one symptom is no cluster
    ],
)
def test_cluster_at_and_around_its_bounds(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    redness: int,
    swelling: int,
    itching: int,
    level: Level | None,
) -> None:
    found = judge(standard, pen, seen(72, redness=redness, swelling=swelling, itching=itching))
    assert rules(found).get(Rule.CLUSTER) is level


def test_cluster_counts_from_the_patients_own_lowest(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    found = judge(standard, pen, seen(72, pain=0, itching=2), seen(96, pain=2, itching=4))
    finding = next(item for item in found.findings if item.rule is Rule.CLUSTER)
    assert (finding.level, finding.value, finding.bound) == (Level.WATCH, 4, 4)
    assert finding.several == (Symptom.PAIN, Symptom.ITCHING)


@pytest.mark.parametrize(
    ("hours", "before", "pain", "itching", "flagged"),
    [
        (84, 0, 1, 2, False),  # itching below its p90 of 2.5
        (84, 0, 1, 3, True),
        (83.9, 0, 1, 3, False),  # not before day 4
        (144, 0, 1, 1, False),  # itching on its p90
        (144, 0, 1, 2, True),
        (144, 0, 0, 2, False),
        (144, 1, 1, 2, False),  # 1 and 0 points: two above the lowest itching, none for pain
        (144, 1, 2, 2, False),  # 1 and 1 points
        (144, 1, 2, 3, True),  # 1 and 2 points
    ],
)
def test_pain_and_itching_that_come_back_together(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    hours: float,
    before: int,
    pain: int,
    itching: int,
    flagged: bool,
) -> None:
    found = judge(
        standard,
        pen,
        seen(hours - 24, pain=before, itching=before),
        seen(hours, pain=pain, itching=itching),
    )
    assert rules(found).get(Rule.CLUSTER) is (Level.WATCH if flagged else None)
