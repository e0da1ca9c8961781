"""Settling texts in doubt by evidence: receipts as they come, then the carrier's own records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.core.language import Language
from recovery.domain.messaging import doubt
from recovery.domain.messaging.catalogue import CatalogueError, Kind
from recovery.domain.messaging.delivery import MessageState
from recovery.domain.messaging.doubt import Evidence, Verdict
from recovery.models.messaging import claims, messages
from recovery.models.messaging.messages import Message
from recovery.services.messaging import delivery, sendable
from recovery.services.messaging.delivery import Wording
from recovery.sms.port import Outgoing, Sighting

LEASE = timedelta(minutes=2)
"""How long one worker has a doubt to itself while it asks the carrier."""


@dataclass(frozen=True, kw_only=True)
class Doubtful:
    """A text to look up: what was handed over, when it was claimed, and how long it is ours to judge."""

    outgoing: Outgoing
    claimed_at: datetime
    lease: datetime


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the carrier's records showed of a text; `sightings` is None where they could not be read."""

    doubtful: Doubtful
    sightings: Sequence[Sighting] | None


def take(session: Session, *, now: datetime, quiet: timedelta, limit: int) -> list[Doubtful]:
    """Texts whose quiet time is over, for this worker alone for a while. The caller commits.

    Before the quiet time is over the carrier's records may lack what it has taken.
    """
    taken: list[Doubtful] = []
    for message in messages.doubtful_locked(session, now=now, quiet=quiet, limit=limit):
        message.look_at = now + LEASE
        if message.reference is None or message.to_phone is None or message.body is None:
            continue
        outgoing = Outgoing(reference=message.reference, to=message.to_phone, body=message.body)
        claimed_at = message.claimed_at or now
        taken.append(Doubtful(outgoing=outgoing, claimed_at=claimed_at, lease=message.look_at))
    session.flush()
    return taken


def settle(
    session: Session, *, found: Sequence[Found], wording: Wording, wait: timedelta, now: datetime
) -> None:
    """Judge doubts by what the carrier's records showed.

    A record that belongs to another of our texts proves nothing about this one. What was looked up under
    a lease that has passed to another worker counts where it shows the text, and not where it lacks it:
    two looks prove something only at a distance.
    """
    standing = messages.locked_many(session, [one.doubtful.outgoing.reference for one in found])
    never_left: list[tuple[UUID, UUID, datetime]] = []
    for one in found:
        message = standing.get(one.doubtful.outgoing.reference)
        if message is not None and message.state is MessageState.IN_DOUBT:
            _settle_one(session, message, one, wording=wording, wait=wait, now=now)
            if message.state in claims.NEVER_LEFT and message.worker_id and message.claimed_at:
                never_left.append((message.clinic_id, message.worker_id, message.claimed_at))
    session.flush()
    sendable.take_back(session, never_left)


def _settle_one(
    session: Session, message: Message, found: Found, *, wording: Wording, wait: timedelta, now: datetime
) -> None:
    own = next((one for one in found.sightings or () if _is_free(session, message, one)), None)
    if own is not None:
        message.carrier_id, message.evidence = own.carrier_id, Evidence.LISTING.value
        delivery.move(message, delivery.FROM_CARRIER[own.status], reason=own.error_code, now=now)
        return
    if message.look_at != found.doubtful.lease:
        return
    verdict = _verdict(message, read=found.sightings is not None, wording=wording, wait=wait, now=now)
    if verdict.state is None:
        message.look_at = verdict.again_at
        return
    message.evidence = None if verdict.evidence is None else verdict.evidence.value
    reason = None if verdict.state is MessageState.PLANNED else message.evidence
    delivery.move(message, verdict.state, reason=reason, now=now)
    if verdict.state is MessageState.PLANNED:
        message.due_at, message.look_at, message.looks = now, None, 0


def _verdict(message: Message, *, read: bool, wording: Wording, wait: timedelta, now: datetime) -> Verdict:
    if not read:
        return doubt.on_silence(
            kind=_kind(message, wording),
            repeated=message.evidence == Evidence.HARMLESS,
            claimed_at=message.claimed_at or now,
            useful_until=message.useful_until,
            now=now,
            wait=wait,
        )
    message.looks += 1
    return doubt.on_absence(
        looks=message.looks,
        attempts=message.attempts,
        useful_until=message.useful_until,
        now=now,
        wait=wait,
    )


def _kind(message: Message, wording: Wording) -> Kind:
    try:
        return wording.content.catalogue_for(Language.ENGLISH).text(message.template).kind
    except CatalogueError:
        return Kind.TIP


def _is_free(session: Session, message: Message, seen: Sighting) -> bool:
    holder = messages.holder_of_carrier_id(session, seen.carrier_id)
    return holder is None or holder == message.id
