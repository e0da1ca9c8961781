"""Unconfirmed texts leased to be looked up, then settled by receipts or by what the carrier's records
showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.core.language import Language
from recovery.domain.messaging import unconfirmed_sends
from recovery.domain.messaging.catalogue import CatalogueError, TextKind
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unconfirmed_sends import Evidence, UnconfirmedDecision
from recovery.models.messaging import messages, text_leases
from recovery.models.messaging.messages import Message
from recovery.services.content.running_content import RunningContents, UnreadableContent
from recovery.services.messaging import outbox, send_eligibility
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import CarrierRecord, OutgoingText

LEASE = timedelta(minutes=2)
"""How long a worker's lease on an unconfirmed text lasts while it asks the carrier."""


@dataclass(frozen=True, kw_only=True)
class UnconfirmedText:
    """A text to look up: what was submitted, when it was leased, and how long it is ours to judge."""

    outgoing: OutgoingText
    claimed_at: datetime
    lease: datetime


@dataclass(frozen=True, kw_only=True)
class LookupResult:
    """What the carrier's records showed of a text; `sightings` is None where they could not be read."""

    text: UnconfirmedText
    records: Sequence[CarrierRecord] | None


def lease_unconfirmed(
    session: Session, *, now: datetime, quiet: timedelta, limit: int
) -> list[UnconfirmedText]:
    """Lease unconfirmed texts whose waiting time is over. The caller commits.

    Before the waiting time is over the carrier's records may lack what it has taken.
    """
    taken: list[UnconfirmedText] = []
    for message in messages.list_unconfirmed_for_update(session, now=now, quiet=quiet, limit=limit):
        message.look_at = now + LEASE
        if message.reference is None or message.to_phone is None or message.body is None:
            continue
        outgoing = OutgoingText(reference=message.reference, to=message.to_phone, body=message.body)
        claimed_at = message.claimed_at or now
        taken.append(UnconfirmedText(outgoing=outgoing, claimed_at=claimed_at, lease=message.look_at))
    session.flush()
    return taken


def settle_unconfirmed(
    session: Session, *, found: Sequence[LookupResult], wording: RenderContext, wait: timedelta, now: datetime
) -> None:
    """Decide unconfirmed texts by the carrier's records.

    A record that belongs to another of our texts proves nothing about this one. What was looked up under
    a lease that has passed to another worker counts where it shows the text, and not where it lacks it:
    two look-ups prove absence only if some time lies between them.
    """
    references = [result.text.outgoing.reference for result in found]
    messages_by_reference = messages.list_for_update(session, references)
    contents = RunningContents(session, newest=wording.content)
    never_left: list[tuple[UUID, UUID, datetime]] = []
    for result in found:
        message = messages_by_reference.get(result.text.outgoing.reference)
        if message is not None and message.state is MessageState.IN_DOUBT:
            _settle_one(session, message, result, contents=contents, wait=wait, now=now)
            if message.state in text_leases.NEVER_LEFT and message.worker_id and message.claimed_at:
                never_left.append((message.clinic_id, message.worker_id, message.claimed_at))
    session.flush()
    send_eligibility.subtract_counts(session, never_left)


def _settle_one(
    session: Session,
    message: Message,
    found: LookupResult,
    *,
    contents: RunningContents,
    wait: timedelta,
    now: datetime,
) -> None:
    own = next((record for record in found.records or () if _is_free(session, message, record)), None)
    if own is not None:
        message.carrier_id, message.evidence = own.carrier_id, Evidence.LISTING.value
        outbox.transition(message, outbox.FROM_CARRIER[own.status], reason=own.error_code, now=now)
        return
    if message.look_at != found.text.lease:
        return
    verdict = _verdict(message, read=found.records is not None, contents=contents, wait=wait, now=now)
    if verdict.state is None:
        message.look_at = verdict.again_at
        return
    message.evidence = None if verdict.evidence is None else verdict.evidence.value
    reason = None if verdict.state is MessageState.PLANNED else message.evidence
    outbox.transition(message, verdict.state, reason=reason, now=now)
    if verdict.state is MessageState.PLANNED:
        message.due_at, message.look_at, message.looks = now, None, 0


def _verdict(
    message: Message, *, read: bool, contents: RunningContents, wait: timedelta, now: datetime
) -> UnconfirmedDecision:
    if not read:
        return unconfirmed_sends.decide_on_unreadable_records(
            kind=_kind(message, contents),
            repeated=message.evidence == Evidence.HARMLESS,
            claimed_at=message.claimed_at or now,
            useful_until=message.useful_until,
            now=now,
            wait=wait,
        )
    message.looks += 1
    return unconfirmed_sends.decide_on_missing_record(
        looks=message.looks,
        attempts=message.attempts,
        useful_until=message.useful_until,
        now=now,
        wait=wait,
    )


def _kind(message: Message, contents: RunningContents) -> TextKind:
    try:
        return contents.of(message.clinic_id).catalogue_for(Language.ENGLISH).text(message.template).kind
    except (CatalogueError, UnreadableContent):
        return TextKind.TIP


def _is_free(session: Session, message: Message, seen: CarrierRecord) -> bool:
    holder = messages.holder_of_carrier_id(session, seen.carrier_id)
    return holder is None or holder == message.id
