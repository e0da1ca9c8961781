"""Findings that are asked about first, and what an answer leaves open."""

from __future__ import annotations

import dataclasses

import pytest

from recovery.domain.clinical import assessment, protocol, symptoms
from recovery.domain.clinical.asking import OpenMatter
from tests.support.data.judged_courses import WORDS, held, judge, rules, scored, seen, told

Level = symptoms.Level
Rule = assessment.AssessmentRule
Sign = symptoms.WarningSign
Symptom = symptoms.Symptom


def test_a_first_finding_is_held_and_a_second_is_raised(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    first, second = seen(96, swelling=3), seen(120, swelling=3)
    asked = judge(standard, pen, first)
    assert (asked.level, asked.findings) == (Level.EXPECTED, ())
    assert held(asked) == {Rule.LATE: Level.WATCH}
    assert asked.open_matter is OpenMatter.FINDING
    raised = judge(standard, pen, first, second)
    assert (raised.level, raised.held) == (Level.WATCH, ())
    assert rules(raised) == {Rule.LATE: Level.WATCH}
    assert raised.open_matter is not OpenMatter.FINDING
    # Another finding than the one that was held is a second finding as well.
    other = judge(standard, pen, first, seen(120, itching=6))
    assert (rules(other), other.held) == ({Rule.ITCH: Level.WATCH}, ())


@pytest.mark.parametrize(
    ("hours", "is_held"),
    [
        (96 + 7.9, True),  # the same moment sent twice
        (96 + 8, False),
        (96 + 60, False),
        (84 + 60.1, True),  # too long ago
    ],
)
def test_a_finding_is_raised_where_one_of_the_last_hours_was_held(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts, hours: float, is_held: bool
) -> None:
    first = 84 if hours == 84 + 60.1 else 96
    found = judge(standard, pen, seen(first, swelling=3), seen(hours, swelling=3))
    assert told(found, Rule.LATE) == ("held watch" if is_held else "watch")
    assert found.level is (Level.EXPECTED if is_held else Level.WATCH)


def test_only_the_report_just_before_counts(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    found = judge(standard, pen, seen(96, swelling=3), seen(116, pain=0), seen(136, swelling=3))
    assert told(found, Rule.LATE) == "held watch"


def test_what_the_evening_of_the_treatment_showed_is_no_first_finding(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    evening = judge(standard, pen, seen(11, pain=9))
    assert rules(evening) == {Rule.FAR_ABOVE: Level.ABNORMAL}
    found = judge(standard, pen, seen(11, pain=9), seen(24, redness=9))
    assert told(found, Rule.FAR_ABOVE) == "held watch"


def test_nothing_is_held_beside_a_sign_or_a_more_urgent_finding(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    with_sign = judge(standard, pen, seen(96, Sign.BUMPS, swelling=3))
    assert rules(with_sign) == {Rule.WARNING_SIGN: Level.WATCH, Rule.LATE: Level.WATCH}
    assert (with_sign.level, with_sign.held) == (Level.WATCH, ())
    urgent = judge(standard, pen, seen(96, redness=4, swelling=4))
    assert rules(urgent) == {
        Rule.CLUSTER: Level.ABNORMAL,
        Rule.LATE: Level.WATCH,
        Rule.PERSONAL_BAND: Level.WATCH,
    }
    assert urgent.held == ()


def test_a_sign_in_the_report_before_is_no_finding_by_scores(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    found = judge(standard, pen, seen(72, Sign.BUMPS), seen(96, swelling=3))
    assert told(found, Rule.LATE) == "held watch"


@pytest.mark.parametrize(
    ("hours", "scores", "raised", "waiting"),
    [
        (155.9, {"swelling": 3}, (), (Rule.LATE,)),
        (156, {"swelling": 3}, (Rule.LATE,), ()),  # day 7: no next question soon
        (155.9, {"itching": 6}, (), (Rule.ITCH,)),
        (155.9, {"itching": 6, "swelling": 3}, (Rule.CLUSTER, Rule.LATE, Rule.ITCH), ()),
        (96, {"pain": 3}, (Rule.LATE,), ()),
        # A cluster alone, with pain in it and without.
        (24, {"pain": 4, "itching": 7}, (Rule.CLUSTER,), ()),
        (96, {"swelling": 2, "itching": 4}, (), (Rule.CLUSTER,)),
    ],
)
def test_only_a_mild_finding_alone_of_the_first_days_without_pain_is_held(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    hours: float,
    scores: dict[str, int],
    raised: tuple[Rule, ...],
    waiting: tuple[Rule, ...],
) -> None:
    found = judge(standard, pen, scored(hours, scores))
    assert rules(found) == dict.fromkeys(raised, Level.WATCH)
    assert held(found) == dict.fromkeys(waiting, Level.WATCH)
    assert found.level is (Level.WATCH if raised else Level.EXPECTED)


def test_an_urgent_finding_alone_is_raised_at_once(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    found = judge(standard, pen, seen(48, redness=6, swelling=4))
    assert (rules(found), found.held) == ({Rule.CLUSTER: Level.ABNORMAL}, ())
    assert found.level is Level.ABNORMAL


def test_what_has_lasted_for_two_days_is_raised_at_once(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    course = [seen(hours, redness=redness, scale=WORDS) for hours, redness in ((19, 6), (43, 4), (67, 4))]
    assert judge(standard, pen, *course).findings == ()
    lasting = judge(standard, pen, *course, seen(115, redness=4, scale=WORDS))
    assert (rules(lasting), lasting.held) == ({Rule.PERSONAL_BAND: Level.WATCH}, ())
    assert lasting.findings[0].count == 2
    once = judge(standard, pen, course[0], seen(43), seen(67), seen(115, redness=4, scale=WORDS))
    assert (told(once, Rule.PERSONAL_BAND), once.held[0].count) == ("held watch", 1)
    assert standard.rules.ask_first is not None
    longer = dataclasses.replace(standard.rules.ask_first, lasting_hours=48.5)
    other = dataclasses.replace(standard, rules=dataclasses.replace(standard.rules, ask_first=longer))
    found = judge(other, pen, *course, seen(115, redness=4, scale=WORDS))
    assert told(found, Rule.PERSONAL_BAND) == "held watch"
    shorter = judge(
        standard, pen, *course[:2], seen(72, redness=4, scale=WORDS), seen(96, redness=4, scale=WORDS)
    )
    assert told(shorter, Rule.PERSONAL_BAND) == "held watch"


def test_a_patient_at_risk_is_not_asked_first(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    report = seen(96, swelling=3)
    for at_least, level in ((Level.WATCH, Level.WATCH), (Level.ABNORMAL, Level.ABNORMAL)):
        risk = assessment.BandOverride(at_least=at_least)
        found = judge(standard, pen, report, override=risk)
        assert (found.level, found.held) == (level, ())
    wide = judge(standard, pen, report, override=assessment.BandOverride(level=1.2))
    assert told(wide, Rule.LATE) == "held watch"


def test_only_findings_of_the_rules_named_are_held(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    assert standard.rules.ask_first is not None
    named = standard.rules.ask_first.rules
    assert named == set(Rule) - {Rule.WARNING_SIGN, Rule.OVERRIDE, Rule.SILENCE, Rule.TOLD}
    fewer = dataclasses.replace(standard.rules.ask_first, rules=named - {Rule.LATE})
    changed = dataclasses.replace(standard, rules=dataclasses.replace(standard.rules, ask_first=fewer))
    assert rules(judge(changed, pen, seen(96, swelling=3))) == {Rule.LATE: Level.WATCH}
    assert told(judge(changed, pen, seen(96, itching=6)), Rule.ITCH) == "held watch"
    both = judge(changed, pen, seen(96, itching=6, swelling=3))
    assert (both.held, set(rules(both))) == ((), {Rule.LATE, Rule.ITCH, Rule.CLUSTER})


def test_without_the_rule_everything_is_raised_at_once(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    bare = dataclasses.replace(
        standard, rules=dataclasses.replace(standard.rules, ask_first=None, asking=None)
    )
    found = judge(bare, pen, seen(96, swelling=3))
    assert (found.level, found.held, found.open_matter) == (Level.WATCH, (), None)


def test_an_entry_that_is_not_confirmed_is_open(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    doubtful = judge(standard, pen, seen(48, redness=6, confirmed=False))
    assert (doubtful.ask_again, doubtful.held) == ((Symptom.REDNESS,), ())
    assert doubtful.open_matter is OpenMatter.DOUBT
    assert judge(standard, pen, seen(48, redness=6)).open_matter is None
    # What is asked about first presses more.
    both = judge(standard, pen, seen(48, redness=8, confirmed=False))
    assert both.ask_again == (Symptom.REDNESS,)
    assert both.open_matter is OpenMatter.FINDING


@pytest.mark.parametrize(
    ("before", "now", "open_matter"),
    [
        (2, 4, OpenMatter.RISE),
        (3, 4, None),  # a rise of one
        (1, 3, None),  # on p90
    ],
)
def test_a_rise_to_above_what_is_usual_is_open(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    before: int,
    now: int,
    open_matter: OpenMatter | None,
) -> None:
    found = judge(standard, pen, seen(30, redness=before), seen(48, redness=now))
    assert (found.findings, found.held, found.open_matter) == ((), (), open_matter)


@pytest.mark.parametrize(
    ("hours", "itching", "open_matter"),
    [
        (83.9, 3, None),  # not before day 4
        (84, 3, OpenMatter.UNCLEAR),
        (96, 2, None),  # on p90
        (96, 3, OpenMatter.UNCLEAR),
    ],
)
def test_a_score_above_what_is_usual_is_unclear_where_it_should_have_faded(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    hours: float,
    itching: int,
    open_matter: OpenMatter | None,
) -> None:
    found = judge(standard, pen, seen(hours, itching=itching))
    assert (found.findings, found.held, found.open_matter) == ((), (), open_matter)
    assert judge(standard, pen, seen(hours, peeling=6)).open_matter is None


def test_a_rise_presses_more_than_what_is_unclear(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    found = judge(standard, pen, seen(72, redness=0), seen(96, redness=2))
    assert (found.findings, found.held, found.open_matter) == ((), (), OpenMatter.RISE)


def test_nothing_is_open_in_the_first_hours(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    found = judge(standard, pen, seen(1), seen(11.9, pain=7, confirmed=False))
    assert found.ask_again == (Symptom.PAIN,)
    assert found.open_matter is None
    assert judge(standard, pen, seen(1), seen(12, pain=7, confirmed=False)).open_matter is not None


@pytest.mark.parametrize(
    ("scores", "raised"),
    [
        ({"pain": 6}, None),
        ({"pain": 7}, Symptom.PAIN),
        ({"itching": 5}, None),
        ({"itching": 6}, Symptom.ITCHING),
        ({"swelling": 9}, None),  # p97.5 is 8: 10 is needed
        ({"swelling": 10}, Symptom.SWELLING),
        ({"redness": 10}, None),
        ({"bruising": 10, "peeling": 10, "dryness": 10}, None),
    ],
)
def test_in_the_first_hours_only_what_no_evening_can_be_is_raised(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    scores: dict[str, int],
    raised: symptoms.Symptom | None,
) -> None:
    found = judge(standard, pen, scored(6, scores))
    assert [(item.rule, item.symptom, item.level, item.day) for item in found.findings] == (
        [] if raised is None else [(Rule.FAR_ABOVE, raised, Level.ABNORMAL, 0)]
    )
    assert found.held == ()


def test_a_first_evening_is_held_against_its_band_and_the_strongest_answer_always_reaches(
    standard: protocol.Protocol,
) -> None:
    rf = symptoms.TreatmentFacts(device=symptoms.Device.RF)
    band = standard.band(rf, symptom=Symptom.PAIN, hours=6)
    assert band is not None
    assert band.p97_5 == 6
    assert judge(standard, rf, seen(6, pain=7)).findings == ()
    (found,) = judge(standard, rf, seen(6, pain=8)).findings
    assert (found.value, found.bound) == (8, 6)
    words = symptoms.AnswerScale.WORDS
    for symptom in ("pain", "swelling", "itching"):
        strongest = judge(standard, rf, scored(6, {symptom: 9}, scale=words))
        assert rules(strongest) == {Rule.FAR_ABOVE: Level.ABNORMAL}
        assert judge(standard, rf, scored(6, {symptom: 6}, scale=words)).findings == ()
