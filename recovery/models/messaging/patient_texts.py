"""Questions about the texts of one patient: how often answered, whether told something, which question left
last."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.messaging.messages import REACHED_NOBODY, REMINDER_STEP, Message


def count_answers(
    session: Session, *, clinic_id: UUID, patient_id: UUID, templates: Collection[str], since: datetime
) -> int:
    """How often one of these wordings answered this patient after that moment."""
    counted = select(func.count()).where(
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        Message.template.in_(templates),
        Message.replies_to_at > since,
    )
    return session.scalar(counted) or 0


def was_told(
    session: Session, *, clinic_id: UUID, patient_id: UUID, templates: Collection[str], since: datetime
) -> bool:
    """Whether one of these wordings left for this patient since then."""
    told = select(Message.id).where(
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        Message.template.in_(templates),
        Message.claimed_at >= since,
        Message.state.not_in(REACHED_NOBODY),
    )
    return session.scalar(told.limit(1)) is not None


def has_marks_to_ask(
    session: Session, *, clinic_id: UUID, patient_id: UUID, after: datetime, until: datetime
) -> bool:
    """Whether between these moments a check-in for marks of an earlier treatment was left to that of a newer
    one."""
    left = select(Message.id).where(
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        Message.state == MessageState.CANCELLED,
        Message.reason == UnsentReason.ASKED_WITH_NEWER,
        Message.due_at > after,
        Message.due_at <= until,
    )
    return session.scalar(left.limit(1)) is not None


def get_last_question(
    session: Session, *, clinic_id: UUID, patient_id: UUID, phone: str, before: datetime
) -> Message | None:
    """The check-in, or its reminder, that was the last to leave for this number before that moment."""
    asked = select(Message).where(
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        Message.to_phone == phone,
        Message.claimed_at <= before,
        Message.state.not_in(REACHED_NOBODY),
        Message.treatment_id.is_not(None),
        or_(Message.asks_day.is_not(None), Message.step.startswith(REMINDER_STEP)),
    )
    newest = asked.order_by(Message.claimed_at.desc(), Message.due_at.desc(), Message.id.desc())
    return session.scalars(newest.limit(1)).one_or_none()
