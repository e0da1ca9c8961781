"""Tasks that stand in the queue, and those whose escalation is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from recovery.domain.clinic.rooms import Room
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.tasks.tasks import Task, TaskWithPatient
from recovery.models.treatments.treatments import Treatment

OPEN_AND_URGENT = and_(Task.done_at.is_(None), text("task.urgency <> 'next_business_day'"))
"""Written out, so that the partial index is seen to fit."""

Place = tuple[int, datetime, UUID]
"""Where one stands in the queue: urgency rank, due time, id."""


class UrgentCount(NamedTuple):
    """So many urgent tasks of one urgency; of them past their time, with nobody, and with one person."""

    urgency: Urgency
    open: int
    overdue: int
    unheld: int
    own: int


def list_urgent(
    session: Session,
    clinic_id: UUID,
    *,
    urgency: Urgency | None = None,
    holders: Sequence[UUID | None] | None = None,
    room: Room = Room.ALL,
    after: Place | None = None,
    limit: int,
) -> Sequence[TaskWithPatient]:
    """Urgent tasks in the order of the queue. `holders` asks for those of one person, or of nobody."""
    wanted: Select[Task, Patient, Treatment] = (
        select(Task, Patient, Treatment)
        .outerjoin(Patient, (Patient.clinic_id == Task.clinic_id) & (Patient.id == Task.patient_id))
        .outerjoin(Treatment, (Treatment.clinic_id == Task.clinic_id) & (Treatment.id == Task.treatment_id))
        .where(
            Task.clinic_id == clinic_id,
            OPEN_AND_URGENT,
            patients.of_room(Task.patient_id, clinic_id=clinic_id, room=room),
        )
    )
    if urgency is not None:
        wanted = wanted.where(Task.urgency_rank == urgency.rank)
    if holders is not None:
        wanted = wanted.where(Task.held_by.is_not_distinct_from(holders[0]))
    if after is not None:
        wanted = wanted.where(tuple_(Task.urgency_rank, Task.due_at, Task.id) > after)
    rows = session.execute(wanted.order_by(Task.urgency_rank, Task.due_at, Task.id).limit(limit))
    return [TaskWithPatient(task=row[0], patient=row[1], treatment=row[2]) for row in rows]


def count_urgent(
    session: Session, clinic_id: UUID, *, staff_id: UUID, room: Room = Room.ALL, now: datetime
) -> list[UrgentCount]:
    """How many urgent tasks there are of each urgency; of them overdue, with nobody, with this person."""
    each = func.count()
    counted = (
        select(
            Task.urgency_rank,
            each,
            each.filter(Task.due_at < now),
            each.filter(Task.held_by.is_(None)),
            each.filter(Task.held_by == staff_id),
        )
        .where(
            Task.clinic_id == clinic_id,
            OPEN_AND_URGENT,
            patients.of_room(Task.patient_id, clinic_id=clinic_id, room=room),
        )
        .group_by(Task.urgency_rank)
    )
    return [UrgentCount(list(Urgency)[row[0]], *row[1:]) for row in session.execute(counted)]


def list_due_escalations_for_update(session: Session, *, now: datetime, limit: int) -> Sequence[Task]:
    """Tasks to look at because they may be overdue, and that nobody works at this moment, locked."""
    wanted = (
        select(Task)
        .where(
            Task.escalate_at <= now,
            # Nobody is called at night to look at a patient who does not exist.
            or_(Task.patient_id.is_(None), Task.patient_id.not_in(patients.training_ids())),
        )
        .order_by(Task.escalate_at, Task.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).all()


def list_open_for_update(session: Session, clinic_id: UUID) -> Sequence[Task]:
    """A clinic's open tasks, locked."""
    waiting = select(Task).where(Task.clinic_id == clinic_id, Task.done_at.is_(None))
    return session.scalars(waiting.order_by(Task.id).with_for_update()).all()


def count_held(session: Session, clinic_id: UUID) -> dict[UUID, int]:
    """How many open tasks each of a clinic's people sees to; who sees to none is left out."""
    held = select(Task.held_by, func.count()).where(
        Task.clinic_id == clinic_id, Task.held_by.is_not(None), Task.done_at.is_(None)
    )
    return {row[0]: row[1] for row in session.execute(held.group_by(Task.held_by)) if row[0] is not None}


def list_held_for_update(session: Session, clinic_id: UUID, staff_id: UUID) -> Sequence[Task]:
    """The open tasks that somebody sees to, locked."""
    held = select(Task).where(Task.clinic_id == clinic_id, Task.held_by == staff_id, Task.done_at.is_(None))
    return session.scalars(held.order_by(Task.id).with_for_update()).all()
