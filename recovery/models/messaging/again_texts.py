"""Check-ins beside the plan, as rows of the outbox: listed with the planned ones, cancelled, moved to another
moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, and_, bindparam, null, or_, select, tuple_, update
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.messaging.messages import AGAIN_STEP, Message

_BESIDE = Message.step.startswith(AGAIN_STEP, autoescape=True)


def list_check_ins(session: Session, clinic_id: UUID, treatment_id: UUID) -> Sequence[Message]:
    """The check-ins of a treatment as they stand, by the plan and beside it, in the order they are due."""
    asking = (
        select(Message)
        .where(
            Message.clinic_id == clinic_id,
            Message.treatment_id == treatment_id,
            Message.asks_day.is_not(None),
        )
        .order_by(Message.due_at, Message.id)
        .execution_options(populate_existing=True)
    )
    return session.scalars(asking).all()


def cancel_waiting(
    session: Session, keys: Collection[tuple[UUID, UUID]], *, reason: UnsentReason, now: datetime
) -> None:
    """Those of these treatments (clinic, treatment) that still wait do not go out."""
    if keys:
        session.execute(
            update(Message)
            .where(
                tuple_(Message.clinic_id, Message.treatment_id).in_(keys),
                _BESIDE,
                Message.state == MessageState.PLANNED,
            )
            .values(state=MessageState.CANCELLED, reason=reason, settled_at=now, silence_at=None)
        )


def cancelled_by_report(course: Any) -> CTE:
    """The same as part of the statement that keeps a report of `course`, for its patient at its moment: what
    was to be asked once more waits for how this report is judged."""
    return (
        update(Message)
        .where(
            Message.clinic_id == course.c.clinic_id,
            Message.patient_id == bindparam("patient_id"),
            Message.treatment_id == course.c.id,
            _BESIDE,
            Message.state == MessageState.PLANNED,
        )
        .values(
            state=MessageState.CANCELLED,
            reason=UnsentReason.REPORTED_SINCE.value,
            settled_at=bindparam("now", type_=Message.settled_at.type),
            silence_at=null(),
        )
        .cte("cancelled")
    )


def replan(session: Session, message: Message) -> None:
    """Give the step of this text its new moment and wording, unless it has left or is being handed over."""
    never_left = and_(
        Message.state.in_((MessageState.CANCELLED, MessageState.EXPIRED)), Message.claimed_at.is_(None)
    )
    session.execute(
        update(Message)
        .where(
            Message.clinic_id == message.clinic_id,
            Message.patient_id == message.patient_id,
            Message.treatment_id == message.treatment_id,
            Message.step == message.step,
            or_(Message.state == MessageState.PLANNED, never_left),
        )
        .values(
            template=message.template,
            due_at=message.due_at,
            useful_until=message.useful_until,
            asks_day=message.asks_day,
            silence_at=message.silence_at,
            state=MessageState.PLANNED,
            reason=None,
            settled_at=None,
        )
    )
