from __future__ import annotations

import pytest

from recovery.domain.clinical import assessment, protocol, symptoms
from recovery.domain.clinical.asking import OpenMatter
from tests.support.data.judged_courses import judge, rules, scored, seen, told

Level = symptoms.Level
Rule = assessment.AssessmentRule
Sign = symptoms.WarningSign
Symptom = symptoms.Symptom


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


def test_the_first_twelve_hours_are_judged_by_signs_and_what_no_evening_can_be(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    evening = judge(standard, pen, seen(11.99, redness=10, itching=5, swelling=9, pain=6))
    assert (evening.findings, evening.held, evening.open_matter) == ((), (), None)
    after = judge(standard, pen, seen(12, redness=10, itching=5, swelling=9, pain=6))
    assert after.level is Level.ABNORMAL
    assert judge(standard, pen, seen(3, Sign.PUS, redness=10)).level is Level.ABNORMAL


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
    assert not rising(seen(6, redness=9, swelling=8), seen(24, redness=2))
    # Above p97.5 it may be the beginning of what is to be found: it teaches nothing.
    assert rising(seen(6, redness=10, swelling=10), seen(24, redness=2))
    assert not assessment.scores_are_rising(
        seen(11.9, redness=10), history=[seen(1)], treatment=pen, protocol=standard
    )


def test_a_report_sent_twice_is_one_moment(standard: protocol.Protocol, pen: symptoms.TreatmentFacts) -> None:
    found = judge(standard, pen, seen(48, redness=4, pain=2), seen(48.1, redness=4, pain=2))
    assert told(found, Rule.PERSISTENCE) == ""


def test_a_score_under_question_raises_nothing_until_the_hold_ends(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    report = seen(48, Sign.BUMPS, redness=10, confirmed=False)
    waiting = judge(standard, pen, report, settled=False)
    assert waiting.ask_again == (Symptom.REDNESS,)
    assert rules(waiting) == {Rule.WARNING_SIGN: Level.WATCH}
    assert (waiting.held, waiting.open_matter) == ((), OpenMatter.DOUBT)
    after = judge(standard, pen, report)
    assert rules(after) == {Rule.WARNING_SIGN: Level.WATCH, Rule.FAR_ABOVE: Level.ABNORMAL}
    assert after.open_matter is OpenMatter.DOUBT
    confirmed = judge(standard, pen, seen(48, redness=10), settled=False)
    assert (confirmed.ask_again, confirmed.open_matter) == ((), None)
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
    assert (found.protocol_version, found.day, found.hours) == ("standard-2026-12", 1, 30)
    assert found.level is Level.EXPECTED
