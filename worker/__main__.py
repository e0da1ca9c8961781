"""`python -m worker`: reviews what was reported and sends the texts. Any number may run side by side."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import sys
import threading
import uuid

import structlog
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from config import content as content_files
from config import database, logging
from config import settings as configuration
from config.local_postgres import CannotStart
from config.settings import Settings
from recovery.services import content, workers
from recovery.services.delivery import Wording
from recovery.services.reports import REVIEW_CHANNEL
from recovery.sms.port import Gateway
from worker import gateways, ticks
from worker.schedule import Schedule
from worker.ticks import Duties

log = structlog.get_logger()

REVIEW_SECONDS = 3.0
SEND_SECONDS = 1.0
HEARTBEAT_SECONDS = 5.0
SILENCE_SECONDS = 60.0
LISTEN_SECONDS = 1.0
RECONNECT_SECONDS = 2.0


def main() -> int:
    """Work until told to stop. Settings or a database that cannot be used are said plainly."""
    try:
        settings = configuration.load()
        logging.configure(level=settings.log_level)
        with database.opened(settings) as urls:
            return _run(settings, urls.worker)
    except (configuration.SettingsError, CannotStart) as error:
        print(error, file=sys.stderr)  # noqa: T201  (before or instead of logs)
        return 2


def _run(settings: Settings, url: str) -> int:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    engine = create_engine(
        url,
        pool_size=ticks.SENDERS + 4,
        max_overflow=4,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 3,
            "application_name": "afterglow-worker",
            "options": "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=10s",
        },
    )
    gateway = gateways.made_of(settings)
    wording = Wording(
        content=content.understand(**dataclasses.asdict(content_files.read())), links_at=settings.links_at
    )
    while not stopping.is_set():
        try:
            _live(engine, gateway, wording, rate=gateways.rate_of(settings), stopping=stopping)
        except DBAPIError as error:
            log.error("database away", error_class=type(error).__name__)
            stopping.wait(RECONNECT_SECONDS)
    gateway.close()
    engine.dispose()
    return 0


def _live(
    engine: Engine, gateway: Gateway, wording: Wording, *, rate: float, stopping: threading.Event
) -> None:
    """One life: as long as one database session holds this worker's lock."""
    sessions = sessionmaker(engine, expire_on_commit=False)
    duties = Duties(
        sessions=sessions,
        gateway=gateway,
        wording=wording,
        worker_id=uuid.uuid4(),
        rate=rate,
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as life:
        _begin(sessions, life, duties)
        schedule = _schedule(duties)
        schedule.start()
        log.info("worker started", worker=str(duties.worker_id))
        try:
            _listen(life, schedule, stopping=stopping)
        finally:
            duties.stopping.set()
            schedule.stop()
        with sessions.begin() as session:
            workers.say_goodbye(session, worker_id=duties.worker_id, now=ticks.database_now(session))
    log.info("worker stopped", worker=str(duties.worker_id))


def _begin(sessions: sessionmaker[Session], life: Connection, duties: Duties) -> None:
    with sessions.begin() as session:
        lock_key = workers.register(
            session,
            worker_id=duties.worker_id,
            host=socket.gethostname(),
            pid=os.getpid(),
            now=ticks.database_now(session),
        )
        # Before the row can be seen: a worker without its lock would be taken for dead.
        workers.hold_life_lock(life, lock_key)


def _schedule(duties: Duties) -> Schedule:
    schedule = Schedule()

    def review() -> int:
        taken = ticks.review_reports(duties)
        if taken:
            schedule.wake("send")
        return taken

    def send() -> int:
        return ticks.send_due_texts(duties)

    schedule.every(REVIEW_SECONDS, "review", review)
    schedule.every(SEND_SECONDS, "send", send)
    schedule.every(SILENCE_SECONDS, "silence", lambda: ticks.follow_up_silence(duties))
    schedule.every(HEARTBEAT_SECONDS, "heartbeat", lambda: ticks.heartbeat(duties))
    return schedule


def _listen(life: Connection, schedule: Schedule, *, stopping: threading.Event) -> None:
    """Wake the review when a report was put; raises DBAPIError when the session is lost."""
    life.execute(text(f"LISTEN {REVIEW_CHANNEL}"))
    driver = life.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    while not stopping.is_set():
        for _ in driver.notifies(timeout=LISTEN_SECONDS, stop_after=1):
            schedule.wake("review")
        life.execute(text("SELECT 1"))


if __name__ == "__main__":
    sys.exit(main())
