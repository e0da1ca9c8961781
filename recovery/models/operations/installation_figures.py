"""Figures of all clinics together, for whoever runs the installation: what is due, unfinished, in doubt,
overdue, lost, whom to mail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review.escalation import EscalationStep
from recovery.models.clinic.clinics import Clinic, ClinicMode, Staff
from recovery.models.flags.flags import Flag
from recovery.models.messaging.circuit_breakers import CarrierCircuit
from recovery.models.messaging.messages import Message
from recovery.models.operations.alerts import AlertNotice
from recovery.models.patients import patients
from recovery.models.tasks.tasks import Task
from recovery.models.treatments import treatments

_UNFINISHED = (
    MessageState.PLANNED,
    MessageState.CLAIMED,
    MessageState.IN_DOUBT,
    MessageState.ACCEPTED,
    MessageState.SENT,
)


@dataclass(frozen=True, kw_only=True)
class BacklogCount:
    """How many there are, and since when the oldest."""

    count: int
    since: datetime | None


def count_due_texts(session: Session, *, now: datetime) -> BacklogCount:
    """Texts that are due and that no stop switch holds back."""
    row = session.execute(
        select(func.count(), func.min(Message.due_at))
        .join(Clinic, Clinic.id == Message.clinic_id)
        .where(
            Message.state == MessageState.PLANNED,
            Message.due_at <= now,
            or_(Clinic.texts_stopped_at.is_(None), Message.useful_until <= now),
        )
    ).one()
    return BacklogCount(count=row[0], since=row[1])


def oldest_unconfirmed_at(session: Session) -> datetime | None:
    """Since when the oldest text in doubt is."""
    return session.scalar(select(func.min(Message.claimed_at)).where(Message.state == MessageState.IN_DOUBT))


def count_unfinished_texts(session: Session) -> dict[MessageState, int]:
    """Counts of unfinished texts by state."""
    counts: dict[MessageState, int] = {}
    for state in _UNFINISHED:
        # State by state: each has an index of its own, and what is long over is not read.
        counts[state] = session.scalar(select(func.count()).where(Message.state == state)) or 0
    return counts


def count_submitted_texts(session: Session, *, since: datetime) -> dict[MessageState, int]:
    """What became of the texts that were taken in hand since then."""
    rows = session.execute(
        select(Message.state, func.count()).where(Message.claimed_at >= since).group_by(Message.state)
    )
    return {row[0]: row[1] for row in rows}


def count_quarantined_texts(session: Session, *, since: datetime) -> int:
    """How many texts were quarantined since then."""
    aside = select(func.count()).where(Message.state == MessageState.QUARANTINED, Message.settled_at >= since)
    return session.scalar(aside) or 0


def count_lost_notices(session: Session, *, since: datetime) -> int:
    """How many notifications were given up since then."""
    lost = select(func.count()).where(AlertNotice.given_up_at >= since)
    return session.scalar(lost) or 0


def count_held_texts(session: Session, *, reason: str) -> int:
    """How many planned texts wait for this reason."""
    held = select(func.count()).where(Message.state == MessageState.PLANNED, Message.reason == reason)
    return session.scalar(held) or 0


def count_flags(session: Session, *, now: datetime) -> tuple[int, int]:
    """Unresolved flags of live clinics, and how many of them nobody has worked by their due time."""
    waits = Flag.state.in_((FlagState.OPEN, FlagState.CLAIMED))
    row = session.execute(
        select(func.count(), func.count().filter(waits, Flag.due_at < now))
        .join(Clinic, Clinic.id == Flag.clinic_id)
        .where(
            Flag.state != FlagState.RESOLVED,
            Clinic.mode == ClinicMode.LIVE,
            Flag.treatment_id.not_in(treatments.training_ids()),
        )
    ).one()
    return row[0], row[1]


def list_circuits(session: Session) -> list[CarrierCircuit]:
    """What is known of every account of a carrier."""
    return list(session.scalars(select(CarrierCircuit).order_by(CarrierCircuit.account)))


def list_clinics(session: Session, *, limit: int) -> list[Clinic]:
    """The clinics, live ones first."""
    return list(session.scalars(select(Clinic).order_by(Clinic.mode, Clinic.created_at).limit(limit)))


def list_overdue_flags(session: Session, *, now: datetime, limit: int) -> list[Flag]:
    """Unanswered flags of live clinics that are past their due time, the oldest first."""
    wanted = (
        select(Flag)
        .join(Clinic, Clinic.id == Flag.clinic_id)
        .where(
            Flag.state.in_((FlagState.OPEN, FlagState.CLAIMED)),
            Flag.due_at <= now,
            or_(Flag.escalated.is_not(None), Flag.urgency == Urgency.EMERGENCY),
            Clinic.mode == ClinicMode.LIVE,
            Flag.treatment_id.not_in(treatments.training_ids()),
        )
        .order_by(Flag.due_at, Flag.id)
    )
    return list(session.scalars(wanted.limit(limit)))


def list_overdue_tasks(session: Session, *, now: datetime, limit: int) -> list[Task]:
    """Open tasks of live clinics that are past their due time, the most urgent first. Of routine ones that
    nobody has, each clinic's that went furthest: these are told as one, and no clinic's hide another's."""
    routine = and_(Task.urgency == Urgency.NEXT_BUSINESS_DAY, Task.held_by.is_(None))
    place = func.row_number().over(
        partition_by=(Task.clinic_id, routine),
        order_by=(Task.escalated == EscalationStep.MANAGER).desc().nulls_last(),
    )
    overdue = (
        select(Task.clinic_id, Task.id, routine.label("routine"), place.label("place"))
        .join(Clinic, Clinic.id == Task.clinic_id)
        .where(
            Task.done_at.is_(None),
            Task.due_at <= now,
            or_(Task.escalated.is_not(None), Task.urgency == Urgency.EMERGENCY),
            Clinic.mode == ClinicMode.LIVE,
            or_(Task.patient_id.is_(None), Task.patient_id.not_in(patients.training_ids())),
        )
        .subquery()
    )
    wanted = (
        select(Task)
        .join(overdue, and_(overdue.c.clinic_id == Task.clinic_id, overdue.c.id == Task.id))
        .where(or_(overdue.c.routine.is_(False), overdue.c.place == 1))
        .order_by(Task.urgency_rank, Task.due_at, Task.id)
    )
    return list(session.scalars(wanted.limit(limit)))


def emails_with_roles(
    session: Session, clinic_ids: Collection[UUID], *, roles: Collection[Role]
) -> dict[UUID, list[str]]:
    """The mail addresses of whoever has one of these roles in these clinics."""
    rows = session.execute(
        select(Staff.clinic_id, Staff.email)
        .where(Staff.clinic_id.in_(clinic_ids), Staff.role.in_(roles), Staff.disabled_at.is_(None))
        .order_by(Staff.id)
    )
    emails: dict[UUID, list[str]] = {}
    for clinic_id, email in rows:
        emails.setdefault(clinic_id, []).append(email)
    return emails


def emails_of(session: Session, staff_ids: Collection[UUID]) -> dict[UUID | None, str]:
    """The mail addresses of these people, by id."""
    rows = session.execute(
        select(Staff.id, Staff.email).where(Staff.id.in_(staff_ids), Staff.disabled_at.is_(None))
    )
    return {row[0]: row[1] for row in rows}
