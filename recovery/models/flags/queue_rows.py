"""The nurses' queue as its pages read it: unresolved flags in order from an index, a page at a time,
narrowed, and their totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select, text, tuple_
from sqlalchemy.orm import Session

from recovery.domain.clinic.rooms import Room
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.models.flags.flags import UNRESOLVED, Flag
from recovery.models.patients.patients import Patient
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment


def list_queue(
    session: Session,
    clinic_id: UUID,
    *,
    states: Sequence[FlagState],
    urgency: Urgency | None = None,
    held_by: UUID | None = None,
    room: Room = Room.ALL,
    after: tuple[int, datetime, UUID] | None = None,
    limit: int,
) -> Sequence[tuple[Flag, Treatment, Patient]]:
    """Flags with whom they are about: most urgent first, then by due time.

    `after` is the sort key (urgency rank, due time, id) of the last row of the page before.
    """
    query = (
        select(Flag, Treatment, Patient)
        .join(Treatment, (Treatment.clinic_id == Flag.clinic_id) & (Treatment.id == Flag.treatment_id))
        .join(Patient, (Patient.clinic_id == Treatment.clinic_id) & (Patient.id == Treatment.patient_id))
        .where(
            Flag.clinic_id == clinic_id,
            Flag.state.in_(states),
            treatments.of_room(Flag.treatment_id, clinic_id=clinic_id, room=room),
        )
        .order_by(Flag.urgency_rank, Flag.due_at, Flag.id)
        .limit(limit)
    )
    if urgency is not None:
        query = query.where(Flag.urgency == urgency)
    if held_by is not None:
        query = query.where(Flag.held_by == held_by)
    if after is not None:
        query = query.where(tuple_(Flag.urgency_rank, Flag.due_at, Flag.id) > after)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


class HolderFilter(StrEnum):
    """Flags by who holds them."""

    ALL = "all"
    OWN = "own"
    NOBODYS = "nobodys"


@dataclass(frozen=True, kw_only=True)
class QueueFilter:
    """Which unresolved flags are wanted; `staff_id` is whose own ones are."""

    staff_id: UUID
    room: Room = Room.ALL
    whose: HolderFilter = HolderFilter.ALL
    urgency: Urgency | None = None


class QueueRow(NamedTuple):
    """An unresolved flag as the index holds it."""

    id: UUID
    treatment_id: UUID
    state: FlagState
    urgency_rank: int
    due_at: datetime
    opened_at: datetime
    held_by: UUID | None
    entry: dict[str, Any] | None


_LISTED = select(
    Flag.id,
    Flag.treatment_id,
    Flag.state,
    Flag.urgency_rank,
    Flag.due_at,
    Flag.opened_at,
    Flag.held_by,
    Flag.entry,
    # Written out, so that the partial index is seen to fit whatever the other values are.
).where(text(UNRESOLVED))


def list_queue_rows(
    session: Session,
    clinic_id: UUID,
    *,
    narrowing: QueueFilter,
    after: tuple[int, datetime, UUID] | None = None,
    limit: int,
) -> list[QueueRow]:
    """Unresolved flags, most urgent first, then by due time, from the index alone.

    `after` is the sort key (urgency rank, due time, id) of the last row of the page before.
    """
    query = queue_rows_statement(clinic_id, narrowing=narrowing, after=after, limit=limit)
    return [QueueRow(*row) for row in session.execute(query)]


def queue_rows_statement(
    clinic_id: UUID, *, narrowing: QueueFilter, after: tuple[int, datetime, UUID] | None, limit: int
) -> Select[Any]:
    """The statement behind `list_queue_rows`."""
    in_room = treatments.of_room(Flag.treatment_id, clinic_id=clinic_id, room=narrowing.room)
    query = _LISTED.where(Flag.clinic_id == clinic_id, in_room)
    if narrowing.whose is HolderFilter.OWN:
        query = query.where(Flag.held_by == narrowing.staff_id)
    elif narrowing.whose is HolderFilter.NOBODYS:
        query = query.where(Flag.held_by.is_(None))
    if narrowing.urgency is not None:
        query = query.where(Flag.urgency_rank == narrowing.urgency.rank)
    if after is not None:
        query = query.where(tuple_(Flag.urgency_rank, Flag.due_at, Flag.id) > after)
    return query.order_by(Flag.urgency_rank, Flag.due_at, Flag.id).limit(limit)


@dataclass(frozen=True, kw_only=True)
class QueueTotals:
    """How many flags are unresolved, past their due time unanswered, held by nobody, held by one person."""

    by_urgency: Mapping[Urgency, int]
    overdue: int
    unheld: int
    own: int

    @property
    def unresolved(self) -> int:
        """All of them."""
        return sum(self.by_urgency.values())


def count_totals(
    session: Session, clinic_id: UUID, *, staff_id: UUID, room: Room = Room.ALL, now: datetime
) -> QueueTotals:
    """Figures of the whole queue, from an index; a flag whose patient was reached is no longer overdue."""
    each = func.count()
    overdue = each.filter(Flag.state.in_((FlagState.OPEN, FlagState.CLAIMED)), Flag.due_at < now)
    unheld, own = each.filter(Flag.held_by.is_(None)), each.filter(Flag.held_by == staff_id)
    counted = select(Flag.urgency_rank, each, overdue, unheld, own).group_by(Flag.urgency_rank)
    in_room = treatments.of_room(Flag.treatment_id, clinic_id=clinic_id, room=room)
    rows = session.execute(counted.where(Flag.clinic_id == clinic_id, text(UNRESOLVED), in_room)).all()
    return QueueTotals(
        by_urgency={list(Urgency)[row[0]]: row[1] for row in rows},
        overdue=sum(row[2] for row in rows),
        unheld=sum(row[3] for row in rows),
        own=sum(row[4] for row in rows),
    )
