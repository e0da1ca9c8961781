from __future__ import annotations

from collections import Counter

import pytest

from evaluation import ground_truth
from evaluation.own_course import simulated_clinic
from evaluation.own_course.simulated_clinic import ClinicPlan
from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical import symptoms
from recovery.domain.flags.followed_course import CourseEnd, FollowedCourse


def means(courses: list[FollowedCourse], symptom: symptoms.Symptom) -> float:
    scores = [
        report.scores[symptom]
        for one in courses
        for report in one.course.reports
        if symptoms.recovery_day(report.hours) == 1
    ]
    return sum(scores) / len(scores)


def test_a_clinic_is_the_same_each_time(rules: protocols.Protocol) -> None:
    plan = ClinicPlan(treatments=30)
    assert simulated_clinic.simulate(plan, protocol=rules) == simulated_clinic.simulate(plan, protocol=rules)


def test_most_courses_are_known_to_have_healed(rules: protocols.Protocol) -> None:
    courses = simulated_clinic.simulate(ClinicPlan(treatments=300), protocol=rules)
    ends = Counter(one.end for one in courses)
    assert ends[CourseEnd.HEALED] > 240
    assert min(ends[CourseEnd.COMPLICATION], ends[CourseEnd.UNKNOWN]) > 3
    assert {one.protocol for one in courses} == {rules.version}


def test_a_redder_world_is_redder(rules: protocols.Protocol) -> None:
    plain, redder = (
        simulated_clinic.simulate(
            ClinicPlan(treatments=150, world=ground_truth.World(level=level), words=0), protocol=rules
        )
        for level in (1.0, 1.5)
    )
    assert means(redder, symptoms.Symptom.REDNESS) > 1.3 * means(plain, symptoms.Symptom.REDNESS)


def test_worded_answers_are_stored_as_their_five_scores(rules: protocols.Protocol) -> None:
    courses = simulated_clinic.simulate(ClinicPlan(treatments=40, words=1.0), protocol=rules)
    reports = [report for one in courses for report in one.course.reports]
    assert {score for report in reports for score in report.scores.values()} == set(rules.answers)
    assert {report.scale for report in reports} == {symptoms.AnswerScale.WORDS}


def test_a_burn_is_closed_as_one_or_never_heard_of_again(rules: protocols.Protocol) -> None:
    courses = simulated_clinic.simulate(ClinicPlan(treatments=60, burns=1.0), protocol=rules)
    assert {one.end for one in courses} == {CourseEnd.COMPLICATION, CourseEnd.UNKNOWN}
    for one in courses:
        told = any(report.warning_signs for report in one.course.reports)
        last = max((report.hours for report in one.course.reports), default=0)
        if one.end is CourseEnd.UNKNOWN:
            assert not told
            assert symptoms.recovery_day(last) <= simulated_clinic.GONE_AFTER_DAY
    plain = simulated_clinic.simulate(ClinicPlan(treatments=60), protocol=rules)
    assert means(courses, symptoms.Symptom.PAIN) > means(plain, symptoms.Symptom.PAIN) + 2


def test_the_truth_is_in_order_and_scales_with_the_world() -> None:
    plain, redder = (
        simulated_clinic.true_centiles(world=ground_truth.World(level=level), day=1, people=2000, seed=1)
        for level in (1.0, 1.3)
    )
    for low, high in zip(plain[symptoms.Symptom.REDNESS], redder[symptoms.Symptom.REDNESS], strict=True):
        assert high == pytest.approx(1.3 * low, rel=0.1)
    assert list(plain[symptoms.Symptom.REDNESS]) == sorted(plain[symptoms.Symptom.REDNESS])
