"""Which workers run, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.base import Base


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


def unstopped(session: Session) -> Sequence[Worker]:
    """Workers that have not said goodbye: running, or killed."""
    return session.scalars(
        select(Worker).where(Worker.stopped_at.is_(None)).order_by(Worker.started_at)
    ).all()


def is_alive(session: Session, lock_key: int) -> bool:
    """Whether some session holds the worker's lock.

    Tries the lock for the length of this transaction; a lock that can be had belongs to nobody.
    """
    return not session.scalar(select(func.pg_try_advisory_xact_lock(lock_key)))


def last_beat(session: Session) -> datetime | None:
    """When any worker was last heard of."""
    return session.scalar(select(func.max(Worker.beat_at)))
