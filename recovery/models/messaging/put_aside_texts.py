"""Texts that were put aside for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message


def list_new_for_update(session: Session, *, limit: int) -> Sequence[Message]:
    """Texts that were put aside and that nobody was told of, the oldest first, locked."""
    wanted = (
        select(Message)
        .where(text("message.state = 'quarantined' AND message.brought_at IS NULL"))
        .order_by(Message.settled_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(wanted.execution_options(populate_existing=True)).all()


def list_of_patient(
    session: Session, clinic_id: UUID, *, patient_id: UUID, treatment_id: UUID | None, since: datetime
) -> Sequence[Message]:
    """What was put aside of one patient's treatment since then, the newest first."""
    wanted = select(Message).where(
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        Message.treatment_id.is_not_distinct_from(treatment_id),
        Message.state == MessageState.QUARANTINED,
        Message.settled_at >= since,
    )
    return session.scalars(wanted.order_by(Message.settled_at.desc(), Message.id.desc())).all()


def get_for_update(session: Session, clinic_id: UUID, message_id: UUID) -> Message | None:
    """The text if this clinic has one under this id, locked."""
    return session.get(Message, (clinic_id, message_id), with_for_update=True, populate_existing=True)
