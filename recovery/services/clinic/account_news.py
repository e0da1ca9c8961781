"""Texts to somebody of the staff about what others did to their account."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic import staff_phones
from recovery.models.clinic.clinics import Staff
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message

TOLD_WITHIN = timedelta(hours=12)


def plan_factor_news(session: Session, member: Staff, *, now: datetime) -> None:
    """Text somebody that their second factor is another's doing, where they proved a phone."""
    phone = staff_phones.get_for_member(session, member.clinic_id, member.id)
    if phone is None or phone.proved_at is None:
        return
    messages.insert_planned(
        session,
        Message(
            clinic_id=member.clinic_id,
            staff_id=member.id,
            step=f"staff_factor:{member.id}:{now.isoformat()}",
            template="staff_factor",
            details={"ref": member.id.hex[-6:]},
            due_at=now,
            useful_until=now + TOLD_WITHIN,
            state=MessageState.PLANNED,
            created_at=now,
        ),
    )
