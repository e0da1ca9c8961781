"""The page of `evaluate`: every table of figures, one after another, as plain text that is also markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluation import cohort, ground_truth, metrics, tally
from evaluation.report import drawn_worlds, goals
from evaluation.report.tables import gap, name, pair, percent, table, with_interval
from recovery.domain.core import confidence_intervals

PREAMBLE = (
    "These are simulated courses, not patients. The parameters behind them are extrapolated from "
    "published durations; the courses of complications are assumptions. The figures compare rules with "
    "each other and show how much they rest on the assumptions. They do not say how the rules do in a "
    "clinic."
)

COST_OF_A_TEXT = {cohort.AnswerChannel.TEXT: 0.02}
COST_OF_A_LINK = 0.01
"""US dollars, assumed: about one cent a segment; a check-in that explains its scale takes up to two."""


def page(report: metrics.EvaluationReport, *, alert_budget: float) -> str:
    """Everything in `report`, one table after another. `alert_budget` is flags per 100 treatments."""
    parts = [
        "# Evaluation of the recovery rules",
        f"Protocol {report.protocol_version}, seed {report.seed}. {PREAMBLE}",
        "A flag is `watch` or worse, a same-day flag `abnormal` or worse; both count silence findings. In "
        "a course with a complication only flags at or after onset count, and only onsets a day before the "
        "last check-in or earlier. Shares are of courses, with Wilson 95 % intervals.",
        "## What it asks",
        _asking_table([*report.shipped, report.reference[0]]),
        f"A text is taken to cost {COST_OF_A_LINK:g} US dollars by link and "
        f"{COST_OF_A_TEXT[cohort.AnswerChannel.TEXT]:g} by text; that is assumed.",
        *(part for shown in report.shipped for part in _arm(shown)),
        *(
            part
            for shown, worlds in zip(report.shipped, report.drawn, strict=False)
            for part in _worlds(shown, worlds)
        ),
        *_reference(report.reference),
        *_rare(report.late),
        *_ticking(report, alert_budget=alert_budget),
    ]
    if report.practice:
        parts += ["## How clinics and patients differ, any flag / same-day"]
        parts += [_arm_table([*report.shipped, *report.practice])]
    if report.robustness:
        parts += ["## If the truth is another, any flag / same-day"]
        parts += [_arm_table([report.shipped[0], *report.robustness])]
    return "\n\n".join(parts) + "\n"


def _arm(shown: metrics.ArmFigures) -> Iterator[str]:
    title = shown.arm.name[0].upper() + shown.arm.name[1:]
    yield f"## {title}"
    yield _detection_table(shown)
    yield f"### {title}: by what it was found, any flag / same-day"
    yield _found_table(shown)
    yield f"### {title}: by skin type and in under-reporters, any flag / same-day"
    yield _group_table(shown)
    yield f"### {title}: rules that spoke, share of courses"
    yield _rule_table(shown)
    yield f"### {title}: goals"
    yield goals.table(shown)


def _worlds(shown: metrics.ArmFigures, worlds: Sequence[metrics.ArmFigures]) -> Iterator[str]:
    yield f"## {len(worlds)} worlds drawn around: {shown.arm.name}"
    yield (
        "Median and, in brackets, the middle 95 % over the worlds. Each has few courses of its own, so part "
        "of the range is chance."
    )
    yield drawn_worlds.table(worlds)


def _reference(systems: Sequence[metrics.ArmFigures]) -> Iterator[str]:
    yield "## Reference: numbers on full days 0-7, nothing asked more, and naive rules beside"
    yield _detection_table(systems[0])
    yield _systems_table(systems)


def _rare(late: Sequence[metrics.ArmFigures]) -> Iterator[str]:
    for shown in late:
        yield f"## Rarer and later complications: {shown.arm.name}"
        yield _late_table(shown)


def _ticking(report: metrics.EvaluationReport, *, alert_budget: float) -> Iterator[str]:
    if report.ticking:
        yield f"## As patients tick: flags per 100 treatments, of a budget of {alert_budget:g}"
        yield _budget_table([*report.shipped, *report.ticking], alert_budget=alert_budget)


def _detection_table(shown: metrics.ArmFigures) -> str:
    head = (
        *("courses", "n", "same-day", "any flag", "within 24 h", "within 48 h", "median delay"),
        "within 24 h of the first sign",
    )
    rows = []
    for kind, counted in shown.by_kind.items():
        detections = counted.any_in(tally.CohortGroup.ALL)
        delay = detections.median_delay
        timed = kind is not ground_truth.CourseKind.NORMAL
        rows.append(
            (
                name(kind),
                str(detections.courses),
                with_interval(counted.same_day_in(tally.CohortGroup.ALL).ever),
                with_interval(detections.ever),
                percent(detections.within(24)) if timed else "-",
                percent(detections.within(48)) if timed else "-",
                f"{delay / 24:.2f} d" if timed and delay is not None else "-",
                with_interval(counted.within_of_sign(24)) if counted.with_sign else "-",
            )
        )
    return table(head, rows)


def _found_table(shown: metrics.ArmFigures) -> str:
    rows = [
        (
            name(kind),
            *(
                " / ".join(
                    with_interval(counted.told_by(silence=silence, same_day=same_day))
                    for same_day in (False, True)
                )
                for silence in (False, True)
            ),
        )
        for kind, counted in shown.by_kind.items()
    ]
    return table(("courses", "by reports", "by silence alone"), rows)


def _asking_table(arms: Sequence[metrics.ArmFigures]) -> str:
    head = (
        *("arm", "more questions, normal course", "with a complication", "texts a course", "US dollars"),
        *("honest reports asked again, normal", "with a complication"),
        *("questions for nothing per slip caught", "reports flagged, normal", "flags per 100 treatments"),
        "same-day per 100",
    )
    return table(head, [_asking_row(shown) for shown in arms])


def _asking_row(shown: metrics.ArmFigures) -> tuple[str, ...]:
    normal = shown.by_kind[ground_truth.CourseKind.NORMAL]
    others = tally.Tally()
    for kind in metrics.COMPLICATIONS:
        others.add(shown.by_kind[kind])
    texts = normal.texts / max(1, normal.courses)
    every, same = shown.workload(same_day=False), shown.workload(same_day=True)
    return (
        shown.arm.name,
        f"{normal.asked_more / max(1, normal.courses):.2f}",
        f"{others.asked_more / max(1, others.courses):.2f}",
        f"{texts:.1f}" if shown.arm.asked_in_the_morning else "-",
        f"{texts * COST_OF_A_TEXT.get(shown.arm.channel, COST_OF_A_LINK):.2f}"
        if shown.arm.asked_in_the_morning
        else "-",
        percent(normal.asked_again),
        percent(others.asked_again),
        f"{normal.false_questions / normal.slips_caught:.2f}" if normal.slips_caught else "-",
        percent(normal.report_flags),
        f"{every.flags:.1f}, {100 * every.true_share:.0f} % with a complication behind",
        f"{same.flags:.1f}, {100 * same.true_share:.0f} %",
    )


def _group_table(shown: metrics.ArmFigures) -> str:
    rows = []
    for kind, counted in shown.by_kind.items():
        points = gap(counted)
        cells = (pair(counted, group) for group in tally.CohortGroup)
        rows.append((name(kind), *cells, "-" if points is None else f"{points:+.1f}"))
    return table(
        ("courses", *(group.value for group in tally.CohortGroup), "I-III minus IV-VI, points"), rows
    )


def _systems_table(systems: Sequence[metrics.ArmFigures]) -> str:
    kinds = list(systems[0].by_kind)
    rows = []
    for shown in systems:
        shares = (with_interval(shown.by_kind[kind].any_in(tally.CohortGroup.ALL).ever) for kind in kinds)
        rows.append((shown.system.value, *shares, f"{shown.workload(same_day=False).flags:.1f}"))
    return table(("rules, any flag", *(name(kind) for kind in kinds), "flags per 100 treatments"), rows)


def _rule_table(shown: metrics.ArmFigures) -> str:
    names = sorted({rule for counted in shown.by_kind.values() for rule in counted.rules})
    rows = [
        (
            rule,
            *(
                percent(confidence_intervals.Share(hits=counted.rules[rule], total=counted.courses))
                for counted in shown.by_kind.values()
            ),
        )
        for rule in names
    ]
    return table(("rule", *(name(kind) for kind in shown.by_kind)), rows)


def _late_table(shown: metrics.ArmFigures) -> str:
    rows = []
    for kind, counted in shown.by_kind.items():
        every = counted.too_late + counted.courses
        never = confidence_intervals.Share(hits=counted.too_late, total=every)
        found = counted.any_in(tally.CohortGroup.ALL).ever
        rows.append(
            (
                name(kind),
                str(counted.courses),
                with_interval(found),
                with_interval(counted.same_day_in(tally.CohortGroup.ALL).ever),
                percent(never),
                with_interval(confidence_intervals.Share(hits=found.hits, total=every)),
            )
        )
    head = (
        *("courses", "n", "any flag", "same-day", "not counted: begins after the last check-in"),
        "any flag, those counted too",
    )
    return table(head, rows)


def _budget_table(shown: Sequence[metrics.ArmFigures], *, alert_budget: float) -> str:
    rows = []
    for figures in shown:
        every, same = figures.workload(same_day=False), figures.workload(same_day=True)
        rows.append(
            (
                figures.arm.name,
                pair(figures.by_kind[ground_truth.CourseKind.NORMAL]),
                f"{every.flags:.1f}",
                f"{100 * every.true_share:.0f} %",
                f"{same.flags:.1f}",
                f"{100 * every.flags / alert_budget:.0f} %",
            )
        )
    head = (
        "arm",
        "normal, any / same-day",
        "flags",
        "with a complication behind",
        "same-day",
        "of the budget",
    )
    return table(head, rows)


def _arm_table(shown: Sequence[metrics.ArmFigures]) -> str:
    kinds = list(shown[0].by_kind)
    rows = [
        (
            figures.arm.name,
            *(pair(figures.by_kind[kind]) for kind in kinds),
            f"{figures.workload(same_day=False).flags:.1f}",
        )
        for figures in shown
    ]
    return table(("arm", *(name(kind) for kind in kinds), "flags per 100 treatments"), rows)
