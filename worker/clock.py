"""The two clocks a worker goes by."""

from __future__ import annotations

import time
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def database_now(session: Session) -> datetime:
    """The moment it is, as the database sees it: a wrong clock on one machine decides nothing."""
    moment: datetime = session.scalars(select(func.clock_timestamp())).one()
    return moment


def boot_time() -> float:
    """Seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)
