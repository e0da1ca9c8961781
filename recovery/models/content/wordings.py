"""Rows of a clinic's own words for the texts it sends, in place of the shipped ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.core.language import Language
from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference, enum_column


class ClinicWording(Base):
    """One text in the clinic's words, in place of the shipped ones. `key` is its key in the catalogue.

    Without a template the shipped words stand again: rows of a clinic are not deleted.
    """

    __tablename__ = "clinic_wording"
    __table_args__ = (clinic_reference(), clinic_foreign_key("saved_by", "staff"))

    clinic_id: Mapped[UUID] = clinic_key()
    language: Mapped[Language] = mapped_column(enum_column(Language, "language"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    template: Mapped[str | None]
    saved_at: Mapped[datetime]
    saved_by: Mapped[UUID | None]


def save(session: Session, wording: ClinicWording) -> None:
    """Keep these words; those that stood before are gone."""
    changed = {"template": wording.template, "saved_at": wording.saved_at, "saved_by": wording.saved_by}
    kept = insert(ClinicWording).values(
        clinic_id=wording.clinic_id, language=wording.language, key=wording.key, **changed
    )
    session.execute(kept.on_conflict_do_update(index_elements=["clinic_id", "language", "key"], set_=changed))


def remove(
    session: Session, clinic_id: UUID, *, language: Language, key: str, by: UUID | None, now: datetime
) -> bool:
    """Forget the clinic's words for one text; whether it had any."""
    own = update(ClinicWording).where(
        ClinicWording.clinic_id == clinic_id,
        ClinicWording.language == language,
        ClinicWording.key == key,
        ClinicWording.template.is_not(None),
    )
    gone = own.values(template=None, saved_at=now, saved_by=by).returning(ClinicWording.key)
    return session.execute(gone).one_or_none() is not None


def list_for_clinics(session: Session, clinic_ids: Collection[UUID]) -> Sequence[ClinicWording]:
    """Every wording these clinics have of their own, in one query."""
    own = select(ClinicWording).where(
        ClinicWording.clinic_id.in_(clinic_ids), ClinicWording.template.is_not(None)
    )
    return session.scalars(own).all()
