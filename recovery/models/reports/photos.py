"""Rows of the photos that patients sent with their reports; the pictures themselves lie in the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference
from recovery.models.reports.reports import Report


class Photo(Base):
    """A photo of a report, under the id that the patient's device made.

    The row is there before the pictures are: whatever lies in the store has its name here. It counts as
    sent once `stored_at` is set. `fingerprint` is the SHA-256 of the bytes as they were sent, which are
    not kept; `width` and `height` those of the kept photo in pixels.
    """

    __tablename__ = "photo"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("report_id", "report"),
        CheckConstraint("width > 0 AND height > 0", name="has_pixels"),
        Index("ix_photo_clinic_id_report_id", "clinic_id", "report_id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    report_id: Mapped[UUID]
    fingerprint: Mapped[bytes]
    object_name: Mapped[str]
    thumbnail_name: Mapped[str]
    width: Mapped[int] = mapped_column(SmallInteger)
    height: Mapped[int] = mapped_column(SmallInteger)
    received_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]


def get(session: Session, clinic_id: UUID, photo_id: UUID) -> Photo | None:
    """The photo if this clinic has one under this id, stored or not."""
    return session.get(Photo, (clinic_id, photo_id), populate_existing=True)


def get_for_update(session: Session, clinic_id: UUID, photo_id: UUID) -> Photo | None:
    """What `get` gives, locked."""
    return session.get(Photo, (clinic_id, photo_id), populate_existing=True, with_for_update=True)


def insert_once(session: Session, photo: Photo) -> Photo:
    """The photo under this id; made from what is given if there was none."""
    session.execute(
        insert(Photo)
        .values(
            clinic_id=photo.clinic_id,
            id=photo.id,
            report_id=photo.report_id,
            fingerprint=photo.fingerprint,
            object_name=photo.object_name,
            thumbnail_name=photo.thumbnail_name,
            width=photo.width,
            height=photo.height,
            received_at=photo.received_at,
        )
        .on_conflict_do_nothing()
    )
    return session.get_one(Photo, (photo.clinic_id, photo.id), populate_existing=True)


def list_for_report(session: Session, clinic_id: UUID, report_id: UUID) -> Sequence[Photo]:
    """The photos of a report that are stored, in the order they came. They are few."""
    wanted = (
        select(Photo)
        .where(Photo.clinic_id == clinic_id, Photo.report_id == report_id, Photo.stored_at.is_not(None))
        .order_by(Photo.received_at, Photo.id)
    )
    return session.scalars(wanted).all()


def list_for_treatment(session: Session, clinic_id: UUID, treatment_id: UUID) -> Sequence[Photo]:
    """The photos of all reports of a treatment that are stored, in the order they came."""
    wanted = (
        select(Photo)
        .join(Report, (Report.clinic_id == Photo.clinic_id) & (Report.id == Photo.report_id))
        .where(
            Photo.clinic_id == clinic_id, Report.treatment_id == treatment_id, Photo.stored_at.is_not(None)
        )
        .order_by(Photo.received_at, Photo.id)
    )
    return session.scalars(wanted).all()


def count_others(session: Session, clinic_id: UUID, report_id: UUID, *, but: UUID) -> int:
    """How many other photos a report has, those on their way included."""
    wanted = (
        select(func.count())
        .select_from(Photo)
        .where(Photo.clinic_id == clinic_id, Photo.report_id == report_id, Photo.id != but)
    )
    return session.scalar(wanted) or 0
