"""Texts that were put aside for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message

MOST_LISTED = 100


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
    return _list(
        session,
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        Message.treatment_id.is_not_distinct_from(treatment_id),
        Message.settled_at >= since,
    )


def list_to_staff(session: Session, clinic_id: UUID, *, since: datetime) -> Sequence[Message]:
    """What was put aside of a clinic's texts to its staff since then, the newest first."""
    return _list(
        session, Message.clinic_id == clinic_id, Message.patient_id.is_(None), Message.settled_at >= since
    )


def get_for_update(session: Session, clinic_id: UUID, message_id: UUID) -> Message | None:
    """The text if this clinic has one under this id and it waits for a person, locked."""
    found = session.get(Message, (clinic_id, message_id), with_for_update=True, populate_existing=True)
    return None if found is None or found.state is not MessageState.QUARANTINED else found


def _list(session: Session, *which: ColumnElement[bool]) -> Sequence[Message]:
    wanted = select(Message).where(Message.state == MessageState.QUARANTINED, *which)
    return session.scalars(
        wanted.order_by(Message.settled_at.desc(), Message.id.desc()).limit(MOST_LISTED)
    ).all()
