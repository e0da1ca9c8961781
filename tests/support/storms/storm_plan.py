"""What a storm consists of: how many texts, and everything that is done to those who send them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from tests.support.carrier.twilio_faults import MEASURED, CarrierFault


class Event(StrEnum):
    """One thing that happens to a worker, or to what it stands on."""

    RANDOM = "random"  # kill -9 at any moment
    CLAIMED = "claimed"  # kill -9: the claim is committed, nothing has left
    CONNECTING = "connecting"  # kill -9: no connection to the carrier stands yet
    WRITTEN = "written"  # kill -9: the carrier has the request
    TAKEN = "taken"  # kill -9: the carrier has accepted, the answer is not written
    ANSWERED = "answered"  # kill -9: the answer is written, nothing is settled
    SETTLED = "settled"  # kill -9: the answer is written down and committed
    PAUSE = "pause"  # SIGSTOP, then SIGCONT
    CRASH = "crash"  # the database is stopped in immediate mode and started again
    JUMP = "jump"  # the worker's clock jumps by an hour, forwards or back


POINTS = (
    Event.CLAIMED, Event.CONNECTING, Event.WRITTEN, Event.TAKEN, Event.ANSWERED, Event.SETTLED,
)  # fmt: skip


RATES = MEASURED | {CarrierFault.LATE: 0.002}
"""The measured mix, and a few texts that are taken only after the sender has given up."""

RECEIPTS = {
    "list_lag": 1.0,
    "slow_seconds": 12.0,
    "receipts_lost": 0.03,
    "receipts_shuffled": 0.3,
    "receipts_doubled": 0.2,
    "undelivered": 0.02,
    "lookup_errors": 0.02,
    "latency": (0.0, 0.03),
}
"""The rest of the carrier's plan. A slow answer comes after the sender's own timeout of ten seconds."""


@dataclass(frozen=True, kw_only=True)
class Weather:
    """One storm. Counts of what happens; `rate` in texts a second, which is also how many a claim takes.

    Once all events have happened, workers with `last_rate` send what is left, and `calm_at_the_end` leaves
    the carrier without faults. `sweep` in seconds. A storm that is not over after `minutes` has failed.
    """

    name: str
    texts: int
    seed: int
    workers: int = 1
    kills: int = 0
    points: tuple[Event, ...] = POINTS
    at_each_point: int = 0
    pauses: int = 0
    crashes: int = 0
    jumps: int = 0
    rate: float = 12.0
    last_rate: float | None = None
    refused_numbers: int = 1
    sweep: float = 15.0
    minutes: float = 60.0
    calm_at_the_end: bool = False

    def events(self) -> list[Event]:
        """Everything that is to happen, in the order of the seed."""
        counts = dict.fromkeys(self.points, self.at_each_point) | {
            Event.RANDOM: self.kills,
            Event.PAUSE: self.pauses,
            Event.CRASH: self.crashes,
            Event.JUMP: self.jumps,
        }
        events = [event for event, count in counts.items() for _ in range(count)]
        random.Random(self.seed).shuffle(events)
        return events

    def plan(self) -> dict[str, object]:
        """The carrier's faults."""
        return {"seed": self.seed, "rates": {str(fault): rate for fault, rate in RATES.items()}, **RECEIPTS}
