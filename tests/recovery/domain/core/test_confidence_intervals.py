from __future__ import annotations

import math

import pytest

from recovery.domain.core import confidence_intervals


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_are_the_published_ones(hits: int, total: int, low: float, high: float) -> None:
    found = confidence_intervals.Share(hits=hits, total=total).interval
    assert found == pytest.approx((low, high), abs=5e-5)


def test_an_interval_stays_between_nothing_and_everything() -> None:
    assert confidence_intervals.Share(hits=20, total=20).interval[1] == 1.0
    assert confidence_intervals.Share(hits=0, total=20).interval[0] == 0.0


def test_nothing_counted_is_no_share_at_all() -> None:
    assert confidence_intervals.Share(hits=9, total=9).says_little
    assert not confidence_intervals.Share(hits=0, total=10).says_little
    empty = confidence_intervals.Share(hits=0, total=0)
    assert math.isnan(empty.value)
    assert empty.interval == (0.0, 1.0)
