"""When to leave a carrier alone, the rule: a circuit per account that opens after faults, and a pause the
carrier asks for.

closed --10 faults in a row--> open --the wait is over--> one probe --it worked--> closed
                                ^                            |
                                '------ it failed: double ---'
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FAULTS_TO_OPEN = 10
SHORTEST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=10)


class CallOutcome(StrEnum):
    """What one submission shows about the carrier, whatever it shows about the text."""

    WORKED = "worked"
    FAULT = "fault"
    THROTTLED = "throttled"


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """What is known of one account. `wait` is how long the last opening lasted; times are aware."""

    faults: int = 0
    wait: timedelta = timedelta()
    open_until: datetime | None = None
    paused_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether hand-overs have failed so often that only probes are let through."""
        return self.open_until is not None


def allowed_sends(circuit: Circuit, *, wanted: int, now: datetime) -> int:
    """How many texts may be handed over now: all that are wanted, one probe, or none."""
    if circuit.paused_until is not None and now < circuit.paused_until:
        return 0
    if circuit.open_until is None:
        return wanted
    return min(wanted, 1) if now >= circuit.open_until else 0


def next_circuit(
    circuit: Circuit, outcome: CallOutcome, *, now: datetime, asked: timedelta | None = None
) -> Circuit:
    """The circuit after one hand-over; `asked` is the pause a throttling carrier asked for."""
    if outcome is CallOutcome.WORKED:
        return Circuit(paused_until=circuit.paused_until)
    if outcome is CallOutcome.THROTTLED:
        until = now + (asked or timedelta(seconds=1))
        return replace(circuit, paused_until=max(until, circuit.paused_until or until))
    faults = circuit.faults + 1
    probing = circuit.open_until is not None and now >= circuit.open_until
    if circuit.open_until is None and faults < FAULTS_TO_OPEN:
        return replace(circuit, faults=faults)
    if circuit.open_until is not None and not probing:
        return replace(circuit, faults=faults)
    wait = min(LONGEST_WAIT, max(SHORTEST_WAIT, circuit.wait * 2))
    return replace(circuit, faults=faults, wait=wait, open_until=now + wait)
