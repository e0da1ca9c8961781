"""Rows of follow-up tasks: opened or brought forward, listed by due time, counted, late, closed by
themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Index,
    SmallInteger,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.clinic.rooms import Room
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.review.escalation import EscalationStep
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment

OPEN = "done_at IS NULL"
OF_A_PATIENT = "done_at IS NULL AND patient_id IS NOT NULL"
URGENT = "done_at IS NULL AND urgency <> 'next_business_day'"


class TaskKind(StrEnum):
    """Why someone should look."""

    SILENCE = "silence"
    UNDELIVERABLE = "undeliverable"
    OPTED_OUT = "opted_out"
    TEXT_TO_READ = "text_to_read"
    NOTE_TO_READ = "note_to_read"
    UNMATCHED_TEXT = "unmatched_text"
    MAY_STOP = "may_stop"
    PUT_ASIDE = "put_aside"


class Task(Base):
    """One task. A patient has at most one open task of a kind for each treatment.

    `detail` says more without health data. `done_by` is empty for one that settled itself. While one to see
    whether texts are wanted (`may_stop`) is open, no text leaves unasked. `late_told_at` is when the patient
    was told that a promised time had passed. What is more urgent than the next business day stands in the
    queue. `held_by` is who sees to it; `escalate_at` and `escalated` are as a flag has them.
    """

    __tablename__ = "task"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("patient_id", "patient"),
        clinic_foreign_key("treatment_id", "treatment"),
        clinic_foreign_key("done_by", "staff"),
        clinic_foreign_key("held_by", "staff"),
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
        Index("ix_task_clinic_id_patient_id", "clinic_id", "patient_id"),
        Index("ix_task_open", "clinic_id", "due_at", "id", postgresql_where=text(OPEN)),
        Index("ix_task_late", "due_at", postgresql_where=text(f"{OF_A_PATIENT} AND late_told_at IS NULL")),
        Index("ix_task_urgent", "clinic_id", "urgency_rank", "due_at", "id", postgresql_where=text(URGENT)),
        Index("ix_task_escalate", "escalate_at", postgresql_where=text("escalate_at IS NOT NULL")),
        Index("ix_task_done", "clinic_id", "done_at", "id", postgresql_where=text("done_at IS NOT NULL")),
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
    urgency: Mapped[Urgency] = mapped_column(
        enum_column(Urgency, "urgency"), server_default=Urgency.NEXT_BUSINESS_DAY.value
    )
    urgency_rank: Mapped[int] = mapped_column(SmallInteger, server_default="2")
    held_by: Mapped[UUID | None]
    held_since: Mapped[datetime | None]
    escalate_at: Mapped[datetime | None]
    escalated: Mapped[EscalationStep | None] = mapped_column(enum_column(EscalationStep, "escalated"))

    @property
    def is_urgent(self) -> bool:
        """Whether it stands in the queue while it is open."""
        return self.urgency is not Urgency.NEXT_BUSINESS_DAY


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


class OpenedTask(NamedTuple):
    """The open task; `new` if it was not open before."""

    id: UUID
    new: bool


def open_task(session: Session, task: Task) -> OpenedTask:
    """Add a task, or bring the open one forward: the earlier due time stands, the greater urgency, and the
    newer detail.

    Where the patient was told that the earlier time had passed, a new one begins, of which is told anew. What
    has become more urgent is escalated anew.
    """
    urgency = task.urgency or Urgency.NEXT_BUSINESS_DAY
    new = insert(Task).values(
        clinic_id=task.clinic_id,
        kind=task.kind,
        patient_id=task.patient_id,
        treatment_id=task.treatment_id,
        opened_at=task.opened_at,
        due_at=task.due_at,
        detail=task.detail or {},
        urgency=urgency,
        urgency_rank=urgency.rank,
        escalate_at=task.due_at,
    )
    told_late = and_(Task.late_told_at.is_not(None), Task.due_at <= new.excluded.opened_at)
    raised = Task.urgency_rank > new.excluded.urgency_rank
    anew = or_(told_late, raised)
    due_at = case((told_late, new.excluded.due_at), else_=func.least(Task.due_at, new.excluded.due_at))
    row = session.execute(
        new.on_conflict_do_update(
            index_elements=["clinic_id", "kind", "patient_id", "treatment_id"],
            index_where=text(OF_A_PATIENT),
            set_={
                "due_at": due_at,
                "late_told_at": None,
                "detail": Task.detail.op("||")(new.excluded.detail),
                "urgency": case((raised, new.excluded.urgency), else_=Task.urgency),
                "urgency_rank": func.least(Task.urgency_rank, new.excluded.urgency_rank),
                "escalate_at": case((or_(anew, Task.escalated.is_(None)), due_at), else_=Task.escalate_at),
                "escalated": case((anew, None), else_=Task.escalated),
            },
        ).returning(Task.id, literal_column("(xmax = 0)", Boolean))
    ).one()
    return OpenedTask(id=row[0], new=row[1])


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
        .values(done_at=now, comment=comment, escalate_at=None)
    )


def has_open(session: Session, *, clinic_id: UUID, patient_id: UUID | None, kind: TaskKind) -> bool:
    """Whether a task of this kind about the patient, or about nobody, is open."""
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
    urgent: bool | None = None,
    room: Room = Room.ALL,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> Sequence[TaskWithPatient]:
    """Open tasks, the one due first in front. `after` is (due time, id) of the last one seen.

    `urgent` asks for those of the queue only, or only for the rest.
    """
    wanted = (
        select(Task, Patient, Treatment)
        .outerjoin(Patient, and_(Patient.clinic_id == Task.clinic_id, Patient.id == Task.patient_id))
        .outerjoin(Treatment, and_(Treatment.clinic_id == Task.clinic_id, Treatment.id == Task.treatment_id))
        .where(
            Task.clinic_id == clinic_id,
            Task.done_at.is_(None),
            patients.of_room(Task.patient_id, clinic_id=clinic_id, room=room),
        )
        .order_by(Task.due_at, Task.id)
        .limit(limit)
    )
    if kinds is not None:
        wanted = wanted.where(Task.kind.in_(kinds))
    if urgent is not None:
        wanted = wanted.where((Task.urgency != Urgency.NEXT_BUSINESS_DAY) == urgent)
    if after is not None:
        wanted = wanted.where(tuple_(Task.due_at, Task.id) > after)
    return [TaskWithPatient(task=row[0], patient=row[1], treatment=row[2]) for row in session.execute(wanted)]


def list_for_patient(session: Session, clinic_id: UUID, patient_id: UUID, *, limit: int) -> Sequence[Task]:
    """Every task there ever was about one patient, the one opened last first."""
    own = select(Task).where(Task.clinic_id == clinic_id, Task.patient_id == patient_id)
    return session.scalars(own.order_by(Task.id.desc()).limit(limit)).all()


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


def open_by_subject(
    session: Session, clinic_id: UUID, *, kinds: Collection[TaskKind], patient_ids: Collection[UUID]
) -> dict[tuple[TaskKind, UUID, UUID | None], UUID]:
    """The open tasks of these kinds about these patients, by kind, patient and treatment."""
    wanted = select(Task.kind, Task.patient_id, Task.treatment_id, Task.id).where(
        Task.clinic_id == clinic_id,
        Task.kind.in_(kinds),
        Task.patient_id.in_(patient_ids),
        Task.done_at.is_(None),
    )
    rows = session.execute(wanted) if patient_ids else ()
    return {(kind, patient, about): task for kind, patient, about, task in rows if patient is not None}


def get_task(session: Session, clinic_id: UUID, task_id: UUID) -> TaskWithPatient | None:
    """A task, done or not, and whom it is about."""
    wanted = (
        select(Task, Patient)
        .outerjoin(Patient, and_(Patient.clinic_id == Task.clinic_id, Patient.id == Task.patient_id))
        .where(Task.clinic_id == clinic_id, Task.id == task_id)
    )
    row = session.execute(wanted).one_or_none()
    return None if row is None else TaskWithPatient(task=row[0], patient=row[1])


def count_open(
    session: Session, clinic_id: UUID, *, kinds: Collection[TaskKind], room: Room = Room.ALL, now: datetime
) -> TaskCount:
    """How many tasks of these kinds are open outside the queue, and how many of them overdue."""
    counted = select(func.count(), func.count().filter(Task.due_at < now)).where(
        Task.clinic_id == clinic_id,
        Task.kind.in_(kinds),
        Task.done_at.is_(None),
        Task.urgency == Urgency.NEXT_BUSINESS_DAY,
        patients.of_room(Task.patient_id, clinic_id=clinic_id, room=room),
    )
    return TaskCount(*session.execute(counted).one())


def list_late_for_update(
    session: Session, *, kinds: Collection[TaskKind], now: datetime, limit: int
) -> Sequence[Task]:
    """Open tasks of patients past their time that nobody has taken or was told late about; locked."""
    wanted = select(Task).where(
        Task.kind.in_(kinds),
        Task.patient_id.is_not(None),
        Task.done_at.is_(None),
        Task.held_by.is_(None),
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


def has_open_like(session: Session, task: Task) -> bool:
    """Whether another task of this kind about the same patient's treatment is open."""
    if task.patient_id is None:
        return False
    other = select(Task.id).where(
        Task.clinic_id == task.clinic_id,
        Task.kind == task.kind,
        Task.patient_id == task.patient_id,
        Task.treatment_id.is_not_distinct_from(task.treatment_id),
        Task.done_at.is_(None),
        Task.id != task.id,
    )
    return session.scalar(other.limit(1)) is not None


def list_closed_at(session: Session, clinic_id: UUID, *, by: UUID, at: datetime) -> Sequence[Task]:
    """The tasks that one person closed at one moment, in one step; locked."""
    closed = select(Task).where(Task.clinic_id == clinic_id, Task.done_by == by, Task.done_at == at)
    return session.scalars(closed.order_by(Task.id).with_for_update()).all()


def list_done(
    session: Session, clinic_id: UUID, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> Sequence[TaskWithPatient]:
    """Tasks that are done, the newest first. `after` is (done at, id) of the last one seen."""
    wanted = (
        select(Task, Patient, Treatment)
        .outerjoin(Patient, and_(Patient.clinic_id == Task.clinic_id, Patient.id == Task.patient_id))
        .outerjoin(Treatment, and_(Treatment.clinic_id == Task.clinic_id, Treatment.id == Task.treatment_id))
        .where(Task.clinic_id == clinic_id, Task.done_at.is_not(None))
        .order_by(Task.done_at.desc(), Task.id.desc())
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(tuple_(Task.done_at, Task.id) < after)
    return [TaskWithPatient(task=row[0], patient=row[1], treatment=row[2]) for row in session.execute(wanted)]
