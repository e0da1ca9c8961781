"""Each rule at and around its bounds, and what else has to hold for it to speak."""

from __future__ import annotations

import pytest

from recovery.domain.clinical import assessment, protocol, symptoms
from tests.support.data.judged_courses import judge, rules, scored, seen

Level = symptoms.Level
Rule = assessment.AssessmentRule
Symptom = symptoms.Symptom


@pytest.mark.parametrize(
    ("hours", "scores", "level"),
    [
        (24, {"redness": 8}, None),
        (24, {"redness": 9}, Level.ABNORMAL),
        (24, {"redness": 10}, Level.ABNORMAL),
        (48, {"swelling": 5}, None),
        (48, {"swelling": 6}, Level.WATCH),
        (48, {"swelling": 7}, Level.WATCH),
        (48, {"swelling": 8}, Level.ABNORMAL),
        (48, {"swelling": 6, "redness": 3}, Level.WATCH),  # redness on its p90
        (48, {"swelling": 6, "redness": 4}, Level.ABNORMAL),
        (48, {"swelling": 6, "itching": 4}, Level.ABNORMAL),
        (48, {"swelling": 6, "peeling": 10}, Level.WATCH),
        (96, {"pain": 5}, None),
        (96, {"pain": 6}, Level.WATCH),
        (96, {"pain": 6, "redness": 1}, Level.WATCH),
        (96, {"pain": 6, "redness": 2}, Level.ABNORMAL),
        (48, {"peeling": 10}, None),
    ],
)
def test_far_above_at_and_around_its_bound(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    hours: float,
    scores: dict[str, int],
    level: Level | None,
) -> None:
    found = judge(standard, pen, scored(hours, scores))
    assert rules(found).get(Rule.FAR_ABOVE) is level


@pytest.mark.parametrize(
    ("hours", "pain", "level"),
    [(24, 3, Level.ABNORMAL), (24, 2, Level.WATCH), (6, 3, Level.WATCH)],
)
def test_the_report_before_speaks_for_a_symptom_that_stands_alone(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts, hours: float, pain: int, level: Level
) -> None:
    found = judge(standard, pen, seen(hours, pain=pain), seen(48, pain=6))
    assert rules(found)[Rule.FAR_ABOVE] is level


@pytest.mark.parametrize(
    ("skin_type", "first", "second", "flagged"),
    [
        (2, 1, 4, False),
        (2, 1, 5, True),
        (2, 1, 6, True),
        (2, 2, 5, False),
        (5, 1, 3, False),
        (5, 1, 4, True),
        (5, 2, 4, False),
    ],
)
def test_rebound_at_and_around_its_bounds(
    standard: protocol.Protocol, skin_type: int, first: int, second: int, flagged: bool
) -> None:
    treatment = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, skin_type=skin_type)
    found = judge(standard, treatment, seen(48, redness=first), seen(72, redness=second))
    assert rules(found).get(Rule.REBOUND) is (Level.WATCH if flagged else None)
    found = judge(standard, treatment, seen(48, redness=first), seen(72, redness=second, pain=2))
    assert rules(found).get(Rule.REBOUND) is (Level.ABNORMAL if flagged else None)


def test_rebound_never_speaks_before_its_day(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    early = judge(standard, pen, seen(20, redness=0), seen(35.9, redness=8))
    assert Rule.REBOUND not in rules(early)
    assert Rule.REBOUND in rules(judge(standard, pen, seen(20, redness=0), seen(36, redness=8)))


@pytest.mark.parametrize(
    ("hours", "before", "now", "flagged"),
    [
        (96, 5, 5, False),
        (96, 6, 6, True),
        (83.9, 6, 6, False),
        (96, 1, 3, False),
        (96, 1, 4, True),
        (120, 0, 2, False),
        (120, 0, 3, True),
    ],
)
def test_itch_at_and_around_its_bounds(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    hours: float,
    before: int,
    now: int,
    flagged: bool,
) -> None:
    found = judge(standard, pen, seen(hours - 24, itching=before), seen(hours, itching=now))
    assert (rules(found).get(Rule.ITCH) is Level.WATCH) is flagged


@pytest.mark.parametrize(
    ("first", "second", "flagged"),
    [
        (5, 4, True),  # above p97.5 (4, then 3) twice
        (6, 5, True),
        (5, 3, False),  # on the second bound
        (4, 4, False),  # on the first bound; above p90 (3, then 2) twice only
    ],
)
def test_persistence_at_and_around_its_bounds(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts, first: int, second: int, flagged: bool
) -> None:
    found = judge(standard, pen, seen(48, redness=first), seen(72, redness=second))
    assert (rules(found).get(Rule.PERSISTENCE) is Level.WATCH) is flagged


@pytest.mark.parametrize(("last", "flagged"), [(4, True), (3, False)])
def test_persistence_above_p90_needs_a_course_that_does_not_fall(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts, last: int, flagged: bool
) -> None:
    reports = [seen(36, redness=5), seen(48, redness=4), seen(60, redness=last)]
    found = judge(standard, pen, *reports)
    assert (Rule.PERSISTENCE in rules(found)) is flagged


def test_persistence_counts_the_reports_above_the_band(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    found = judge(standard, pen, *(seen(24.0 * day, redness=6) for day in (2, 3, 4)))
    finding = next(item for item in found.findings if item.rule is Rule.PERSISTENCE)
    assert (finding.count, finding.value, finding.bound, finding.day) == (3, 6, 2, 4)


@pytest.mark.parametrize(
    ("skin_type", "hours", "scores", "flagged"),
    [
        (2, 84, {"redness": 3}, False),
        (2, 84, {"redness": 4}, True),
        (2, 83.9, {"redness": 4}, False),
        (4, 84, {"redness": 2}, False),
        (4, 84, {"redness": 3}, True),
        (2, 96, {"swelling": 2}, False),
        (2, 96, {"swelling": 3}, True),
        (2, 96, {"pain": 2}, False),
        (2, 96, {"pain": 3}, True),
        (2, 107.9, {"pain": 2}, False),
        (2, 108, {"pain": 2}, True),
        (2, 108, {"pain": 1}, False),
        (2, 336, {"redness": 1}, False),
        (2, 336, {"redness": 2}, True),
    ],
)
def test_late_at_and_around_its_bounds(
    standard: protocol.Protocol, skin_type: int, hours: float, scores: dict[str, int], flagged: bool
) -> None:
    treatment = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, skin_type=skin_type)
    found = judge(standard, treatment, scored(hours, scores))
    assert (rules(found).get(Rule.LATE) is Level.WATCH) is flagged
