"""When each tick runs: the one module that knows APScheduler, which only ticks and holds nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger()

Tick = Callable[[], int]


class Schedule:
    """Named ticks at their intervals, each never beside itself, and waking one early."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def every(self, seconds: float, name: str, tick: Tick) -> None:
        """Run a tick now and then at this interval. One that fails is logged and runs again."""
        self._scheduler.add_job(
            _guarded(name, tick), "interval", seconds=seconds, id=name, next_run_time=datetime.now(UTC)
        )

    def wake(self, name: str) -> None:
        """Run a tick as soon as it is free."""
        try:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))
        except JobLookupError:
            log.warning("no such tick", tick_name=name)

    def start(self) -> None:
        """Begin ticking, in threads of its own."""
        self._scheduler.start()

    def stop(self) -> None:
        """Let running ticks end, and tick no more."""
        self._scheduler.shutdown(wait=True)


def _guarded(name: str, tick: Tick) -> Callable[[], None]:
    def run() -> None:
        try:
            done = tick()
        except Exception as error:
            # Only the class: a database error may quote what a patient wrote.
            log.error("tick failed", tick_name=name, error_class=type(error).__name__)
        else:
            if done:
                log.info("tick", tick_name=name, done=done)

    return run
