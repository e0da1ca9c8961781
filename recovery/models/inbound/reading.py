"""What waits to be read, and what was read and may be taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recovery.models.inbound.inbound_texts import InboundSource, InboundText


def list_unread_texts(
    session: Session, clinic_id: UUID, patient_ids: Collection[UUID]
) -> Sequence[InboundText]:
    """What these patients texted and nobody has read, the newest first."""
    unread = select(InboundText).where(
        InboundText.clinic_id == clinic_id,
        InboundText.patient_id.in_(patient_ids),
        InboundText.source == InboundSource.TEXT,
        InboundText.to_read,
        InboundText.read_at.is_(None),
    )
    return session.scalars(unread.order_by(InboundText.id.desc())).all() if patient_ids else ()


def list_unread_for_update(session: Session, clinic_id: UUID) -> Sequence[InboundText]:
    """Everything that waits to be read, locked."""
    unread = select(InboundText).where(
        InboundText.clinic_id == clinic_id, InboundText.to_read, InboundText.read_at.is_(None)
    )
    return session.scalars(unread.order_by(InboundText.id).with_for_update()).all()


def mark_unread(session: Session, *, clinic_id: UUID, by: UUID, at: datetime) -> None:
    """What one person read at one moment, in one step, waits to be read again."""
    session.execute(
        update(InboundText)
        .where(InboundText.clinic_id == clinic_id, InboundText.read_by == by, InboundText.read_at == at)
        .values(read_at=None, read_by=None)
    )


def last_read_at(session: Session, clinic_id: UUID, staff_id: UUID, *, since: datetime) -> datetime | None:
    """When one person last read something, if since then."""
    own = (InboundText.clinic_id == clinic_id, InboundText.read_by == staff_id)
    return session.scalar(select(func.max(InboundText.read_at)).where(*own, InboundText.read_at >= since))


def list_read_at_for_update(
    session: Session, clinic_id: UUID, staff_id: UUID, *, at: datetime
) -> Sequence[InboundText]:
    """What one person read in one step, locked."""
    read = select(InboundText).where(
        InboundText.clinic_id == clinic_id, InboundText.read_by == staff_id, InboundText.read_at == at
    )
    return session.scalars(read.order_by(InboundText.id).with_for_update()).all()
