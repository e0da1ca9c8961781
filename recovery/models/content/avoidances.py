"""Rows of a clinic's own hours for what its patients are to avoid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.treatments.avoidance_rules import AvoidItem
from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference, enum_column


class ClinicAvoidance(Base):
    """The clinic's own hours after a treatment for one thing. Without `hours` ours stand again."""

    __tablename__ = "clinic_avoidance"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("saved_by", "staff"),
        CheckConstraint("hours BETWEEN 0 AND 672", name="hours_range"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    what: Mapped[AvoidItem] = mapped_column(enum_column(AvoidItem, "what"), primary_key=True)
    hours: Mapped[int | None] = mapped_column(SmallInteger)
    saved_at: Mapped[datetime]
    saved_by: Mapped[UUID | None]


def save(session: Session, own: ClinicAvoidance) -> None:
    """Keep these hours; those that stood before are gone."""
    changed = {"hours": own.hours, "saved_at": own.saved_at, "saved_by": own.saved_by}
    kept = insert(ClinicAvoidance).values(clinic_id=own.clinic_id, what=own.what, **changed)
    session.execute(kept.on_conflict_do_update(index_elements=["clinic_id", "what"], set_=changed))


def list_by_item(session: Session, clinic_id: UUID) -> Mapping[AvoidItem, ClinicAvoidance]:
    """What the clinic set itself."""
    own = select(ClinicAvoidance).where(
        ClinicAvoidance.clinic_id == clinic_id, ClinicAvoidance.hours.is_not(None)
    )
    return {row.what: row for row in session.scalars(own.execution_options(populate_existing=True))}
