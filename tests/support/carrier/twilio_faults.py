"""What can go wrong at the fake Twilio, and how often."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass, field
from enum import StrEnum


class CarrierFault(StrEnum):
    """One way a request to create a message goes wrong."""

    THROTTLED = "throttled"  # 429 with Retry-After, not taken
    UNAVAILABLE = "unavailable"  # 503 with code 20503, not taken
    UNAUTHORIZED = "unauthorized"  # 401 with code 20003, not taken
    ERROR_NOT_DONE = "error_not_done"  # 500, not taken
    ERROR_DONE = "error_done"  # 500, taken
    RESET_BEFORE = "reset_before"  # connection reset, not taken
    RESET_AFTER = "reset_after"  # connection reset, taken
    SLOW = "slow"  # taken at once, answered after `slow_seconds`
    LATE = "late"  # taken only after `slow_seconds`, then answered
    HANG = "hang"  # taken, never answered
    GARBAGE = "garbage"  # taken, answered 201 with something unreadable


TAKEN = frozenset(
    {
        CarrierFault.ERROR_DONE,
        CarrierFault.RESET_AFTER,
        CarrierFault.SLOW,
        CarrierFault.LATE,
        CarrierFault.HANG,
        CarrierFault.GARBAGE,
    }
)
"""The faults after which the text is in the ledger nevertheless."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Rates are shares of 1 and add up to at most 1; times are seconds.

    The same seed and the same order of requests give the same faults. `refused` maps numbers to the
    Twilio code their texts are refused with. `lookup_errors` is the share of look-ups answered 500.
    Receipts: `receipts_lost`, `_shuffled`, `_doubled` are shares of messages; `undelivered` ends as
    undelivered with code 30003 instead of delivered.
    """

    seed: int = 1
    rates: dict[CarrierFault, float] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    retry_after: str = "1"
    slow_seconds: float = 3.0
    latency: tuple[float, float] = (0.0, 0.0)
    list_lag: float = 0.0
    lookup_errors: float = 0.0
    receipt_delay: float = 0.05
    receipts_lost: float = 0.0
    receipts_shuffled: float = 0.0
    receipts_doubled: float = 0.0
    undelivered: float = 0.0

    @classmethod
    def from_json(cls, fields: dict[str, object]) -> Plan:
        """From a JSON object of the same names; unknown names are an error."""
        plan = cls(**fields)  # type: ignore[arg-type]
        rates = {CarrierFault(name): float(rate) for name, rate in plan.rates.items()}
        low, high = plan.latency
        return dataclasses.replace(plan, rates=rates, latency=(low, high))

    def draw(self, dice: random.Random) -> CarrierFault | None:
        """The fault of the next request, or None."""
        roll = dice.random()
        for fault in CarrierFault:
            roll -= self.rates.get(fault, 0.0)
            if roll < 0:
                return fault
        return None


MEASURED = {
    CarrierFault.THROTTLED: 0.04,
    CarrierFault.ERROR_NOT_DONE: 0.02,
    CarrierFault.ERROR_DONE: 0.02,
    CarrierFault.RESET_AFTER: 0.02,
    CarrierFault.RESET_BEFORE: 0.01,
    CarrierFault.SLOW: 0.01,
    CarrierFault.HANG: 0.01,
}
"""The mix the delivery protocol's figures are given for, with `list_lag` 1 s, 3 % receipts lost,
30 % shuffled and 20 % doubled."""
