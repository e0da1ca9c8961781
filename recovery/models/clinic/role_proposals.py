"""Rows of roles that one person proposed and another has to confirm: open, decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.clinic.staff_roles import Role
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)


class RoleProposal(Base):
    """A role for somebody of the staff. Open until it is decided; at most one is open for a person."""

    __tablename__ = "role_proposal"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("staff_id", "staff"),
        clinic_foreign_key("proposed_by", "staff"),
        clinic_foreign_key("decided_by", "staff"),
        CheckConstraint("(decided_at IS NULL) = (accepted IS NULL)", name="decided_one_way"),
        CheckConstraint("decided_by <> proposed_by OR NOT accepted", name="two_persons"),
        Index(
            "uq_role_proposal_open",
            "clinic_id",
            "staff_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index("ix_role_proposal_decided_at", "decided_at"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    staff_id: Mapped[UUID]
    role: Mapped[Role] = mapped_column(enum_column(Role, "role"))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    accepted: Mapped[bool | None]


def get_for_update(session: Session, clinic_id: UUID, proposal_id: UUID) -> RoleProposal | None:
    """One proposal, locked until the transaction ends."""
    return session.get(RoleProposal, (clinic_id, proposal_id), with_for_update=True, populate_existing=True)


def get_open(session: Session, clinic_id: UUID, staff_id: UUID) -> RoleProposal | None:
    """What is proposed for somebody and waits."""
    own = select(RoleProposal).where(
        RoleProposal.clinic_id == clinic_id,
        RoleProposal.staff_id == staff_id,
        RoleProposal.decided_at.is_(None),
    )
    return session.scalars(own).one_or_none()


def list_open(session: Session, clinic_id: UUID) -> Sequence[RoleProposal]:
    """What waits in a clinic, oldest first."""
    own = select(RoleProposal).where(RoleProposal.clinic_id == clinic_id, RoleProposal.decided_at.is_(None))
    return session.scalars(own.order_by(RoleProposal.id)).all()


def list_news(session: Session, *, since: datetime, limit: int) -> Sequence[RoleProposal]:
    """Of every clinic: what waits, and what was decided since a moment."""
    news = select(RoleProposal).where(
        or_(RoleProposal.decided_at.is_(None), RoleProposal.decided_at >= since)
    )
    return session.scalars(news.order_by(RoleProposal.id).limit(limit)).all()
