"""Rows of signatures: what a medical director has signed, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference, own_key
from recovery.models.core.signed_content import ContentBundle


class ContentSignature(Base):
    """One signature under everything a patient is judged by and reads. Rows are added, never changed.

    `digest` is the SHA-256 of what was signed, `bundle` the same where it is kept whole. `signed` are the
    texts by name of signatures from before that.
    """

    __tablename__ = "content_signature"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("signed_by", "staff"),
        Index("ix_content_signature_newest", "clinic_id", "signed_at"),
        CheckConstraint("(signed IS NULL) <> (bundle IS NULL)", name="kept_one_way"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    protocol: Mapped[str]
    digest: Mapped[bytes]
    signed: Mapped[dict[str, Any] | None]
    bundle: Mapped[bytes | None] = mapped_column(ForeignKey(ContentBundle.digest))
    signed_at: Mapped[datetime]
    signed_by: Mapped[UUID]


def get_newest(session: Session, clinic_id: UUID) -> ContentSignature | None:
    """The last signature, whether or not it still holds."""
    return next(iter(list_signatures(session, clinic_id, limit=1)), None)


def list_signatures(session: Session, clinic_id: UUID, *, limit: int) -> Sequence[ContentSignature]:
    """Signatures, newest first."""
    own = select(ContentSignature).where(ContentSignature.clinic_id == clinic_id)
    return session.scalars(own.order_by(ContentSignature.signed_at.desc()).limit(limit)).all()
