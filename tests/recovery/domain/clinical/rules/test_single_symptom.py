"""Each rule at and around its bounds, and what else has to hold for it to speak."""

from __future__ import annotations

import dataclasses

import pytest

from recovery.domain.clinical import assessment, banded_report, protocol, symptoms, thresholds
from recovery.domain.clinical.rules import single_symptom
from tests.support.data.banded_reports import banded
from tests.support.data.judged_courses import judge, rules, scored, seen, told

Level = symptoms.Level
Rule = assessment.AssessmentRule
Symptom = symptoms.Symptom


@pytest.mark.parametrize(
    ("hours", "scores", "came_to"),
    [
        (24, {"redness": 8}, ""),
        (24, {"redness": 9}, "held watch"),
        (24, {"redness": 10}, "abnormal"),
        (48, {"swelling": 5}, ""),
        (48, {"swelling": 6}, "held watch"),
        (48, {"swelling": 7}, "held watch"),
        (48, {"swelling": 8}, "held watch"),
        (48, {"swelling": 9}, "held watch"),
        (48, {"swelling": 10}, "abnormal"),
        (48, {"swelling": 6, "redness": 3}, "held watch"),  # redness on its p90
        (48, {"swelling": 6, "redness": 4}, "abnormal"),
        (48, {"swelling": 6, "itching": 4}, "abnormal"),
        (48, {"swelling": 6, "peeling": 10}, "held watch"),
        (96, {"pain": 5}, ""),
        (96, {"pain": 6}, "watch"),
        (96, {"pain": 6, "redness": 1}, "watch"),
        (96, {"pain": 6, "redness": 2}, "abnormal"),
        (48, {"peeling": 10}, ""),
    ],
)
def test_far_above_at_and_around_its_bound(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    hours: float,
    scores: dict[str, int],
    came_to: str,
) -> None:
    found = judge(standard, pen, scored(hours, scores))
    assert told(found, Rule.FAR_ABOVE) == came_to
    # From day 4 on pain is late as well, and never waits for one more answer.
    mildest = Level.WATCH if scores.get("pain") else Level.EXPECTED
    assert found.level is (Level.ABNORMAL if came_to == "abnormal" else mildest)


@pytest.mark.parametrize(
    ("hours", "pain", "came_to"),
    [(24, 3, "abnormal"), (24, 2, "watch"), (6, 3, "watch")],
)
def test_the_report_before_speaks_for_a_symptom_that_stands_alone(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts, hours: float, pain: int, came_to: str
) -> None:
    found = judge(standard, pen, seen(hours, pain=pain), seen(48, pain=6))
    assert told(found, Rule.FAR_ABOVE) == came_to


@pytest.mark.parametrize(
    ("skin_type", "first", "second", "came_to"),
    [
        (2, 1, 4, ""),
        (2, 1, 5, "held watch"),
        (2, 1, 6, "watch"),  # far above as well: no finding alone
        (2, 2, 5, ""),
        (5, 1, 3, ""),
        (5, 1, 4, "watch"),  # above the patient's own band as well
        (5, 2, 4, ""),
    ],
)
def test_rebound_at_and_around_its_bounds(
    standard: protocol.Protocol, skin_type: int, first: int, second: int, came_to: str
) -> None:
    treatment = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, skin_type=skin_type)
    found = judge(standard, treatment, seen(48, redness=first), seen(72, redness=second))
    assert told(found, Rule.REBOUND) == came_to
    found = judge(standard, treatment, seen(48, redness=first), seen(72, redness=second, pain=2))
    assert rules(found).get(Rule.REBOUND) is (Level.ABNORMAL if came_to else None)


def test_rebound_never_speaks_before_its_day(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    early = judge(standard, pen, seen(20, redness=0), seen(35.9, redness=8))
    assert told(early, Rule.REBOUND) == ""
    late = judge(standard, pen, seen(20, redness=0), seen(36, redness=8))
    assert told(late, Rule.REBOUND) == "watch"


@pytest.mark.parametrize(
    ("hours", "before", "now", "came_to"),
    [
        (35.9, 0, 6, ""),  # not before day 2
        (36, 0, 5, ""),  # on its p97.5
        (36, 0, 6, "held watch"),
        (96, 6, 6, "watch"),  # it was strong in the report before as well
        (96, 1, 3, ""),
        (96, 1, 4, "held watch"),
        (120, 0, 2, ""),
        (120, 0, 3, "held watch"),
        (96, 5, 5, "held watch"),  # lasting: above p97.5 and at least 4 twice
        (96, 5, 4, "held watch"),
        (96, 5, 3, ""),  # on its p97.5
        (96, 4, 5, ""),  # on its p97.5 in the report before
        (144, 4, 3, ""),  # above p97.5 twice, but not strong enough
    ],
)
def test_itch_at_and_around_its_bounds(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    hours: float,
    before: int,
    now: int,
    came_to: str,
) -> None:
    found = judge(standard, pen, seen(hours - 24, itching=before), seen(hours, itching=now))
    assert told(found, Rule.ITCH) == came_to


def test_itching_lasts_only_from_the_report_just_before_and_never_from_the_evening(
    standard: protocol.Protocol,
) -> None:
    def speaks(*scores: float, first_hours: float = 24) -> bool:
        looks = [banded(first_hours + 24 * place, (0, 0, 0, score)) for place, score in enumerate(scores)]
        return bool(list(single_symptom.itch(view(standard, looks[-1], *looks[:-1]))))

    assert speaks(5, 5)
    assert not speaks(5, 4, 5)
    assert not speaks(5)
    assert speaks(5, 5, first_hours=12)
    assert not speaks(5, 5, first_hours=11.9)
    weak = banded(48, (0, 0, 0, 3.5), top=3.0), banded(72, (0, 0, 0, 5), top=3.0)
    assert list(single_symptom.itch(view(standard, weak[1], weak[0]))) == []


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
    assert told(found, Rule.PERSISTENCE) == ("held watch" if flagged else "")


@pytest.mark.parametrize(("last", "flagged"), [(4, True), (3, False)])
def test_persistence_above_p90_needs_a_course_that_does_not_fall(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts, last: int, flagged: bool
) -> None:
    reports = [seen(36, redness=5), seen(48, redness=4), seen(60, redness=last)]
    found = judge(standard, pen, *reports)
    assert told(found, Rule.PERSISTENCE) == ("held watch" if flagged else "")


def test_persistence_counts_the_reports_above_the_band(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    found = judge(standard, pen, *(seen(24.0 * day, redness=6) for day in (2, 3, 4)))
    finding = next(item for item in found.findings if item.rule is Rule.PERSISTENCE)
    assert (finding.count, finding.value, finding.bound, finding.day) == (3, 6, 2, 4)


@pytest.mark.parametrize(
    ("skin_type", "hours", "scores", "came_to"),
    [
        (2, 84, {"redness": 3}, ""),
        (2, 84, {"redness": 4}, "watch"),
        (2, 83.9, {"redness": 4}, ""),
        (4, 84, {"redness": 2}, ""),
        (4, 84, {"redness": 3}, "watch"),
        (2, 96, {"swelling": 2}, ""),
        (2, 96, {"swelling": 3}, "held watch"),
        (2, 96, {"pain": 2}, ""),
        (2, 96, {"pain": 3}, "watch"),
        (2, 155.9, {"pain": 2}, ""),
        (2, 156, {"pain": 2}, "watch"),
        (2, 156, {"pain": 1}, ""),
        (2, 156, {"redness": 2}, ""),
        (2, 156, {"redness": 3}, "watch"),
        (5, 155.9, {"redness": 2}, ""),
        (5, 156, {"redness": 2}, "watch"),
        (2, 156, {"itching": 3}, ""),
        (2, 156, {"itching": 4}, "watch"),
        (2, 228, {"itching": 3}, "watch"),
        (2, 155.9, {"peeling": 7}, ""),
        (2, 156, {"peeling": 6}, ""),
        (2, 156, {"peeling": 7}, "watch"),
        (2, 228, {"peeling": 4}, ""),
        (2, 228, {"peeling": 5}, "watch"),
        (2, 299.9, {"peeling": 4}, ""),
        (2, 300, {"peeling": 2}, ""),
        (2, 300, {"peeling": 3}, "watch"),
        (2, 155.9, {"dryness": 10}, ""),
        (2, 156, {"dryness": 6}, ""),
        (2, 156, {"dryness": 7}, "watch"),
        (2, 228, {"dryness": 4}, ""),
        (2, 228, {"dryness": 5}, "watch"),
        (2, 300, {"dryness": 3}, ""),
        (2, 300, {"dryness": 4}, "watch"),
        (2, 12, {"bruising": 7}, ""),
        (2, 12, {"bruising": 8}, "held watch"),
        (2, 11.9, {"bruising": 10}, ""),
        (2, 156, {"bruising": 4}, ""),
        (2, 156, {"bruising": 5}, "watch"),
        (2, 228, {"bruising": 3}, ""),
        (2, 228, {"bruising": 4}, "watch"),
        (2, 300, {"bruising": 1}, ""),
        (2, 300, {"bruising": 2}, "watch"),
        (2, 336, {"redness": 1}, ""),
        (2, 336, {"redness": 2}, "watch"),
    ],
)
def test_late_at_and_around_its_bounds(
    standard: protocol.Protocol, skin_type: int, hours: float, scores: dict[str, int], came_to: str
) -> None:
    treatment = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, skin_type=skin_type)
    found = judge(standard, treatment, scored(hours, scores))
    assert told(found, Rule.LATE) == came_to
    assert found.level is (Level.WATCH if came_to == "watch" else Level.EXPECTED)


def view(
    standard: protocol.Protocol,
    look: banded_report.BandedReport,
    *past: banded_report.BandedReport,
    fine: bool = False,
) -> banded_report.RuleInput:
    return banded_report.RuleInput(look, past, standard.rules, uses_fine_step=fine)


def test_far_above_names_the_score_and_the_bound_of_each_core_symptom(standard: protocol.Protocol) -> None:
    found = list(single_symptom.far_above(view(standard, banded(48, (7, 6.9, 10, 10)))))
    assert [(item.symptom, item.value, item.bound) for item in found] == [
        (Symptom.REDNESS, 7, 4),
        (Symptom.PAIN, 10, 4),
    ]
    assert {(item.level, item.day) for item in found} == {(Level.ABNORMAL, 2)}


def test_a_score_that_is_missing_raises_nothing_and_bears_nothing_out(standard: protocol.Protocol) -> None:
    missing = view(standard, banded(96, (None,) * 4), banded(72, (None, 0, 0, 0)), banded(84, (None,) * 4))
    for rule in (
        single_symptom.far_above,
        single_symptom.rebound,
        single_symptom.persistence,
        single_symptom.late,
        single_symptom.itch,
    ):
        assert list(rule(missing)) == []
    assert not single_symptom.core_scores_are_rising(missing, by=3)
    (found,) = single_symptom.far_above(view(standard, banded(48, (7, None, None, None))))
    assert found.level is standard.rules.alone.level


def test_rebound_measures_from_the_lowest_of_all_earlier_reports(standard: protocol.Protocol) -> None:
    past = (banded(24, (6, 0, 0, 0)), banded(48, (1, 0, 0, 0)), banded(72, (4, 0, 0, 0)))
    (found,) = single_symptom.rebound(view(standard, banded(96, (5, 0, 0, 0)), *past))
    assert (found.reference, found.value, found.bound) == (1, 5, 2)
    assert list(single_symptom.rebound(view(standard, banded(96, (5, 0, 0, 0))))) == []
    above = banded(96, (5, 0, 0, 0), p90=5.0)
    assert list(single_symptom.rebound(view(standard, above, *past))) == []


@pytest.mark.parametrize(("top", "late"), [(4.0, False), (3.9, True)])
def test_late_is_only_what_lies_above_p97_5_of_the_report(
    standard: protocol.Protocol, top: float, late: bool
) -> None:
    found = list(single_symptom.late(view(standard, banded(96, (4, 0, 0, 0), top=top))))
    assert [item.symptom for item in found] == ([Symptom.REDNESS] if late else [])


@pytest.mark.parametrize(
    ("depth", "redness", "came_to"),
    [
        (2.5, 3, ""),
        (2.5, 4, "held watch"),
        (3.5, 4, ""),  # p97.5 is 4.25 there
        (3.5, 5, "watch"),  # above the patient's own band as well
    ],
)
def test_what_is_late_depends_on_the_depth(
    standard: protocol.Protocol, depth: float, redness: int, came_to: str
) -> None:
    needles = symptoms.TreatmentFacts(device=symptoms.Device.RF, depth_mm=depth, skin_type=2)
    assert told(judge(standard, needles, seen(84, redness=redness)), Rule.LATE) == came_to


def test_the_smaller_step_is_for_redness_alone(standard: protocol.Protocol) -> None:
    past = banded(48, (1, 1, 1, 1))
    found = single_symptom.rebound(view(standard, banded(72, (4, 4, 4, 4)), past, fine=True))
    assert [item.symptom for item in found] == [Symptom.REDNESS]
    steps = list(single_symptom.late(view(standard, banded(84, (3, 2, 2, 9), top=2.0), fine=True)))
    assert [(item.symptom, item.bound) for item in steps] == [(Symptom.REDNESS, 2)]


def test_persistence_is_broken_by_a_report_within_the_band_and_by_day_0(standard: protocol.Protocol) -> None:
    high, low = (5, 0, 0, 0), (4, 0, 0, 0)
    assert list(single_symptom.persistence(view(standard, banded(36, high), banded(11, high)))) == []
    broken = view(standard, banded(72, high), banded(24, high), banded(48, (2, 0, 0, 0)))
    assert list(single_symptom.persistence(broken)) == []
    (running,) = single_symptom.persistence(
        view(standard, banded(72, high), banded(24, low), banded(48, high))
    )
    assert (running.count, running.bound) == (2, 4)
    (above_p90,) = single_symptom.persistence(
        view(standard, banded(72, low), banded(24, low), banded(48, low))
    )
    assert (above_p90.count, above_p90.bound) == (3, 2)


def test_of_the_late_steps_reached_the_most_urgent_speaks_and_then_the_lowest(
    standard: protocol.Protocol,
) -> None:
    def step(day: int, least: float, level: Level) -> thresholds.LateStep:
        return thresholds.LateStep(level=level, from_day=day, scores={Symptom.PAIN: least}, fine={})

    def spoken(score: float, day: int, *steps: thresholds.LateStep) -> list[tuple[Level, float | None]]:
        rules_now = dataclasses.replace(standard.rules, late=steps)
        look = banded(24.0 * day, (0, 0, score, 0))
        return [
            (item.level, item.bound)
            for item in single_symptom.late(banded_report.RuleInput(look, (), rules_now))
        ]

    steps = (step(4, 3, Level.WATCH), step(5, 2, Level.WATCH), step(6, 6, Level.ABNORMAL))
    assert spoken(3, 3, *steps) == []
    assert spoken(3, 4, *steps) == [(Level.WATCH, 2)]
    assert spoken(3, 5, *steps) == [(Level.WATCH, 1)]
    assert spoken(6, 6, *steps) == [(Level.ABNORMAL, 5)]
    assert spoken(5, 6, *steps) == [(Level.WATCH, 1)]


def test_itch_says_what_it_came_back_from_only_where_it_came_back(standard: protocol.Protocol) -> None:
    strong = view(standard, banded(96, (0, 0, 0, 6)), banded(72, (0, 0, 0, 5)))
    (found,) = single_symptom.itch(strong)
    assert (found.symptom, found.value, found.reference) == (Symptom.ITCHING, 6, None)
    risen = view(standard, banded(96, (0, 0, 0, 5)), banded(24, (0, 0, 0, 0)), banded(48, (0, 0, 0, 2)))
    (found,) = single_symptom.itch(risen)
    assert found.reference == 2


def test_strong_itching_within_the_band_or_that_rose_to_little_is_silent(standard: protocol.Protocol) -> None:
    past = banded(72)
    assert list(single_symptom.itch(view(standard, banded(96, (0, 0, 0, 6), top=6.0), past))) == []
    (alone,) = single_symptom.itch(view(standard, banded(96, (0, 0, 0, 6), top=5.5)))
    assert alone.reference is None
    itch = dataclasses.replace(standard.rules.itch, rise_least=5.5)
    rules_now = dataclasses.replace(standard.rules, itch=itch)
    risen = banded(96, (0, 0, 0, 5))
    assert list(single_symptom.itch(banded_report.RuleInput(risen, (past,), rules_now))) == []


def test_the_evening_of_the_treatment_bears_nothing_out(standard: protocol.Protocol) -> None:
    now, high = banded(48, (0, 0, 7, 0)), (0, 0, 3, 0)
    (after,) = single_symptom.far_above(view(standard, now, banded(12, high)))
    (evening,) = single_symptom.far_above(view(standard, now, banded(11, high)))
    assert (after.level, evening.level) == (Level.ABNORMAL, Level.WATCH)


def test_a_rise_needs_an_earlier_report_and_counts_only_what_rose(standard: protocol.Protocol) -> None:
    now = banded(72, (3, 0, 2, 9))
    assert not single_symptom.core_scores_are_rising(view(standard, now), by=3)
    assert single_symptom.core_scores_are_rising(view(standard, now, banded(48, (1, 9, 1, 0))), by=3)
    assert not single_symptom.core_scores_are_rising(view(standard, now, banded(48, (1, 0, 2, 0))), by=3)
    below = banded(72, (2, 2, 2, 0))
    assert not single_symptom.core_scores_are_rising(view(standard, below, banded(48)), by=3)
