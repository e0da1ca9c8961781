"""Where a storm happens: a database, the web that takes receipts, the carrier, and room for workers."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from config.settings import SHORTEST_QUIET
from postgres_launcher.launcher import Endpoints, LocalPostgres
from recovery.services.content.content import Content
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN
from tests.support.machine.postgres import postmaster
from tests.support.machine.processes import Processes
from tests.support.storms.carrier import StormCarrier
from tests.support.storms.storm_plan import Weather
from tests.support.storms.witness import Witness

PUBLIC_URL = "https://c.example"
DATABASE_BACK_SECONDS = 60.0
ANSWER = TypeVar("ANSWER")


@dataclass(kw_only=True)
class Scene:
    """Everything that lanes of workers share. `server` is there where the database may be crashed."""

    weather: Weather
    sessions: sessionmaker[Session]
    content: Content
    processes: Processes
    carrier: StormCarrier
    witness: Witness
    beyond: str
    folder: Path
    server: LocalPostgres | None = None
    said: Counter[str] = field(default_factory=Counter)
    crashing: threading.Lock = field(default_factory=threading.Lock)

    def crash_database(self, *, away: float) -> None:
        """Stop the server as `pg_ctl stop -m immediate` does, and start it again after `away` seconds."""
        assert self.server is not None
        with self.crashing:
            # What pg_ctl sends; the server's children are cut off in the middle of what they do.
            os.kill(postmaster(self.folder / "server"), signal.SIGQUIT)
            time.sleep(away)
            self.server.start()

    def asking(self, ask: Callable[[], ANSWER]) -> ANSWER:
        """The database's answer, asked again while it is away."""
        end = time.monotonic() + DATABASE_BACK_SECONDS
        while True:
            try:
                return ask()
            except DBAPIError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)


def environment(weather: Weather, *, carrier: str) -> dict[str, str]:
    """What web and workers know: the settings of a clinic's installation, with the shortest waits allowed."""
    return {
        "SMS_GATEWAY": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_FROM": "+15005550006",
        "TWILIO_API_BASE": carrier,
        "PUBLIC_URL": PUBLIC_URL,
        "SMS_RATE": str(weather.rate),
        "SMS_QUIET_SECONDS": str(SHORTEST_QUIET),
        "SMS_SWEEP_SECONDS": str(weather.sweep),
    }


@contextmanager
def own_server(folder: Path, *, settings: dict[str, str]) -> Iterator[tuple[LocalPostgres, Endpoints]]:
    """A PostgreSQL that keeps what it promised through a crash, for one storm."""
    folder.mkdir(mode=0o711)
    server = LocalPostgres(data_dir=folder, settings=settings)
    try:
        yield server, server.start()
    finally:
        server.stop()
