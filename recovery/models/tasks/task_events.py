"""What happened to a task: who took it, what was done about it, what was taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)


class TaskEventKind(StrEnum):
    """What can happen to a task. That it was opened stands with the task itself."""

    EXTENDED = "extended"
    RAISED = "raised"
    CLAIMED = "claimed"
    RELEASED = "released"
    ESCALATED = "escalated"
    TEXT = "text"
    GIVEN = "given"
    DONE = "done"
    UNDONE = "undone"
    DUE_MOVED = "due_moved"


class TaskEvent(Base):
    """One thing that happened to a task; `staff_id` is empty for what happened by itself."""

    __tablename__ = "task_event"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("task_id", "task"),
        clinic_foreign_key("staff_id", "staff"),
        Index("ix_task_event_clinic_id_task_id", "clinic_id", "task_id", "id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    task_id: Mapped[UUID]
    at: Mapped[datetime]
    kind: Mapped[TaskEventKind] = mapped_column(enum_column(TaskEventKind, "kind"))
    staff_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


def list_events(session: Session, clinic_id: UUID, task_id: UUID) -> Sequence[TaskEvent]:
    """What happened to a task, oldest first."""
    wanted = select(TaskEvent).where(TaskEvent.clinic_id == clinic_id, TaskEvent.task_id == task_id)
    return session.scalars(wanted.order_by(TaskEvent.id)).all()
