"""What is a clinic's own goes into what is signed by name, and comes back from there."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.domain.treatments.avoidance_rules import AvoidItem
from recovery.services.content import avoidance, knowledge_pages, own_content, wordings
from recovery.services.content.content import Content
from recovery.services.content.own_content import OWN_HOURS, OwnContent
from recovery.services.core import audit
from tests.support.data.people import Clinic

OWN = OwnContent(
    wordings={(Language.SPANISH, "help"): "{clinic}: Llame al {phone}."},
    pages={(Language.FRENCH, KnowledgeTopic.WHAT_TO_EXPECT): "# Après\n\nDu calme.\n"},
    hours={AvoidItem.POOLS_AND_HOT_TUBS: 0, AvoidItem.SUN: 400},
)
NONE = OwnContent(wordings={}, pages={}, hours={})


def test_its_parts_are_named_and_read_back() -> None:
    parts = OWN.parts()
    assert parts == {
        "own wording es help": "{clinic}: Llame al {phone}.",
        "own page fr what-to-expect": "# Après\n\nDu calme.\n",
        "own hours to avoid pools_and_hot_tubs": "0",
        "own hours to avoid sun": "400",
    }
    assert own_content.of_parts({**parts, "texts en": "x", "page fr what-to-expect": "y"}) == OWN
    assert own_content.of_parts({}) == NONE


def test_it_stands_in_place_of_what_ships_and_of_nothing_else(content: Content) -> None:
    with_own = OWN.over(content)
    spanish, shipped = (each.catalogues[Language.SPANISH].texts for each in (with_own, content))
    assert {key for key in shipped if spanish[key] != shipped[key]} == {"help"}
    assert with_own.catalogues[Language.ENGLISH] == content.catalogues[Language.ENGLISH]
    french = with_own.pages[Language.FRENCH]
    assert french[KnowledgeTopic.WHAT_TO_EXPECT].title == "Après"
    changed = {topic for topic, page in french.items() if page != content.pages[Language.FRENCH][topic]}
    assert changed == {KnowledgeTopic.WHAT_TO_EXPECT}
    for rule, before in zip(with_own.avoidance, content.avoidance, strict=True):
        hours = OWN.hours.get(rule.what)
        told = (before.hours, before.source) if hours is None else (hours, OWN_HOURS)
        assert (rule.what, rule.hours, rule.source) == (before.what, *told)
    assert NONE.over(content) == content


@pytest.mark.parametrize(
    "part", ["own wording xx help", "own page en prices", "own hours to avoid tea", "own hours to avoid sun"]
)
def test_a_name_that_stands_for_nothing_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match=r"xx|prices|tea|many"):
        own_content.of_parts({part: "many"})


def test_all_of_a_clinic_s_own_is_read_and_of_nobody_else_s(
    clinic: Clinic, other_clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        for language in (Language.ENGLISH, Language.FRENCH):
            wordings.save(
                session, clinic_id=clinic.id, language=language, key="tried_to_call", content=content,
                template="{clinic}: {phone}. Ref {ref}" if language is Language.ENGLISH
                else "{clinic}: Appelez le {phone}. Ref {ref}",
                actor=audit.OPERATOR, now=now,
            )  # fmt: skip
        wordings.reset(
            session, clinic_id=clinic.id, language=Language.FRENCH, key="tried_to_call", content=content,
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
        for source in ("# Ours\n\nPat.", None):
            knowledge_pages.save_page(
                session, clinic_id=clinic.id, language=Language.ENGLISH, topic=KnowledgeTopic.AFTERCARE,
                source=source, content=content, actor=audit.OPERATOR, now=now,
            )  # fmt: skip
        avoidance.save(
            session, clinic_id=clinic.id, what=AvoidItem.SUN, hours=0, content=content,
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
    with sessions() as session:
        own = own_content.read_own(session, clinic.id)
        assert dict(own.wordings) == {(Language.ENGLISH, "tried_to_call"): "{clinic}: {phone}. Ref {ref}"}
        assert (own.pages, own.hours) == ({}, {AvoidItem.SUN: 0})
        assert own_content.read_own(session, other_clinic.id) == NONE
