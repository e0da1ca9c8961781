"""Rows of follow-up tasks: opened or brought forward, listed by due time, counted, late, closed by
themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Index, and_, case, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment

OPEN = "done_at IS NULL"
OF_A_PATIENT = "done_at IS NULL AND patient_id IS NOT NULL"


class TaskKind(StrEnum):
    """Why someone should look."""

    SILENCE = "silence"
    UNDELIVERABLE = "undeliverable"
    OPTED_OUT = "opted_out"
    TEXT_TO_READ = "text_to_read"
    NOTE_TO_READ = "note_to_read"
    UNMATCHED_TEXT = "unmatched_text"
    MAY_STOP = "may_stop"


class Task(Base):
    """One task. A patient has at most one open task of a kind for each treatment.

    `detail` says more without health data. `done_by` is empty for one that settled itself. While one to see
    whether texts are wanted (`may_stop`) is open, no text leaves unasked. `late_told_at` is when the patient
    was told that a promised time had passed.
    """

    __tablename__ = "task"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("patient_id", "patient"),
        clinic_foreign_key("treatment_id", "treatment"),
        clinic_foreign_key("done_by", "staff"),
        Index(
            "uq_task_open_per_treatment",
            "clinic_id",
            "kind",
            "patient_id",
            "treatment_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text(OF_A_PATIENT),
        ),
        Index("ix_task_clinic_id_treatment_id", "clinic_id", "treatment_id"),
        Index("ix_task_open", "clinic_id", "due_at", "id", postgresql_where=text(OPEN)),
        Index("ix_task_late", "due_at", postgresql_where=text(f"{OF_A_PATIENT} AND late_told_at IS NULL")),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    kind: Mapped[TaskKind] = mapped_column(enum_column(TaskKind, "kind"))
    patient_id: Mapped[UUID | None]
    treatment_id: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
    comment: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    late_told_at: Mapped[datetime | None]


@dataclass(frozen=True, kw_only=True)
class TaskWithPatient:
    """A task and whom it is about, where that is known."""

    task: Task
    patient: Patient | None
    treatment: Treatment | None = None


class TaskCount(NamedTuple):
    """So many tasks, and so many of them past their due time."""

    open: int
    overdue: int


def open_task(session: Session, task: Task) -> None:
    """Add a task, or bring the open one forward: the earlier due time stands, and the newer detail.

    Where the patient was told that the earlier time had passed, a new one begins, of which is told anew.
    """
    new = insert(Task).values(
        clinic_id=task.clinic_id,
        kind=task.kind,
        patient_id=task.patient_id,
        treatment_id=task.treatment_id,
        opened_at=task.opened_at,
        due_at=task.due_at,
        detail=task.detail or {},
    )
    told_late = and_(Task.late_told_at.is_not(None), Task.due_at <= new.excluded.opened_at)
    earlier = func.least(Task.due_at, new.excluded.due_at)
    session.execute(
        new.on_conflict_do_update(
            index_elements=["clinic_id", "kind", "patient_id", "treatment_id"],
            index_where=text(OF_A_PATIENT),
            set_={
                "due_at": case((told_late, new.excluded.due_at), else_=earlier),
                "late_told_at": None,
                "detail": Task.detail.op("||")(new.excluded.detail),
            },
        )
    )


def close_automatically(
    session: Session, *, clinic_id: UUID, kind: TaskKind, treatment_id: UUID, comment: str, now: datetime
) -> None:
    """Close the treatment's open task of this kind, if there is one, without anyone's doing."""
    session.execute(
        update(Task)
        .where(
            Task.clinic_id == clinic_id,
            Task.kind == kind,
            Task.treatment_id == treatment_id,
            Task.done_at.is_(None),
        )
        .values(done_at=now, comment=comment)
    )


def has_open(session: Session, *, clinic_id: UUID, patient_id: UUID, kind: TaskKind) -> bool:
    """Whether a task of this kind about the patient is open."""
    some = select(Task.id).where(
        Task.clinic_id == clinic_id,
        Task.kind == kind,
        Task.patient_id == patient_id,
        Task.done_at.is_(None),
    )
    return session.scalar(some.limit(1)) is not None


def was_opened(session: Session, *, clinic_id: UUID, kind: TaskKind, treatment_id: UUID) -> bool:
    """Whether the treatment ever had a task of this kind, open or done."""
    some = select(Task.id).where(
        Task.clinic_id == clinic_id, Task.kind == kind, Task.treatment_id == treatment_id
    )
    return session.scalar(some.limit(1)) is not None


def get_for_update(session: Session, clinic_id: UUID, task_id: UUID) -> Task | None:
    """The task if this clinic has one under this id, locked until the transaction ends."""
    return session.get(Task, (clinic_id, task_id), with_for_update=True, populate_existing=True)


def list_open(
    session: Session,
    clinic_id: UUID,
    *,
    kinds: Collection[TaskKind] | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> Sequence[TaskWithPatient]:
    """Open tasks, the one due first in front. `after` is (due time, id) of the last one seen."""
    wanted = (
        select(Task, Patient, Treatment)
        .outerjoin(Patient, and_(Patient.clinic_id == Task.clinic_id, Patient.id == Task.patient_id))
        .outerjoin(Treatment, and_(Treatment.clinic_id == Task.clinic_id, Treatment.id == Task.treatment_id))
        .where(Task.clinic_id == clinic_id, Task.done_at.is_(None))
        .order_by(Task.due_at, Task.id)
        .limit(limit)
    )
    if kinds is not None:
        wanted = wanted.where(Task.kind.in_(kinds))
    if after is not None:
        wanted = wanted.where(tuple_(Task.due_at, Task.id) > after)
    return [TaskWithPatient(task=row[0], patient=row[1], treatment=row[2]) for row in session.execute(wanted)]


def list_open_of_patient(
    session: Session, clinic_id: UUID, patient_id: UUID, *, kind: TaskKind | None = None
) -> Sequence[Task]:
    """The open tasks about one patient, locked until the transaction ends."""
    wanted = select(Task).where(
        Task.clinic_id == clinic_id, Task.patient_id == patient_id, Task.done_at.is_(None)
    )
    if kind is not None:
        wanted = wanted.where(Task.kind == kind)
    return session.scalars(wanted.order_by(Task.id).with_for_update()).all()


def get_task(session: Session, clinic_id: UUID, task_id: UUID) -> TaskWithPatient | None:
    """A task, done or not, and whom it is about."""
    wanted = (
        select(Task, Patient)
        .outerjoin(Patient, and_(Patient.clinic_id == Task.clinic_id, Patient.id == Task.patient_id))
        .where(Task.clinic_id == clinic_id, Task.id == task_id)
    )
    row = session.execute(wanted).one_or_none()
    return None if row is None else TaskWithPatient(task=row[0], patient=row[1])


def count_open(session: Session, clinic_id: UUID, *, kinds: Collection[TaskKind], now: datetime) -> TaskCount:
    """How many tasks of these kinds are open, and how many of them overdue."""
    counted = select(func.count(), func.count().filter(Task.due_at < now)).where(
        Task.clinic_id == clinic_id, Task.kind.in_(kinds), Task.done_at.is_(None)
    )
    return TaskCount(*session.execute(counted).one())


def list_late_for_update(
    session: Session, *, kinds: Collection[TaskKind], now: datetime, limit: int
) -> Sequence[Task]:
    """Open tasks of patients past their time of which nobody was told yet, and nobody works at; locked."""
    wanted = select(Task).where(
        Task.kind.in_(kinds),
        Task.patient_id.is_not(None),
        Task.done_at.is_(None),
        Task.late_told_at.is_(None),
        Task.due_at <= now,
    )
    locked = wanted.order_by(Task.due_at, Task.id).limit(limit).with_for_update(skip_locked=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def list_open_about(
    session: Session,
    *,
    clinic_id: UUID,
    kind: TaskKind,
    patient_id: UUID | None,
    treatment_id: UUID | None,
    text_id: UUID,
) -> Sequence[Task]:
    """The open tasks of this kind about a patient's treatment, or about one text of nobody's."""
    wanted = select(Task).where(Task.clinic_id == clinic_id, Task.kind == kind, Task.done_at.is_(None))
    if patient_id is None:
        wanted = wanted.where(Task.detail["text"].astext == str(text_id))
    else:
        wanted = wanted.where(
            Task.patient_id == patient_id, Task.treatment_id.is_not_distinct_from(treatment_id)
        )
    return session.scalars(wanted.with_for_update()).all()
