"""Texts for tests: planned by hand, and claimed as a worker claims them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.services.content.content import Content
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import OutgoingText

LINKS_AT = "https://example.test"


def plan_text(
    session: Session,
    *,
    clinic_id: UUID,
    patient_id: UUID | None,
    template: str,
    due_at: datetime,
    useful_for: timedelta = timedelta(hours=6),
    treatment_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> UUID:
    """One planned text; its id."""
    message = Message(
        clinic_id=clinic_id,
        patient_id=patient_id,
        treatment_id=treatment_id,
        step=f"test:{uuid4()}",
        template=template,
        details=details or {},
        due_at=due_at,
        useful_until=due_at + useful_for,
        state=MessageState.PLANNED,
        created_at=due_at,
    )
    session.add(message)
    session.flush()
    return message.id


def clear_texts(sessions: sessionmaker[Session]) -> None:
    """Nothing is planned any more: what enrolment and treatment planned is cancelled."""
    with sessions.begin() as session:
        for message in session.scalars(select(Message)):
            message.state = MessageState.CANCELLED


def claim(session: Session, *, content: Content, now: datetime, limit: int = 100) -> list[OutgoingText]:
    """What a worker takes in hand."""
    wording = RenderContext(content=content, links_at=LINKS_AT)
    return outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=now, limit=limit)


def standing(sessions: sessionmaker[Session], message_id: UUID) -> Message:
    """A text as it stands."""
    with sessions() as session:
        return session.scalars(select(Message).where(Message.id == message_id)).one()


def steps_of(sessions: sessionmaker[Session], treatment_id: UUID) -> dict[str, Message]:
    """The texts of a treatment by step."""
    with sessions() as session:
        rows = session.scalars(select(Message).where(Message.treatment_id == treatment_id))
        return {row.step: row for row in rows}
