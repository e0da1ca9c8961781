from __future__ import annotations

from collections.abc import Callable

import pytest

from evaluation import cohort, judges
from recovery.domain.clinical import asking, protocol, symptoms

MakeReport = Callable[..., cohort.CourseReport]
MakeCourse = Callable[..., cohort.Course]
REDNESS = symptoms.Symptom.REDNESS


@pytest.mark.parametrize(
    ("hours", "redness", "flagged"), [(26, 4, False), (26, 5, True), (11.9, 10, False), (12.1, 5, True)]
)
def test_the_fixed_rule_flags_five_after_day_0(
    make_report: MakeReport, make_course: MakeCourse, hours: float, redness: int, flagged: bool
) -> None:
    course = make_course(make_report(hours=hours, redness=redness))
    verdict = judges.FixedBound()(course.reports[0].first, history=(), course=course, earlier=())
    assert (verdict.level is symptoms.Level.ABNORMAL) is flagged


def test_a_warning_sign_flags_under_both_naive_rules(
    make_report: MakeReport, make_course: MakeCourse, rules: protocol.Protocol
) -> None:
    report = make_report(hours=2, signs=frozenset({symptoms.WarningSign.PUS}))
    course = make_course(report)
    for judge in (judges.FixedBound(), judges.AbovePercentile(rules=rules)):
        verdict = judge(report.first, history=(), course=course, earlier=())
        assert verdict.level is symptoms.Level.ABNORMAL


def test_the_percentile_rule_uses_the_figure_of_the_day(
    make_report: MakeReport, make_course: MakeCourse, rules: protocol.Protocol
) -> None:
    judge = judges.AbovePercentile(rules=rules)
    course = make_course()
    band = rules.band(course.facts, symptom=REDNESS, hours=48.0)
    assert band is not None
    bound = int(band.p97_5)
    for redness, level in ((bound, symptoms.Level.EXPECTED), (bound + 1, symptoms.Level.ABNORMAL)):
        observation = make_report(hours=51, redness=redness).first
        assert judge(observation, history=(), course=course, earlier=()).level is level


def test_the_engine_hears_a_warning_sign(
    make_report: MakeReport, make_course: MakeCourse, rules: protocol.Protocol
) -> None:
    report = make_report(hours=30, signs=frozenset({symptoms.WarningSign.PUS}))
    course = make_course(report)
    verdict = judges.Engine(rules=rules)(report.first, history=(), course=course, earlier=())
    assert verdict.level is symptoms.Level.ABNORMAL
    assert verdict.rules == ("warning_sign",)


def test_the_engine_says_what_is_asked_about_first_and_what_is_open(
    make_report: MakeReport, make_course: MakeCourse, rules: protocol.Protocol
) -> None:
    first, second = make_report(hours=96, redness=3).first, make_report(hours=120, redness=3).first
    course = make_course()
    engine = judges.Engine(rules=rules)
    held = engine(first, history=(), course=course, earlier=())
    assert (held.level, held.rules, held.held) == (symptoms.Level.EXPECTED, (), symptoms.Level.WATCH)
    assert held.about is asking.OpenMatter.FINDING
    raised = engine(second, history=(first,), course=course, earlier=())
    assert (raised.level, raised.held) == (symptoms.Level.WATCH, symptoms.Level.EXPECTED)
    assert raised.rules == ("personal_band",)
