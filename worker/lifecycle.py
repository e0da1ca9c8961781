"""One life of a worker, as long as one database session holds its lock: its ticks scheduled, listening for
reports, stopping."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session, sessionmaker

from operations import monitoring_round, worker_registry
from operations.notifiers import Notifiers
from recovery.services.messaging.outbox import RenderContext
from recovery.services.reports.reports import REVIEW_CHANNEL
from recovery.sms.gateway_interface import Gateway, RecordLookup
from worker import ticks
from worker.clock import database_now
from worker.context import LookupDelays, WorkerContext
from worker.schedule import TickSchedule
from worker.sender import Sender

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class TickIntervals:
    """Seconds between the ticks, and between two looks at whether the life's session still stands."""

    review: float = 3.0
    send: float = 1.0
    codes: float = 1.0
    heartbeat: float = 5.0
    doubt: float = 5.0
    sweep: float = 20.0
    silence: float = 60.0
    escalate: float = 5.0
    late: float = 30.0
    practice: float = 5.0
    figures: float = 60.0
    follow: float = 5.0
    watch: float = monitoring_round.SECONDS
    outside: float = monitoring_round.HEARTBEAT_SECONDS
    listen: float = 1.0


def run_lifecycle(
    engine: Engine,
    *,
    gateway: Gateway,
    ledger: RecordLookup | None,
    account: str,
    wording: RenderContext,
    rate: float,
    waits: LookupDelays,
    stopping: threading.Event,
    outlets: Notifiers | None = None,
    pace: TickIntervals | None = None,
) -> None:
    """Work until told to stop, then finish leased texts and mark the worker stopped.

    Raises DBAPIError or psycopg's OperationalError when the session is lost; this worker is then dead to
    the others, and a next life is another worker.
    """
    pace = pace or TickIntervals()
    sessions = sessionmaker(engine, expire_on_commit=False)
    duties = WorkerContext(
        sessions=sessions,
        gateway=gateway,
        ledger=ledger,
        account=account,
        wording=wording,
        worker_id=uuid.uuid4(),
        rate=rate,
        waits=waits,
        outlets=outlets,
    )
    sender = Sender(duties)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as life:
        try:
            _begin(sessions, life, duties)
            schedule = _schedule(duties, sender, pace=pace)
            schedule.start()
            log.info("worker started", worker=str(duties.worker_id))
            try:
                _listen(life, schedule, stopping=stopping, pace=pace)
            finally:
                duties.stopping.set()
                schedule.stop()
                sender.close()
            with sessions.begin() as session:
                worker_registry.mark_stopped(session, worker_id=duties.worker_id, now=database_now(session))
        finally:
            # Close instead of returning to the pool: a pooled session would keep the lock.
            life.invalidate()
    log.info("worker stopped", worker=str(duties.worker_id))


def _begin(sessions: sessionmaker[Session], life: Connection, duties: WorkerContext) -> None:
    with sessions.begin() as session:
        lock_key = worker_registry.register(
            session,
            worker_id=duties.worker_id,
            host=socket.gethostname(),
            pid=os.getpid(),
            now=database_now(session),
        )
        # Before the row can be seen: a worker without its lock would be taken for dead.
        worker_registry.hold_liveness_lock(life, lock_key)


def _schedule(duties: WorkerContext, sender: Sender, *, pace: TickIntervals) -> TickSchedule:
    schedule = TickSchedule()

    def send_now() -> None:
        sender.wake()
        schedule.wake("send")

    def review() -> int:
        return ticks.review_reports(duties, after_each=send_now)

    def make_codes() -> int:
        asked = ticks.make_codes(duties)
        if asked:
            send_now()
        return asked

    schedule.add_tick(pace.review, name="review", tick=review)
    schedule.add_tick(pace.codes, name="codes", tick=make_codes)
    schedule.add_tick(pace.send, name="send", tick=sender.send_due)
    schedule.add_tick(pace.doubt, name="doubt", tick=lambda: ticks.settle_unconfirmed(duties))
    schedule.add_tick(pace.sweep, name="sweep", tick=lambda: ticks.recover_receipts(duties))
    schedule.add_tick(pace.silence, name="silence", tick=lambda: ticks.follow_up_silence(duties))
    schedule.add_tick(pace.escalate, name="escalate", tick=lambda: ticks.escalate_flags(duties))
    schedule.add_tick(pace.escalate, name="put aside", tick=lambda: ticks.bring_put_aside(duties))
    schedule.add_tick(pace.late, name="late promises", tick=lambda: ticks.tell_late_promises(duties))
    schedule.add_tick(pace.practice, name="practice", tick=lambda: ticks.advance_training_weeks(duties))
    schedule.add_tick(pace.figures, name="figures", tick=lambda: ticks.keep_figures(duties))
    schedule.add_tick(pace.follow, name="follow", tick=lambda: ticks.follow_signed_content(duties))
    schedule.add_tick(pace.watch, name="watch", tick=lambda: ticks.notify_operators(duties))
    schedule.add_tick(pace.outside, name="outside", tick=lambda: ticks.call_heartbeat(duties))
    schedule.add_tick(pace.heartbeat, name="heartbeat", tick=lambda: ticks.record_heartbeat(duties))
    return schedule


def _listen(
    life: Connection, schedule: TickSchedule, *, stopping: threading.Event, pace: TickIntervals
) -> None:
    """Wake the review when a report was put."""
    life.execute(text(f"LISTEN {REVIEW_CHANNEL}"))
    driver = life.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    while not stopping.is_set():
        for _ in driver.notifies(timeout=pace.listen, stop_after=1):
            schedule.wake("review")
        life.execute(text("SELECT 1"))
        schedule.run_after_clock_change()
