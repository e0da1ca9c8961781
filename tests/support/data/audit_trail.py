"""The audit trail as tests read it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery.models.core.audit import AuditEntry


def entries(session: Session, clinic_id: UUID, action: str) -> Sequence[AuditEntry]:
    """What was written down under one action in a clinic, in the order in which it was done."""
    wanted = select(AuditEntry).where(AuditEntry.clinic_id == clinic_id, AuditEntry.action == action)
    return session.scalars(wanted.order_by(AuditEntry.id)).all()
