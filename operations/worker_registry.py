"""Workers registered, their locks and heartbeats; the texts that a dead one had leased made unconfirmed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from recovery.models.messaging import messages
from recovery.models.operations import workers
from recovery.models.operations.workers import Worker

WORKER_DIED = "the worker that held it died"
LEFT_IN_HAND = "handing it over failed half-way"


@dataclass(frozen=True, kw_only=True)
class WorkerStatus:
    """One worker as `manage.py worker status` shows it."""

    id: UUID
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime
    alive: bool


def register(session: Session, *, worker_id: UUID, host: str, pid: int, now: datetime) -> int:
    """A row for this process; the key of the lock that says it lives."""
    worker = Worker(id=worker_id, host=host, pid=pid, started_at=now, beat_at=now)
    session.add(worker)
    session.flush()
    return worker.lock_key


def hold_liveness_lock(connection: Connection, lock_key: int) -> None:
    """Hold the liveness lock on this connection; the database frees it when the connection ends."""
    connection.execute(select(func.pg_advisory_lock(lock_key)))


def record_heartbeat(session: Session, *, worker_id: UUID, now: datetime) -> None:
    """Say that the worker was here."""
    worker = session.get_one(Worker, worker_id)
    worker.beat_at = now


def may_lease(session: Session, *, worker_id: UUID, now: datetime, in_hand: Collection[str] = ()) -> bool:
    """Whether the worker may lease texts in this transaction: not if another worker declared it dead.

    `in_hand` are the references of the texts it has. What else it is said to have was left there by a
    hand-over that failed half-way, so it may have gone out and becomes `in_doubt`.
    """
    if not workers.guard_from_cleanup(session, worker_id):
        return False
    messages.mark_unconfirmed(session, worker_id, but=in_hand, reason=LEFT_IN_HAND, now=now)
    return True


def mark_stopped(session: Session, *, worker_id: UUID, now: datetime) -> None:
    """A worker that stopped cleanly has no leased texts; what a failed hand-over left becomes `in_doubt`."""
    messages.mark_unconfirmed(session, worker_id, reason=LEFT_IN_HAND, now=now)
    worker = session.get_one(Worker, worker_id)
    worker.stopped_at = now


def recover_from_dead(session: Session, *, now: datetime) -> int:
    """Texts leased by dead workers become `in_doubt`; how many did.

    A worker is dead when nobody holds its lock, so a paused one is not, and no clock decides. One whose
    last transaction the database is still ending is left for the next time: it may bring more texts.
    """
    doubted = 0
    for worker in workers.list_unstopped(session):
        if workers.is_alive(session, worker.lock_key):
            continue
        dead = workers.get_dead_for_update(session, worker.id)
        if dead is not None:
            doubted += messages.mark_unconfirmed(session, dead.id, reason=WORKER_DIED, now=now)
            dead.stopped_at = now
    return doubted


def list_statuses(session: Session) -> list[WorkerStatus]:
    """Every worker that did not stop cleanly, and whether it is alive."""
    return [
        WorkerStatus(
            id=worker.id,
            host=worker.host,
            pid=worker.pid,
            started_at=worker.started_at,
            beat_at=worker.beat_at,
            alive=workers.is_alive(session, worker.lock_key),
        )
        for worker in workers.list_unstopped(session)
    ]


def count_alive(session: Session, *, now: datetime) -> int:
    """How many workers share the sender's rate: those that were heard of in the last quarter minute."""
    return workers.count_heard_since(session, now - timedelta(seconds=15))
