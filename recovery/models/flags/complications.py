"""Rows of complications that became known without a flag."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)


class Complication(Base):
    """What followed a treatment and nobody flagged. `began_on` is a day of the clinic's calendar; one entered
    in error is withdrawn and stays."""

    __tablename__ = "complication"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("treatment_id", "treatment"),
        clinic_foreign_key("recorded_by", "staff"),
        clinic_foreign_key("withdrawn_by", "staff"),
        CheckConstraint(
            "outcome NOT IN ('expected_healing', 'not_reached', 'other')", name="more_than_healing"
        ),
        Index("ix_complication_clinic_id_treatment_id", "clinic_id", "treatment_id", "id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    treatment_id: Mapped[UUID]
    outcome: Mapped[FlagOutcome] = mapped_column(enum_column(FlagOutcome, "outcome"))
    began_on: Mapped[date] = mapped_column(Date)
    comment: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None]


def get_for_update(session: Session, clinic_id: UUID, complication_id: UUID) -> Complication | None:
    """The complication if this clinic has one under this id, locked."""
    return session.get(
        Complication, (clinic_id, complication_id), with_for_update=True, populate_existing=True
    )


def by_treatment(
    session: Session, clinic_id: UUID, treatment_ids: Sequence[UUID]
) -> dict[UUID, list[Complication]]:
    """What holds of these treatments, in the order in which it was recorded; none is left out."""
    wanted = select(Complication).where(
        Complication.clinic_id == clinic_id,
        Complication.treatment_id.in_(treatment_ids),
        Complication.withdrawn_at.is_(None),
    )
    found: dict[UUID, list[Complication]] = {treatment_id: [] for treatment_id in treatment_ids}
    for row in session.scalars(wanted.order_by(Complication.id)):
        found[row.treatment_id].append(row)
    return found
