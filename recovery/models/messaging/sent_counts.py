"""How many texts each worker has sent for each clinic in each of its local days: added to by the lease, taken
back for what never left.

A count over the texts themselves would grow with what a clinic sends, on the one path that must not wait;
a row shared by all workers would make them wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import Date, Integer, Table, Uuid, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.array_parameters import array_table, array_values
from recovery.models.core.base import Base, clinic_key, clinic_reference


class SentCount(Base):
    """What one worker sent for one clinic in one local day: all it claimed, less what certainly never left.

    What is taken back may be more than the day has, so a count can be negative; the sum is what counts.
    """

    __tablename__ = "sent_count"
    __table_args__ = (clinic_reference(),)

    clinic_id: Mapped[UUID] = clinic_key()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    worker_id: Mapped[UUID] = mapped_column(primary_key=True)
    texts: Mapped[int]


_sent = cast(Table, SentCount.__table__)
_given = array_table("given", clinic_id=Uuid(), day=Date(), worker_id=Uuid(), texts=Integer())
_MORE = insert(_sent).from_select(["clinic_id", "day", "worker_id", "texts"], select(*_given.c))
_COUNT = _MORE.on_conflict_do_update(
    index_elements=["clinic_id", "day", "worker_id"], set_={"texts": _sent.c.texts + _MORE.excluded.texts}
)


def add_counts(session: Session, texts: Mapping[tuple[UUID, date, UUID], int]) -> None:
    """Add to what a worker sent for a clinic on a day; less than nothing takes back.

    Locks the rows, in one order, until the transaction ends: the last thing a transaction does.
    """
    rows = [(*key, more) for key, more in sorted(texts.items()) if more]
    if rows:
        session.execute(_COUNT, array_values(_given, rows))
