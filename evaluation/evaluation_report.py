"""The figures as a page of plain text that is also markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation import ground_truth, metrics, tally
from recovery.domain.core import confidence_intervals

PREAMBLE = (
    "These are simulated courses, not patients. The parameters behind them are extrapolated from "
    "published durations; the courses of complications are assumptions. The figures compare rules with "
    "each other and show how much they rest on the assumptions. They do not say how the rules do in a "
    "clinic."
)


def page(report: metrics.EvaluationReport) -> str:
    """Everything in `report`, one table after another."""
    engine = report.reference[0]
    parts = [
        "# Evaluation of the recovery rules",
        f"Protocol {report.protocol_version}, seed {report.seed}. {PREAMBLE}",
        "A flag is `watch` or worse, a same-day flag `abnormal` or worse; both count silence findings. In "
        "a course with a complication only flags at or after onset count, and only onsets by day 6. "
        "Shares are of courses, with Wilson 95 % intervals.",
        "## Reference: pen 1.5 mm, face, daily reports, 85 % compliance, 1 % typing errors",
        _detection_table(engine),
        _asked(engine),
        "## By skin type and in under-reporters, any flag / same-day",
        _group_table(engine),
        "## The same courses under naive rules, any flag",
        _systems_table(report.reference),
        "## Rules that spoke, share of courses",
        _rule_table(engine),
        *(
            part
            for shown in report.sent
            for part in (f"## {shown.arm.name.capitalize()}", _detection_table(shown), _asked(shown))
        ),
        "## Days 14 and 28",
        _late_table(report.late),
        "## How clinics and patients differ, any flag / same-day",
        _arm_table([engine, *report.sent, *report.practice]),
        "## If the truth is another, any flag / same-day",
        _arm_table([engine, *report.robustness]),
    ]
    return "\n\n".join(parts) + "\n"


def percent(share: confidence_intervals.Share) -> str:
    """A share as `97.1 %`, a dash where nothing was counted."""
    return f"{100 * share.value:.1f} %" if share.total else "-"


def with_interval(share: confidence_intervals.Share) -> str:
    """A share as `97.1 % (96.8-97.3)`."""
    if not share.total:
        return "-"
    low, high = share.interval
    return f"{percent(share)} ({100 * low:.1f}-{100 * high:.1f})"


def _name(kind: ground_truth.CourseKind) -> str:
    return kind.value.replace("_", " ")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _detection_table(shown: metrics.ArmFigures) -> str:
    head = ("courses", "n", "same-day", "any flag", "within 24 h", "within 48 h", "median delay")
    rows = []
    for kind, counted in shown.by_kind.items():
        detections = counted.any_in(tally.CohortGroup.ALL)
        delay = detections.median_delay
        timed = kind is not ground_truth.CourseKind.NORMAL
        rows.append(
            (
                _name(kind),
                str(detections.courses),
                with_interval(counted.same_day_in(tally.CohortGroup.ALL).ever),
                with_interval(detections.ever),
                percent(detections.within(24)) if timed else "-",
                percent(detections.within(48)) if timed else "-",
                f"{delay / 24:.2f} d" if timed and delay is not None else "-",
            )
        )
    return table(head, rows)


def _asked(shown: metrics.ArmFigures) -> str:
    normal = shown.by_kind[ground_truth.CourseKind.NORMAL]
    others = tally.Tally()
    for kind in metrics.COMPLICATIONS:
        others.add(shown.by_kind[kind])
    every = shown.workload(same_day=False)
    same = shown.workload(same_day=True)
    assumed = ", ".join(f"{_name(kind)} {100 * share:g} %" for kind, share in tally.PREVALENCE.items())
    return (
        f"Honest reports asked about again: {percent(normal.asked_again)} in normal courses, "
        f"{percent(others.asked_again)} with a complication. Reports flagged in normal courses: "
        f"{percent(normal.report_flags)}.\n\n"
        f"Per 100 treatments, if complications were as common as assumed ({assumed}): "
        f"{every.flags:.1f} flags, {100 * every.true_share:.0f} % of them with a complication behind; "
        f"{same.flags:.1f} same-day, {100 * same.true_share:.0f} %."
    )


def _group_table(shown: metrics.ArmFigures) -> str:
    rows = []
    for kind, counted in shown.by_kind.items():
        light = counted.any_in(tally.CohortGroup.LIGHT).ever
        dark = counted.any_in(tally.CohortGroup.DARK).ever
        gap = f"{100 * (light.value - dark.value):+.1f}" if light.total and dark.total else "-"
        rows.append((_name(kind), *(_pair(counted, group) for group in tally.CohortGroup), gap))
    return table(
        ("courses", *(group.value for group in tally.CohortGroup), "I-III minus IV-VI, points"), rows
    )


def _pair(counted: tally.Tally, group: tally.CohortGroup = tally.CohortGroup.ALL) -> str:
    return f"{percent(counted.any_in(group).ever)} / {percent(counted.same_day_in(group).ever)}"


def _systems_table(systems: Sequence[metrics.ArmFigures]) -> str:
    kinds = list(systems[0].by_kind)
    rows = []
    for shown in systems:
        shares = (with_interval(shown.by_kind[kind].any_in(tally.CohortGroup.ALL).ever) for kind in kinds)
        rows.append((shown.system.value, *shares, f"{shown.workload(same_day=False).flags:.1f}"))
    return table(("rules", *(_name(kind) for kind in kinds), "flags per 100 treatments"), rows)


def _rule_table(shown: metrics.ArmFigures) -> str:
    names = sorted({name for counted in shown.by_kind.values() for name in counted.rules})
    rows = [
        (
            name,
            *(
                percent(
                    confidence_intervals.Share(
                        hits=counted.rules[name], total=counted.any_in(tally.CohortGroup.ALL).courses
                    )
                )
                for counted in shown.by_kind.values()
            ),
        )
        for name in names
    ]
    return table(("rule", *(_name(kind) for kind in shown.by_kind)), rows)


def _late_table(shown: metrics.ArmFigures) -> str:
    rows = [(_name(kind), _pair(counted)) for kind, counted in shown.by_kind.items()]
    return table(("courses", "any flag / same-day"), rows)


def _arm_table(shown: Sequence[metrics.ArmFigures]) -> str:
    kinds = list(shown[0].by_kind)
    rows = [
        (
            figures.arm.name,
            *(_pair(figures.by_kind[kind]) for kind in kinds),
            f"{figures.workload(same_day=False).flags:.1f}",
        )
        for figures in shown
    ]
    return table(("arm", *(_name(kind) for kind in kinds), "flags per 100 treatments"), rows)
