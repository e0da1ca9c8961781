"""Rows of forms that somebody was writing when their session had ended: put there, got, and let go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference


class HeldForm(Base):
    """The last form of somebody that came too late: where it was sent, and what stood in it. No password, PIN
    or code is held.
    """

    __tablename__ = "held_form"
    __table_args__ = (clinic_reference(), clinic_foreign_key("staff_id", "staff"))

    clinic_id: Mapped[UUID] = clinic_key()
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    address: Mapped[str]
    fields: Mapped[dict[str, Any]]
    held_at: Mapped[datetime]


def hold(
    session: Session,
    clinic_id: UUID,
    staff_id: UUID,
    *,
    address: str,
    fields: Mapping[str, str],
    now: datetime,
) -> None:
    """Hold this form in the place of an earlier one."""
    held = {"address": address, "fields": dict(fields), "held_at": now}
    holding = insert(HeldForm).values(clinic_id=clinic_id, staff_id=staff_id, **held)
    session.execute(
        holding.on_conflict_do_update(
            index_elements=[HeldForm.clinic_id, HeldForm.staff_id],
            set_={name: holding.excluded[name] for name in held},
        )
    )


def get_held(session: Session, clinic_id: UUID, staff_id: UUID) -> HeldForm | None:
    """The form that is held for somebody."""
    return session.get(HeldForm, (clinic_id, staff_id), populate_existing=True)


def let_go(session: Session, clinic_id: UUID, staff_id: UUID) -> None:
    """Nothing is held for somebody any more."""
    own = delete(HeldForm).where(HeldForm.clinic_id == clinic_id, HeldForm.staff_id == staff_id)
    session.execute(own.execution_options(synchronize_session=False))
