"""When each tick runs, never beside itself, woken early, after clock changes: the one module that knows
APScheduler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from worker.clock import boot_time

log = structlog.get_logger()

CLOCK_SLACK = 1.0
"""Seconds: a clock set back by less delays no tick worth a word."""

Tick = Callable[[], int]


class TickSchedule:
    """Named ticks at their intervals, each never beside itself, and waking one early."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            # Two instances: a second run returns at once, and APScheduler counts one that has just ended.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 2},
        )
        self._ticks: dict[str, _TickRunner] = {}
        self._stopping = threading.Event()
        self._ahead = _clock_ahead()

    def add_tick(self, seconds: float, *, name: str, tick: Tick) -> None:
        """Run a tick now and then at this interval. One that fails is logged and runs again."""
        self._ticks[name] = _TickRunner(name=name, tick=tick, stopping=self._stopping)
        self._scheduler.add_job(
            self._ticks[name].run, "interval", seconds=seconds, id=name, next_run_time=datetime.now(UTC)
        )

    def wake(self, name: str) -> None:
        """Run a tick as soon as it is free: at once, or once more after the run that is under way."""
        if self._ticks[name].want() and not self._stopping.is_set():
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def run_after_clock_change(self) -> None:
        """Run every tick now if the machine's clock was set back; the scheduler goes by it and would wait."""
        before, self._ahead = self._ahead, _clock_ahead()
        if self._ahead < before - CLOCK_SLACK:
            log.warning("clock set back", seconds=round(before - self._ahead))
            for name, ticking in self._ticks.items():
                # Also where a run is under way: its next one stands in the plan by the clock as it was.
                ticking.want()
                self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def start(self) -> None:
        """Begin ticking, in threads of its own."""
        self._scheduler.start()

    def stop(self) -> None:
        """Let running ticks end, and tick no more."""
        self._stopping.set()
        for ticking in self._ticks.values():
            # Before the scheduler shuts down: it then holds a lock that a tick waking another one wants.
            ticking.wait_until_idle()
        self._scheduler.shutdown(wait=True)


def _clock_ahead() -> float:
    """How many seconds the machine's clock is ahead of the one that nobody sets."""
    return datetime.now(UTC).timestamp() - boot_time()


class _TickRunner:
    """One tick as it runs, never beside itself."""

    def __init__(self, *, name: str, tick: Tick, stopping: threading.Event) -> None:
        self._name = name
        self._tick = tick
        self._stopping = stopping
        self._state = threading.Condition()
        self._running = False
        self._wanted = False

    def want(self) -> bool:
        """Ask for a run; whether one has to begin, because none is under way to be followed by it."""
        with self._state:
            self._wanted = True
            return not self._running

    def run(self) -> None:
        """Run, and again as long as somebody asked for it meanwhile."""
        with self._state:
            if self._running:
                return
            self._running = self._wanted = True
        while self._goes_on():
            self._run_once()

    def wait_until_idle(self) -> None:
        """Wait for a run that is under way; once stopping, none begins after it."""
        with self._state:
            self._state.wait_for(lambda: not self._running)

    def _goes_on(self) -> bool:
        with self._state:
            if self._wanted and not self._stopping.is_set():
                self._wanted = False
            else:
                self._running = False
                self._state.notify_all()
            return self._running

    def _run_once(self) -> None:
        try:
            done = self._tick()
        except Exception as error:
            # Only the class: a database error may quote what a patient wrote.
            log.error("tick failed", tick_name=self._name, error_class=type(error).__name__)
        else:
            if done:
                log.info("tick", tick_name=self._name, done=done)
