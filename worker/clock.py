"""The clocks a worker goes by: seconds since boot, and the database's."""

from __future__ import annotations

import time

from operations.clock import database_now

__all__ = ["boot_time", "database_now"]


def boot_time() -> float:
    """Seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)
