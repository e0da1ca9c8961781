"""Carry planned texts to the carrier, and its answers back.

claim (commit) -> hand over, with no session open -> settle (commit) -> receipts, whenever they come.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain import aftercare, catalogue, delivery, hours
from recovery.domain.delivery import MessageState
from recovery.domain.people import Language
from recovery.models import messages
from recovery.models.clinics import Mode
from recovery.models.messages import Due, Message
from recovery.services import credentials, enrolment, tasks
from recovery.services.aftercare import NO_CONSENT
from recovery.services.content import Content
from recovery.services.opt_outs import OPTED_OUT
from recovery.sms.port import Accepted, Answer, CarrierStatus, InDoubt, Outgoing, Receipt, Refused

REPLY_WITHIN = timedelta(minutes=15)
"""How soon after what the patient wrote a text still is its answer, and may leave in quiet hours."""

POST_WITHIN = timedelta(seconds=5)
"""A text that was not handed over this soon after its claim goes back: the world may have changed."""

_FROM_CARRIER = {
    CarrierStatus.ACCEPTED: MessageState.ACCEPTED,
    CarrierStatus.SCHEDULED: MessageState.ACCEPTED,
    CarrierStatus.QUEUED: MessageState.ACCEPTED,
    CarrierStatus.SENDING: MessageState.ACCEPTED,
    CarrierStatus.SENT: MessageState.SENT,
    CarrierStatus.DELIVERED: MessageState.DELIVERED,
    CarrierStatus.UNDELIVERED: MessageState.UNDELIVERED,
    CarrierStatus.FAILED: MessageState.FAILED,
    CarrierStatus.CANCELED: MessageState.FAILED,
}


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What rendering needs from the installation: the texts, and where links point to."""

    content: Content
    links_at: str


class NotSendable(Exception):
    """This text does not go out now: `state` is where it goes instead, `reason` says why."""

    def __init__(self, state: MessageState, reason: str, *, again_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason
        self.again_at = again_at


def claim(
    session: Session, *, wording: Wording, worker_id: UUID, now: datetime, limit: int
) -> list[Outgoing]:
    """Take due texts in hand and put them into words. Commit before any of them is handed over.

    Everything that forbids a text is checked here again, in the transaction of the claim.
    """
    outgoing: list[Outgoing] = []
    for due in messages.claim_due(session, now=now, limit=limit):
        message = due.message
        try:
            to, body = _prepare(session, due, wording=wording, now=now)
        except NotSendable as refusal:
            message.reason = refusal.reason
            if refusal.again_at is not None:
                message.due_at = refusal.again_at
            else:
                message.state, message.settled_at = refusal.state, now
            continue
        message.state, message.reason = MessageState.CLAIMED, None
        message.attempts += 1
        message.reference = credentials.new_short_token()
        message.to_phone, message.body = to, body
        message.worker_id, message.claimed_at = worker_id, now
        outgoing.append(
            Outgoing(reference=message.reference, to=to, body=body, valid_for=message.useful_until - now)
        )
    session.flush()
    return outgoing


def settle(session: Session, *, reference: str, answer: Answer, now: datetime) -> None:
    """Write down what the carrier answered; a receipt that came first stands."""
    message = messages.locked(session, reference)
    if message is None:
        return
    if isinstance(answer, Accepted):
        message.carrier_id = message.carrier_id or answer.carrier_id
        _move(message, MessageState.ACCEPTED, reason=None, now=now)
    elif isinstance(answer, InDoubt):
        _move(message, MessageState.IN_DOUBT, reason=answer.code, now=now)
    elif isinstance(answer, Refused):
        _move(message, MessageState.FAILED, reason=answer.code, now=now)
        if answer.opted_out and message.to_phone is not None:
            messages.opt_out(
                session, clinic_id=message.clinic_id, phone=message.to_phone, how="carrier", now=now
            )
        tasks.after_failure(session, message, opted_out=answer.opted_out, now=now)
    elif message.attempts >= delivery.MAX_ATTEMPTS:
        _move(message, MessageState.QUARANTINED, reason=answer.code, now=now)
    elif _move(message, MessageState.PLANNED, reason=answer.code, now=now):
        # Spreads retries; nothing is guessed from it.
        message.due_at = now + delivery.wait_before_retry(
            attempts=message.attempts,
            asked=answer.after,
            jitter=random.random(),  # noqa: S311
        )


def give_back(session: Session, *, references: Sequence[str], now: datetime) -> None:
    """Texts that were claimed but never handed over are simply due again."""
    for reference in references:
        message = messages.locked(session, reference)
        if message is not None and _move(message, MessageState.PLANNED, reason=None, now=now):
            message.attempts -= 1


def take_receipt(session: Session, *, receipt: Receipt, now: datetime) -> bool:
    """Move a text to where the carrier says it is, only ever forward; whether the text is ours."""
    message = messages.locked(session, receipt.reference)
    if message is None:
        return False
    message.carrier_id = message.carrier_id or receipt.carrier_id
    moved = _move(message, _FROM_CARRIER[receipt.status], reason=receipt.error_code, now=now)
    if moved and receipt.opted_out and message.to_phone is not None:
        messages.opt_out(session, clinic_id=message.clinic_id, phone=message.to_phone, how="carrier", now=now)
    if moved and (receipt.unreachable or receipt.opted_out):
        tasks.after_failure(session, message, opted_out=receipt.opted_out, now=now)
    return True


def _move(message: Message, then: MessageState, *, reason: str | None, now: datetime) -> bool:
    if not delivery.may_become(now=message.state, then=then):
        return False
    message.state, message.reason, message.settled_at = then, reason, now
    return True


def _prepare(session: Session, due: Due, *, wording: Wording, now: datetime) -> tuple[str, str]:
    message, clinic, patient = due.message, due.clinic, due.patient
    texts = wording.content.catalogue_for(Language.ENGLISH if patient is None else patient.language)
    text = texts.text(message.template)
    if message.useful_until <= now:
        raise NotSendable(MessageState.EXPIRED, "it would have come too late to be of use")
    if clinic.texts_stopped_at is not None:
        raise NotSendable(MessageState.PLANNED, "the stop switch is on", again_at=now + timedelta(minutes=1))
    if clinic.mode is Mode.TRAINING:
        raise NotSendable(MessageState.CANCELLED, "the clinic is in training")
    if patient is not None:
        _patient_may_get(due, kind=text.kind, schedule=wording.content.schedule, now=now)
    values = dict(message.details) | {
        "clinic": clinic.text_name,
        "phone": clinic.phone,
        "emergency": clinic.emergency_number,
    }
    if "link" in text.placeholders and patient is not None:
        values["link"] = f"{wording.links_at}/{enrolment.invite(session, patient=patient, now=now).token}"
    try:
        known = {name: str(values[name]) for name in text.placeholders if name in values}
        body = texts.render(message.template, **known)
    except catalogue.CatalogueError as error:
        raise NotSendable(MessageState.QUARANTINED, str(error)) from error
    return (clinic.on_call_phone if patient is None else patient.phone), body


def _patient_may_get(due: Due, *, kind: catalogue.Kind, schedule: aftercare.Schedule, now: datetime) -> None:
    if due.patient is None:
        return
    if due.opted_out:
        raise NotSendable(MessageState.CANCELLED, OPTED_OUT)
    replies_to = due.message.replies_to_at
    if kind is catalogue.Kind.ACCOUNT or (replies_to is not None and now - replies_to <= REPLY_WITHIN):
        return
    if not due.consented and replies_to is None:
        raise NotSendable(MessageState.CANCELLED, NO_CONSENT)
    if kind is catalogue.Kind.EMERGENCY:
        return
    allowed = aftercare.next_allowed(schedule, at=now, zone=hours.zone_named(due.patient.time_zone))
    if allowed > now:
        if allowed >= due.message.useful_until:
            raise NotSendable(MessageState.EXPIRED, "no allowed hour was left while it was useful")
        raise NotSendable(MessageState.PLANNED, "held for the quiet hours", again_at=allowed)
