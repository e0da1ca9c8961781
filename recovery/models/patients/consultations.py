"""Rows of what was found when a patient was consulted: every version, the newest holds.

Every version is kept; the newest holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, SmallInteger, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.patients.consultation import Condition
from recovery.domain.treatments.indication import Indication
from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference, own_key


class Consultation(Base):
    """One version of a patient's record: skin type as it was then, concerns, conditions, history in words."""

    __tablename__ = "consultation"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("patient_id", "patient"),
        clinic_foreign_key("recorded_by", "staff"),
        CheckConstraint("skin_type BETWEEN 1 AND 6", name="skin_type_range"),
        CheckConstraint("cardinality(concerns) <= 20 AND cardinality(conditions) <= 40", name="lists_count"),
        Index("ix_consultation_clinic_id_patient_id", "clinic_id", "patient_id", "id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    patient_id: Mapped[UUID]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]
    skin_type: Mapped[int | None] = mapped_column(SmallInteger)
    concerns: Mapped[list[str]] = mapped_column(ARRAY(Text))
    conditions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    history: Mapped[str | None]

    def for_what(self) -> list[Indication]:
        """The concerns as words of ours."""
        return [Indication(concern) for concern in self.concerns]

    def known(self) -> list[Condition]:
        """The conditions as words of ours."""
        return [Condition(condition) for condition in self.conditions]


def get_newest(session: Session, clinic_id: UUID, patient_id: UUID) -> Consultation | None:
    """The version that holds, None where the patient was not consulted here."""
    return next(iter(list_for_patient(session, clinic_id, patient_id, limit=1)), None)


def list_for_patient(
    session: Session, clinic_id: UUID, patient_id: UUID, *, limit: int
) -> Sequence[Consultation]:
    """Every version of the patient's record, the newest first."""
    own = select(Consultation).where(
        Consultation.clinic_id == clinic_id, Consultation.patient_id == patient_id
    )
    return session.scalars(own.order_by(Consultation.id.desc()).limit(limit)).all()
