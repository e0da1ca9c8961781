"""A clinic's own pages come before the shipped ones, topic by topic and language by language."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.content.knowledge_pages import KnowledgeTopic, PageFault
from recovery.domain.core.language import Language
from recovery.services.content import knowledge_pages
from recovery.services.content.content import Content
from recovery.services.content.knowledge_pages import EffectivePage
from recovery.services.core import audit
from tests.support.data import audit_trail
from tests.support.data.people import Clinic

OWN = "# Our care\r\n\r\nPat dry.\n\n- one\n- two\n\n"


def save(session: Session, clinic: Clinic, source: str | None, *, now: datetime) -> EffectivePage:
    return knowledge_pages.save_page(
        session,
        clinic_id=clinic.id,
        language=Language.ENGLISH,
        topic=KnowledgeTopic.AFTERCARE,
        source=source,
        content=clinic.content,
        actor=audit.staff(clinic.nurse.id),
        now=now,
    )


@pytest.mark.parametrize("language", Language)
def test_every_topic_is_listed_in_the_order_of_reading_with_the_shipped_page(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], language: Language
) -> None:
    with sessions() as session:
        listed = knowledge_pages.list_pages(session, clinic.id, language=language, content=content)
    assert [page.topic for page in listed] == list(KnowledgeTopic)
    assert [page.page for page in listed] == [content.pages[language][topic] for topic in KnowledgeTopic]
    assert all(page.saved_at is None and page.language is language for page in listed)


def test_an_own_page_stands_in_its_clinic_language_and_topic_only(
    clinic: Clinic, other_clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        saved = save(session, clinic, OWN, now=now)
        assert (saved.page.title, saved.saved_at) == ("Our care", now)
        assert saved.page.source == "# Our care\n\nPat dry.\n\n- one\n- two\n", "kept as it is understood"
        assert saved.shipped == content.pages[Language.ENGLISH][KnowledgeTopic.AFTERCARE]
        listed = knowledge_pages.list_pages(session, clinic.id, language=Language.ENGLISH, content=content)
        assert [page for page in listed if page.saved_at is not None] == [saved]
        for owner, language in ((clinic, Language.SPANISH), (other_clinic, Language.ENGLISH)):
            pages = knowledge_pages.list_pages(session, owner.id, language=language, content=content)
            assert all(page.saved_at is None for page in pages)


def test_taken_back_the_shipped_page_stands_again_and_both_acts_are_written_down(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        save(session, clinic, OWN, now=now)
        back = save(session, clinic, None, now=now)
        assert (back.page, back.saved_at) == (back.shipped, None)
        listed = knowledge_pages.list_pages(session, clinic.id, language=Language.ENGLISH, content=content)
        assert all(page.saved_at is None for page in listed)
        for action in ("page.save", "page.reset"):
            (entry,) = audit_trail.entries(session, clinic.id, action)
            assert entry.detail == {"language": "en", "topic": "aftercare"}


@pytest.mark.parametrize("source", ["", "No title", "# Only a title"])
def test_what_is_not_a_page_is_refused_and_the_one_before_stays(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime, source: str
) -> None:
    with sessions() as session:
        saved = save(session, clinic, OWN, now=now)
        with pytest.raises(PageFault):
            save(session, clinic, source, now=now)
        listed = knowledge_pages.list_pages(session, clinic.id, language=Language.ENGLISH, content=content)
        assert saved in listed
        assert len(audit_trail.entries(session, clinic.id, "page.save")) == 1
