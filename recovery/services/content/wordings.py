"""A clinic's own words: checked by the same rules as ours, shown before they are sent, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.content import wording_rules
from recovery.domain.content.wording_rules import WordingFault, WordingRule, WordingRules
from recovery.domain.core.language import Language
from recovery.domain.messaging import catalogue, sms_segments
from recovery.domain.messaging.catalogue import Catalogue, TextTemplate
from recovery.domain.messaging.sms_segments import SegmentCount
from recovery.models.clinic.clinics import Clinic
from recovery.models.content import wordings
from recovery.models.content.wordings import ClinicWording
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.core.audit import Actor

SAMPLE_ENDING = "sample-Q7mZ3xK9rT2vB8w"
"""Ends a link that is shown and never sent, as long as what ends a real one."""


class UnknownText(LookupError):
    """There is no text under this key in this language."""


class FaultyWording(ValueError):
    """A wording that may not be sent; `faults` says why, at least once."""

    def __init__(self, faults: tuple[WordingFault, ...]) -> None:
        super().__init__()
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One text as the clinic wants it. `shipped` are our words; `saved_at` is None where they stand.

    `required` and `possible` are the places its words have to have and may have.
    """

    language: Language
    text: TextTemplate
    shipped: str
    required: tuple[str, ...]
    possible: tuple[str, ...]
    saved_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a wording would look like and take. `body` and `body_takes` are None where it cannot be filled.

    `takes` is measured with every value at its limit and the link as long as links are here; `grade` is None
    outside English.
    """

    body: str | None
    body_takes: SegmentCount | None
    takes: SegmentCount | None
    grade: float | None
    faults: tuple[WordingFault, ...]


def list_wordings(session: Session, clinic_id: UUID, *, content: Content) -> list[Wording]:
    """Every text of every language, in the order of the catalogue."""
    own = {(row.language, row.key): row for row in wordings.list_for_clinics(session, {clinic_id})}
    return [
        _wording(shipped.text(key), own.get((language, key)), language=language, content=content)
        for language, shipped in sorted(content.catalogues.items())
        for key in shipped.keys
    ]


def preview(
    *,
    clinic: Clinic,
    language: Language,
    key: str,
    template: str,
    content: Content,
    links_at: str,
    crisis: str,
) -> Preview:
    """A wording filled with the clinic's own name, numbers and link, and with sample values for what differs
    from text to text. `links_at` is where links point to, `crisis` the clinic's crisis line.

    Raises UnknownText.
    """
    shipped, rules = _known(content, language=language, key=key)
    faults = wording_rules.find_faults(template, key=key, rules=rules, limits=shipped.limits)
    if any(fault.rule in (WordingRule.BRACES, WordingRule.UNKNOWN_PLACE) for fault in faults):
        return Preview(body=None, body_takes=None, takes=None, grade=None, faults=faults)
    link = f"{links_at}/{SAMPLE_ENDING}"
    body = wording_rules.render_sample(
        template,
        rules=rules,
        clinic=clinic.text_name,
        phone=clinic.phone,
        emergency=clinic.emergency_number,
        crisis=crisis,
        link=link,
        danger=content.words_for(language).signs.danger,
        signs=content.words_for(language).signs.by_text,
    )
    return Preview(
        body=body,
        body_takes=sms_segments.count_segments(body),
        takes=sms_segments.count_segments(
            catalogue.render_longest(template, limits={**shipped.limits, "link": len(link)})
        ),
        grade=wording_rules.reading_grade(template, rules=rules),
        faults=faults,
    )


def save(
    session: Session,
    *,
    clinic_id: UUID,
    language: Language,
    key: str,
    template: str,
    content: Content,
    actor: Actor,
    now: datetime,
) -> Wording:
    """Keep these words for this text; a live clinic sends them once they are signed.

    Raises UnknownText, FaultyWording.
    """
    shipped, rules = _known(content, language=language, key=key)
    if faults := wording_rules.find_faults(template, key=key, rules=rules, limits=shipped.limits):
        raise FaultyWording(faults)
    kept = ClinicWording(
        clinic_id=clinic_id, language=language, key=key, template=template, saved_at=now, saved_by=actor.id
    )
    wordings.save(session, kept)
    _note(session, clinic_id, "wording.save", language=language, key=key, actor=actor, now=now)
    return _wording(shipped.text(key), kept, language=language, content=content)


def reset(
    session: Session,
    *,
    clinic_id: UUID,
    language: Language,
    key: str,
    content: Content,
    actor: Actor,
    now: datetime,
) -> None:
    """Take our words for this text again; nothing happens where they stand already. Raises UnknownText.

    A live clinic goes on sending what is signed.
    """
    _known(content, language=language, key=key)
    if wordings.remove(session, clinic_id, language=language, key=key, by=actor.id, now=now):
        _note(session, clinic_id, "wording.reset", language=language, key=key, actor=actor, now=now)


def _known(content: Content, *, language: Language, key: str) -> tuple[Catalogue, WordingRules]:
    shipped = content.catalogues.get(language)
    if shipped is None or key not in shipped.texts:
        raise UnknownText(key)
    return shipped, content.wording_rules[language]


def _wording(
    shipped: TextTemplate, own: ClinicWording | None, *, language: Language, content: Content
) -> Wording:
    rules = content.wording_rules[language]
    templates = {} if own is None or own.template is None else {shipped.key: own.template}
    return Wording(
        language=language,
        text=content.catalogues[language].with_wordings(templates).text(shipped.key),
        shipped=shipped.template,
        required=tuple(sorted(rules.required(shipped.key))),
        possible=tuple(sorted(rules.possible(shipped.key))),
        saved_at=None if own is None else own.saved_at,
    )


def _note(
    session: Session,
    clinic_id: UUID,
    action: str,
    *,
    language: Language,
    key: str,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record(
        session,
        clinic_id=clinic_id,
        actor=actor,
        action=action,
        subject=("wording", None),
        now=now,
        detail={"language": language.value, "key": key},
    )
