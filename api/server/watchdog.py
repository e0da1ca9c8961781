"""A thread of the web that monitors the worker: with the only worker dead, nobody else is left to say so."""

from __future__ import annotations

import threading

import structlog
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker

from operations import monitoring_round
from operations.notifiers import Notifiers

log = structlog.get_logger()


class Watchdog:
    """A thread that goes its rounds for as long as the process lives, on a connection of its own."""

    def __init__(
        self, *, database_url: str, outlets: Notifiers, seconds: float = monitoring_round.SECONDS
    ) -> None:
        self._engine = create_engine(
            database_url,
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                "connect_timeout": 3,
                "application_name": "afterglow-watchdog",
                "options": "-c timezone=UTC -c statement_timeout=10s -c lock_timeout=4s",
            },
        )
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        self._outlets = outlets
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin; the first round comes after a wait, so that a worker started beside us is up by then."""
        self._thread.start()

    def stop(self) -> None:
        """End the round under way and go no more."""
        self._stopping.set()
        self._thread.join()
        self._engine.dispose()

    def _go(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                monitoring_round.run_round(self._sessions, self._outlets)
            except DBAPIError as error:
                # The heartbeat of the workers stays away then too, and its watcher tells.
                log.error("database away", error_class=type(error).__name__)
            except Exception as error:
                log.error("round failed", error_class=type(error).__name__)
