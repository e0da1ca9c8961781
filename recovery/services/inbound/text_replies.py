"""Answers to what a patient has just written, and word to the staff: rows of the outbox like any text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.content import time_phrases
from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient
from recovery.services.clinic.clinics import opening_hours_of

ANSWER_USEFUL = timedelta(hours=2)
ALERT_USEFUL = timedelta(hours=4)
LOOP_WINDOW = timedelta(minutes=30)
LOOP_LIMIT = 3
"""As often one wording may answer one patient in that time: two machines must not talk for ever."""

LAST_DAY_WITH_ROOM = 9
"""The wording for scores has room for one figure."""


class ReplyTemplate(StrEnum):
    """The wordings with which a text is answered."""

    EMERGENCY = "emergency"
    GOT_SCORES = "got_scores"
    GOT_TEXT = "got_text"
    HELP = "help"
    START_ACK = "start_ack"


@dataclass(frozen=True, kw_only=True)
class InboundReference:
    """The text that is answered: the carrier's id of it, and when it came."""

    carrier_id: str
    at: datetime


def plan_reply(
    session: Session,
    heard: InboundReference,
    *,
    clinic: Clinic,
    patient: Patient,
    reply: ReplyTemplate,
    treatment_id: UUID | None = None,
    day: int | None = None,
    by: datetime | None = None,
) -> None:
    """Plan the answer to one text. That a nurse will read is said once a day."""
    if (
        messages.count_sent_since(
            session,
            clinic_id=clinic.id,
            patient_id=patient.id,
            template=reply.value,
            since=heard.at - LOOP_WINDOW,
        )
        >= LOOP_LIMIT
    ):
        return
    details: dict[str, str] = {}
    if day is not None:
        details["day"] = str(day)
    if by is not None:
        details["by"] = time_phrases.format_deadline(
            by, now=heard.at, zone=opening_hours_of(clinic).zone, language=patient.language
        )
    step = f"answer:{heard.carrier_id}"
    if reply is ReplyTemplate.GOT_TEXT:
        today = heard.at.astimezone(opening_hours.zone_named(patient.time_zone)).date()
        step, treatment_id = f"got_text:{today.isoformat()}", None
    messages.insert_planned(
        session,
        Message(
            clinic_id=clinic.id,
            patient_id=patient.id,
            treatment_id=treatment_id,
            step=step,
            template=reply.value,
            details=details,
            due_at=heard.at,
            useful_until=heard.at + ANSWER_USEFUL,
            state=MessageState.PLANNED,
            created_at=heard.at,
            replies_to_at=heard.at,
        ),
    )


def text_staff(
    session: Session, *, clinic: Clinic, about: UUID, urgent: bool, by: datetime, now: datetime
) -> None:
    """Word to the clinic's own phone about a text that no flag can carry: urgent at any hour."""
    opened = opening_hours_of(clinic)
    at = now if urgent or opened.is_open(now) else opened.next_opening(now) or now
    messages.insert_planned(
        session,
        Message(
            clinic_id=clinic.id,
            step=f"staff:text:{about}",
            template="on_call_alert" if urgent else "staff_alert",
            details={
                "by": time_phrases.format_deadline(by, now=at, zone=opened.zone, language=Language.ENGLISH),
                "ref": about.hex[-6:],
            },
            due_at=at,
            useful_until=at + ALERT_USEFUL,
            state=MessageState.PLANNED,
            created_at=now,
        ),
    )
