"""Texts to the carrier and its answers back: leased and put into words, results recorded, unsent ones given
back, receipts taken.

lease (commit) -> submit, with no session open -> record (commit) -> receipts, whenever they come.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.core.language import Language
from recovery.domain.messaging import catalogue, sms_segments, text_lifecycle, text_price
from recovery.domain.messaging.catalogue import Catalogue
from recovery.domain.messaging.send_eligibility import GOES_ON_WHEN_STOPPED, NotSendable
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unconfirmed_sends import Evidence
from recovery.models.messaging import messages, opt_outs, send_results, stopped_texts, text_leases
from recovery.models.messaging.messages import Message
from recovery.models.messaging.send_results import SubmittedText
from recovery.models.messaging.text_leases import DueText, LeasedText, NewInvitation, UnsentText
from recovery.services.access import credentials
from recovery.services.clinic import crisis_lines
from recovery.services.content.content import Content
from recovery.services.messaging import send_eligibility
from recovery.services.patients import enrolment
from recovery.services.tasks import tasks
from recovery.sms.gateway_interface import (
    Accepted,
    Answer,
    CarrierStatus,
    NotAccepted,
    OutgoingText,
    Receipt,
    Rejected,
    Unconfirmed,
)

CRASHED = "crashed"
"""The code of a hand-over that failed on our side, half-way."""

POST_WITHIN = timedelta(seconds=5)
"""A text not submitted this soon after its lease is due again: consent or a stop may have changed."""

REFUSED_AT_MOST = 200
"""If a lease finds texts that may not be sent, it reads up to so many more, so that they block no others."""

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
class RenderContext:
    """What rendering needs from the installation: what ships, and where links point to."""

    content: Content
    links_at: str

    def fitted(self, texts: Catalogue) -> Catalogue:
        """A clinic's texts with room for the links of this installation, which may cost one segment more."""
        return text_price.fit_links(texts, credentials.link_length(self.links_at))


def lease_due_texts(
    session: Session, *, wording: RenderContext, worker_id: UUID, now: datetime, limit: int
) -> list[OutgoingText]:
    """Lease due texts and render them. Commit before any of them is submitted.

    Everything that forbids a text is checked here again, in the transaction of the claim.
    """
    batch = send_eligibility.SendBatch(session, content=wording.content, now=now)
    taken: list[LeasedText] = []
    put_off: list[UnsentText] = []
    ways_in: list[NewInvitation] = []
    outgoing: list[OutgoingText] = []
    excluded_ids: list[UUID] = []
    for more in (0, REFUSED_AT_MOST):
        wanted = limit - len(taken) + more
        due_texts = text_leases.lock_due(
            session, now=now, limit=wanted, leave=excluded_ids, goes_on=_goes_on(wording.content)
        )
        excluded_ids.extend(due.id for due in due_texts)
        for due in batch.load(due_texts):
            if len(taken) == limit:
                break
            try:
                batch.check(due)
                text, link = _put_into_words(due, batch, wording=wording, now=now)
            except (NotSendable, catalogue.CatalogueError, opening_hours.HoursError) as error:
                put_off.append(_put_off(due, error, now=now))
                continue
            batch.count(due)
            taken.append(text)
            ways_in.extend(link)
            outgoing.append(
                OutgoingText(
                    reference=text.reference,
                    to=text.to_phone,
                    body=text.body,
                    valid_for=due.useful_until - now,
                )
            )
        if len(taken) == limit or len(due_texts) < wanted:
            break
    text_leases.write_unsent(session, put_off)
    text_leases.insert_invitations(session, ways_in)
    text_leases.write_leased(session, taken, worker_id=worker_id, now=now)
    batch.save_counts(worker_id)
    return outgoing


def _put_off(due: DueText, error: Exception, *, now: datetime) -> UnsentText:
    # A text that cannot be rendered must not block the others.
    refusal = error if isinstance(error, NotSendable) else NotSendable(MessageState.QUARANTINED, str(error))
    later = refusal.again_at is not None
    return UnsentText(
        clinic_id=due.clinic_id,
        id=due.id,
        state=(MessageState.PLANNED if later else refusal.state).value,
        reason=refusal.reason,
        due_at=refusal.again_at,
        settled_at=None if later else now,
    )


def _put_into_words(
    due: DueText, today: send_eligibility.SendBatch, *, wording: RenderContext, now: datetime
) -> tuple[LeasedText, list[NewInvitation]]:
    """The text as it leaves, and the invitation behind its link."""
    clinic = today.clinic_of(due)
    texts = wording.fitted(today.catalogue_for(due))
    places = texts.text(due.template).placeholders
    # A text to staff brings the flag's reference with it; every other text gets one of its own here.
    values: dict[str, Any] = {
        "clinic": clinic.text_name,
        "phone": today.phone_of(due),
        "emergency": clinic.emergency_number,
        **due.details,
    }
    signs = today.content_of(due).words_for(Language(due.language or Language.ENGLISH)).signs
    values |= {"danger": signs.danger, "signs": signs.by_text}
    if "crisis" in places:
        values["crisis"] = crisis_lines.number_of(clinic)
    if "ref" in places:
        values.setdefault("ref", credentials.new_text_ref())
    ways_in: list[NewInvitation] = []
    if "link" in places and due.patient_id is not None:
        token = credentials.new_invitation(Language(due.language or Language.ENGLISH))
        values["link"] = f"{wording.links_at}/{token}"
        until = now + enrolment.INVITATION_LIVES
        ways_in.append(
            NewInvitation(due.clinic_id, due.patient_id, credentials.hash_token(token), now, until)
        )
    body = texts.render(due.template, **{name: str(values[name]) for name in places if name in values})
    text = LeasedText(
        clinic_id=due.clinic_id,
        id=due.id,
        reference=credentials.new_short_token(),
        to_phone=due.phone or due.staff_phone or clinic.on_call_phone,
        body=body,
        segments=sms_segments.count_segments(body).segments,
    )
    return text, ways_in


def record_results(
    session: Session, *, answers: Mapping[str, Answer], now: datetime, unposted: Sequence[str] = ()
) -> None:
    """Record what the carrier answered, by reference; a receipt that arrived earlier wins.

    `unposted` were leased but never submitted: they are simply due again.
    """
    known_as = {
        reference: answer.carrier_id if isinstance(answer, Accepted) else None
        for reference, answer in answers.items()
    }
    submitted = send_results.list_submitted_for_update(session, known_as | dict.fromkeys(unposted))
    ids: set[str] = set()
    changed: list[SubmittedText] = []
    for text in submitted:
        answer = answers.get(text.reference)
        updated = _given_back(text, now=now) if answer is None else _after(text, answer, ids=ids, now=now)
        if updated != text:
            changed.append(updated)
    send_results.write_results(session, changed)
    for text in submitted:
        answer = answers.get(text.reference)
        if isinstance(answer, Rejected):
            _see_to_refused(session, text.reference, answer, now=now)
    never_left = [text for text in changed if text.state in text_leases.NEVER_LEFT]
    send_eligibility.subtract_counts(
        session,
        [
            (text.clinic_id, text.worker_id, text.claimed_at)
            for text in never_left
            if text.worker_id is not None and text.claimed_at is not None
        ],
    )


def return_unsent(session: Session, *, references: Sequence[str], now: datetime) -> None:
    """Texts that were leased but never submitted are simply due again."""
    record_results(session, answers={}, unposted=references, now=now)


def _given_back(text: SubmittedText, *, now: datetime) -> SubmittedText:
    updated = _moved(text, MessageState.PLANNED, reason=None, now=now)
    return text if updated is text else updated._replace(attempts=text.attempts - 1)


def _after(text: SubmittedText, answer: Answer, *, ids: set[str], now: datetime) -> SubmittedText:
    """The text after this answer. `ids` are those that others of the batch were accepted under."""
    if text.state == MessageState.IN_DOUBT and not isinstance(answer, Unconfirmed):
        text = text._replace(evidence=Evidence.ANSWER.value)
    if isinstance(answer, Accepted):
        # If the carrier gives the same id to two texts, the second is ignored.
        if text.carrier_id is None and text.holder is None and answer.carrier_id not in ids:
            ids.add(answer.carrier_id)
            text = text._replace(carrier_id=answer.carrier_id)
        return _moved(text, MessageState.ACCEPTED, reason=None, now=now)
    if isinstance(answer, Unconfirmed):
        poison = answer.code == CRASHED and text.attempts >= text_lifecycle.MAX_ATTEMPTS
        then = MessageState.QUARANTINED if poison else MessageState.IN_DOUBT
        return _moved(text, then, reason=answer.code, now=now)
    if isinstance(answer, Rejected):
        return _moved(text, MessageState.FAILED, reason=answer.code, now=now)
    return _try_later(text, answer, now=now)


def _try_later(text: SubmittedText, answer: NotAccepted, *, now: datetime) -> SubmittedText:
    """Certainly not taken: again after a wait, but never past its use."""
    # Jitter for retries; not security relevant.
    jitter = random.random()  # noqa: S311
    wait = text_lifecycle.retry_delay(attempts=text.attempts, asked=answer.retry_after, jitter=jitter)
    planned = _moved(text, MessageState.PLANNED, reason=answer.code, now=now)
    if planned is text:
        return text
    if now + wait >= text.useful_until:
        reason = f"the carrier did not take it: {answer.code}"
        return _moved(planned, MessageState.EXPIRED, reason=reason, now=now)
    return planned._replace(due_at=now + wait)


def _moved(text: SubmittedText, then: MessageState, *, reason: str | None, now: datetime) -> SubmittedText:
    """The text after a legal transition, otherwise unchanged."""
    if not text_lifecycle.is_legal_move(now=MessageState(text.state), then=then):
        return text
    return text._replace(state=then.value, reason=reason, settled_at=now)


def _see_to_refused(session: Session, reference: str, answer: Rejected, *, now: datetime) -> None:
    message = messages.get_for_update(session, reference)
    if message is None:
        return
    if answer.opted_out and message.to_phone is not None:
        opt_outs.insert_opt_out(
            session, clinic_id=message.clinic_id, phone=message.to_phone, how="carrier", now=now
        )
    tasks.open_call_task(session, message, opted_out=answer.opted_out, now=now)


def leased_for_stopped_clinics(session: Session, *, worker_id: UUID, content: Content) -> frozenset[str]:
    """References of the texts this worker holds and that a clinic's stop switch keeps back."""
    held = stopped_texts.leased_for_stopped_clinics(session, worker_id, goes_on=_goes_on(content))
    return frozenset(held)


def _goes_on(content: Content) -> list[str]:
    """The wordings that leave although a clinic's texts are stopped."""
    known = content.catalogue_for(Language.ENGLISH).texts
    return [key for key, text in known.items() if text.kind in GOES_ON_WHEN_STOPPED]


def record_receipt(session: Session, *, receipt: Receipt, now: datetime) -> bool:
    """Move a text to where the carrier says it is, only ever forward; whether the receipt is about it.

    A receipt under another carrier's id than the text's, or under one that another text has, is not.
    """
    message = messages.get_for_update(session, receipt.reference)
    if message is None or not _may_be_known_as(session, message, receipt.carrier_id):
        return False
    message.carrier_id = receipt.carrier_id
    if message.state is MessageState.IN_DOUBT:
        message.evidence = Evidence.RECEIPT.value
    moved = transition(message, FROM_CARRIER[receipt.status], reason=receipt.error_code, now=now)
    if moved and receipt.opted_out and message.to_phone is not None:
        opt_outs.insert_opt_out(
            session, clinic_id=message.clinic_id, phone=message.to_phone, how="carrier", now=now
        )
    if moved and (receipt.unreachable or receipt.opted_out):
        tasks.open_call_task(session, message, opted_out=receipt.opted_out, now=now)
    return True


def _may_be_known_as(session: Session, message: Message, carrier_id: str) -> bool:
    if message.carrier_id is not None:
        return message.carrier_id == carrier_id
    return messages.holder_of_carrier_id(session, carrier_id) is None


def transition(message: Message, then: MessageState, *, reason: str | None, now: datetime) -> bool:
    """Make a transition if it is legal; whether it was made."""
    if not text_lifecycle.is_legal_move(now=message.state, then=then):
        return False
    message.state, message.reason, message.settled_at = then, reason, now
    return True
