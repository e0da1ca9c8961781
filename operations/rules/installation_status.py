"""The status of the installation at one moment, and what of it is overdue beyond its bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.messaging.circuit_breaker import Circuit
from recovery.domain.messaging.text_lifecycle import MessageState

BEAT_LATE = timedelta(seconds=45)
"""A worker says every five seconds that it lives."""
TEXT_LATE = timedelta(minutes=5)
REVIEW_LATE = timedelta(minutes=2)
DOUBT_LATE = timedelta(hours=2)
"""Later than these somebody has to know. A report is reviewed within seconds, and two looks at the carrier's
records settle a doubt soon after its quiet time."""
FAULTS_TO_TELL = 3
"""So many hand-overs in a row failed: with few texts due it takes long until the circuit opens."""


class Lateness(StrEnum):
    """What is overdue beyond its bound."""

    WORKER = "worker"
    TEXTS = "texts"
    REVIEW = "review"
    CARRIER = "carrier"
    CREDENTIALS = "credentials"


@dataclass(frozen=True, kw_only=True)
class InstallationStatus:
    """Figures of all clinics together, `at` on the database's clock.

    `worker_seen_at` is when any worker was last heard of, `workers_alive` how many hold their place now (none
    where they were not counted).
    `text_due_since` is the oldest text that is due and that nothing holds back, `doubt_since` the oldest in
    doubt, `review_since` the oldest report due for review. `texts` counts those without an end by state,
    `texts_last_day` all that were handed over since a day ago. `circuits` by the carrier's account;
    `refused_by` are the accounts whose credentials, sender or registration the carrier does not take, with
    its code.
    """

    at: datetime
    worker_seen_at: datetime | None
    workers_alive: int
    texts_due: int
    text_due_since: datetime | None
    doubt_since: datetime | None
    unreviewed: int
    review_since: datetime | None
    flags_open: int
    flags_overdue: int
    texts: Mapping[MessageState, int] = field(default_factory=dict)
    texts_last_day: Mapping[MessageState, int] = field(default_factory=dict)
    circuits: Mapping[str, Circuit] = field(default_factory=dict)
    refused_by: Mapping[str, str] = field(default_factory=dict)

    def overdue(self) -> frozenset[Lateness]:
        """What is overdue beyond its bound; empty while the worker and the carrier do their work."""
        overdue = {
            Lateness.WORKER: self.worker_seen_at is None or self.at - self.worker_seen_at > BEAT_LATE,
            Lateness.TEXTS: self._older(self.text_due_since, TEXT_LATE),
            Lateness.REVIEW: self._older(self.review_since, REVIEW_LATE),
            Lateness.CARRIER: any(is_carrier_down(circuit) for circuit in self.circuits.values()),
            Lateness.CREDENTIALS: bool(self.refused_by),
        }
        return frozenset(lateness for lateness, holds in overdue.items() if holds)

    def _older(self, since: datetime | None, bound: timedelta) -> bool:
        return since is not None and self.at - since > bound


def is_carrier_down(circuit: Circuit) -> bool:
    """Whether a carrier is not answering well enough to say so."""
    return circuit.is_open or circuit.faults >= FAULTS_TO_TELL
