"""Rows of the links by which somebody of the staff chooses a password: by their digest, and until when they
open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.clinic.clinics import Staff
from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference, own_key


class StaffInvitation(Base):
    """A one-time way in for somebody of the staff; only the token's SHA-256 is kept.

    `signs_in` opens a session without a password: a demonstration's alone.
    """

    __tablename__ = "staff_invitation"
    __table_args__ = (clinic_reference(), clinic_foreign_key("staff_id", "staff"))

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    staff_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    signs_in: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


def end_unspent(session: Session, member: Staff, *, now: datetime) -> None:
    """None of somebody's links opens anything from here on."""
    session.execute(
        update(StaffInvitation)
        .where(
            StaffInvitation.clinic_id == member.clinic_id,
            StaffInvitation.staff_id == member.id,
            StaffInvitation.spent_at.is_(None),
        )
        .values(spent_at=now)
    )


def get_for_update(session: Session, token_hash: bytes) -> tuple[StaffInvitation, Staff] | None:
    """The link under this token and whose it is, both locked until the transaction ends."""
    row = session.execute(
        select(StaffInvitation, Staff)
        .join(Staff, (Staff.clinic_id == StaffInvitation.clinic_id) & (Staff.id == StaffInvitation.staff_id))
        .where(StaffInvitation.token_hash == token_hash)
        .with_for_update()
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def open_until_by_member(session: Session, clinic_id: UUID, *, now: datetime) -> dict[UUID, datetime]:
    """Until when somebody's link is open, for everyone of a clinic who has one."""
    rows = session.execute(
        select(StaffInvitation.staff_id, StaffInvitation.expires_at).where(
            StaffInvitation.clinic_id == clinic_id,
            StaffInvitation.spent_at.is_(None),
            StaffInvitation.expires_at > now,
        )
    )
    return {row[0]: row[1] for row in rows}
