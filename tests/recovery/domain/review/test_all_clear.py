"""That nothing abnormal is known is said only where nothing waits and nothing could be missing."""

from __future__ import annotations

import pytest

from recovery.domain.review.all_clear import LaneCounts

CLEAR = LaneCounts(in_queue=0, unreviewed=0, to_read=0, follow_up=0, worker_late=False)


def test_nothing_is_known_where_nothing_waits_anywhere() -> None:
    assert CLEAR.nothing_abnormal_known


@pytest.mark.parametrize("what", ["in_queue", "unreviewed", "to_read", "follow_up", "worker_late"])
def test_anything_that_waits_or_could_be_missing_takes_the_sentence_away(what: str) -> None:
    counts = {name: 1 if what == name else 0 for name in ("in_queue", "unreviewed", "to_read", "follow_up")}
    waiting = LaneCounts(worker_late=what == "worker_late", **counts)
    assert not waiting.nothing_abnormal_known
    assert waiting.calm_beside_follow_up is (what == "follow_up")
