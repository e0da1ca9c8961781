"""Practice weeks of a clinic's staff: the dates of a practice patient move back faster than real time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Index, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference
from recovery.models.flags.flags import Flag
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment


class PracticeWeek(Base):
    """The practice of one member of staff; the next one takes its place.

    `moved_hours` is how many hours of recovery it has been moved on; `ended_at` is empty while it runs.
    """

    __tablename__ = "practice_week"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("staff_id", "staff"),
        clinic_foreign_key("patient_id", "patient"),
        clinic_foreign_key("treatment_id", "treatment"),
        Index("ix_practice_week_running", "started_at", postgresql_where=text("ended_at IS NULL")),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID]
    treatment_id: Mapped[UUID]
    started_at: Mapped[datetime]
    moved_hours: Mapped[float]
    ended_at: Mapped[datetime | None]


def get_for_member(session: Session, clinic_id: UUID, staff_id: UUID) -> PracticeWeek | None:
    """The practice week somebody began last."""
    return session.get(PracticeWeek, (clinic_id, staff_id))


def get_for_member_for_update(session: Session, clinic_id: UUID, staff_id: UUID) -> PracticeWeek | None:
    """The same, locked until the transaction ends."""
    return session.get(PracticeWeek, (clinic_id, staff_id), with_for_update=True, populate_existing=True)


def has_week(session: Session, clinic_id: UUID, patient_id: UUID) -> bool:
    """Whether the past of this patient was moved for practice, by the week somebody began last."""
    theirs = select(PracticeWeek.staff_id).where(
        PracticeWeek.clinic_id == clinic_id, PracticeWeek.patient_id == patient_id
    )
    return session.scalar(theirs.limit(1)) is not None


def training_patient_ids(session: Session, clinic_id: UUID) -> frozenset[UUID]:
    """The patients of a clinic on whom its staff practises."""
    return frozenset(session.scalars(patients.training_ids(clinic_id)))


def training_flag_ids(session: Session, clinic_id: UUID) -> frozenset[UUID]:
    """The unresolved flags of those patients."""
    theirs = (
        select(Flag.id)
        .join(Treatment, (Treatment.clinic_id == Flag.clinic_id) & (Treatment.id == Flag.treatment_id))
        .where(
            Flag.clinic_id == clinic_id,
            Flag.state != FlagState.RESOLVED,
            Treatment.patient_id.in_(patients.training_ids(clinic_id)),
        )
    )
    return frozenset(session.scalars(theirs))


def list_running_for_update(session: Session, *, limit: int) -> Sequence[PracticeWeek]:
    """Weeks that run and that no other worker holds, locked."""
    running = (
        select(PracticeWeek)
        .join(
            Patient, (Patient.clinic_id == PracticeWeek.clinic_id) & (Patient.id == PracticeWeek.patient_id)
        )
        .where(PracticeWeek.ended_at.is_(None), Patient.training)
        .order_by(PracticeWeek.started_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=PracticeWeek)
    )
    return session.scalars(running.execution_options(populate_existing=True)).all()


def advance(session: Session, week: PracticeWeek, *, hours: float) -> None:
    """Shift all dates of the training patient back by so many hours.

    The database's own function does it, and only for the running week of a patient who is for practice: the
    worker itself may not rewrite when something was seen.
    """
    session.flush()
    session.execute(select(func.practice_moves_on(week.clinic_id, week.patient_id, timedelta(hours=hours))))
    session.expire_all()
