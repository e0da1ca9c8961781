"""What the product asks of a carrier of texts, and the only answers, receipts, records and inbound texts it
can get, as types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class OutgoingText:
    """One text, ready to leave.

    `reference` is a 128-bit url-safe token made for this text alone; it goes into the address of the
    carrier's receipts and nowhere else. `to` is E.164. `valid_for` is how long the carrier may keep
    trying (None: its own default); a gateway brings it into the range its carrier takes.
    """

    reference: str
    to: str
    body: str
    valid_for: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The carrier has the text and will try to deliver it."""

    carrier_id: str


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """The carrier will never take this text for this number; sending it again is useless."""

    code: str
    opted_out: bool = False


@dataclass(frozen=True, kw_only=True)
class NotAccepted:
    """The carrier certainly has not taken the text; it may be sent again.

    `after` is the wait the carrier asked for, where it named one. `refuses_us`: it does not take our
    account, key or sender, which is true of every text until a person changes that.
    """

    code: str
    retry_after: timedelta | None = None
    account_rejected: bool = False


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """The carrier may have taken the text. Only evidence settles this, never a second try."""

    code: str


Answer = Accepted | Rejected | NotAccepted | Unconfirmed


class CarrierStatus(StrEnum):
    """Where the carrier says a text is. The order given here is the order a text moves in."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the carrier reported about one text; receipts come late, twice and in any order.

    `unreachable`: no text will reach this number as it is; `opted_out`: it asked the carrier for no more.
    """

    reference: str
    carrier_id: str
    status: CarrierStatus
    error_code: str | None = None
    unreachable: bool = False
    opted_out: bool = False


class CarrierKeyword(StrEnum):
    """What the carrier itself took a patient's text as; it has answered such a text already."""

    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """One text from somebody's phone. `sender` is E.164 where it is a phone; `pictures` how many came along.

    `taken_as` is set where the carrier handles keywords for us.
    """

    carrier_id: str
    sender: str
    body: str
    pictures: int = 0
    keyword: CarrierKeyword | None = None


@dataclass(frozen=True, kw_only=True)
class CarrierRecord:
    """One text as the carrier's own records show it. `created_at` is aware, whole seconds."""

    carrier_id: str
    to: str
    body: str
    created_at: datetime
    status: CarrierStatus
    error_code: str | None = None


class LookupFailed(Exception):
    """The carrier's records could not be read completely: this says nothing about the text.

    `code` is the reason in the carrier's or the gateway's words, never holding a number or a text.
    `refuses_us`: the carrier does not take our account or key.
    """

    def __init__(self, code: str, *, refuses_us: bool = False) -> None:
        super().__init__(f"the carrier's records could not be read: {code}")
        self.code = code
        self.refuses_us = refuses_us


class Gateway(Protocol):
    """Hands texts to a carrier."""

    def submit(self, outgoing: OutgoingText) -> Answer:
        """Hand over one text, once. Raises nothing for what the carrier or the network does."""

    def close(self) -> None:
        """Let go of kept connections; the gateway is not used again."""


class RecordLookup(Protocol):
    """Reads the carrier's own records, to settle doubt and to follow texts whose receipts got lost."""

    def find(self, outgoing: OutgoingText, since: datetime) -> tuple[CarrierRecord, ...]:
        """Every record of exactly this body to this number, oldest first.

        Records made more than 60 s before `since` (aware: when the text was claimed) are left out; the
        minute allows for two clocks. Empty means the records were read completely and hold none.
        Raises LookupFailed where they could not be read, which must never pass for "not there".
        """

    def fetch(self, carrier_id: str) -> CarrierRecord | None:
        """The record of one text, None where the carrier has none. Raises LookupFailed."""
