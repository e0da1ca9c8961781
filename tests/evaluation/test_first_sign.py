"""The moment at which a complete daily answer would tell of a complication."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import pytest

from evaluation import arms, cohort, course_simulation, first_sign, ground_truth, judges
from recovery.domain.clinical import protocol, symptoms

MakeCourse = Callable[..., cohort.Course]
EXPECTED, WATCH = symptoms.Level.EXPECTED, symptoms.Level.WATCH


def infections(count: int, arm: cohort.Arm = arms.LINK) -> list[cohort.Course]:
    return list(cohort.generate(kind=ground_truth.CourseKind.INFECTION, count=count, seed=3, arm=arm))


class Seen:
    """Says the same of everything, and keeps what it was shown."""

    def __init__(self, verdict: course_simulation.Verdict) -> None:
        self.verdict = verdict
        self.shown: list[symptoms.Observation] = []
        self.before: list[int] = []

    def __call__(
        self,
        observation: symptoms.Observation,
        *,
        history: Sequence[symptoms.Observation],
        course: cohort.Course,
        earlier: Sequence[Sequence[symptoms.Observation]],
    ) -> course_simulation.Verdict:
        self.shown.append(observation)
        self.before.append(len(history))
        return self.verdict


def test_a_normal_course_has_none() -> None:
    (course,) = cohort.generate(kind=ground_truth.CourseKind.NORMAL, count=1, seed=3, arm=arms.LINK)
    assert first_sign.hours(course, judge=Seen(course_simulation.Verdict(level=WATCH))) is None


def test_it_is_the_first_morning_after_onset_at_which_anything_is_flagged_or_asked_about() -> None:
    for course in infections(20):
        assert course.onset_hours is not None
        for verdict in (
            course_simulation.Verdict(level=WATCH),
            course_simulation.Verdict(level=EXPECTED, held=WATCH),
            course_simulation.Verdict(level=EXPECTED, ask_again=(symptoms.Symptom.PAIN,)),
        ):
            found = first_sign.hours(course, judge=Seen(verdict))
            assert found is not None
            assert 0 <= found - course.onset_hours < 24
            assert (course.treated_at + found) % 24 == pytest.approx(cohort.ASKED_AT)


def test_where_nothing_is_said_of_any_day_there_is_none_and_every_day_was_looked_at() -> None:
    (course,) = infections(1)
    judge = Seen(course_simulation.Verdict(level=EXPECTED))
    assert first_sign.hours(course, judge=judge) is None
    assert judge.shown[-1].hours > 6 * 24
    days = [symptoms.recovery_day(answer.hours) for answer in judge.shown]
    assert days == list(range(days[0], days[-1] + 1))
    # What came before onset is known, though nothing is asked of it.
    assert judge.before == list(range(judge.before[0], judge.before[0] + len(days)))


def test_the_answer_is_complete_in_numbers_and_ticks_every_sign_that_shows() -> None:
    for course in infections(20):
        judge = Seen(course_simulation.Verdict(level=EXPECTED))
        first_sign.hours(course, judge=judge)
        last = judge.shown[-1]
        assert course.patient is not None
        skin = course.patient.skin
        assert set(last.scores) == set(symptoms.Symptom)
        assert last.scale is symptoms.AnswerScale.NUMBERS
        assert last.warning_signs == {sign.sign for sign in skin.signs}
        felt = skin.felt(last.hours / 24)[0]
        assert abs(last.scores[symptoms.Symptom.REDNESS] - min(felt, 10)) <= 0.5


def test_the_days_that_ended_before_are_looked_at_through_the_last_that_is_asked() -> None:
    (course,) = infections(1, dataclasses.replace(arms.LINK, days=(1, 2, 14)))
    judge = Seen(course_simulation.Verdict(level=EXPECTED))
    first_sign.hours(course, judge=judge)
    assert symptoms.recovery_day(judge.shown[-1].hours) >= 13


def test_a_course_made_by_hand_has_nobody_to_ask(make_course: MakeCourse, rules: protocol.Protocol) -> None:
    course = make_course(kind=ground_truth.CourseKind.INFECTION, onset_hours=40.0)
    assert first_sign.hours(course, judge=judges.Engine(rules=rules)) is None


def test_the_engine_sees_nearly_every_infection_in_a_complete_answer(rules: protocol.Protocol) -> None:
    found = [first_sign.hours(course, judge=judges.Engine(rules=rules)) for course in infections(60)]
    assert sum(hours is not None for hours in found) >= 58
