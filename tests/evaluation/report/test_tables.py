"""Shares, intervals and tables, and what stands where nothing was counted."""

from __future__ import annotations

import pytest

from evaluation import ground_truth, tally
from evaluation.report import tables
from recovery.domain.core import confidence_intervals

ALL, LIGHT, DARK = tally.CohortGroup.ALL, tally.CohortGroup.LIGHT, tally.CohortGroup.DARK


@pytest.mark.parametrize(
    ("hits", "total", "share"), [(0, 0, "-"), (0, 4, "0.0 %"), (1, 3, "33.3 %"), (3, 3, "100.0 %")]
)
def test_a_share_is_percent_and_a_dash_where_nothing_was_counted(hits: int, total: int, share: str) -> None:
    assert tables.percent(confidence_intervals.Share(hits=hits, total=total)) == share


def test_an_interval_stands_beside_its_share() -> None:
    half = confidence_intervals.Share(hits=50, total=100)
    assert tables.with_interval(half) == "50.0 % (40.4-59.6)"
    assert tables.with_interval(confidence_intervals.Share(hits=0, total=0)) == "-"


def test_a_table_has_a_line_for_its_head_one_for_its_rule_and_one_for_each_row() -> None:
    assert tables.table(("a", "b"), [("1", "2"), ("3", "4")]).splitlines() == [
        "| a | b |",
        "| --- | --- |",
        "| 1 | 2 |",
        "| 3 | 4 |",
    ]


def test_the_gap_is_points_fewer_on_dark_skin_and_none_where_one_part_is_empty() -> None:
    light = tally.Detections(courses=4, delays=[1.0, 2.0])
    assert tables.gap(tally.Tally(any_flag={ALL: light, LIGHT: light})) is None
    dark = tally.Detections(courses=4, delays=[1.0])
    assert tables.gap(tally.Tally(any_flag={ALL: light, LIGHT: light, DARK: dark})) == pytest.approx(25.0)
    assert tables.gap(tally.Tally(any_flag={ALL: light, LIGHT: dark, DARK: light})) == pytest.approx(-25.0)


def test_kinds_of_courses_are_told_in_words() -> None:
    assert tables.name(ground_truth.CourseKind.MYCOBACTERIA) == "slow mycobacteria"
