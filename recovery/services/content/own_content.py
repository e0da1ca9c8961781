"""What a clinic has put in place of the shipped content: its own wordings, pages and hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.content import knowledge_pages
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.domain.messaging import catalogue
from recovery.domain.treatments import avoidance_rules
from recovery.domain.treatments.avoidance_rules import AvoidItem
from recovery.models.content import avoidances, clinic_pages, wordings
from recovery.models.content.avoidances import ClinicAvoidance
from recovery.models.content.clinic_pages import ClinicPage
from recovery.models.content.wordings import ClinicWording
from recovery.services.content import content_parts
from recovery.services.content.content import Content

OWN_HOURS = "set by the clinic"
"""Where hours are from that are not the shipped ones."""

WORDING, PAGE, HOURS = "own wording ", "own page ", "own hours to avoid "
PREFIXES = (WORDING, PAGE, HOURS)
"""How the names of its parts begin."""


@dataclass(frozen=True, kw_only=True)
class OwnContent:
    """Each text by what it stands for, hours by what is to be avoided."""

    wordings: Mapping[tuple[Language, str], str]
    pages: Mapping[tuple[Language, KnowledgeTopic], str]
    hours: Mapping[AvoidItem, int]

    def parts(self) -> dict[str, str]:
        """Each under its name, as it is signed."""
        return {
            **{f"{WORDING}{language} {key}": text for (language, key), text in self.wordings.items()},
            **{f"{PAGE}{language} {topic}": text for (language, topic), text in self.pages.items()},
            **{f"{HOURS}{what}": str(hours) for what, hours in self.hours.items()},
        }

    def over(self, content: Content) -> Content:
        """The content with these in place of what they stand for."""
        catalogues = {
            language: texts.with_wordings(
                {key: text for (spoken, key), text in self.wordings.items() if spoken is language}
            )
            for language, texts in content.catalogues.items()
        }
        pages = {
            language: {
                topic: knowledge_pages.parse(self.pages[language, topic])
                if (language, topic) in self.pages
                else page
                for topic, page in by_topic.items()
            }
            for language, by_topic in content.pages.items()
        }
        avoidance = tuple(
            replace(rule, hours=self.hours[rule.what], source=OWN_HOURS) if rule.what in self.hours else rule
            for rule in content.avoidance
        )
        return replace(content, catalogues=catalogues, pages=pages, avoidance=avoidance)


def read_own(session: Session, clinic_id: UUID) -> OwnContent:
    """What the clinic has kept of its own, signed or not."""
    return OwnContent(
        wordings={
            (row.language, row.key): row.template
            for row in wordings.list_for_clinics(session, {clinic_id})
            if row.template is not None
        },
        pages={
            (row.language, row.topic): row.source
            for row in clinic_pages.list_for_clinic(session, clinic_id)
            if row.source is not None
        },
        hours={
            what: row.hours
            for what, row in avoidances.list_by_item(session, clinic_id).items()
            if row.hours is not None
        },
    )


def of_parts(parts: Mapping[str, str]) -> OwnContent:
    """What is a clinic's own among the parts of a bundle."""
    own = {
        begins: {name.removeprefix(begins): text for name, text in parts.items() if name.startswith(begins)}
        for begins in PREFIXES
    }
    return OwnContent(
        wordings={_of_language(name): text for name, text in own[WORDING].items()},
        pages={
            (language, KnowledgeTopic(topic)): text
            for name, text in own[PAGE].items()
            for language, topic in [_of_language(name)]
        },
        hours={AvoidItem(name): int(text) for name, text in own[HOURS].items()},
    )


def shipped_form(parts: Mapping[str, str], part: str) -> str | None:
    """What stands in a bundle, as it shipped, where the clinic has no `part` of its own; None for what was
    unknown then."""
    if part.startswith(WORDING):
        language, _, key = part.removeprefix(WORDING).partition(" ")
        text = parts.get(f"texts {language}")
        shipped = None if text is None else catalogue.parse(text).texts.get(key)
        return None if shipped is None else shipped.template
    if part.startswith(PAGE):
        return parts.get(part.replace(PAGE, "page ", 1))
    rules = parts.get(content_parts.AVOIDED)
    hours = {} if rules is None else {rule.what.value: rule.hours for rule in avoidance_rules.parse(rules)}
    found = hours.get(part.removeprefix(HOURS))
    return None if found is None else str(found)


def put_back(
    session: Session, *, clinic_id: UUID, part: str, to: str | None, by: UUID | None, now: datetime
) -> None:
    """Let what waits to be signed for a part be this as well, or what ships (None)."""
    own = of_parts({part: "0" if to is None and part.startswith(HOURS) else to or ""})
    for language, key in own.wordings:
        kept = ClinicWording(
            clinic_id=clinic_id, language=language, key=key, template=to, saved_at=now, saved_by=by
        )
        wordings.save(session, kept)
    for language, topic in own.pages:
        page = ClinicPage(
            clinic_id=clinic_id, language=language, topic=topic, source=to, saved_at=now, saved_by=by
        )
        clinic_pages.save(session, page)
    for what in own.hours:
        hours = None if to is None else int(to)
        avoidances.save(
            session,
            ClinicAvoidance(clinic_id=clinic_id, what=what, hours=hours, saved_at=now, saved_by=by),
        )


def _of_language(name: str) -> tuple[Language, str]:
    language, _, rest = name.partition(" ")
    return Language(language), rest
