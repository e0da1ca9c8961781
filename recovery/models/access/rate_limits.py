"""Counts of tries, a row for each kind of try and whoever tries, until its window ends; counted in one
statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, case, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base

FORGOTTEN_AT_ONCE = 20


class TryCount(Base):
    """Tries of one kind by one number, address or account until a window ends.

    Not logged: a crash of the database forgets the counts, and nothing else depends on them.
    """

    __tablename__ = "try_count"
    __table_args__ = (Index("ix_try_count_ends_at", "ends_at"), {"prefixes": ["UNLOGGED"]})

    what: Mapped[str] = mapped_column(primary_key=True)
    who: Mapped[bytes] = mapped_column(primary_key=True)
    tries: Mapped[int]
    ends_at: Mapped[datetime]


@dataclass(frozen=True, kw_only=True, order=True)
class CounterKey:
    """What is counted; `who` is the SHA-256 of a number, address or account."""

    what: str
    who: bytes


def count_tries(
    session: Session, windows: dict[CounterKey, datetime], *, now: datetime
) -> dict[CounterKey, TryCount]:
    """Count one try under each key; the counts with it. A window that is over begins anew, to end as given.

    One statement that takes its rows in one order: parallel tries each see their own number, and no two
    wait for each other.
    """
    rows = [
        {"what": key.what, "who": key.who, "tries": 1, "ends_at": windows[key]} for key in sorted(windows)
    ]
    counting = insert(TryCount).values(rows)
    over = TryCount.ends_at <= now
    counted = counting.on_conflict_do_update(
        index_elements=[TryCount.what, TryCount.who],
        set_={
            "tries": case((over, 1), else_=TryCount.tries + 1),
            "ends_at": case((over, counting.excluded.ends_at), else_=TryCount.ends_at),
        },
    ).returning(TryCount)
    counts = session.scalars(counted.execution_options(populate_existing=True))
    return {CounterKey(what=row.what, who=row.who): row for row in counts}


def current_count(session: Session, key: CounterKey, *, now: datetime) -> int:
    """The count under a key as it stands."""
    own = select(TryCount.tries).where(
        TryCount.what == key.what, TryCount.who == key.who, TryCount.ends_at > now
    )
    return session.scalar(own) or 0


def uncount_tries(session: Session, keys: Sequence[CounterKey]) -> None:
    """One try under each key does not count; the rows are taken in the order in which they are counted."""
    place = tuple_(TryCount.what, TryCount.who)
    own = (
        select(TryCount.what, TryCount.who)
        .where(place.in_([(key.what, key.who) for key in keys]), TryCount.tries > 0)
        .order_by(TryCount.what, TryCount.who)
        .with_for_update()
    )
    session.execute(update(TryCount).where(place.in_(own)).values(tries=TryCount.tries - 1))


def delete_expired(session: Session, *, now: datetime) -> None:
    """Clear away some counts whose window is over."""
    old = (
        select(TryCount.what, TryCount.who)
        .where(TryCount.ends_at <= now)
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(TryCount).where(tuple_(TryCount.what, TryCount.who).in_(old)))
