"""Rules over several symptoms, or over the days, at and around their bounds."""

from __future__ import annotations

import dataclasses

import pytest

from recovery.domain.clinical import assessment, banded_report, protocol, symptoms, thresholds
from recovery.domain.clinical.rules import combined_symptoms
from tests.support.data.banded_reports import banded
from tests.support.data.judged_courses import judge, seen, told

Level = symptoms.Level
Rule = assessment.AssessmentRule
Symptom = symptoms.Symptom


@pytest.mark.parametrize(
    ("redness", "swelling", "itching", "came_to"),
    [
        (4, 2, 0, ""),  # 1 + 0 points: swelling is not above its p97.5
        (4, 3, 0, "watch"),  # above p90 by 2 and 2: 4 points, from core symptoms
        (5, 3, 0, "abnormal"),  # above p90 by 3 and 2: 5 points from core symptoms
        (4, 0, 5, "watch"),  # above p90 by 2 and 2: 4 points with itching
        (4, 0, 4, ""),  # itching on its p97.5
        (9, 0, 0, ""),  # one symptom is no cluster
    ],
)
def test_cluster_at_and_around_its_bounds(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    redness: int,
    swelling: int,
    itching: int,
    came_to: str,
) -> None:
    found = judge(standard, pen, seen(72, redness=redness, swelling=swelling, itching=itching))
    assert told(found, Rule.CLUSTER) == came_to


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
    # Pain never waits for one more answer.
    assert told(found, Rule.CLUSTER) == ("watch" if flagged else "")


def bounded(standard: protocol.Protocol, **changes: object) -> thresholds.Thresholds:
    """The shipped bounds with some of the cluster's changed."""
    cluster = dataclasses.replace(standard.rules.cluster, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(standard.rules, cluster=cluster)


def test_the_points_of_a_cluster_count_from_p90_where_the_lowest_is_above_it(
    standard: protocol.Protocol,
) -> None:
    now = banded(96, (5, 5, 0, 0))
    (high,) = combined_symptoms.cluster(
        banded_report.RuleInput(now, (banded(72, (4, 4, 0, 0)),), standard.rules)
    )
    (low,) = combined_symptoms.cluster(
        banded_report.RuleInput(now, (banded(72, (1, 0, 0, 0)),), standard.rules)
    )
    assert (high.value, low.value) == (6, 9)
    assert high.several == low.several == (Symptom.REDNESS, Symptom.SWELLING)


def test_one_symptom_or_one_that_is_missing_is_no_cluster(standard: protocol.Protocol) -> None:
    for scores in ((10, 0, 0, 0), (10, 4, 4, 4), (10, None, None, None)):
        view = banded_report.RuleInput(banded(48, scores), (), standard.rules)
        assert list(combined_symptoms.cluster(view)) == []


@pytest.mark.parametrize(("points", "speaks"), [(6.0, True), (6.5, False)])
def test_symptoms_above_their_bands_together_need_enough_points(
    standard: protocol.Protocol, points: float, speaks: bool
) -> None:
    view = banded_report.RuleInput(banded(48, (5, 0, 0, 5)), (), bounded(standard, points=points))
    assert bool(list(combined_symptoms.cluster(view))) is speaks


def test_core_symptoms_speak_before_all_together_unless_these_are_more_urgent(
    standard: protocol.Protocol,
) -> None:
    now = banded(48, (5, 5, 0, 5))
    (core,) = combined_symptoms.cluster(banded_report.RuleInput(now, (), standard.rules))
    assert (core.level, core.value, core.several) == (Level.ABNORMAL, 6, (Symptom.REDNESS, Symptom.SWELLING))
    urgent = bounded(standard, level=Level.EMERGENCY, points=9.0)
    (together,) = combined_symptoms.cluster(banded_report.RuleInput(now, (), urgent))
    assert (together.level, together.value, together.bound) == (Level.EMERGENCY, 9, 9)
    assert together.several == (Symptom.REDNESS, Symptom.SWELLING, Symptom.ITCHING)
    calm = bounded(standard, urgent_points=6.5)
    (together,) = combined_symptoms.cluster(banded_report.RuleInput(now, (), calm))
    assert (together.level, together.value) == (Level.WATCH, 9)
    as_urgent = bounded(standard, level=Level.ABNORMAL, points=9.0)
    (core,) = combined_symptoms.cluster(banded_report.RuleInput(now, (), as_urgent))
    assert core.several == (Symptom.REDNESS, Symptom.SWELLING)
    out_of_reach = bounded(standard, level=Level.EMERGENCY, points=9.5)
    (core,) = combined_symptoms.cluster(banded_report.RuleInput(now, (), out_of_reach))
    assert (core.level, core.bound) == (Level.ABNORMAL, 5)


def test_what_comes_back_is_measured_from_its_lowest_since_the_day_it_should_have_eased(
    standard: protocol.Protocol,
) -> None:
    now = banded(96, (0, 0, 3, 3))
    early, eased = banded(24, (0, 0, 0, 0)), banded(48, (0, 0, 1, 2))
    (found,) = combined_symptoms.cluster(banded_report.RuleInput(now, (early, eased), standard.rules))
    assert (found.value, found.several) == (3, (Symptom.PAIN, Symptom.ITCHING))
    assert list(combined_symptoms.cluster(banded_report.RuleInput(now, (early,), standard.rules))) == []


def test_what_comes_back_is_held_against_this_patients_own_band(standard: protocol.Protocol) -> None:
    def speaks(scores: tuple[float | None, ...], *, widen: float = 1.0) -> bool:
        own = banded_report.PersonalFactors(widen=widen)
        view = banded_report.RuleInput(
            banded(96, scores, p90=2.5), (banded(48),), standard.rules, factors=own
        )
        return bool(list(combined_symptoms.cluster(view)))

    assert speaks((0, 0, 3, 3))
    assert not speaks((0, 0, 3, 3), widen=1.3)
    assert not speaks((0, 0, None, 9))


def spoken(
    standard: protocol.Protocol,
    *looks: banded_report.BandedReport,
    fine: bool = False,
    redness: float = 1.0,
) -> list[assessment.Finding]:
    *past, look = looks
    own = banded_report.PersonalFactors(redness=redness)
    view = banded_report.RuleInput(look, tuple(past), standard.rules, uses_fine_step=fine, factors=own)
    return list(combined_symptoms.personal_band(view))


def red(hours: float, score: float | None) -> banded_report.BandedReport:
    return banded(hours, (score, 0, 0, 0), p90=1.0)


def test_redness_above_expectation_adds_up_over_the_days_it_lasts(standard: protocol.Protocol) -> None:
    assert spoken(standard, red(48, 1), red(72, 2), red(96, 3)) == []
    (found,) = spoken(standard, red(48, 1), red(72, 2), red(96, 3.5))
    assert (found.value, found.bound, found.reference, found.count) == (3.5, 1, 3.5, 2)
    (finer,) = spoken(standard, red(48, 1), red(72, 2), red(96, 2.5), fine=True)
    assert finer.reference == 2.5


def test_a_long_gap_counts_no_longer_than_its_limit_and_a_missing_score_makes_one(
    standard: protocol.Protocol,
) -> None:
    (found,) = spoken(standard, red(240, 3))
    assert found.reference == 2 * standard.rules.personal_band.gap_days
    (over,) = spoken(standard, red(72, 1), red(96, None), red(120, 3))
    assert over.reference == 4


def test_days_below_expectation_take_away_and_never_below_nothing(standard: protocol.Protocol) -> None:
    (found,) = spoken(standard, red(48, 1), red(72, 4), red(96, 0), red(120, 3))
    assert (found.reference, found.count) == (4, 1)
    (again,) = spoken(standard, red(48, 1), red(72, 5), red(96, 1), red(120, 3))
    assert (again.reference, again.count) == (6, 1)
    (fresh,) = spoken(standard, red(48, 1), red(72, 0), red(96, 0), red(120, 5))
    assert fresh.reference == 4


def test_the_personal_band_speaks_from_its_first_day_on(standard: protocol.Protocol) -> None:
    assert standard.rules.personal_band.from_day == 3
    assert spoken(standard, red(59.9, 5)) == []
    (found,) = spoken(standard, red(60, 5))
    assert (found.day, found.reference) == (3, 8)


def test_a_milder_patient_is_expected_to_be_less_red(standard: protocol.Protocol) -> None:
    course = (red(48, 1), red(72, 2), red(96, 2))
    assert spoken(standard, *course) == []
    (found,) = spoken(standard, *course, redness=0.5)
    assert (found.bound, found.reference) == (0.5, 6)


def test_redness_that_fell_to_the_least_step_raises_nothing_whatever_adds_up(
    standard: protocol.Protocol,
) -> None:
    course = (red(48, 1), red(119.5, 4))
    now = banded(129, (1, 0, 0, 0), p90=0.5)
    (stays,) = spoken(standard, red(48, 1), red(72, 5), red(119.5, 1), now)
    assert stays.value == 1
    assert stays.reference == pytest.approx(4 + 0.5 * 9.5 / 24)
    assert spoken(standard, *course, now) == []
    # In words the least step is 1 to 2; one of 3 to 4 is none.
    assert spoken(standard, *course, banded(129, (1.5, 0, 0, 0), p90=0.5, least=(1, 0, 0, 0))) == []
    (more,) = spoken(standard, *course, banded(129, (3.5, 0, 0, 0), p90=0.5, least=(3, 0, 0, 0)))
    assert more.value == 3.5


def test_what_fell_to_the_least_step_is_not_back(standard: protocol.Protocol) -> None:
    def speaks(*past: banded_report.BandedReport) -> bool:
        now = banded(144, (0, 0, 1, 4), p90=0.5)
        return bool(list(combined_symptoms.cluster(banded_report.RuleInput(now, past, standard.rules))))

    assert speaks(banded(96, (0, 0, 0, 0)), banded(120, (0, 0, 0, 2)))
    assert not speaks(banded(96, (0, 0, 0, 0)), banded(120, (0, 0, 2, 2)))


def test_redness_that_is_down_to_what_is_expected_or_small_raises_nothing_however_long_it_lasted(
    standard: protocol.Protocol,
) -> None:
    assert spoken(standard, red(48, 1), red(72, 9), red(96, 1)) == []
    band = dataclasses.replace(standard.rules.personal_band, least=4.0)
    rules_now = dataclasses.replace(standard.rules, personal_band=band)
    for score, findings in ((3.5, 0), (4, 1)):
        view = banded_report.RuleInput(red(96, score), (red(48, 1), red(72, 9)), rules_now)
        assert len(list(combined_symptoms.personal_band(view))) == findings


@pytest.mark.parametrize("last", [red(83, None), red(83, 0.9), red(83, 1), red(59, 9)])
def test_the_personal_band_is_silent_without_a_score_above_expectation_on_its_days(
    standard: protocol.Protocol, last: banded_report.BandedReport
) -> None:
    assert spoken(standard, red(30, 9), red(40, 9), last) == []
