"""Rows of a clinic's own pages on micro-needling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference, enum_column


class ClinicPage(Base):
    """One page in the clinic's words. Without `source` ours stands again: rows are not deleted."""

    __tablename__ = "clinic_page"
    __table_args__ = (clinic_reference(), clinic_foreign_key("saved_by", "staff"))

    clinic_id: Mapped[UUID] = clinic_key()
    language: Mapped[Language] = mapped_column(enum_column(Language, "language"), primary_key=True)
    topic: Mapped[KnowledgeTopic] = mapped_column(enum_column(KnowledgeTopic, "topic"), primary_key=True)
    source: Mapped[str | None]
    saved_at: Mapped[datetime]
    saved_by: Mapped[UUID | None]


def save(session: Session, page: ClinicPage) -> None:
    """Keep this page; the one that stood before is gone."""
    changed = {"source": page.source, "saved_at": page.saved_at, "saved_by": page.saved_by}
    kept = insert(ClinicPage).values(
        clinic_id=page.clinic_id, language=page.language, topic=page.topic, **changed
    )
    session.execute(
        kept.on_conflict_do_update(index_elements=["clinic_id", "language", "topic"], set_=changed)
    )


def list_for_language(
    session: Session, clinic_id: UUID, language: Language
) -> Mapping[KnowledgeTopic, ClinicPage]:
    """The clinic's own pages in one language."""
    own = select(ClinicPage).where(
        ClinicPage.clinic_id == clinic_id, ClinicPage.language == language, ClinicPage.source.is_not(None)
    )
    return {row.topic: row for row in session.scalars(own.execution_options(populate_existing=True))}


def list_for_clinic(session: Session, clinic_id: UUID) -> Sequence[ClinicPage]:
    """The clinic's own pages in every language."""
    own = select(ClinicPage).where(ClinicPage.clinic_id == clinic_id, ClinicPage.source.is_not(None))
    return session.scalars(own.execution_options(populate_existing=True)).all()
