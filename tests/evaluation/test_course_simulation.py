from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import pytest

from evaluation import arms, cohort, course_simulation, ground_truth, judges
from recovery.domain.clinical import asking, protocol, symptoms, thresholds

MakeReport = Callable[..., cohort.CourseReport]
MakeCourse = Callable[..., cohort.Course]
REDNESS = symptoms.Symptom.REDNESS


def watchful(
    observation: symptoms.Observation,
    *,
    history: Sequence[symptoms.Observation],
    course: cohort.Course,
    earlier: Sequence[Sequence[symptoms.Observation]],
) -> course_simulation.Verdict:
    """Watches a redness above the last one, is alarmed from 6 on, and asks about 8 and more."""
    redness = observation.scores[REDNESS]
    level = symptoms.Level.EXPECTED
    if history and redness > history[-1].scores[REDNESS]:
        level = symptoms.Level.WATCH
    if redness >= 6:
        level = symptoms.Level.ABNORMAL
    doubtful = redness >= 8 and REDNESS not in observation.confirmed
    return course_simulation.Verdict(level=level, rules=("seen",), ask_again=(REDNESS,) if doubtful else ())


def after_watch(
    history: Sequence[symptoms.Observation],
    verdict: course_simulation.Verdict,
    *,
    course: cohort.Course,
    earlier: Sequence[Sequence[symptoms.Observation]],
) -> symptoms.Level:
    worried = verdict.level is not symptoms.Level.EXPECTED
    return symptoms.Level.ABNORMAL if worried else symptoms.Level.EXPECTED


def test_a_noticed_slip_is_mended_before_it_can_flag(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(make_report(hours=26, redness=9, meant={REDNESS: 2}))
    assert not course_simulation.follow(course=course, judge=watchful, silence=course_simulation.never).raised
    unasked = course_simulation.follow(
        course=course, judge=watchful, silence=course_simulation.never, asks_again=False
    )
    assert [raised.level for raised in unasked.raised] == [symptoms.Level.ABNORMAL]


def test_what_is_affirmed_counts_and_an_honest_report_asked_about_is_counted(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(
        make_report(hours=26, redness=9, meant={REDNESS: 2}, noticed=False), make_report(hours=50, redness=8)
    )
    found = course_simulation.follow(course=course, judge=watchful, silence=course_simulation.never)
    assert [raised.raised_hours for raised in found.raised] == [26, 50]
    assert [observation.confirmed for observation in found.settled] == [{REDNESS}, {REDNESS}]
    assert (found.reports, found.honest, found.honest_asked) == (2, 1, 1)


def test_a_late_report_flags_when_it_arrives_and_judges_again_what_came_after(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(
        make_report(hours=26, redness=3),
        make_report(hours=50, redness=1, arrived=80),
        make_report(hours=74, redness=2),
    )
    found = course_simulation.follow(course=course, judge=watchful, silence=course_simulation.never)
    # At 74 hours redness had fallen from 3 to 2; with the late 1 in between it had risen.
    assert [(raised.seen_hours, raised.raised_hours) for raised in found.raised] == [(74, 80)]


def test_silence_after_a_watch_is_a_same_day_finding_at_the_end_of_the_missed_day(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(
        make_report(hours=26, redness=1),
        make_report(hours=50, redness=2),
        make_report(hours=98, redness=1),
        asked_days=(1, 2, 3, 4),
    )
    found = course_simulation.follow(course=course, judge=watchful, silence=after_watch)
    silent = [raised for raised in found.raised if raised.rules == (course_simulation.SILENCE,)]
    assert [(raised.raised_hours, raised.level) for raised in silent] == [(84, symptoms.Level.ABNORMAL)]


def test_silence_is_nothing_before_the_first_report_and_on_days_nobody_asked(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(
        make_report(hours=50, redness=7), make_report(hours=98, redness=0), asked_days=(1, 2, 4)
    )
    found = course_simulation.follow(course=course, judge=watchful, silence=after_watch)
    assert all(course_simulation.SILENCE not in raised.rules for raised in found.raised)


def test_the_shipped_silence_rule_hears_a_watch_and_a_rise_above_p90(
    make_course: MakeCourse, rules: protocol.Protocol
) -> None:
    course = make_course()
    band = rules.band(course.facts, symptom=REDNESS, hours=72.0)
    assert band is not None
    above = int(band.p90) + 1
    calm = course_simulation.Verdict(level=symptoms.Level.EXPECTED)
    silence = judges.SilenceAfterWorry(rules=rules)

    def heard(*redness: int) -> symptoms.Level:
        history = [
            symptoms.Observation(hours=72.0 - 24 * (len(redness) - 1 - place), scores={REDNESS: score})
            for place, score in enumerate(redness)
        ]
        return silence(history, calm, course=course, earlier=())

    assert heard(above - 3, above) is symptoms.Level.ABNORMAL
    assert heard(above - 2, above) is symptoms.Level.EXPECTED
    assert heard(above) is symptoms.Level.EXPECTED
    history = [symptoms.Observation(hours=72.0)]
    for verdict, level in (
        (course_simulation.Verdict(level=symptoms.Level.WATCH), symptoms.Level.ABNORMAL),
        (
            course_simulation.Verdict(level=symptoms.Level.EXPECTED, held=symptoms.Level.WATCH),
            symptoms.Level.WATCH,
        ),
        (calm, symptoms.Level.EXPECTED),
    ):
        assert silence(history, verdict, course=course, earlier=()) is level


RULE = thresholds.Asking(
    least_hours=12, most_hours=24, slack_hours=4, most=4, until_day=10, rise=2, unclear_from_day=4
)


def unclear(
    observation: symptoms.Observation,
    *,
    history: Sequence[symptoms.Observation],
    course: cohort.Course,
    earlier: Sequence[Sequence[symptoms.Observation]],
) -> course_simulation.Verdict:
    """Flags nothing and finds something open in the first report only."""
    about = None if history else asking.OpenMatter.UNCLEAR
    return course_simulation.Verdict(level=symptoms.Level.EXPECTED, about=about)


def worried(
    history: Sequence[symptoms.Observation],
    verdict: course_simulation.Verdict,
    *,
    course: cohort.Course,
    earlier: Sequence[Sequence[symptoms.Observation]],
) -> symptoms.Level:
    return symptoms.Level.WATCH


@pytest.fixture
def patient() -> cohort.Patient:
    """Who answers every question that is asked."""
    arm = cohort.Arm(compliance=1.0, typo_rate=0.0, stray_rate=0.0)
    (course,) = cohort.generate(kind=ground_truth.CourseKind.NORMAL, count=1, seed=4, arm=arm)
    assert course.patient is not None
    assert course.patient.diligence is None
    return course.patient


@pytest.mark.parametrize(("most", "asked"), [(4, 4), (2, 2), (0, 0), (20, 8)])
def test_a_question_without_an_answer_is_followed_by_another_until_there_were_enough_or_day_10(
    make_report: MakeReport, make_course: MakeCourse, most: int, asked: int
) -> None:
    course = make_course(make_report(hours=26), asked_days=(1, 7))
    rule = dataclasses.replace(RULE, most=most)
    found = course_simulation.follow(course=course, judge=unclear, silence=course_simulation.never, rule=rule)
    assert (found.asked_more, found.reports, found.raised) == (asked, 1, ())


def test_nobody_is_asked_more_without_the_rule_or_where_the_plan_asks_soon(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    for asked_days, rule in (((1, 7), None), ((1, 2), RULE)):
        course = make_course(make_report(hours=26), make_report(hours=50), asked_days=asked_days)
        found = course_simulation.follow(
            course=course, judge=unclear, silence=course_simulation.never, rule=rule
        )
        assert found.asked_more == 0


def test_more_is_asked_when_texts_may_leave_and_what_is_answered_is_judged(
    make_report: MakeReport, make_course: MakeCourse, patient: cohort.Patient
) -> None:
    course = make_course(make_report(hours=26), asked_days=(1,), patient=patient)
    found = course_simulation.follow(course=course, judge=unclear, silence=course_simulation.never, rule=RULE)
    # Twelve hours after the answer is two in the morning: the question leaves at eight.
    at_eight = patient.answer(44.0)
    assert at_eight is not None
    assert found.settled[1] == at_eight.first
    # Nothing is open after it.
    assert (found.asked_more, found.reports) == (1, 2)


def test_silence_after_one_more_question_is_heard_and_ends_the_asking(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(make_report(hours=26), asked_days=(1, 7))
    found = course_simulation.follow(course=course, judge=unclear, silence=worried, rule=RULE)
    first = found.raised[0]
    assert (first.raised_hours, first.level) == (
        44 + course_simulation.UNANSWERED_HOURS,
        symptoms.Level.WATCH,
    )
    assert first.rules == (course_simulation.SILENCE,)
    assert found.asked_more == 1


def test_a_report_that_comes_first_takes_the_place_of_one_more_question(
    make_report: MakeReport, make_course: MakeCourse, patient: cohort.Patient
) -> None:
    course = make_course(make_report(hours=26), make_report(hours=40), asked_days=(1,), patient=patient)
    found = course_simulation.follow(course=course, judge=unclear, silence=course_simulation.never, rule=RULE)
    assert (found.asked_more, found.reports) == (0, 2)


def test_who_is_asked_at_the_same_moment_answers_the_same(patient: cohort.Patient) -> None:
    assert patient.answer(60.0) == patient.answer(60.0)
    assert patient.answer(60.0) != patient.answer(61.0)


def shipped(course: cohort.Course, patient: cohort.Patient, arm: cohort.Arm) -> cohort.Course:
    """The course of somebody asked as this arm is, who answers nothing beyond the reports it has."""
    silent = dataclasses.replace(patient, arm=dataclasses.replace(arm, compliance=0.0), diligence=0.0)
    return dataclasses.replace(course, patient=silent)


def texts(course: cohort.Course, *, rule: thresholds.Asking | None = None) -> int:
    return course_simulation.follow(
        course=course, judge=unclear, silence=course_simulation.never, rule=rule
    ).texts


def test_every_question_reminder_and_answer_is_a_text(
    make_report: MakeReport, make_course: MakeCourse, patient: cohort.Patient
) -> None:
    made = make_course(make_report(hours=26), asked_days=(1, 2, 3))
    # One on the evening of the treatment and three questions; nobody is reminded or answered.
    assert texts(shipped(made, patient, cohort.REFERENCE)) == 4
    # Days 2 and 3 are reminded of; day 1 was answered before.
    assert texts(shipped(made, patient, arms.LINK)) == 6
    assert texts(shipped(made, patient, dataclasses.replace(arms.LINK, reminded=(3,)))) == 5
    # By text a report is answered.
    assert texts(shipped(made, patient, arms.TEXT)) == 7


def test_one_more_question_is_one_more_text(
    make_report: MakeReport, make_course: MakeCourse, patient: cohort.Patient
) -> None:
    made = shipped(make_course(make_report(hours=26), asked_days=(1,)), patient, cohort.REFERENCE)
    assert texts(made, rule=dataclasses.replace(RULE, most=2)) == texts(made) + 2


def test_questions_for_nothing_and_slips_that_are_caught_are_told_apart(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(
        make_report(hours=26, redness=9),
        make_report(hours=50, redness=9, meant={REDNESS: 2}),
        make_report(hours=74, redness=9, meant={REDNESS: 2}, noticed=False),
        # A slip that nobody asks about makes the question about redness no better.
        make_report(hours=98, redness=9, meant={symptoms.Symptom.PEELING: 2}),
    )
    found = course_simulation.follow(course=course, judge=watchful, silence=course_simulation.never)
    assert (found.false_questions, found.slips_caught, found.honest_asked) == (2, 1, 1)


def test_two_questions_running_without_an_answer_are_one_task(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(make_report(hours=26), make_report(hours=98), asked_days=(1, 2, 3, 4, 5, 6, 7))
    found = course_simulation.follow(course=course, judge=unclear, silence=course_simulation.never)
    # Days 2 and 3, then 5 and 6; day 7 is the third of its row.
    assert found.tasks == (84.0, 156.0)
