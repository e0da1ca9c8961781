"""Rows of workers: which run, since when, and which are dead, by the lock that each holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base


class Worker(Base):
    """One worker process. It lives as long as its database session holds `lock_key`, not by a clock."""

    __tablename__ = "worker"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    lock_key: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


def list_unstopped(session: Session) -> Sequence[Worker]:
    """Workers that did not stop cleanly: running or killed."""
    return session.scalars(
        select(Worker).where(Worker.stopped_at.is_(None)).order_by(Worker.started_at)
    ).all()


def get_dead_for_update(session: Session, worker_id: UUID) -> Worker | None:
    """The worker, locked for cleanup; None if it stopped or still has an open transaction."""
    wanted = select(Worker).where(Worker.id == worker_id, Worker.stopped_at.is_(None))
    return session.scalars(
        wanted.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).one_or_none()


def guard_from_cleanup(session: Session, worker_id: UUID) -> bool:
    """Whether the worker still runs; keeps others from cleaning up after it until this transaction ends."""
    wanted = select(Worker.id).where(Worker.id == worker_id, Worker.stopped_at.is_(None))
    return session.scalar(wanted.with_for_update(read=True, key_share=True)) is not None


def is_alive(session: Session, lock_key: int) -> bool:
    """Whether some session holds the worker's lock.

    Tries the lock for the length of this transaction; a lock that can be had belongs to nobody.
    """
    return not session.scalar(select(func.pg_try_advisory_xact_lock(lock_key)))


def last_heartbeat_at(session: Session) -> datetime | None:
    """When any worker was last heard of."""
    return session.scalar(select(func.max(Worker.beat_at)))


def count_heard_since(session: Session, moment: datetime) -> int:
    """How many workers have not stopped and were heard of since."""
    counted = select(func.count()).where(Worker.stopped_at.is_(None), Worker.beat_at >= moment)
    return session.scalar(counted) or 0
