"""The five answers in each rule: the lowest score meant passes a bound, the middles tell a rise."""

from __future__ import annotations

import itertools

import pytest

from recovery.domain.clinical import assessment, banded_report, protocol, symptoms
from recovery.domain.clinical.rules import combined_symptoms, single_symptom
from tests.support.data.banded_reports import banded
from tests.support.data.judged_courses import NUMBERS, WORDS, judge, scored, seen, told

Level = symptoms.Level
Rule = assessment.AssessmentRule
Symptom = symptoms.Symptom


@pytest.mark.parametrize(
    ("rule", "hours", "before", "now", "in_numbers", "in_words"),
    [
        # Bound 6: an answer of 6 means at least 5.
        (Rule.FAR_ABOVE, 96, {}, {"pain": 6}, "watch", ""),
        (Rule.FAR_ABOVE, 96, {}, {"pain": 9}, "watch", "watch"),
        # A step of 4 to at least 5: 6 is 4.5 above 1.5, and at least 5.
        (Rule.REBOUND, 72, {"redness": 2}, {"redness": 6}, "watch", "watch"),
        # 4 is only 3.5, and at least 3.
        (Rule.REBOUND, 72, {"redness": 0}, {"redness": 4}, "", ""),
        # From 3.5 to 6 is 2.5.
        (Rule.REBOUND, 96, {"redness": 4}, {"redness": 6}, "", ""),
        # Above p97.5 (4, then 3) and at least 4, twice.
        (Rule.PERSISTENCE, 72, {"redness": 6}, {"redness": 4}, "held watch", ""),
        (Rule.PERSISTENCE, 72, {"redness": 6}, {"redness": 6}, "watch", "watch"),
        # 3 or more is late from day 4 on, 2 or more from day 7 on.
        (Rule.LATE, 96, {}, {"pain": 4}, "watch", "watch"),
        (Rule.LATE, 168, {}, {"pain": 2}, "watch", ""),
        (Rule.LATE, 168, {}, {"peeling": 9}, "watch", "watch"),
        (Rule.LATE, 168, {}, {"itching": 4}, "watch", ""),
        # Strong from 6 on; back by 3 to at least 3.
        (Rule.ITCH, 72, {"itching": 4}, {"itching": 6}, "held watch", ""),
        (Rule.ITCH, 72, {}, {"itching": 9}, "held watch", "held watch"),
        (Rule.ITCH, 120, {"itching": 0}, {"itching": 4}, "held watch", "held watch"),
        (Rule.ITCH, 120, {"itching": 2}, {"itching": 4}, "", ""),
        # Lasting: at least 4 twice.
        (Rule.ITCH, 96, {"itching": 6}, {"itching": 6}, "watch", "held watch"),
        (Rule.ITCH, 144, {"itching": 4}, {"itching": 4}, "held watch", ""),
        # Redness and swelling both above p97.5 (3 and 2).
        (Rule.CLUSTER, 72, {}, {"redness": 4, "swelling": 4}, "abnormal", ""),
        (Rule.CLUSTER, 72, {}, {"redness": 6, "swelling": 4}, "abnormal", "abnormal"),
        # Pain and itching back together: above p90 and 3 points.
        (Rule.CLUSTER, 144, {"pain": 0, "itching": 0}, {"pain": 2, "itching": 2}, "watch", ""),
        (Rule.CLUSTER, 144, {"pain": 0, "itching": 0}, {"pain": 4, "itching": 4}, "watch", "watch"),
    ],
)
def test_what_an_answer_and_a_number_come_to(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    rule: Rule,
    hours: float,
    before: dict[str, int],
    now: dict[str, int],
    in_numbers: str,
    in_words: str,
) -> None:
    for scale, came_to in ((NUMBERS, in_numbers), (WORDS, in_words)):
        reports = [scored(hours - 24, before, scale=scale), scored(hours, now, scale=scale)]
        assert told(judge(standard, pen, *reports), rule) == came_to, scale


def test_redness_that_stays_is_counted_by_the_middles(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    def own(scale: symptoms.AnswerScale) -> assessment.Finding:
        reports = [seen(24.0 * day, redness=4, scale=scale) for day in (1, 2, 3, 4)]
        found = judge(standard, pen, *reports)
        (finding,) = (item for item in (*found.findings, *found.held) if item.rule is Rule.PERSONAL_BAND)
        return finding

    words, numbers = own(WORDS), own(NUMBERS)
    assert (words.value, numbers.value) == (3.5, 4)
    assert words.reference is not None
    assert numbers.reference is not None
    assert words.reference < numbers.reference


def test_a_rise_is_told_by_the_middles_and_its_bound_by_the_least(standard: protocol.Protocol) -> None:
    before = banded(48, (1.5, 0, 0, 0), least=(1, 0, 0, 0))

    def rises(middle: float, least: float, by: float) -> bool:
        now = banded(72, (middle, 0, 0, 0), least=(least, 0, 0, 0))
        view = banded_report.RuleInput(now, (before,), standard.rules)
        return single_symptom.core_scores_are_rising(view, by=by)

    assert rises(3.5, 3, 2)
    assert not rises(3.5, 3, 2.5)
    assert not rises(3.5, 2, 2)  # perhaps no more than p90


def test_what_speaks_for_a_score_has_to_be_above_its_band_for_certain(standard: protocol.Protocol) -> None:
    for least, level in ((2, Level.WATCH), (2.5, Level.ABNORMAL)):
        now = banded(48, (7, 0, 0, 3), least=(7, 0, 0, least))
        (found,) = single_symptom.far_above(banded_report.RuleInput(now, (), standard.rules))
        assert found.level is level


def test_a_cluster_needs_both_above_their_bands_for_certain(standard: protocol.Protocol) -> None:
    for least, speaks in ((4, False), (4.5, True)):
        now = banded(48, (6, 6, 0, 0), least=(5, least, 0, 0))
        view = banded_report.RuleInput(now, (), standard.rules)
        assert bool(list(combined_symptoms.cluster(view))) is speaks


TREATMENTS = [
    symptoms.TreatmentFacts(device=device, depth_mm=depth, areas=(area,))
    for device, depth in (
        (symptoms.Device.PEN, 0.5),
        (symptoms.Device.PEN, 1.5),
        (symptoms.Device.PEN, 2.5),
        (symptoms.Device.RF, 1.5),
    )
    for area in (symptoms.Area.FACE, symptoms.Area.EYE_AREA, symptoms.Area.NECK)
]


@pytest.mark.parametrize(
    "treatment", TREATMENTS, ids=lambda facts: f"{facts.device} {facts.depth_mm} {facts.areas[0]}"
)
def test_the_strongest_answer_of_each_scale_reaches_the_bound_of_every_day(
    standard: protocol.Protocol, treatment: symptoms.TreatmentFacts
) -> None:
    core = [banded_report.SCORED[index] for index in banded_report.CORE]
    strong = seen(6, redness=8, swelling=6)  # this skin reacts strongly: its band is wider
    for day, symptom, (scale, strongest) in itertools.product(
        range(1, 29), core, ((NUMBERS, 10), (WORDS, 9))
    ):
        for history in ((), (strong,)):
            report = scored(24.0 * day, {symptom.value: strongest}, scale=scale)
            found = judge(standard, treatment, *history, report)
            reached = [item.symptom for item in (*found.findings, *found.held) if item.rule is Rule.FAR_ABOVE]
            assert reached == [symptom], (day, symptom, scale)


def test_a_bound_that_the_strongest_answer_only_may_reach_is_asked_about_and_no_more(
    standard: protocol.Protocol,
) -> None:
    rules = standard.rules
    for top, level in ((5, Level.ABNORMAL), (5.1, Level.WATCH), (9, Level.WATCH)):
        # Another symptom speaks for it.
        now = banded(48, (9, 0, 0, 9), least=(8, 0, 0, 8), top=top, strongest=8)
        (found,) = single_symptom.far_above(banded_report.RuleInput(now, (), rules))
        assert (found.level, found.value, found.bound) == (level, 9, top)
    weaker = banded(48, (6, 0, 0, 0), least=(5, 0, 0, 0), strongest=8)
    assert list(single_symptom.far_above(banded_report.RuleInput(weaker, (), rules))) == []
