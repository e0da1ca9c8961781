"""Figures as a page: shares, intervals, and what stands where nothing was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from evaluation import cohort, evaluation_report, ground_truth, metrics, tally
from recovery.domain.core import confidence_intervals

Evaluated = Callable[[int], metrics.EvaluationReport]
Kind = ground_truth.CourseKind
ALL, LIGHT, DARK = tally.CohortGroup.ALL, tally.CohortGroup.LIGHT, tally.CohortGroup.DARK


def test_the_page_names_the_protocol_and_says_that_it_is_simulation(evaluated: Evaluated) -> None:
    report = evaluated(1)
    page = evaluation_report.page(report)
    assert report.protocol_version in page
    assert "simulated courses, not patients" in page
    normal = report.reference[0].by_kind[ground_truth.CourseKind.NORMAL]
    assert evaluation_report.with_interval(normal.any_in(tally.CohortGroup.ALL).ever) in page
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)


def counted(*, courses: int, delays: list[float], same_day: list[float] | None = None) -> tally.Tally:
    """Courses of skin types I-III alone."""
    flagged = tally.Detections(courses=courses, delays=delays)
    urgent = tally.Detections(courses=courses, delays=delays if same_day is None else same_day)
    return tally.Tally(
        any_flag={ALL: flagged, LIGHT: flagged},
        same_day={ALL: urgent, LIGHT: urgent},
        rules=Counter({"late": len(delays)}),
        reports=1000,
        flagged_reports=25,
        honest=500,
        honest_asked=5,
    )


def figures(
    *, name: str = "made", system: metrics.System = metrics.System.ENGINE, normal: list[float] | None = None
) -> metrics.ArmFigures:
    """Of 100 normal courses those in `normal` are flagged, of 4 with each complication two."""
    ill = {kind: counted(courses=4, delays=[12.0, 36.0], same_day=[36.0]) for kind in metrics.COMPLICATIONS}
    return metrics.ArmFigures(
        arm=cohort.Arm(name=name),
        system=system,
        by_kind={Kind.NORMAL: counted(courses=100, delays=normal or [])} | ill,
    )


def made(*, normal: list[float] | None = None) -> metrics.EvaluationReport:
    return metrics.EvaluationReport(
        protocol_version="made-by-hand",
        seed=7,
        reference=(
            figures(name="reference", normal=normal),
            figures(system=metrics.System.FIXED, normal=[24.0] * 20),
            figures(system=metrics.System.ABOVE),
        ),
        sent=(figures(name="text, days 1-7"),),
        late=metrics.ArmFigures(
            arm=cohort.Arm(name="with days 14 and 28"),
            system=metrics.System.ENGINE,
            by_kind={Kind.NORMAL: counted(courses=10, delays=[]), Kind.PIGMENT: tally.Tally()},
        ),
        practice=(figures(name="a clinic"),),
        robustness=(figures(name="another truth"),),
    )


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The table under a heading: its cells by the first one of each line."""
    _, _, rest = page.partition(f"## {heading}")
    lines = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: others for first, *others in cells}


@pytest.mark.parametrize(
    ("hits", "total", "share"), [(0, 0, "-"), (0, 4, "0.0 %"), (1, 3, "33.3 %"), (3, 3, "100.0 %")]
)
def test_a_share_is_percent_and_a_dash_where_nothing_was_counted(hits: int, total: int, share: str) -> None:
    assert evaluation_report.percent(confidence_intervals.Share(hits=hits, total=total)) == share


def test_an_interval_stands_beside_its_share() -> None:
    half = confidence_intervals.Share(hits=50, total=100)
    assert evaluation_report.with_interval(half) == "50.0 % (40.4-59.6)"
    assert evaluation_report.with_interval(confidence_intervals.Share(hits=0, total=0)) == "-"


def test_a_table_has_a_line_for_its_head_one_for_its_rule_and_one_for_each_row() -> None:
    assert evaluation_report.table(("a", "b"), [("1", "2"), ("3", "4")]).splitlines() == [
        "| a | b |",
        "| --- | --- |",
        "| 1 | 2 |",
        "| 3 | 4 |",
    ]


def test_delays_are_told_of_complications_only() -> None:
    detection = rows(evaluation_report.page(made(normal=[24.0])), "Reference")
    assert detection["infection"] == [
        "4",
        "25.0 % (4.6-69.9)",
        "50.0 % (15.0-85.0)",
        "25.0 %",
        "50.0 %",
        "1.00 d",
    ]
    assert detection["normal"][1:] == ["1.0 % (0.2-5.4)", "1.0 % (0.2-5.4)", "-", "-", "-"]


def test_every_arm_and_every_judge_has_its_line() -> None:
    page = evaluation_report.page(made(normal=[24.0] * 5))
    judged = rows(page, "The same courses under naive rules")
    assert set(judged) == {"rules", "---", *(system.value for system in metrics.System)}
    assert judged["engine"][0].startswith("5.0 %")
    assert judged["fixed >= 5"][0].startswith("20.0 %")
    practice = rows(page, "How clinics and patients differ")
    assert list(practice) == ["arm", "---", "reference", "text, days 1-7", "a clinic"]
    assert list(rows(page, "If the truth is another")) == ["arm", "---", "reference", "another truth"]
    assert practice["reference"][:2] == ["5.0 % / 5.0 %", "50.0 % / 25.0 %"]


def test_flags_per_100_treatments_weigh_each_kind_by_how_common_it_is() -> None:
    page = evaluation_report.page(made(normal=[24.0] * 5))
    ill = sum(tally.PREVALENCE.values())
    flags = 100 * ((1 - ill) * 0.05 + ill * 0.5)
    assert rows(page, "How clinics")["reference"][-1] == f"{flags:.1f}"
    assert f"{flags:.1f} flags, {100 * 100 * ill * 0.5 / flags:.0f} % of them" in page
    assert "1.0 % in normal courses, 1.0 % with a complication" in page
    assert "Reports flagged in normal courses: 2.5 %" in page


def test_a_part_of_the_cohort_without_courses_has_no_figure_and_no_gap() -> None:
    groups = rows(evaluation_report.page(made()), "By skin type")
    assert groups["infection"] == ["50.0 % / 25.0 %", "50.0 % / 25.0 %", "- / -", "- / -", "-"]
    both = made()
    both.reference[0].by_kind[Kind.INFECTION].any_flag[DARK] = tally.Detections(courses=4, delays=[1.0])
    assert rows(evaluation_report.page(both), "By skin type")["infection"][-1] == "+25.0"


def test_rules_are_listed_with_the_share_of_courses_in_which_they_spoke() -> None:
    spoke = rows(evaluation_report.page(made(normal=[24.0])), "Rules that spoke")
    assert spoke["late"][:2] == ["1.0 %", "50.0 %"]


def test_the_late_check_ins_are_told_of_the_kinds_they_are_for() -> None:
    late = rows(evaluation_report.page(made()), "Days 14 and 28")
    assert late["normal"] == ["0.0 % / 0.0 %"]
    assert late["pigment"] == ["- / -"]
