"""The pages on micro-needling as a clinic's patients read them: its own before ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.content import knowledge
from recovery.domain.content.knowledge import Page, Topic
from recovery.domain.core.language import Language
from recovery.models.content import pages
from recovery.models.content.pages import ClinicPage
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.core.audit import Actor


class UnknownPage(LookupError):
    """There is no page under this topic in this language."""


@dataclass(frozen=True, kw_only=True)
class ClinicsPage:
    """One page of a clinic; `saved_at` is None where the shipped one stands."""

    language: Language
    topic: Topic
    page: Page
    shipped: Page
    saved_at: datetime | None


def listed(
    session: Session, clinic_id: UUID, *, language: Language, content: Content
) -> Sequence[ClinicsPage]:
    """Every page in one language, in the order in which they are read."""
    own = pages.of_clinic_in(session, clinic_id, language)
    return [_of(language, topic, own.get(topic), content=content) for topic in Topic]


def save(
    session: Session,
    *,
    clinic_id: UUID,
    language: Language,
    topic: Topic,
    source: str | None,
    content: Content,
    actor: Actor,
    now: datetime,
) -> ClinicsPage:
    """Show this text from now on, or the shipped page again (None). Raises PageFault."""
    if source is not None:
        source = knowledge.parse(source).source
    kept = ClinicPage(
        clinic_id=clinic_id, language=language, topic=topic, source=source, saved_at=now, saved_by=actor.id
    )
    pages.save(session, kept)
    audit.record(
        session,
        clinic_id=clinic_id,
        actor=actor,
        action="page.save" if source is not None else "page.reset",
        subject=("page", None),
        now=now,
        detail={"language": language.value, "topic": topic.value},
    )
    return _of(language, topic, kept, content=content)


def _of(language: Language, topic: Topic, own: ClinicPage | None, *, content: Content) -> ClinicsPage:
    shipped = content.pages[language][topic]
    if own is None or own.source is None:
        return ClinicsPage(language=language, topic=topic, page=shipped, shipped=shipped, saved_at=None)
    return ClinicsPage(
        language=language,
        topic=topic,
        page=knowledge.parse(own.source),
        shipped=shipped,
        saved_at=own.saved_at,
    )
