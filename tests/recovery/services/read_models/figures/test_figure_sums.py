"""Sums of days add up to the sums of all of them, and are the same after they were kept."""

from __future__ import annotations

from datetime import date

from recovery.domain.clinical.symptoms import Device
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.read_models.check_in_figures import CheckInCounts
from recovery.models.read_models.clinic_figures import DurationFigures, DurationKind, FlagCounts
from recovery.models.read_models.detection_figures import CourseCounts, PrecisionCounts
from recovery.models.read_models.promise_figures import PromiseCounts
from recovery.models.read_models.text_figures import TextCount
from recovery.services.read_models.figures import figure_sums
from recovery.services.read_models.figures.figure_sums import FigureSums, SumPart

ONE = FigureSums(
    counts={
        SumPart.SKIN: {(2,): (3, 1, 1, 0), (None,): (1, 0, 0, 0)},
        SumPart.WEEK: {("2026-11-16",): (4, 1, 1, 0)},
        SumPart.ASKED_DAY: {(14,): (2, 1, 0), (3,): (1, 1, 0)},
        SumPart.ASKED_WEEK: {("2026-11-16",): (3, 2, 0)},
        SumPart.OUTCOME: {("scar",): (1,)},
        SumPart.STEP: {("review",): (2, 1, 0), ("contact",): (0, 0, 1)},
        SumPart.PROMISE: {(): (2, 1)},
        SumPart.TEXT: {("failed", "21614"): (1, 0, 0), ("delivered", None): (9, 12, 9)},
        SumPart.COURSE: {("pen", None, 2): (3, 1, 1, 1), ("pen", "L-1", None): (1, 0, 0, 0)},
        SumPart.REASON: {("rule", "itch"): (1, 0)},
    },
    lasted={DurationKind.REVIEW: [0.1, 90000.25]},
)
OTHER = FigureSums(
    counts={
        SumPart.SKIN: {(2,): (2, 2, 0, 1)},
        SumPart.WEEK: {("2026-11-09",): (2, 2, 0, 1)},
        SumPart.STEP: {("review",): (1, 0, 1)},
        SumPart.PROMISE: {(): (1, 1)},
        SumPart.TEXT: {("failed", None): (1, 1, 1)},
    },
    lasted={DurationKind.REVIEW: [7.0]},
)


def test_counts_are_added_by_their_keys_and_times_stand_in_order() -> None:
    both = figure_sums.add_up([ONE, OTHER])
    assert both.by_skin_type() == [FlagCounts(2, 5, 3, 1, 1), FlagCounts(None, 1, 0, 0, 0)]
    assert both.by_week() == [
        FlagCounts(date(2026, 11, 9), 2, 2, 0, 1),
        FlagCounts(date(2026, 11, 16), 4, 1, 1, 0),
    ]
    assert both.check_ins_by_day() == [CheckInCounts(3, 1, 1, 0), CheckInCounts(14, 2, 1, 0)]
    assert [(week.asked, week.answered) for week in both.check_ins_by_week()] == [(3, 2)]
    assert both.outcomes() == {FlagOutcome.SCAR: 1}
    assert both.durations() == {
        DurationKind.REVIEW: DurationFigures([0.1, 7.0, 90000.25], 3, 1, 1),
        DurationKind.FIRST_ACTION: DurationFigures([], 0, 0, 0),
        DurationKind.CONTACT: DurationFigures([], 0, 0, 1),
        DurationKind.RESOLVE: DurationFigures([], 0, 0, 0),
    }
    assert both.promises() == PromiseCounts(3, 2)
    assert both.texts() == [
        TextCount(MessageState.DELIVERED, None, 9, 12, 9),
        TextCount(MessageState.FAILED, "21614", 1, 0, 0),
        TextCount(MessageState.FAILED, None, 1, 1, 1),
    ]
    assert both.courses() == [
        CourseCounts(Device.PEN, None, 2, 3, 1, 1, 1),
        CourseCounts(Device.PEN, "L-1", None, 1, 0, 0, 0),
    ]
    assert both.precisions() == [PrecisionCounts("rule", "itch", 1, 0)]


def test_of_no_day_everything_is_nothing() -> None:
    nothing = figure_sums.add_up([])
    assert (nothing.by_skin_type(), nothing.by_week(), nothing.texts()) == ([], [], [])
    assert nothing.promises() == PromiseCounts(0, 0)
    assert {took.median for took in nothing.durations().values()} == {None}


def test_what_is_kept_is_read_as_it_was_and_always_looks_the_same() -> None:
    kept, times = figure_sums.to_kept(ONE)
    read = figure_sums.from_kept(kept, times)
    assert {part: dict(of_part) for part, of_part in read.counts.items()} == ONE.counts
    assert [*read.lasted[DurationKind.REVIEW]] == [0.1, 90000.25]
    turned = FigureSums(
        counts={part: dict(reversed(list(of_part.items()))) for part, of_part in ONE.counts.items()},
        lasted=ONE.lasted,
    )
    assert figure_sums.to_kept(turned) == (kept, times)


def test_the_middle_of_times_is_one_that_was_taken() -> None:
    for lasted, median, p95 in (
        ([5.0], 5.0, 5.0),
        ([1.0, 2.0], 1.0, 2.0),
        ([1.0, 2.0, 3.0], 2.0, 3.0),
        ([float(number) for number in range(1, 21)], 10.0, 19.0),
        ([float(number) for number in range(1, 22)], 11.0, 20.0),
    ):
        figures = DurationFigures(lasted, 0, 0, 0)
        assert (figures.median, figures.p95) == (median, p95)
