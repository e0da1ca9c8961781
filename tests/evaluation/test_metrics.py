from __future__ import annotations

from collections.abc import Callable

import pytest

from evaluation import arms, command, ground_truth, metrics, tally
from recovery.domain.clinical import protocol

Evaluated = Callable[[int], metrics.EvaluationReport]


def test_two_processes_count_what_one_counts(evaluated: Evaluated) -> None:
    assert evaluated(2) == evaluated(1)


def test_every_system_sees_the_same_courses_in_full(evaluated: Evaluated) -> None:
    report = evaluated(1)
    assert [shown.system for shown in report.reference] == list(metrics.System)
    for shown in report.reference:
        normal = shown.by_kind[ground_truth.CourseKind.NORMAL]
        assert normal.any_in(tally.CohortGroup.ALL).courses == 60
        assert normal.reports == report.reference[0].by_kind[ground_truth.CourseKind.NORMAL].reports


def test_every_arm_has_the_kinds_and_the_size_it_is_for(evaluated: Evaluated) -> None:
    report = evaluated(1)
    every = {ground_truth.CourseKind.NORMAL, *metrics.COMPLICATIONS}
    assert set(report.late[0].by_kind) == {ground_truth.CourseKind.NORMAL, *metrics.RARE}
    assert [len(worlds) for worlds in report.drawn] == [3, 3]
    assert [shown.arm for shown in report.shipped] == list(arms.SHIPPED)
    for shown, size in (
        (report.shipped[0], 60),
        (report.shipped[1], 60),
        (report.ticking[0], 30),
        (report.robustness[0], 30),
        (report.drawn[1][2], 10),
    ):
        assert set(shown.by_kind) == every
        assert shown.by_kind[ground_truth.CourseKind.NORMAL].courses == size


def test_kinds_of_courses_are_common_or_rare_and_none_is_forgotten() -> None:
    named = [ground_truth.CourseKind.NORMAL, *metrics.COMPLICATIONS, *metrics.RARE]
    assert sorted(named) == sorted(ground_truth.CourseKind)


def test_the_first_sign_is_looked_for_in_what_ships_alone(evaluated: Evaluated) -> None:
    report = evaluated(1)
    infection = ground_truth.CourseKind.INFECTION
    for shown in report.shipped:
        assert shown.by_kind[infection].with_sign > 15
        assert shown.by_kind[ground_truth.CourseKind.NORMAL].with_sign == 0
    assert report.reference[0].by_kind[infection].with_sign == 0


def test_one_more_question_is_asked_by_the_engine_of_those_who_are_asked_more(evaluated: Evaluated) -> None:
    report = evaluated(1)
    normal = ground_truth.CourseKind.NORMAL
    assert all(shown.by_kind[normal].asked_more > 0 for shown in report.shipped)
    assert all(shown.by_kind[normal].asked_more == 0 for shown in report.reference)


def test_a_text_that_is_no_protocol_is_refused() -> None:
    with pytest.raises(protocol.ProtocolError):
        command.run(protocol="version = 3")
