"""Rows of the codes that replace a staff member's second factor for once: kept as digests, spent, counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.clinic.clinics import Staff
from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference


class RecoveryCode(Base):
    """One code in place of a second factor, spent once; only its SHA-256 is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (clinic_reference(), clinic_foreign_key("staff_id", "staff"))

    clinic_id: Mapped[UUID] = clinic_key()
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


def replace(session: Session, member: Staff, hashes: Sequence[bytes], *, now: datetime) -> None:
    """From here on these codes hold for someone, and none from before."""
    session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.clinic_id == member.clinic_id,
            RecoveryCode.staff_id == member.id,
            RecoveryCode.spent_at.is_(None),
        )
        .values(spent_at=now)
    )
    session.add_all(
        RecoveryCode(clinic_id=member.clinic_id, staff_id=member.id, code_hash=code_hash, created_at=now)
        for code_hash in hashes
    )
    session.flush()


def use_code(session: Session, member: Staff, code_hash: bytes, *, now: datetime) -> bool:
    """Whether this is an unspent code of theirs, which it is no longer; of two at once one gets it."""
    spent = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.clinic_id == member.clinic_id,
            RecoveryCode.staff_id == member.id,
            RecoveryCode.code_hash == code_hash,
            RecoveryCode.spent_at.is_(None),
        )
        .values(spent_at=now)
        .returning(RecoveryCode.code_hash)
    )
    return spent.one_or_none() is not None


def count_unspent(session: Session, clinic_id: UUID, staff_id: UUID) -> int:
    """How many unspent codes someone has."""
    counted = select(func.count()).where(
        RecoveryCode.clinic_id == clinic_id,
        RecoveryCode.staff_id == staff_id,
        RecoveryCode.spent_at.is_(None),
    )
    return session.scalar(counted) or 0
