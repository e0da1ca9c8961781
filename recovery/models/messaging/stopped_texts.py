"""Texts in a worker's hands that a clinic's stop switch keeps back."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic
from recovery.models.messaging.messages import Message


def leased_for_stopped_clinics(session: Session, worker_id: UUID, *, goes_on: Collection[str]) -> set[str]:
    """References of the texts a worker holds for stopped clinics, but for wordings that leave anyway."""
    rows = session.scalars(
        select(Message.reference)
        .join(Clinic, Clinic.id == Message.clinic_id)
        .where(
            Message.worker_id == worker_id,
            Message.state == MessageState.CLAIMED,
            Clinic.texts_stopped_at.is_not(None),
            Message.template.not_in(goes_on),
        )
    )
    return {reference for reference in rows if reference is not None}
