"""Rows of the staff's phones: the code sent to each, its tries, since when it is proved; a clinic in training
texts only these."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference


class StaffPhone(Base):
    """The phone of one member of staff. It is theirs once its code has come back: `proved_at`.

    `code_hash` waits until `code_until`; `tries` counts the codes that were wrong.
    """

    __tablename__ = "staff_phone"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("staff_id", "staff"),
        Index("ix_staff_phone_proved", "clinic_id", "phone", postgresql_where=text("proved_at IS NOT NULL")),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    phone: Mapped[str]
    code_hash: Mapped[str | None]
    code_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    proved_at: Mapped[datetime | None]


def proved_numbers(session: Session, clinic_id: UUID) -> frozenset[str]:
    """The numbers that staff of this clinic proved to be theirs."""
    theirs = select(StaffPhone.phone).where(
        StaffPhone.clinic_id == clinic_id, StaffPhone.proved_at.is_not(None)
    )
    return frozenset(session.scalars(theirs))


def get_for_update(session: Session, clinic_id: UUID, staff_id: UUID) -> StaffPhone | None:
    """The phone of one member of staff, locked until the transaction ends."""
    return session.get(StaffPhone, (clinic_id, staff_id), with_for_update=True, populate_existing=True)


def count_try(session: Session, clinic_id: UUID, staff_id: UUID, *, most: int, now: datetime) -> str | None:
    """Take one of the tries of the code; its hash, None where no try is left or no code stands.

    One statement: parallel guesses cannot see the same count.
    """
    counted = (
        update(StaffPhone)
        .where(
            StaffPhone.clinic_id == clinic_id,
            StaffPhone.staff_id == staff_id,
            StaffPhone.code_hash.is_not(None),
            StaffPhone.code_until > now,
            StaffPhone.tries < most,
        )
        .values(tries=StaffPhone.tries + 1)
        .returning(StaffPhone.code_hash)
    )
    return session.scalar(counted)


def get_for_member(session: Session, clinic_id: UUID, staff_id: UUID) -> StaffPhone | None:
    """The phone of one member of staff, None where none was named."""
    return session.get(StaffPhone, (clinic_id, staff_id))
