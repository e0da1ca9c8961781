from __future__ import annotations

from collections.abc import Callable

import pytest

from evaluation import command, ground_truth, metrics, tally
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
    assert set(report.late.by_kind) == {ground_truth.CourseKind.NORMAL, ground_truth.CourseKind.PIGMENT}
    assert report.sent[0].by_kind[ground_truth.CourseKind.NORMAL].any_in(tally.CohortGroup.ALL).courses == 30


def test_a_text_that_is_no_protocol_is_refused() -> None:
    with pytest.raises(protocol.ProtocolError):
        command.run(protocol="version = 3")
