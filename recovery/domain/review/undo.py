"""Which step about a flag or a task somebody may take back: their own last one, within a minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN

UNDONE = "undone"
"""The kind of a step that took another one back."""

BEFORE = "before"
"""In the detail of a step that can be taken back: how things stood before it."""


class Step(Protocol):
    """What somebody, or the worker, did about a flag or a task."""

    @property
    def staff_id(self) -> UUID | None: ...
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> StrEnum: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...


StepT = TypeVar("StepT", bound=Step)


def find_undoable(steps: Sequence[StepT], *, staff_id: UUID, now: datetime) -> StepT | None:
    """The step that this person may take back now, of all in their order; what the worker adds meanwhile does
    not matter."""
    by_people = [step for step in steps if step.staff_id is not None]
    last = by_people[-1] if by_people else None
    if last is None or last.staff_id != staff_id or last.kind == UNDONE:
        return None
    return last if now - last.at <= UNDO_WITHIN and BEFORE in last.detail else None
