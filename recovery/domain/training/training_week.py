"""How many hours of recovery a training week has come to: seven days in ten minutes, for learning what
patients live through."""

from __future__ import annotations

from datetime import timedelta

LASTS = timedelta(minutes=10)
HOURS = 180.0
"""Of recovery in that time: until the end of day 7."""


def simulated_hours(passed: timedelta) -> float:
    """Simulated recovery hours this long after the training week began."""
    return min(max(passed / LASTS, 0.0), 1.0) * HOURS
