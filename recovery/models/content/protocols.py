"""Rows of a clinic's own versions of the expected course: drafts, published ones, the one in effect, what is
held to each.

The text of a version is never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, exists, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment


class ProtocolVersion(Base):
    """One version as TOML. A draft until it has `effective_from`; from then on treatments are held to it.

    `figures` is the replay that publishing was decided on, `reason` why it was published above the
    clinic's alert budget, if it was. Once withdrawn it holds for no new treatment, and `beside` is the
    version that its treatments are held to as well.
    """

    __tablename__ = "protocol_version"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("created_by", "staff"),
        clinic_foreign_key("published_by", "staff"),
        clinic_foreign_key("withdrawn_by", "staff"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (beside IS NULL)", name="withdrawn_versions_have_one_beside"
        ),
        CheckConstraint(
            "(published_at IS NULL) = (effective_from IS NULL)", name="published_versions_take_effect"
        ),
        Index(
            "ix_protocol_version_effective",
            "clinic_id",
            "effective_from",
            postgresql_where=text("effective_from IS NOT NULL"),
        ),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    version: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None]
    effective_from: Mapped[datetime | None]
    figures: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None]
    beside: Mapped[str | None]


def get(session: Session, clinic_id: UUID, version: str) -> ProtocolVersion | None:
    """The clinic's own version of this name."""
    return session.get(ProtocolVersion, (clinic_id, version))


def get_for_update(session: Session, clinic_id: UUID, version: str) -> ProtocolVersion | None:
    """The clinic's own version of this name, locked, so that it is published once."""
    return session.get(ProtocolVersion, (clinic_id, version), with_for_update=True, populate_existing=True)


def effective_version(session: Session, clinic_id: UUID, *, at: datetime) -> str | None:
    """The version of the clinic's own that holds for a treatment of this moment, None before the first."""
    newest = (
        select(ProtocolVersion.version)
        .where(
            ProtocolVersion.clinic_id == clinic_id,
            ProtocolVersion.effective_from <= at,
            ProtocolVersion.withdrawn_at.is_(None),
        )
        .order_by(ProtocolVersion.effective_from.desc(), ProtocolVersion.published_at.desc())
    )
    return session.scalar(newest.limit(1))


def list_published(session: Session, clinic_id: UUID) -> Sequence[ProtocolVersion]:
    """The clinic's own versions that take or took effect, in that order, withdrawn ones too."""
    own = select(ProtocolVersion).where(
        ProtocolVersion.clinic_id == clinic_id, ProtocolVersion.effective_from.is_not(None)
    )
    ordered = own.order_by(ProtocolVersion.effective_from, ProtocolVersion.published_at)
    return session.scalars(ordered.execution_options(populate_existing=True)).all()


def versions_of_treatments(session: Session, clinic_id: UUID) -> Sequence[str]:
    """Every version that a treatment of the clinic is held to."""
    return session.scalars(
        select(Treatment.protocol).where(Treatment.clinic_id == clinic_id).distinct()
    ).all()


def is_held_to(session: Session, clinic_id: UUID, version: str) -> bool:
    """Whether a treatment of the clinic is held to this version."""
    held = exists().where(Treatment.clinic_id == clinic_id, Treatment.protocol == version)
    return bool(session.scalar(select(held)))


def list_versions(session: Session, clinic_id: UUID, *, limit: int) -> Sequence[ProtocolVersion]:
    """The clinic's own versions, newest first."""
    own = select(ProtocolVersion).where(ProtocolVersion.clinic_id == clinic_id)
    return session.scalars(own.order_by(ProtocolVersion.created_at.desc()).limit(limit)).all()


def recent_treatments(
    session: Session, clinic_id: UUID, *, limit: int
) -> Sequence[tuple[Treatment, Patient]]:
    """The clinic's newest treatments that were not withdrawn, with whose they are."""
    newest = (
        select(Treatment, Patient)
        .join(Patient, (Patient.clinic_id == Treatment.clinic_id) & (Patient.id == Treatment.patient_id))
        .where(Treatment.clinic_id == clinic_id, Treatment.withdrawn_at.is_(None))
        .order_by(Treatment.performed_at.desc(), Treatment.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(newest)]
