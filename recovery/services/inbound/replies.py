"""Answers to what a patient has just written, and word to the staff: rows of the outbox like any text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import hours
from recovery.domain.content import clockwords
from recovery.domain.core.language import Language
from recovery.domain.messaging.delivery import MessageState
from recovery.models.clinic.clinics import Clinic
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient
from recovery.services.clinic.clinics import opening_hours

ANSWER_USEFUL = timedelta(hours=2)
ALERT_USEFUL = timedelta(hours=4)
LOOP_WINDOW = timedelta(minutes=30)
LOOP_LIMIT = 3
"""As often one wording may answer one patient in that time: two machines must not talk for ever."""

LAST_DAY_WITH_ROOM = 9
"""The wording for scores has room for one figure."""


class Reply(StrEnum):
    """The wordings with which a text is answered."""

    EMERGENCY = "emergency"
    GOT_SCORES = "got_scores"
    GOT_TEXT = "got_text"
    HELP = "help"
    START_ACK = "start_ack"


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The text that is answered: the carrier's id of it, and when it came."""

    carrier_id: str
    at: datetime


def answer(
    session: Session,
    heard: Heard,
    *,
    clinic: Clinic,
    patient: Patient,
    reply: Reply,
    treatment_id: UUID | None = None,
    day: int | None = None,
    by: datetime | None = None,
) -> None:
    """Plan the answer to one text. That a nurse will read is said once a day."""
    if (
        messages.answers_since(
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
        details["by"] = clockwords.by(
            by, now=heard.at, zone=opening_hours(clinic).zone, language=patient.language
        )
    step = f"answer:{heard.carrier_id}"
    if reply is Reply.GOT_TEXT:
        today = heard.at.astimezone(hours.zone_named(patient.time_zone)).date()
        step, treatment_id = f"got_text:{today.isoformat()}", None
    messages.plan(
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


def call_staff(
    session: Session, *, clinic: Clinic, about: UUID, urgent: bool, by: datetime, now: datetime
) -> None:
    """Word to the clinic's own phone about a text that no flag can carry: urgent at any hour."""
    opened = opening_hours(clinic)
    at = now if urgent or opened.is_open(now) else opened.next_opening(now) or now
    messages.plan(
        session,
        Message(
            clinic_id=clinic.id,
            step=f"staff:text:{about}",
            template="on_call_alert" if urgent else "staff_alert",
            details={
                "by": clockwords.by(by, now=at, zone=opened.zone, language=Language.ENGLISH),
                "ref": about.hex[-6:],
            },
            due_at=at,
            useful_until=at + ALERT_USEFUL,
            state=MessageState.PLANNED,
            created_at=now,
        ),
    )
