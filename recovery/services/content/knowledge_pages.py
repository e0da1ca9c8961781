"""The pages on micro-needling as a clinic's patients read them: its own before ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Level
from recovery.domain.content import knowledge_pages
from recovery.domain.content.knowledge_pages import KnowledgePage, KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.models.clinic.clinics import Clinic
from recovery.models.content import clinic_pages
from recovery.models.content.clinic_pages import ClinicPage
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.core.audit import Actor

_URGENCIES = {"emergency_signs": Level.EMERGENCY, "same_day_signs": Level.ABNORMAL}


class UnknownPage(LookupError):
    """There is no page under this topic in this language."""


@dataclass(frozen=True, kw_only=True)
class EffectivePage:
    """One page of a clinic; `saved_at` is None where the shipped one stands."""

    language: Language
    topic: KnowledgeTopic
    page: KnowledgePage
    shipped: KnowledgePage
    saved_at: datetime | None


def list_pages(
    session: Session, clinic_id: UUID, *, language: Language, content: Content
) -> Sequence[EffectivePage]:
    """Every page in one language, in the order in which they are read."""
    own = clinic_pages.list_for_language(session, clinic_id, language)
    shipped = content.pages[language]
    return [_of(language, topic, own.get(topic), content=content) for topic in shipped]


def list_filled_pages(
    session: Session, *, clinic: Clinic, language: Language, content: Content, now: datetime
) -> Sequence[tuple[KnowledgeTopic, KnowledgePage]]:
    """Every page as patients read it: with the signs of the protocol that the clinic goes by now.

    `content` is what the clinic runs on.
    """
    version = protocols.current_version(session, clinic=clinic, at=now, content=content)
    protocol = protocols.get_protocol(session, clinic_id=clinic.id, version=version, content=content)
    words = content.words_for(language).signs
    lists = {name: words.asked_at(level, urgency=protocol.urgency) for name, level in _URGENCIES.items()}
    return [(topic, knowledge_pages.fill(page, lists)) for topic, page in content.pages_for(language).items()]


def save_page(
    session: Session,
    *,
    clinic_id: UUID,
    language: Language,
    topic: KnowledgeTopic,
    source: str | None,
    content: Content,
    actor: Actor,
    now: datetime,
) -> EffectivePage:
    """Show this text from now on, or the shipped page again (None). Raises PageFault."""
    if source is not None:
        source = knowledge_pages.parse(source).source
    kept = ClinicPage(
        clinic_id=clinic_id, language=language, topic=topic, source=source, saved_at=now, saved_by=actor.id
    )
    clinic_pages.save(session, kept)
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


def _of(
    language: Language, topic: KnowledgeTopic, own: ClinicPage | None, *, content: Content
) -> EffectivePage:
    shipped = content.pages[language][topic]
    if own is None or own.source is None:
        return EffectivePage(language=language, topic=topic, page=shipped, shipped=shipped, saved_at=None)
    return EffectivePage(
        language=language,
        topic=topic,
        page=knowledge_pages.parse(own.source),
        shipped=shipped,
        saved_at=own.saved_at,
    )
