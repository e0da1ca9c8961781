"""Rows of the plans of patients' sessions, one a patient."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.treatments.session_plan import SessionPlan
from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference


class PatientSessionPlan(Base):
    """How many sessions a patient is planned for, how far apart, and when the next one is agreed to be.

    `next_session_on` is a date in the patient's zone; empty while none is agreed.
    """

    __tablename__ = "series"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("patient_id", "patient"),
        CheckConstraint("sessions BETWEEN 3 AND 6", name="sessions_range"),
        CheckConstraint("weeks_between BETWEEN 4 AND 6", name="weeks_between_range"),
        CheckConstraint("maintenance_months BETWEEN 6 AND 12", name="maintenance_months_range"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    sessions: Mapped[int] = mapped_column(SmallInteger)
    weeks_between: Mapped[int] = mapped_column(SmallInteger)
    maintenance_months: Mapped[int | None] = mapped_column(SmallInteger)
    next_session_on: Mapped[date | None]
    updated_at: Mapped[datetime]

    def to_plan(self) -> SessionPlan:
        """The row in the words of the rules."""
        return SessionPlan(
            sessions=self.sessions,
            weeks_between=self.weeks_between,
            maintenance_months=self.maintenance_months,
        )


def get_for_patient(session: Session, clinic_id: UUID, patient_id: UUID) -> PatientSessionPlan | None:
    """The patient's plan, or None."""
    return session.get(PatientSessionPlan, (clinic_id, patient_id))
