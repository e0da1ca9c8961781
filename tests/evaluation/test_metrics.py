from __future__ import annotations

import pytest

from evaluation import arms, command, evaluation_report, ground_truth, metrics, tally
from recovery.domain.clinical import protocol

SIZES = metrics.Sizes(normal=60, complication=20, arm_normal=30, arm_complication=15)


def evaluated(protocol_text: str, *, processes: int) -> metrics.EvaluationReport:
    return metrics.evaluate(
        protocol=protocol_text,
        sizes=SIZES,
        seed=2,
        sent=(arms.TEXT,),
        practice=(),
        robustness=arms.ROBUSTNESS[:1],
        processes=processes,
    )


def test_two_processes_count_what_one_counts(protocol_text: str) -> None:
    assert evaluated(protocol_text, processes=2) == evaluated(protocol_text, processes=1)


def test_every_system_sees_the_same_courses_in_full(protocol_text: str) -> None:
    report = evaluated(protocol_text, processes=1)
    assert [shown.system for shown in report.reference] == list(metrics.System)
    for shown in report.reference:
        normal = shown.by_kind[ground_truth.CourseKind.NORMAL]
        assert normal.any_in(tally.CohortGroup.ALL).courses == 60
        assert normal.reports == report.reference[0].by_kind[ground_truth.CourseKind.NORMAL].reports
    assert set(report.late.by_kind) == {ground_truth.CourseKind.NORMAL, ground_truth.CourseKind.PIGMENT}
    assert report.sent[0].by_kind[ground_truth.CourseKind.NORMAL].any_in(tally.CohortGroup.ALL).courses == 30


def test_the_page_names_the_protocol_and_says_that_it_is_simulation(protocol_text: str) -> None:
    report = evaluated(protocol_text, processes=1)
    page = evaluation_report.page(report)
    assert report.protocol_version in page
    assert "simulated courses, not patients" in page
    normal = report.reference[0].by_kind[ground_truth.CourseKind.NORMAL]
    assert evaluation_report.with_interval(normal.any_in(tally.CohortGroup.ALL).ever) in page
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)


def test_a_text_that_is_no_protocol_is_refused() -> None:
    with pytest.raises(protocol.ProtocolError):
        command.run(protocol="version = 3")
