"""Carry planned texts to the carrier, and its answers back.

claim (commit) -> hand over, with no session open -> settle (commit) -> receipts, whenever they come.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain import catalogue, delivery, hours
from recovery.domain.delivery import MessageState
from recovery.domain.doubt import Evidence
from recovery.domain.people import Language
from recovery.domain.sendable import NotSendable
from recovery.models import claims, messages
from recovery.models.claims import Due
from recovery.models.messages import Message
from recovery.services import credentials, enrolment, sendable, tasks, wordings
from recovery.services.content import Content
from recovery.services.wordings import Catalogues
from recovery.sms.port import Accepted, Answer, CarrierStatus, InDoubt, Outgoing, Receipt, Refused, TryLater

CRASHED = "crashed"
"""The code of a hand-over that failed on our side, half-way."""

POST_WITHIN = timedelta(seconds=5)
"""A text that was not handed over this soon after its claim goes back: the world may have changed."""

REFUSED_AT_MOST = 200
"""A claim that met texts that may not go out looks at so many more, so that they keep no others waiting."""

FROM_CARRIER = {
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

    def with_room_for_links(self) -> Wording:
        """The same where the host is too long for one segment, as on a terminal: texts may take two."""
        longest = len(self.links_at) + 1 + credentials.SHORT_TOKEN_LENGTH
        catalogues = {
            language: texts.with_limits(link=max(longest, texts.limits["link"]))
            for language, texts in self.content.catalogues.items()
        }
        return replace(self, content=replace(self.content, catalogues=catalogues))


def claim(
    session: Session, *, wording: Wording, worker_id: UUID, now: datetime, limit: int
) -> list[Outgoing]:
    """Take due texts in hand and put them into words. Commit before any of them is handed over.

    Everything that forbids a text is checked here again, in the transaction of the claim.
    """
    outgoing: list[Outgoing] = []
    left: list[UUID] = []
    for more in (0, REFUSED_AT_MOST):
        wanted = limit - len(outgoing) + more
        found = claims.claim_due(session, now=now, limit=wanted, leave=left)
        texts = wordings.catalogues(session, {due.clinic.id for due in found}, content=wording.content)
        today = sendable.Today.of(session, found, content=wording.content, now=now)
        for due in today.due:
            if len(outgoing) < limit:
                outgoing.extend(
                    _claim_one(
                        session,
                        due,
                        today,
                        catalogues=texts,
                        wording=wording,
                        worker_id=worker_id,
                        now=now,
                    )
                )
        session.flush()
        left = [due.message.id for due in found if due not in today.due]
        if len(outgoing) == limit or len(found) < wanted:
            break
    return outgoing


def _claim_one(
    session: Session,
    due: Due,
    today: sendable.Today,
    *,
    catalogues: Catalogues,
    wording: Wording,
    worker_id: UUID,
    now: datetime,
) -> list[Outgoing]:
    message = due.message
    try:
        today.require(due, now=now)
        to, body = _prepare(session, due, catalogues=catalogues, wording=wording, now=now)
    except (NotSendable, catalogue.CatalogueError, hours.HoursError) as error:
        # What cannot be put into words must not keep the others from leaving.
        refusal = (
            error if isinstance(error, NotSendable) else NotSendable(MessageState.QUARANTINED, str(error))
        )
        message.reason = refusal.reason
        if refusal.again_at is not None:
            message.due_at = refusal.again_at
        else:
            message.state, message.settled_at = refusal.state, now
        return []
    message.state, message.reason = MessageState.CLAIMED, None
    message.attempts += 1
    message.reference = credentials.new_short_token()
    message.to_phone, message.body = to, body
    message.worker_id, message.claimed_at = worker_id, now
    today.count(due)
    valid_for = message.useful_until - now
    return [Outgoing(reference=message.reference, to=to, body=body, valid_for=valid_for)]


def settle(session: Session, *, answers: Mapping[str, Answer], now: datetime) -> None:
    """Write down what the carrier answered, by reference; a receipt that came first stands."""
    found = messages.locked_many(session, list(answers))
    for reference, message in found.items():
        _settle_one(session, message, answers[reference], now=now)


def _settle_one(session: Session, message: Message, answer: Answer, *, now: datetime) -> None:
    if message.state is MessageState.IN_DOUBT and not isinstance(answer, InDoubt):
        message.evidence = Evidence.ANSWER.value
    if isinstance(answer, Accepted):
        if message.carrier_id is None and _may_be_known_as(session, message, answer.carrier_id):
            message.carrier_id = answer.carrier_id
        move(message, MessageState.ACCEPTED, reason=None, now=now)
    elif isinstance(answer, InDoubt):
        poison = answer.code == CRASHED and message.attempts >= delivery.MAX_ATTEMPTS
        then = MessageState.QUARANTINED if poison else MessageState.IN_DOUBT
        move(message, then, reason=answer.code, now=now)
    elif isinstance(answer, Refused):
        move(message, MessageState.FAILED, reason=answer.code, now=now)
        if answer.opted_out and message.to_phone is not None:
            messages.opt_out(
                session, clinic_id=message.clinic_id, phone=message.to_phone, how="carrier", now=now
            )
        tasks.after_failure(session, message, opted_out=answer.opted_out, now=now)
    else:
        _try_later(message, answer, now=now)


def _try_later(message: Message, answer: TryLater, *, now: datetime) -> None:
    """Certainly not taken: again after a wait, but never past its use."""
    # Spreads retries; nothing is guessed from it.
    jitter = random.random()  # noqa: S311
    wait = delivery.wait_before_retry(attempts=message.attempts, asked=answer.after, jitter=jitter)
    if now + wait >= message.useful_until:
        if move(message, MessageState.PLANNED, reason=None, now=now):
            move(message, MessageState.EXPIRED, reason=f"the carrier did not take it: {answer.code}", now=now)
    elif move(message, MessageState.PLANNED, reason=answer.code, now=now):
        message.due_at = now + wait


def give_back(session: Session, *, references: Sequence[str], now: datetime) -> None:
    """Texts that were claimed but never handed over are simply due again."""
    for reference in references:
        message = messages.locked(session, reference)
        if message is not None and move(message, MessageState.PLANNED, reason=None, now=now):
            message.attempts -= 1


def in_hand_though_stopped(session: Session, *, worker_id: UUID) -> frozenset[str]:
    """References of the texts this worker holds for clinics whose stop switch is on."""
    return frozenset(claims.in_hand_though_stopped(session, worker_id))


def take_receipt(session: Session, *, receipt: Receipt, now: datetime) -> bool:
    """Move a text to where the carrier says it is, only ever forward; whether the receipt is about it.

    A receipt under another carrier's id than the text's, or under one that another text has, is not.
    """
    message = messages.locked(session, receipt.reference)
    if message is None or not _may_be_known_as(session, message, receipt.carrier_id):
        return False
    message.carrier_id = receipt.carrier_id
    if message.state is MessageState.IN_DOUBT:
        message.evidence = Evidence.RECEIPT.value
    moved = move(message, FROM_CARRIER[receipt.status], reason=receipt.error_code, now=now)
    if moved and receipt.opted_out and message.to_phone is not None:
        messages.opt_out(session, clinic_id=message.clinic_id, phone=message.to_phone, how="carrier", now=now)
    if moved and (receipt.unreachable or receipt.opted_out):
        tasks.after_failure(session, message, opted_out=receipt.opted_out, now=now)
    return True


def _may_be_known_as(session: Session, message: Message, carrier_id: str) -> bool:
    if message.carrier_id is not None:
        return message.carrier_id == carrier_id
    return messages.holder_of_carrier_id(session, carrier_id) is None


def move(message: Message, then: MessageState, *, reason: str | None, now: datetime) -> bool:
    """Make a move if the table has it; whether it was made."""
    if not delivery.may_become(now=message.state, then=then):
        return False
    message.state, message.reason, message.settled_at = then, reason, now
    return True


def _prepare(
    session: Session, due: Due, *, catalogues: Catalogues, wording: Wording, now: datetime
) -> tuple[str, str]:
    message, clinic, patient = due.message, due.clinic, due.patient
    texts = catalogues.of(clinic.id, Language.ENGLISH if patient is None else patient.language)
    text = texts.text(message.template)
    # A text to staff brings the flag's reference with it; every other gets one of its own here.
    values = {"ref": credentials.new_text_ref(), **message.details}
    values |= {"clinic": clinic.text_name, "phone": clinic.phone, "emergency": clinic.emergency_number}
    if "link" in text.placeholders and patient is not None:
        values["link"] = f"{wording.links_at}/{enrolment.invite(session, patient=patient, now=now).token}"
    known = {name: str(values[name]) for name in text.placeholders if name in values}
    body = texts.render(message.template, **known)
    return (clinic.on_call_phone if patient is None else patient.phone), body
