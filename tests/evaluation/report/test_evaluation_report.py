"""Figures as a page: shares, intervals, and what stands where nothing was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from evaluation import arms, cohort, ground_truth, metrics, tally
from evaluation.report import evaluation_report, tables

Evaluated = Callable[[int], metrics.EvaluationReport]
Kind = ground_truth.CourseKind
ALL, LIGHT, DARK = tally.CohortGroup.ALL, tally.CohortGroup.LIGHT, tally.CohortGroup.DARK


def test_the_page_names_the_protocol_and_says_that_it_is_simulation(evaluated: Evaluated) -> None:
    report = evaluated(1)
    page = told(report)
    assert report.protocol_version in page
    assert "simulated courses, not patients" in page
    normal = report.reference[0].by_kind[ground_truth.CourseKind.NORMAL]
    assert tables.with_interval(normal.any_in(tally.CohortGroup.ALL).ever) in page
    lines = [line for line in page.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in lines)


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
        courses=courses,
        asked_more=courses // 2,
        by_report=len(delays) - min(1, len(delays)),
        false_questions=courses // 2,
        slips_caught=courses // 4,
        texts=9 * courses,
        with_sign=0,
    )


def figures(
    *,
    arm: cohort.Arm | None = None,
    system: metrics.System = metrics.System.ENGINE,
    normal: list[float] | None = None,
) -> metrics.ArmFigures:
    """Of 100 normal courses those in `normal` are flagged, of 4 with each complication two."""
    ill = {kind: counted(courses=4, delays=[12.0, 36.0], same_day=[36.0]) for kind in metrics.COMPLICATIONS}
    return metrics.ArmFigures(
        arm=cohort.Arm(name="made") if arm is None else arm,
        system=system,
        by_kind={Kind.NORMAL: counted(courses=100, delays=normal or [])} | ill,
    )


def made(*, normal: list[float] | None = None) -> metrics.EvaluationReport:
    late = counted(courses=10, delays=[5.0])
    late.too_late = 30
    return metrics.EvaluationReport(
        protocol_version="made-by-hand",
        seed=7,
        shipped=(figures(arm=arms.LINK, normal=normal), figures(arm=arms.TEXT)),
        reference=(
            figures(arm=cohort.REFERENCE, normal=normal),
            figures(system=metrics.System.FIXED, normal=[24.0] * 20),
            figures(system=metrics.System.ABOVE),
        ),
        late=(
            metrics.ArmFigures(
                arm=arms.LATE[0],
                system=metrics.System.ENGINE,
                by_kind={Kind.NORMAL: tally.Tally(), Kind.MYCOBACTERIA: late},
            ),
        ),
        ticking=(figures(arm=arms.TICKING[0], normal=[24.0] * 30),),
        practice=(figures(arm=cohort.Arm(name="a clinic")),),
        robustness=(figures(arm=cohort.Arm(name="another truth")),),
        drawn=((figures(normal=[24.0] * 2), figures(normal=[24.0] * 4)), (figures(), figures())),
    )


def told(report: metrics.EvaluationReport) -> str:
    return evaluation_report.page(report, alert_budget=15)


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The table under a heading: its cells by the first one of each line."""
    _, _, rest = page.partition(f"## {heading}")
    lines = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: others for first, *others in cells}


def test_delays_are_told_of_complications_only() -> None:
    detection = rows(told(made(normal=[24.0])), "Reference")
    assert detection["infection"] == [
        "4",
        "25.0 % (4.6-69.9)",
        "50.0 % (15.0-85.0)",
        "25.0 %",
        "50.0 %",
        "1.00 d",
        "-",
    ]
    assert detection["normal"][1:] == ["1.0 % (0.2-5.4)", "1.0 % (0.2-5.4)", "-", "-", "-", "-"]


def test_every_arm_and_every_judge_has_its_line() -> None:
    page = told(made(normal=[24.0] * 5))
    judged = rows(page, "Reference")
    assert {system.value for system in metrics.System} < set(judged)
    assert judged["engine"][0].startswith("5.0 %")
    assert judged["fixed >= 5"][0].startswith("20.0 %")
    practice = rows(page, "How clinics and patients differ")
    assert list(practice) == ["arm", "---", arms.LINK.name, arms.TEXT.name, "a clinic"]
    assert list(rows(page, "If the truth is another")) == ["arm", "---", arms.LINK.name, "another truth"]
    assert practice[arms.LINK.name][:2] == ["5.0 % / 5.0 %", "50.0 % / 25.0 %"]


def test_flags_per_100_treatments_weigh_each_kind_by_how_common_it_is() -> None:
    page = told(made(normal=[24.0] * 5))
    ill = sum(tally.PREVALENCE.values())
    flags = 100 * ((1 - ill) * 0.05 + ill * 0.5)
    assert rows(page, "How clinics")[arms.LINK.name][-1] == f"{flags:.1f}"
    asking = rows(page, "What it asks")[arms.LINK.name]
    assert f"{flags:.1f}, {100 * 100 * ill * 0.5 / flags:.0f} % with a complication behind" in asking


def test_what_is_asked_is_told_of_each_arm_with_its_texts_and_their_cost() -> None:
    asking = rows(told(made()), "What it asks")
    assert asking[arms.LINK.name][:7] == ["0.50", "0.50", "9.0", "0.09", "1.0 %", "1.0 %", "2.00"]
    assert asking[arms.TEXT.name][2:4] == ["9.0", "0.18"]
    # Numbers on full days are nobody's schedule: what they would cost is not told.
    assert asking[cohort.REFERENCE.name][2:4] == ["-", "-"]


def test_what_reports_found_and_what_silence_alone_found_stand_apart() -> None:
    title = "Link, days 1 2 3 4 5 7, five answers"
    found = rows(told(made()).replace("### ", "## "), f"{title}: by what it was found")["infection"]
    assert found[0].startswith("25.0 % (4.6-69.9) / 0.0 %")
    assert found[1].startswith("25.0 % (4.6-69.9) / 25.0 %")


def test_a_flag_within_a_day_of_the_first_sign_is_counted_of_all_courses() -> None:
    report = made()
    infection = report.shipped[0].by_kind[Kind.INFECTION]
    infection.with_sign, infection.since_sign = 3, [-2.0, 24.0, 24.5]
    page = told(report).replace("### ", "## ")
    assert rows(page, "Link")["infection"][-1] == "50.0 % (15.0-85.0)"


def test_a_part_of_the_cohort_without_courses_has_no_figure_and_no_gap() -> None:
    def groups(report: metrics.EvaluationReport) -> dict[str, list[str]]:
        page = told(report).replace("### ", "## ")
        return rows(page, "Link, days 1 2 3 4 5 7, five answers: by skin type")

    assert groups(made())["infection"] == ["50.0 % / 25.0 %", "50.0 % / 25.0 %", "- / -", "- / -", "-"]
    both = made()
    both.shipped[0].by_kind[Kind.INFECTION].any_flag[DARK] = tally.Detections(courses=4, delays=[1.0])
    assert groups(both)["infection"][-1] == "+25.0"


def test_rules_are_listed_with_the_share_of_courses_in_which_they_spoke() -> None:
    page = told(made(normal=[24.0])).replace("### ", "## ")
    spoke = rows(page, "Link, days 1 2 3 4 5 7, five answers: rules that spoke")
    assert spoke["late"][:2] == ["1.0 %", "50.0 %"]


def test_the_late_check_ins_are_told_with_what_begins_after_them() -> None:
    late = rows(told(made()), "Rarer and later complications")
    assert late["slow mycobacteria"] == [
        "10",
        "10.0 % (1.8-40.4)",
        "10.0 % (1.8-40.4)",
        "75.0 %",
        "2.5 % (0.4-12.9)",
    ]
    assert late["normal"] == ["0", "-", "-", "-", "-"]


def test_what_patients_tick_is_held_against_the_alert_budget() -> None:
    budget = rows(told(made()), "As patients tick")
    ill = sum(tally.PREVALENCE.values())
    flags = 100 * ((1 - ill) * 0.3 + ill * 0.5)
    ticking = budget[arms.TICKING[0].name]
    assert ticking[:2] == ["30.0 % / 30.0 %", f"{flags:.1f}"]
    assert ticking[-1] == f"{100 * flags / 15:.0f} %"
    assert set(budget) == {"arm", "---", arms.LINK.name, arms.TEXT.name, arms.TICKING[0].name}


def test_the_worlds_drawn_around_an_arm_give_a_range() -> None:
    page = told(made())
    assert f"## 2 worlds drawn around: {arms.LINK.name}" in page
    assert rows(page, "2 worlds drawn around")["normal"] == ["3.0 % (2.1-4.0)", "3.0 % (2.1-4.0)"]


def test_what_was_not_evaluated_has_no_heading() -> None:
    report = made()
    bare = metrics.EvaluationReport(
        protocol_version="made-by-hand",
        seed=7,
        shipped=report.shipped,
        reference=report.reference,
        late=(),
        ticking=(),
        practice=(),
        robustness=(),
        drawn=(),
    )
    headings = [line for line in told(bare).splitlines() if line.startswith("## ")]
    assert len(headings) == 4
