"""What becomes of an unconfirmed text, the rule, after the carrier's records lacked it or could not be
read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.messaging.catalogue import TextKind
from recovery.domain.messaging.text_lifecycle import MAX_ATTEMPTS, MessageState

LOOKS = 2
"""How often the carrier's records have to lack a text before it counts as never taken."""

REPEATED_ONCE = frozenset({TextKind.SAFETY, TextKind.EMERGENCY, TextKind.STAFF})
"""Texts worded so that a repeat is harmless: they are sent once more while the records cannot be read."""

REPEAT_AFTER = timedelta(minutes=30)
"""How long after its claim such a text is sent again where the carrier's records cannot be read."""


class Evidence(StrEnum):
    """Why a doubt counts as settled."""

    ANSWER = "the answer came after all"
    RECEIPT = "a signed receipt"
    LISTING = "the carrier's records show it"
    ABSENCE = "the carrier's records lack it, looked up twice"
    HARMLESS = "the carrier's records cannot be read, and a repeat does no harm"
    TIME = "its use has passed"


@dataclass(frozen=True, kw_only=True)
class UnconfirmedDecision:
    """Where the text goes, on what evidence; without a state it is looked up again at `again_at`."""

    state: MessageState | None
    evidence: Evidence | None
    again_at: datetime | None = None


def decide_on_missing_record(
    *,
    looks: int,
    attempts: int,
    useful_until: datetime,
    now: datetime,
    wait: timedelta,
) -> UnconfirmedDecision:
    """The carrier's records were read completely and do not hold the text, for the `looks`-th time."""
    if now >= useful_until:
        return UnconfirmedDecision(state=MessageState.EXPIRED, evidence=Evidence.TIME)
    if looks < LOOKS:
        return UnconfirmedDecision(state=None, evidence=None, again_at=now + wait)
    if attempts >= MAX_ATTEMPTS:
        return UnconfirmedDecision(state=MessageState.QUARANTINED, evidence=Evidence.ABSENCE)
    return UnconfirmedDecision(state=MessageState.PLANNED, evidence=Evidence.ABSENCE)


def decide_on_unreadable_records(
    *,
    kind: TextKind,
    repeated: bool,
    claimed_at: datetime,
    useful_until: datetime,
    now: datetime,
    wait: timedelta,
) -> UnconfirmedDecision:
    """The carrier's records could not be read: that says nothing, until the text's use has passed.

    Only a text whose repeat is harmless is sent again meanwhile, unless it was `repeated` so before.
    """
    if now >= useful_until:
        return UnconfirmedDecision(state=MessageState.EXPIRED, evidence=Evidence.TIME)
    if kind in REPEATED_ONCE and not repeated and now >= claimed_at + REPEAT_AFTER:
        return UnconfirmedDecision(state=MessageState.PLANNED, evidence=Evidence.HARMLESS)
    return UnconfirmedDecision(state=None, evidence=None, again_at=now + wait)
