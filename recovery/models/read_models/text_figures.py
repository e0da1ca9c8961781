"""Figures of the texts that were due in some days: what became of them, and what the carrier charges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Text, case, cast, func, null, select
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.read_models.clinic_figures import TreatmentFilter

ARRIVES = (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED)
"""Of these no reason is shown."""

CHARGED = (*ARRIVES, MessageState.UNDELIVERED)
"""What the carrier took, and charges for."""


class TextCount(NamedTuple):
    """What became of so many texts, why, their segments, and of how many of the texts these were counted."""

    state: MessageState
    reason: str | None
    texts: int
    segments: int
    measured: int


def texts_by_outcome(session: Session, which: TreatmentFilter) -> Sequence[TextCount]:
    """What became of all texts to patients that were due in these days, the most frequent first."""
    counted = func.count()
    reason = shown_reason()
    rows = session.execute(
        select(
            Message.state, reason, counted, func.coalesce(func.sum(Message.segments), 0),
            func.count(Message.segments),
        )
        .where(*texts_of(which))
        .group_by(Message.state, reason)
        .order_by(counted.desc(), Message.state, reason)
    )  # fmt: skip
    return [TextCount(row[0], row[1], row[2], int(row[3] or 0), row[4]) for row in rows]


def texts_of(which: TreatmentFilter) -> list[ColumnElement[bool]]:
    """Texts to patients that were due in these days and by now, whatever about, since the clinic is live."""
    live_since = select(Clinic.live_since).where(Clinic.id == which.clinic_id).scalar_subquery()
    return [
        Message.clinic_id == which.clinic_id,
        Message.patient_id.is_not(None),
        Message.patient_id.not_in(patients.training_ids(which.clinic_id)),
        which.holds(Message.due_at.expression),
        Message.due_at <= which.now,
        Message.due_at >= live_since,
    ]


def shown_reason() -> ColumnElement[str | None]:
    """Only texts that did not arrive show a reason."""
    return case((Message.state.in_(ARRIVES), cast(null(), Text)), else_=Message.reason)
