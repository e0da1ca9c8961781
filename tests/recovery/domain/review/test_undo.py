"""Of a flag and of a task alike: one's own last step, within a minute, and no other's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN
from recovery.domain.review.undo import UNDONE, Step, find_undoable
from recovery.models.flags.flags import EventKind, FlagEvent
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ANNA, BEN = uuid4(), uuid4()

Make = Callable[[str, UUID | None, dict[str, Any]], Step]


def of_flag(kind: str, staff_id: UUID | None, detail: dict[str, Any]) -> Step:
    return FlagEvent(kind=EventKind(kind), staff_id=staff_id, at=NOW, detail=detail)


def of_task(kind: str, staff_id: UUID | None, detail: dict[str, Any]) -> Step:
    return TaskEvent(kind=TaskEventKind(kind), staff_id=staff_id, at=NOW, detail=detail)


@pytest.fixture(params=[of_flag, of_task], ids=["flag", "task"])
def step(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


def test_what_the_worker_adds_keeps_nobody_from_taking_back(step: Make) -> None:
    mine, by_worker = step("claimed", ANNA, {"before": {}}), step("due_moved", None, {})
    assert find_undoable([mine, by_worker], staff_id=ANNA, now=NOW + SECOND) is mine
    assert find_undoable([by_worker], staff_id=ANNA, now=NOW) is None
    nothing: list[Step] = []
    assert find_undoable(nothing, staff_id=ANNA, now=NOW) is None


def test_only_the_last_step_of_people_and_only_by_who_took_it(step: Make) -> None:
    mine, theirs = step("claimed", ANNA, {"before": {}}), step("claimed", BEN, {"before": {}})
    assert find_undoable([mine, theirs], staff_id=ANNA, now=NOW) is None
    assert find_undoable([mine, theirs], staff_id=BEN, now=NOW) is theirs


def test_a_minute_and_no_longer(step: Make) -> None:
    mine = step("claimed", ANNA, {"before": {}})
    assert find_undoable([mine], staff_id=ANNA, now=NOW + UNDO_WITHIN) is mine
    assert find_undoable([mine], staff_id=ANNA, now=NOW + UNDO_WITHIN + SECOND) is None


def test_not_what_has_no_before_nor_what_took_another_back(step: Make) -> None:
    for done in (step("claimed", ANNA, {}), step(UNDONE, ANNA, {"before": {}})):
        assert find_undoable([done], staff_id=ANNA, now=NOW) is None
