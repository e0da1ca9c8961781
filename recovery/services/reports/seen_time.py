"""When signs were really seen, whatever the clock of the phone says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from recovery.models.reports.reports import DeviceClock

EARLIEST_BEFORE_TREATMENT = timedelta(hours=12)
LATEST_AHEAD = timedelta(minutes=5)
LATEST_AHEAD_WITHOUT_CLOCK = timedelta(hours=24)

SMALLEST_SKEW = timedelta(minutes=1)
"""A smaller difference between two clocks cannot be told from the way here, and is left alone."""


class ImpossibleTime(ValueError):
    """The signs cannot have been seen then: before the treatment, or in the future."""


def resolve(
    seen_at: datetime, *, sent_at: datetime | None, performed_at: datetime, now: datetime
) -> tuple[datetime, DeviceClock]:
    """When the signs were really seen, in UTC, and what is known of the device's clock.

    `sent_at` is that clock when it sent, if it said so. Raises ImpossibleTime.
    """
    seen_at, clock, ahead = seen_at.astimezone(UTC), DeviceClock.TRUSTED, LATEST_AHEAD
    if sent_at is not None:
        skew = now - sent_at
        if abs(skew) > SMALLEST_SKEW:
            seen_at, clock = seen_at + skew, DeviceClock.CORRECTED
    else:
        ahead = LATEST_AHEAD_WITHOUT_CLOCK
        if seen_at > now + LATEST_AHEAD:
            clock = DeviceClock.AHEAD
    if not performed_at - EARLIEST_BEFORE_TREATMENT <= seen_at <= now + ahead:
        raise ImpossibleTime
    return seen_at, clock
