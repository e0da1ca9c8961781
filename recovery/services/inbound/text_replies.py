"""Answers to what a patient has just written, at most so many an hour, and word to the staff, as rows of the
outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.content import time_phrases
from recovery.domain.content.emergency_text import EmergencyText
from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.text_schedule import SendLimits
from recovery.models.clinic.clinics import Clinic
from recovery.models.messaging import messages, patient_texts
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient
from recovery.services.clinic.clinics import opening_hours_of

ANSWER_USEFUL = timedelta(hours=2)
ALERT_USEFUL = timedelta(hours=4)
CAP_WINDOW = timedelta(hours=1)
"""In what time answers are counted: two machines must not talk for ever."""


class ReplyTemplate(StrEnum):
    """The wordings with which a text is answered."""

    EMERGENCY = "emergency"
    EMERGENCY_SIGN = "emergency_sign"
    EMERGENCY_SELF_HARM = "emergency_self_harm"
    MAYBE_EMERGENCY = "maybe_emergency"
    ASK_SIGNS = "ask_signs"
    ASK_SIGNS_TIP = "ask_signs_tip"
    ASK_SIGNS_MARKS = "ask_signs_marks"
    GOT_SCORES = "got_scores"
    AS_EXPECTED = "as_expected"
    ASKED_AGAIN = "asked_again"
    WHICH_SIGN = "which_sign"
    MARKS_NONE = "marks_none"
    REPAIR_SCORES = "repair_scores"
    GOT_TEXT = "got_text"
    PHOTOS = "photos"
    HELP = "help"
    START_ACK = "start_ack"
    TEXTS_PAUSED = "texts_paused"
    STOPPED = "stopped"
    STOPPED_DANGER = "stopped_danger"
    STOPPED_SELF_HARM = "stopped_self_harm"


COUNTED_APART = frozenset(
    {
        ReplyTemplate.EMERGENCY,
        ReplyTemplate.EMERGENCY_SIGN,
        ReplyTemplate.EMERGENCY_SELF_HARM,
        ReplyTemplate.MAYBE_EMERGENCY,
        ReplyTemplate.STOPPED_DANGER,
        ReplyTemplate.STOPPED_SELF_HARM,
    }
)
"""Answers to danger: however much small talk was answered before, they leave."""


@dataclass(frozen=True, kw_only=True)
class InboundReference:
    """The text that is answered: the carrier's id of it, and when it came."""

    carrier_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer: its wording, and what the wording leaves open. `asks_at` is when the patient is asked once
    more, told by the patient's own clock."""

    template: ReplyTemplate
    treatment_id: UUID | None = None
    day: int | None = None
    by: datetime | None = None
    asks_at: datetime | None = None
    sign: str | None = None
    tip: str | None = None


def in_emergency(chosen: EmergencyText, *, treatment_id: UUID | None = None) -> Reply:
    """The answer to an emergency that is certain."""
    template = ReplyTemplate(chosen.template.value)
    return Reply(template=template, treatment_id=treatment_id, sign=chosen.sign)


def plan_reply(
    session: Session,
    heard: InboundReference,
    *,
    clinic: Clinic,
    patient: Patient,
    reply: Reply,
    limits: SendLimits,
) -> bool:
    """Plan an answer to one text; False where the hour has had as many as it may have."""
    if _too_many(session, heard, clinic=clinic, patient=patient, template=reply.template, limits=limits):
        return False
    details: dict[str, str] = {}
    if reply.day is not None:
        details["day"] = str(reply.day)
    if reply.sign is not None:
        details["sign"] = reply.sign
    if reply.tip is not None:
        details["tip"] = reply.tip
    if reply.asks_at is not None:
        details["by"] = time_phrases.format_deadline(
            reply.asks_at,
            now=heard.at,
            zone=opening_hours.zone_named(patient.time_zone),
            language=patient.language,
        )
    if reply.by is not None:
        details["by"] = time_phrases.format_deadline(
            reply.by, now=heard.at, zone=opening_hours_of(clinic).zone, language=patient.language
        )
    messages.insert_planned(
        session,
        Message(
            clinic_id=clinic.id,
            patient_id=patient.id,
            treatment_id=reply.treatment_id,
            step=f"answer:{heard.carrier_id}:{reply.template.value}",
            template=reply.template.value,
            details=details,
            due_at=heard.at,
            useful_until=heard.at + ANSWER_USEFUL,
            state=MessageState.PLANNED,
            created_at=heard.at,
            replies_to_at=heard.at,
        ),
    )
    return True


def _too_many(
    session: Session,
    heard: InboundReference,
    *,
    clinic: Clinic,
    patient: Patient,
    template: ReplyTemplate,
    limits: SendLimits,
) -> bool:
    apart = template in COUNTED_APART
    counted = COUNTED_APART if apart else frozenset(ReplyTemplate) - COUNTED_APART
    sent = patient_texts.count_answers(
        session,
        clinic_id=clinic.id,
        patient_id=patient.id,
        templates=[one.value for one in counted],
        since=heard.at - CAP_WINDOW,
    )
    return sent >= (limits.emergency_answers_per_hour if apart else limits.answers_per_hour)


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
