"""Writing an audit entry of who did or read what, in the transaction in which it was done; and who acts:
staff, patient, worker, operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic.clinics import Staff
from recovery.models.core.audit import ActorKind, AuditEntry


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts. The worker, the operator of the machine and whoever is not known have no id."""

    kind: ActorKind
    id: UUID | None = None


WORKER = Actor(kind=ActorKind.WORKER)
OPERATOR = Actor(kind=ActorKind.OPERATOR)
NOBODY = Actor(kind=ActorKind.NOBODY)
"""Whoever was refused without being known."""


def staff(staff_id: UUID) -> Actor:
    """Someone of the clinic's staff."""
    return Actor(kind=ActorKind.STAFF, id=staff_id)


def patient(patient_id: UUID) -> Actor:
    """A patient."""
    return Actor(kind=ActorKind.PATIENT, id=patient_id)


def record(
    session: Session,
    *,
    clinic_id: UUID,
    actor: Actor,
    action: str,
    subject: tuple[str, UUID | None],
    now: datetime,
    detail: dict[str, str] | None = None,
) -> None:
    """Add one entry. `subject` is what it was done to, as kind and id; `detail` holds no health data."""
    session.add(
        AuditEntry(
            clinic_id=clinic_id,
            at=now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            detail=detail or {},
        )
    )


def read_list(session: Session, clinic_id: UUID, staff_id: UUID, *, action: str, now: datetime) -> None:
    """Someone of the staff was shown a list with patients of the clinic."""
    record(
        session,
        clinic_id=clinic_id,
        actor=staff(staff_id),
        action=action,
        subject=("clinic", clinic_id),
        now=now,
    )


def own_account(session: Session, member: Staff, action: str, *, now: datetime) -> None:
    """Someone of the staff did something to their own account."""
    record(
        session,
        clinic_id=member.clinic_id,
        actor=staff(member.id),
        action=action,
        subject=("staff", member.id),
        now=now,
    )
