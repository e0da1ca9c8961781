"""Rows of treatments and their corrections: a patient's, those followed, held to a version, taken over by a
later one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    Index,
    Numeric,
    ScalarSelect,
    Select,
    SmallInteger,
    Text,
    func,
    not_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, aliased, mapped_column

from recovery.domain.clinic.rooms import Room
from recovery.domain.clinical import taking_over
from recovery.domain.clinical.symptoms import Acid, Area, Device, TreatmentFacts, hours_between
from recovery.domain.treatments.indication import Indication
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)
from recovery.models.patients import patients

EARLIER_SESSIONS = 6
"""A plan has three to six sessions; older ones say little about the skin of today."""


class Treatment(Base):
    """One session of micro-needling. `depth_mm` in millimetres; `protocol` is the version held against; `lot`
    as printed on the needles or on what was put on; `performed_by` who held the needle, where that was said.

    `course_version` is raised by whatever adds to its reports or changes what they are held against, so
    that who read the course can tell whether it still is what they read.
    """

    __tablename__ = "treatment"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("patient_id", "patient"),
        clinic_foreign_key("performed_by", "staff"),
        Index("ix_treatment_clinic_id_performed_at", "clinic_id", "performed_at"),
        CheckConstraint("depth_mm > 0 AND depth_mm <= 5", name="depth_range"),
        CheckConstraint("session_number BETWEEN 1 AND 50", name="session_number_range"),
        CheckConstraint("cardinality(areas) BETWEEN 1 AND 10", name="areas_count"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    patient_id: Mapped[UUID] = mapped_column(index=True)
    performed_at: Mapped[datetime]
    device: Mapped[Device] = mapped_column(enum_column(Device, "device"))
    depth_mm: Mapped[Decimal | None] = mapped_column(Numeric(3, 2))
    areas: Mapped[list[str]] = mapped_column(ARRAY(Text))
    acid: Mapped[Acid] = mapped_column(enum_column(Acid, "acid"), server_default=Acid.NONE.value)
    indication: Mapped[Indication | None] = mapped_column(enum_column(Indication, "indication"))
    numbing: Mapped[str | None]
    topical: Mapped[str | None]
    lot: Mapped[str | None]
    performed_by: Mapped[UUID | None]
    session_number: Mapped[int] = mapped_column(SmallInteger)
    protocol: Mapped[str]
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    course_version: Mapped[int] = mapped_column(server_default="0")

    def facts(self, *, skin_type: int | None, taken_over: datetime | None = None) -> TreatmentFacts:
        """What the expected course depends on, and since when a later treatment has taken it over; the skin
        type is the patient's."""
        return TreatmentFacts(
            device=self.device,
            depth_mm=None if self.depth_mm is None else float(self.depth_mm),
            areas=tuple(Area(area) for area in self.areas),
            acid=self.acid,
            skin_type=skin_type,
            session_number=self.session_number,
            taken_over_hours=None if taken_over is None else hours_between(self.performed_at, taken_over),
        )


class TreatmentCorrection(Base):
    """What a treatment was said to be before it was corrected or withdrawn, and why. Only added to.

    `before` and `after` hold the fields that changed, as JSON.
    """

    __tablename__ = "treatment_correction"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("treatment_id", "treatment"),
        clinic_foreign_key("staff_id", "staff"),
        Index("ix_treatment_correction_clinic_id_treatment_id", "clinic_id", "treatment_id", "id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    treatment_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    at: Mapped[datetime]
    reason: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


def of_room(treatment_id: InstrumentedAttribute[UUID], *, clinic_id: UUID, room: Room) -> ColumnElement[bool]:
    """Whether a row that names a treatment belongs to this room of the clinic."""
    if room is Room.ALL:
        return true()
    practised = treatment_id.in_(training_ids(clinic_id))
    return practised if room is Room.PRACTICE else not_(practised)


def training_ids(clinic_id: UUID | None = None) -> Select[UUID]:
    """The treatments of a clinic's practice patients, or of all such."""
    wanted = select(Treatment.id).where(Treatment.patient_id.in_(patients.training_ids(clinic_id)))
    return wanted if clinic_id is None else wanted.where(Treatment.clinic_id == clinic_id)


def get(session: Session, clinic_id: UUID, treatment_id: UUID) -> Treatment | None:
    """The treatment if this clinic has one under this id."""
    return session.get(Treatment, (clinic_id, treatment_id))


def get_in_any_clinic(session: Session, treatment_id: UUID) -> Treatment | None:
    """The treatment under this id, of whichever clinic: for whoever runs the installation."""
    return session.scalars(select(Treatment).where(Treatment.id == treatment_id)).one_or_none()


def list_for_patient(
    session: Session,
    clinic_id: UUID,
    patient_id: UUID,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> Sequence[Treatment]:
    """Newest first, without withdrawn ones. `after` is (performed at, id) of the last of the page before."""
    own = (
        select(Treatment)
        .where(
            Treatment.clinic_id == clinic_id,
            Treatment.patient_id == patient_id,
            Treatment.withdrawn_at.is_(None),
        )
        .order_by(Treatment.performed_at.desc(), Treatment.id.desc())
    )
    if after is not None:
        own = own.where(tuple_(Treatment.performed_at, Treatment.id) < after)
    return session.scalars(own.limit(limit)).all()


def list_between(
    session: Session, clinic_id: UUID, patient_id: UUID, *, since: datetime, until: datetime
) -> Sequence[Treatment]:
    """The patient's treatments from one moment to another, both included, without withdrawn ones."""
    own = select(Treatment).where(
        Treatment.clinic_id == clinic_id,
        Treatment.patient_id == patient_id,
        Treatment.performed_at.between(since, until),
        Treatment.withdrawn_at.is_(None),
    )
    return session.scalars(own.order_by(Treatment.performed_at, Treatment.id)).all()


def get_for_update(session: Session, clinic_id: UUID, treatment_id: UUID) -> Treatment | None:
    """The treatment, locked, so that what concerns one course happens one after the other."""
    return session.get(Treatment, (clinic_id, treatment_id), with_for_update=True, populate_existing=True)


def taken_over_at(treatment: type[Treatment]) -> ScalarSelect[datetime]:
    """When the next treatment of the same patient took this one over, NULL where none did: as
    `taking_over.taken_over_at` says."""
    later = aliased(Treatment)
    return (
        select(func.min(later.performed_at))
        .where(
            later.clinic_id == treatment.clinic_id,
            later.patient_id == treatment.patient_id,
            later.withdrawn_at.is_(None),
            later.performed_at >= treatment.performed_at + timedelta(hours=taking_over.SAME_VISIT_HOURS),
        )
        .correlate(treatment)
        .scalar_subquery()
    )


def taken_over_times(
    session: Session, clinic_id: UUID, treatment_ids: Collection[UUID]
) -> dict[UUID, datetime | None]:
    """Of these treatments, when the next one took each over."""
    wanted = select(Treatment.id, taken_over_at(Treatment)).where(
        Treatment.clinic_id == clinic_id, Treatment.id.in_(treatment_ids)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}


def list_followed(
    session: Session, clinic_id: UUID, patient_id: UUID, *, since: datetime
) -> Sequence[Treatment]:
    """Treatments performed or recorded since then, withdrawn ones too, first recorded first, read anew."""
    own = (
        select(Treatment)
        .where(
            Treatment.clinic_id == clinic_id,
            Treatment.patient_id == patient_id,
            func.greatest(Treatment.performed_at, Treatment.created_at) >= since,
        )
        .order_by(Treatment.created_at, Treatment.id)
        .execution_options(populate_existing=True)
    )
    return session.scalars(own).all()


def list_corrections(session: Session, clinic_id: UUID, treatment_id: UUID) -> Sequence[TreatmentCorrection]:
    """What was corrected in a treatment, oldest first."""
    own = select(TreatmentCorrection).where(
        TreatmentCorrection.clinic_id == clinic_id, TreatmentCorrection.treatment_id == treatment_id
    )
    return session.scalars(own.order_by(TreatmentCorrection.id)).all()


def corrections_by_treatment(
    session: Session, clinic_id: UUID, treatment_ids: Sequence[UUID]
) -> dict[UUID, list[TreatmentCorrection]]:
    """What was corrected in these treatments, oldest first; none is left out."""
    wanted = select(TreatmentCorrection).where(
        TreatmentCorrection.clinic_id == clinic_id, TreatmentCorrection.treatment_id.in_(treatment_ids)
    )
    found: dict[UUID, list[TreatmentCorrection]] = {treatment_id: [] for treatment_id in treatment_ids}
    for row in session.scalars(wanted.order_by(TreatmentCorrection.id)):
        found[row.treatment_id].append(row)
    return found


def list_earlier(session: Session, treatment: Treatment, *, limit: int) -> Sequence[Treatment]:
    """The same patient's earlier treatments, newest first, without withdrawn ones."""
    earlier = (
        select(Treatment)
        .where(
            Treatment.clinic_id == treatment.clinic_id,
            Treatment.patient_id == treatment.patient_id,
            Treatment.performed_at < treatment.performed_at,
            Treatment.withdrawn_at.is_(None),
        )
        .order_by(Treatment.performed_at.desc(), Treatment.id.desc())
    )
    return session.scalars(earlier.limit(limit)).all()
