"""The life of one text: its states, the legal moves between them, and how long to wait before another try.

    planned -> claimed -> accepted -> sent -> delivered
       |          |           |         `---> undelivered, failed
       |          |           `-------------> delivered, undelivered, failed
       |          |-> planned     (certainly not taken: may be tried again)
       |          |-> failed      (refused for good)
       |          `-> in_doubt -> whatever evidence shows; expired without any
       |-> cancelled, expired, quarantined -> planned (by a person)

What the carrier did not clearly answer is `in_doubt`; it is settled by evidence and never sent
again blindly. A receipt may arrive before the worker has written down that it sent. Planning anew may
bring back what was cancelled or dropped before it was ever claimed.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class MessageState(StrEnum):
    """Where one text stands."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    QUARANTINED = "quarantined"


_S = MessageState
_CARRIED = frozenset({_S.SENT, _S.DELIVERED, _S.UNDELIVERED, _S.FAILED})

LEGAL_MOVES: dict[MessageState, frozenset[MessageState]] = {
    _S.PLANNED: frozenset({_S.CLAIMED, _S.CANCELLED, _S.EXPIRED, _S.QUARANTINED}),
    _S.CLAIMED: _CARRIED | {_S.ACCEPTED, _S.PLANNED, _S.IN_DOUBT, _S.QUARANTINED},
    _S.IN_DOUBT: _CARRIED | {_S.ACCEPTED, _S.PLANNED, _S.EXPIRED, _S.QUARANTINED},
    _S.ACCEPTED: _CARRIED,
    _S.SENT: frozenset({_S.DELIVERED, _S.UNDELIVERED, _S.FAILED}),
    _S.DELIVERED: frozenset(),
    _S.UNDELIVERED: frozenset(),
    _S.FAILED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.QUARANTINED: frozenset({_S.PLANNED}),
}
"""Every move a text may make; anything else is refused."""

MAX_ATTEMPTS = 5
"""A text that was tried this often without being taken is put aside for a person."""


def may_be_replanned(state: MessageState, *, claimed: bool) -> bool:
    """Whether a step may get a new moment: it certainly never left. `claimed` says if it was ever in hand."""
    if state is MessageState.PLANNED:
        return True
    return state in (MessageState.CANCELLED, MessageState.EXPIRED) and not claimed


def is_legal_move(*, now: MessageState, then: MessageState) -> bool:
    """Whether the move is in the table. Standing still is no move."""
    return then in LEGAL_MOVES[now]


def retry_delay(*, attempts: int, asked: timedelta | None, jitter: float) -> timedelta:
    """How long to leave a text that was certainly not taken.

    Doubles from 5 seconds up to 10 minutes, spread by `jitter` (0 to 1) so that texts do not come
    back together; never shorter than what the carrier asked for.
    """
    base = min(600.0, 5.0 * 2.0 ** max(0, attempts - 1))
    own = timedelta(seconds=base * (0.5 + 0.5 * jitter))
    return own if asked is None else max(own, asked)
