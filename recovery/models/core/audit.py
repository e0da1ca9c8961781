"""The audit trail's rows: who did or read what of whose data, and whether somebody did it; only added to.

Rows are added, never changed.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, clinic_key, clinic_reference, enum_column, own_key


class ActorKind(StrEnum):
    """Who acts: a patient, someone of the staff, the worker, whoever runs the machine, or nobody we know."""

    PATIENT = "patient"
    STAFF = "staff"
    WORKER = "worker"
    OPERATOR = "operator"
    NOBODY = "nobody"


class AuditEntry(Base):
    """One act. `detail` carries no health data and no names."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        clinic_reference(),
        Index("ix_audit_entry_subject", "clinic_id", "subject_kind", "subject_id", "id"),
        Index("ix_audit_entry_at", "clinic_id", "at", "id"),
        Index("ix_audit_entry_actor", "clinic_id", "actor_id", "at", "id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind, "actor_kind"))
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


def was_done_by(session: Session, clinic_id: UUID, *, actor_id: UUID, action: str, subject_id: UUID) -> bool:
    """Whether somebody did this to something."""
    done = select(AuditEntry.id).where(
        AuditEntry.clinic_id == clinic_id,
        AuditEntry.subject_id == subject_id,
        AuditEntry.action == action,
        AuditEntry.actor_id == actor_id,
    )
    return session.scalar(done.limit(1)) is not None
