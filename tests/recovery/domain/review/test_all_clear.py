"""That nothing abnormal is known is said only where nothing waits and nothing could be missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery.domain.review.all_clear import LaneCounts

CLEAR = LaneCounts(in_queue=0, unreviewed=0, to_read=0, follow_up=0, worker_late=False, reports_refused=False)


def test_nothing_is_known_where_nothing_waits_anywhere() -> None:
    assert CLEAR.nothing_abnormal_known


WAITING = {
    "in_queue": replace(CLEAR, in_queue=1),
    "unreviewed": replace(CLEAR, unreviewed=1),
    "to_read": replace(CLEAR, to_read=1),
    "follow_up": replace(CLEAR, follow_up=1),
    "worker_late": replace(CLEAR, worker_late=True),
    "reports_refused": replace(CLEAR, reports_refused=True),
}


@pytest.mark.parametrize("what", WAITING)
def test_anything_that_waits_or_could_be_missing_takes_the_sentence_away(what: str) -> None:
    waiting = WAITING[what]
    assert not waiting.nothing_abnormal_known
    assert waiting.calm_beside_follow_up is (what == "follow_up")
