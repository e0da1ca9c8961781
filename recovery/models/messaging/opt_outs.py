"""Rows of the numbers that asked a clinic for no more texts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, clinic_key, clinic_reference


class OptOut(Base):
    """A number that asked for no more texts, for everyone on it; ended only by the patient."""

    __tablename__ = "opt_out"
    __table_args__ = (clinic_reference(),)

    clinic_id: Mapped[UUID] = clinic_key()
    phone: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    how: Mapped[str]


def insert_opt_out(session: Session, *, clinic_id: UUID, phone: str, how: str, now: datetime) -> None:
    """From here on this clinic texts nobody on this number; the first date stands."""
    row = insert(OptOut).values(clinic_id=clinic_id, phone=phone, how=how, since=now)
    session.execute(row.on_conflict_do_nothing())


def get_opt_out(session: Session, *, clinic_id: UUID, phone: str) -> OptOut | None:
    """When this number asked this clinic for no more texts, or None."""
    return session.get(OptOut, (clinic_id, phone))


def opted_out_numbers(session: Session, phones: Collection[str]) -> frozenset[tuple[UUID, str]]:
    """Which clinics may not text which of these numbers."""
    if not phones:
        return frozenset()
    rows = session.execute(select(OptOut.clinic_id, OptOut.phone).where(OptOut.phone.in_(phones)))
    return frozenset((row[0], row[1]) for row in rows)


def end_opt_outs(session: Session, *, phone: str, clinic_id: UUID | None = None) -> Sequence[UUID]:
    """Every clinic, or the one named, may text this number again; the clinics that could not."""
    again = delete(OptOut).where(OptOut.phone == phone)
    if clinic_id is not None:
        again = again.where(OptOut.clinic_id == clinic_id)
    return session.scalars(again.returning(OptOut.clinic_id)).all()
