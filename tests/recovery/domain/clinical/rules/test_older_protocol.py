"""A protocol that was published judges for ever as it did: nothing of what came later touches it."""

from __future__ import annotations

import pytest

from recovery.domain.clinical import assessment, protocol, symptoms
from tests.support.data.judged_courses import WORDS, judge, rules, scored, seen

Level = symptoms.Level
Rule = assessment.AssessmentRule
Sign = symptoms.WarningSign
Symptom = symptoms.Symptom


@pytest.fixture(scope="module")
def older(older_text: str) -> protocol.Protocol:
    return protocol.parse(older_text)


CASES: list[tuple[list[tuple[float, dict[str, int]]], dict[Rule, Level]]] = [
    # The first twelve hours are judged by signs only.
    ([(11.9, {"redness": 10, "swelling": 10, "pain": 10, "itching": 10})], {}),
    # A first finding is raised at once.
    ([(96, {"pain": 3})], {Rule.LATE: Level.WATCH}),
    ([(48, {"swelling": 6})], {Rule.FAR_ABOVE: Level.WATCH}),
    ([(48, {"swelling": 7})], {Rule.FAR_ABOVE: Level.WATCH}),
    ([(48, {"swelling": 8})], {Rule.FAR_ABOVE: Level.ABNORMAL}),
    ([(48, {"swelling": 6, "redness": 4})], {Rule.FAR_ABOVE: Level.ABNORMAL}),
    ([(72, {"redness": 1}), (96, {"redness": 3})], {}),
    ([(48, {"redness": 1}), (72, {"redness": 5})], {Rule.REBOUND: Level.WATCH}),
    ([(48, {"redness": 5}), (72, {"redness": 4})], {Rule.PERSISTENCE: Level.WATCH}),
    ([(72, {"redness": 4, "itching": 5})], {Rule.CLUSTER: Level.WATCH, Rule.PERSONAL_BAND: Level.WATCH}),
    # Itching counts from day 4 on and does not have to go because it lasts.
    ([(60, {"itching": 9})], {}),
    ([(72, {"itching": 5}), (96, {"itching": 5})], {}),
    ([(96, {"itching": 6})], {Rule.ITCH: Level.WATCH}),
    # Pain is late from day 5 on; flakes, dryness and bruises never are.
    ([(107.9, {"pain": 2})], {}),
    ([(108, {"pain": 2})], {Rule.LATE: Level.WATCH}),
    ([(168, {"redness": 1, "peeling": 10, "dryness": 10, "bruising": 10})], {}),
    ([(336, {"itching": 2, "peeling": 10})], {}),
    # No cap: what cannot be reached is not reached.
    ([(12, {"redness": 10})], {}),
    # The first day teaches however strong it was.
    ([(6, {"redness": 10, "swelling": 10}), (24, {"redness": 9})], {}),
    ([(6, {"redness": 5, "swelling": 3}), (24, {"redness": 9})], {Rule.FAR_ABOVE: Level.ABNORMAL}),
]


@pytest.mark.parametrize(("course", "expected"), CASES)
def test_findings_are_raised_as_they_were(
    older: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    course: list[tuple[float, dict[str, int]]],
    expected: dict[Rule, Level],
) -> None:
    found = judge(older, pen, *(scored(hours, scores) for hours, scores in course))
    assert rules(found) == expected
    worst = max(expected.values(), key=lambda level: level.rank, default=Level.EXPECTED)
    assert (found.level, found.held, found.open_matter) == (worst, (), None)
    assert found.protocol_version == "standard-2026-11"


@pytest.mark.parametrize(("course", "expected"), CASES)
def test_the_five_answers_were_numbers(
    older: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    course: list[tuple[float, dict[str, int]]],
    expected: dict[Rule, Level],
) -> None:
    assert (
        rules(judge(older, pen, *(scored(hours, scores, scale=WORDS) for hours, scores in course)))
        == expected
    )


def test_radio_frequency_on_its_first_day_had_a_bound_that_no_score_reached(older: protocol.Protocol) -> None:
    rf = symptoms.TreatmentFacts(device=symptoms.Device.RF)
    assert judge(older, rf, seen(24, redness=10)).findings == ()
    assert rules(judge(older, rf, seen(24, swelling=10))) == {Rule.FAR_ABOVE: Level.ABNORMAL}


@pytest.mark.parametrize(
    ("signs", "level"),
    [
        ((Sign.FEVER, Sign.SPREADING_HEAT), Level.EMERGENCY),
        ((Sign.CHILLS, Sign.SPREADING_HEAT), Level.ABNORMAL),
        ((Sign.FEVER, Sign.EYE_AREA_INFECTION), Level.ABNORMAL),
        ((Sign.FEVER, Sign.PUS), Level.ABNORMAL),
        ((Sign.FEVER, Sign.PAIN_RISING), Level.ABNORMAL),
        ((Sign.CHEST_PAIN,), Level.EMERGENCY),
    ],
)
def test_signs_together_were_what_it_says(
    older: protocol.Protocol,
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    signs: tuple[Sign, ...],
    level: Level,
) -> None:
    assert judge(older, pen, seen(30, *signs)).level is level
    assert judge(standard, pen, seen(30, *signs)).level is Level.EMERGENCY


def test_a_whole_course_stands_as_it_stood(older: protocol.Protocol) -> None:
    dark = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, skin_type=5)
    course = [
        seen(6, redness=4, swelling=3),
        seen(25, redness=3, swelling=2),
        seen(49, redness=1, swelling=1, itching=1),
        seen(73, redness=3, pain=1, itching=2),
        seen(97, redness=4, pain=3, itching=4),
        seen(121, Sign.WORRIED, redness=4, pain=4),
        seen(169, redness=2, pain=0),
    ]
    judged = assessment.assess_all(course, treatment=dark, protocol=older)
    assert [(found.level, rules(found)) for found in judged[:4]] == [(Level.EXPECTED, {})] * 4
    fifth, sixth, last = judged[4:]
    assert [(item.rule, item.level, item.symptom, item.value) for item in fifth.findings] == [
        (Rule.REBOUND, Level.ABNORMAL, Symptom.REDNESS, 4),
        (Rule.CLUSTER, Level.ABNORMAL, None, 6),
        (Rule.LATE, Level.WATCH, Symptom.REDNESS, 4),
        (Rule.LATE, Level.WATCH, Symptom.PAIN, 3),
        (Rule.PERSONAL_BAND, Level.WATCH, Symptom.REDNESS, 4),
        (Rule.ITCH, Level.WATCH, Symptom.ITCHING, 4),
    ]
    assert [(item.rule, item.level, item.symptom) for item in sixth.findings] == [
        (Rule.WARNING_SIGN, Level.ABNORMAL, None),
        (Rule.REBOUND, Level.ABNORMAL, Symptom.REDNESS),
        (Rule.CLUSTER, Level.ABNORMAL, None),
        (Rule.PERSISTENCE, Level.WATCH, Symptom.REDNESS),
        (Rule.LATE, Level.WATCH, Symptom.REDNESS),
        (Rule.LATE, Level.WATCH, Symptom.PAIN),
        (Rule.PERSONAL_BAND, Level.WATCH, Symptom.REDNESS),
    ]
    assert (last.level, rules(last)) == (Level.WATCH, {Rule.PERSONAL_BAND: Level.WATCH})
