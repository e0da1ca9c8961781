"""Rows that imports keep: how a clinic's columns are read, and which rows of files have come in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.patients.spreadsheet_cells import DateOrder
from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference, enum_column


class ImportColumn(Base):
    """What a clinic said a column of its files means, by its plain heading; without `meaning` it is left out.

    `date_order` is how the dates of the file that it stood in were read, where somebody was asked.
    """

    __tablename__ = "import_column"
    __table_args__ = (clinic_reference(),)

    clinic_id: Mapped[UUID] = clinic_key()
    heading: Mapped[str] = mapped_column(primary_key=True)
    meaning: Mapped[str | None]
    date_order: Mapped[DateOrder | None] = mapped_column(enum_column(DateOrder, "date_order"))
    kept_at: Mapped[datetime]


class ImportedRow(Base):
    """A row of a file that has come in, by the SHA-256 of the name, year and number that stood in it.

    What became of the patient since, another number or name, changes nothing: the row is known again.
    """

    __tablename__ = "imported_row"
    __table_args__ = (clinic_reference(), clinic_foreign_key("patient_id", "patient"))

    clinic_id: Mapped[UUID] = clinic_key()
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID]
    imported_at: Mapped[datetime]


def kept_columns(session: Session, clinic_id: UUID, headings: Collection[str]) -> Sequence[ImportColumn]:
    """What the clinic said of these headings, the last first."""
    own = select(ImportColumn).where(
        ImportColumn.clinic_id == clinic_id, ImportColumn.heading.in_(sorted(headings))
    )
    return session.scalars(own.order_by(ImportColumn.kept_at.desc(), ImportColumn.heading)).all()


def keep_columns(
    session: Session,
    clinic_id: UUID,
    *,
    meanings: Mapping[str, str | None],
    date_order: DateOrder | None,
    now: datetime,
) -> None:
    """Keep what these headings mean, for the clinic's next import."""
    rows = [
        {
            "clinic_id": clinic_id,
            "heading": heading,
            "meaning": meaning,
            "date_order": date_order,
            "kept_at": now,
        }
        for heading, meaning in sorted(meanings.items())
    ]
    keeping = insert(ImportColumn).values(rows)
    latest = {name: keeping.excluded[name] for name in ("meaning", "date_order", "kept_at")}
    session.execute(
        keeping.on_conflict_do_update(
            index_elements=[ImportColumn.clinic_id, ImportColumn.heading], set_=latest
        )
    )


def known_rows(session: Session, clinic_id: UUID, digests: Collection[bytes]) -> set[bytes]:
    """Which of these rows have come in already."""
    own = select(ImportedRow.digest).where(
        ImportedRow.clinic_id == clinic_id, ImportedRow.digest.in_(list(digests))
    )
    return set(session.scalars(own))


def keep_row(session: Session, clinic_id: UUID, digest: bytes, *, patient_id: UUID, now: datetime) -> None:
    """This row has come in as this patient."""
    kept = insert(ImportedRow).values(
        clinic_id=clinic_id, digest=digest, patient_id=patient_id, imported_at=now
    )
    session.execute(kept.on_conflict_do_nothing())
