"""What may be done with a text the carrier did not clearly answer for, once its records were read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.catalogue import Kind
from recovery.domain.delivery import MAX_ATTEMPTS, MessageState

LOOKS = 2
"""How often the carrier's records have to lack a text before it counts as never taken."""

REPEATED_ONCE = frozenset({Kind.SAFETY, Kind.EMERGENCY, Kind.STAFF})
"""Texts worded so that a repeat is harmless; they are sent a second time, and not a third."""


class Evidence(StrEnum):
    """Why a doubt counts as settled."""

    ANSWER = "the answer came after all"
    RECEIPT = "a signed receipt"
    LISTING = "the carrier's records show it"
    ABSENCE = "the carrier's records lack it, looked up twice"
    TIME = "its use has passed"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Where the text goes, on what evidence; without a state it is looked up again at `again_at`."""

    state: MessageState | None
    evidence: Evidence | None
    again_at: datetime | None = None


def on_absence(
    *,
    kind: Kind,
    looks: int,
    attempts: int,
    useful_until: datetime,
    now: datetime,
    wait: timedelta,
) -> Verdict:
    """The carrier's records were read completely and do not hold the text, for the `looks`-th time."""
    if now >= useful_until:
        return Verdict(state=MessageState.EXPIRED, evidence=Evidence.TIME)
    if looks < LOOKS:
        return Verdict(state=None, evidence=None, again_at=now + wait)
    if attempts >= MAX_ATTEMPTS:
        return Verdict(state=MessageState.QUARANTINED, evidence=Evidence.ABSENCE)
    if kind in REPEATED_ONCE and attempts >= 2:
        return Verdict(state=MessageState.EXPIRED, evidence=Evidence.ABSENCE)
    return Verdict(state=MessageState.PLANNED, evidence=Evidence.ABSENCE)


def on_silence(*, useful_until: datetime, now: datetime, wait: timedelta) -> Verdict:
    """The carrier's records could not be read: that says nothing, until the text's use has passed."""
    if now >= useful_until:
        return Verdict(state=MessageState.EXPIRED, evidence=Evidence.TIME)
    return Verdict(state=None, evidence=None, again_at=now + wait)
