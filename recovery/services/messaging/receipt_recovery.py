"""Texts whose receipt got lost: leased to be looked up, and moved to where the carrier's record says they
are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.models.messaging import messages
from recovery.services.messaging import outbox
from recovery.sms.gateway_interface import CarrierRecord, Receipt

FOLLOWED_FOR = timedelta(days=2)
"""Carriers give up earlier than this; a text without a final state by then keeps its last one."""


@dataclass(frozen=True, kw_only=True)
class AwaitingReceipt:
    """A text the carrier has taken and not reported the end of."""

    reference: str
    carrier_id: str


def lease_awaiting_receipt(
    session: Session, *, now: datetime, after: timedelta, limit: int
) -> list[AwaitingReceipt]:
    """Accepted texts without news for `after` that were not looked up either. The caller commits."""
    taken: list[AwaitingReceipt] = []
    rows = messages.list_awaiting_receipt_for_update(
        session, now=now, heard_before=now - after, followed_from=now - FOLLOWED_FOR, limit=limit
    )
    for message in rows:
        message.look_at = now + after
        if message.reference is not None and message.carrier_id is not None:
            taken.append(AwaitingReceipt(reference=message.reference, carrier_id=message.carrier_id))
    session.flush()
    return taken


def record_lookup(
    session: Session, *, unfinished: AwaitingReceipt, seen: CarrierRecord | None, now: datetime
) -> None:
    """Move the text to where the carrier's record says it is; without a record it stays."""
    if seen is None:
        return
    receipt = Receipt(
        reference=unfinished.reference,
        carrier_id=seen.carrier_id,
        status=seen.status,
        error_code=seen.error_code,
    )
    outbox.record_receipt(session, receipt=receipt, now=now)
