"""The parts one life of a worker is given (`WorkerContext`): sessions, gateway, rate, notifiers, how long
lookups wait."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from operations.notifiers import Notifiers
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import Gateway, RecordLookup


@dataclass(frozen=True, kw_only=True)
class LookupDelays:
    """How long the carrier's records are left to catch up before they prove anything.

    `quiet` from the claim to the first look, `second_look` from one look to the next, `sweep` without
    a word about a text the carrier took.
    """

    before_first_lookup: timedelta = timedelta(minutes=10)
    before_second_lookup: timedelta = timedelta(minutes=1)
    before_receipt_recovery: timedelta = timedelta(minutes=15)


@dataclass(kw_only=True)
class WorkerContext:
    """The parts of one life. `rate` in texts a second over all workers, who share it evenly.

    Without `outlets` nobody outside is told anything.
    """

    sessions: sessionmaker[Session]
    gateway: Gateway
    ledger: RecordLookup | None
    account: str
    wording: RenderContext
    worker_id: UUID
    rate: float
    waits: LookupDelays = field(default_factory=LookupDelays)
    outlets: Notifiers | None = None
    workers_alive: int = 1
    stopping: threading.Event = field(default_factory=threading.Event)
