"""Rows of what was taken back at once, before anybody signed anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference, own_key
from recovery.models.core.signed_content import ContentBundle


class ContentWithdrawal(Base):
    """One text or version that went back to a form that was signed before. Rows are added, never changed.

    `before` and `after` are the bundles that the clinic ran on; both are empty for what never ran.
    """

    __tablename__ = "content_withdrawal"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("withdrawn_by", "staff"),
        Index("ix_content_withdrawal_newest", "clinic_id", "withdrawn_at"),
        Index("ix_content_withdrawal_withdrawn_at", "withdrawn_at"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    part: Mapped[str]
    before: Mapped[bytes | None] = mapped_column(ForeignKey(ContentBundle.digest))
    after: Mapped[bytes | None] = mapped_column(ForeignKey(ContentBundle.digest))
    because: Mapped[str]
    withdrawn_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None]


def list_newest(session: Session, clinic_id: UUID, *, limit: int) -> Sequence[ContentWithdrawal]:
    """A clinic's, newest first."""
    own = select(ContentWithdrawal).where(ContentWithdrawal.clinic_id == clinic_id)
    return session.scalars(own.order_by(ContentWithdrawal.withdrawn_at.desc()).limit(limit)).all()


def list_of_part(session: Session, clinic_id: UUID, part: str) -> Sequence[ContentWithdrawal]:
    """Those of one part, oldest first."""
    own = select(ContentWithdrawal).where(
        ContentWithdrawal.clinic_id == clinic_id, ContentWithdrawal.part == part
    )
    return session.scalars(own.order_by(ContentWithdrawal.withdrawn_at)).all()


def list_since(session: Session, *, since: datetime, limit: int) -> Sequence[ContentWithdrawal]:
    """Those of every clinic since a moment, newest first."""
    recent = select(ContentWithdrawal).where(ContentWithdrawal.withdrawn_at >= since)
    return session.scalars(recent.order_by(ContentWithdrawal.withdrawn_at.desc()).limit(limit)).all()
