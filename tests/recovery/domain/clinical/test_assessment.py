from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from recovery.domain.clinical import assessment, protocol, symptoms

Level = symptoms.Level
Rule = assessment.AssessmentRule
Sign = symptoms.WarningSign
Symptom = symptoms.Symptom


def seen(hours: float, *signs: Sign, confirmed: bool = True, **scores: int) -> symptoms.Observation:
    return scored(hours, scores, *signs, confirmed=confirmed)


def scored(
    hours: float, scores: dict[str, int], *signs: Sign, confirmed: bool = True
) -> symptoms.Observation:
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
    *history, last = reports
    return assessment.assess(last, history=history, treatment=treatment, protocol=standard, settled=settled)


def rules(found: assessment.Assessment) -> Mapping[Rule, Level]:
    return {finding.rule: finding.level for finding in found.findings}


@pytest.mark.parametrize(
    ("sign", "level"),
    [(Sign.BREATHING, Level.EMERGENCY), (Sign.WORRIED, Level.ABNORMAL), (Sign.BUMPS, Level.WATCH)],
)
def test_a_sign_has_the_urgency_of_the_protocol_on_any_day(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts, sign: Sign, level: Level
) -> None:
    for hours in (2.0, 50.0, 336.0):
        assert judge(standard, pen, seen(hours, sign)).level is level


def test_fever_with_spreading_heat_is_an_emergency(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    assert judge(standard, pen, seen(50, Sign.FEVER)).level is Level.ABNORMAL
    both = judge(standard, pen, seen(50, Sign.FEVER, Sign.SPREADING_HEAT))
    assert both.level is Level.EMERGENCY
    assert both.findings[-1].signs == (Sign.SPREADING_HEAT, Sign.FEVER)


def test_the_first_twelve_hours_are_judged_by_signs_only(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    assert judge(standard, pen, seen(11.99, redness=10, swelling=10, pain=10)).findings == ()
    assert judge(standard, pen, seen(12, redness=10, swelling=10, pain=10)).level is Level.ABNORMAL
    assert judge(standard, pen, seen(3, Sign.PUS, redness=10)).level is Level.ABNORMAL


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


@pytest.mark.parametrize(
    ("before", "now", "rose"),
    [
        ({"redness": 1}, {"redness": 4}, True),
        ({"redness": 1}, {"redness": 3}, False),
        ({"redness": 2, "pain": 0}, {"redness": 4, "pain": 1}, True),
        ({"redness": 0, "pain": 0}, {"redness": 2, "pain": 1}, False),  # neither above its p90
        ({"redness": 2, "pain": 1}, {"redness": 5, "pain": 0}, True),  # a fall takes nothing away
        ({"redness": 1, "itching": 0}, {"redness": 3, "itching": 9}, False),
    ],
)
def test_scores_that_rise_together_to_above_what_is_expected(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    before: dict[str, int],
    now: dict[str, int],
    rose: bool,
) -> None:
    def rising(*history: symptoms.Observation) -> bool:
        return assessment.scores_are_rising(
            scored(72, now), history=history, treatment=pen, protocol=standard
        )

    assert rising(scored(48, before)) is rose
    assert rising(scored(71.9, now), scored(48, before)) is rose  # sent twice
    assert rising(scored(96, before), scored(48, before), seen(24)) is rose
    assert not rising()


def test_a_strong_reaction_widens_what_a_rise_is_held_against(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    def rising(*history: symptoms.Observation) -> bool:
        return assessment.scores_are_rising(
            seen(36, redness=5), history=history, treatment=pen, protocol=standard
        )

    assert rising(seen(24, redness=2))
    assert rising(seen(6, redness=5, swelling=3), seen(24, redness=2))
    assert not rising(seen(6, redness=10, swelling=10), seen(24, redness=2))
    assert not assessment.scores_are_rising(
        seen(11.9, redness=10), history=[seen(1)], treatment=pen, protocol=standard
    )


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


def test_a_report_sent_twice_is_one_moment(standard: protocol.Protocol, pen: symptoms.TreatmentFacts) -> None:
    found = judge(standard, pen, seen(48, redness=4, pain=2), seen(48.1, redness=4, pain=2))
    assert Rule.PERSISTENCE not in rules(found)


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


def test_a_score_under_question_raises_nothing_until_the_hold_ends(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    report = seen(48, Sign.BUMPS, redness=9, confirmed=False)
    held = judge(standard, pen, report, settled=False)
    assert held.ask_again == (Symptom.REDNESS,)
    assert rules(held) == {Rule.WARNING_SIGN: Level.WATCH}
    assert judge(standard, pen, report).level is Level.ABNORMAL
    confirmed = judge(standard, pen, seen(48, redness=9), settled=False)
    assert confirmed.ask_again == ()
    assert confirmed.level is Level.ABNORMAL


def test_only_earlier_hours_count_whatever_the_order_of_arrival(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    last = seen(96, redness=3)
    others = [seen(72, redness=3), seen(48, redness=4), seen(120, redness=9), seen(96, redness=8)]
    forward = assessment.assess(last, history=others, treatment=pen, protocol=standard)
    backward = assessment.assess(last, history=others[::-1], treatment=pen, protocol=standard)
    alone = assessment.assess(last, history=others[:2], treatment=pen, protocol=standard)
    assert forward == backward == alone


def test_the_protocol_version_is_kept(standard: protocol.Protocol, pen: symptoms.TreatmentFacts) -> None:
    found = judge(standard, pen, seen(30))
    assert (found.protocol_version, found.day, found.hours) == ("standard-2026-11", 1, 30)
    assert found.level is Level.EXPECTED


def test_findings_survive_json(standard: protocol.Protocol, pen: symptoms.TreatmentFacts) -> None:
    found = judge(
        standard,
        pen,
        seen(48, redness=6),
        seen(96, Sign.FEVER, Sign.SPREADING_HEAT, redness=7, swelling=4, pain=3),
    )
    assert len({finding.rule for finding in found.findings}) >= 3
    for finding in found.findings:
        stored = json.loads(json.dumps(assessment.to_dict(finding)))
        assert assessment.from_dict(stored) == finding
