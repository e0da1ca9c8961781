"""The clinic's own pages on micro-needling."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, database
from api.app_state import state
from api.formats.answers import json
from api.formats.bodies import Blueprint, Body, Moment, Words
from api.openapi.documentation import Problem
from recovery.domain.clinic.staff import Role
from recovery.domain.content import readability
from recovery.domain.content.knowledge import LONGEST_PAGE, Topic
from recovery.domain.core.language import Language
from recovery.services.content import knowledge
from recovery.services.content.knowledge import ClinicsPage, UnknownPage
from recovery.services.core import audit

MAY_WRITE = (Role.MANAGER, Role.MEDICAL_DIRECTOR)

blueprint = Blueprint(
    "pages", __name__, url_prefix="/clinic/pages", description="What patients read about micro-needling."
)
blueprint.before_request(auth.require_staff)


class PageIn(Body):
    """A page: `# Title`, then paragraphs and lists of `- ` lines, empty lines between; null for ours."""

    text = Words(required=True, longest=LONGEST_PAGE, lines=True, allow_none=True)


class PageOut(ma.Schema):
    """One page as patients read it; `saved_at` is null where the shipped one stands.

    `grade` is the school grade its English reads at; patients are best served by 6 or below.
    """

    language = ma.fields.Enum(Language, by_value=True, required=True)
    topic = ma.fields.Enum(Topic, by_value=True, required=True)
    text = ma.fields.String(required=True)
    shipped = ma.fields.String(required=True)
    grade = ma.fields.Float(required=True, allow_none=True)
    saved_at = Moment(required=True, allow_none=True)


class PageOfPages(ma.Schema):
    """Every page in every language, on one page."""

    items = ma.fields.List(ma.fields.Nested(PageOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


_ONE = PageOut()
_ALL = PageOfPages()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _ALL)
def every() -> Response:
    """Every page in every language."""
    clinic_id, content = auth.staff().clinic_id, state().content
    found = [
        page
        for language in sorted(content.pages)
        for page in knowledge.listed(database.current(), clinic_id, language=language, content=content)
    ]
    return json({"items": [_shown(one) for one in found], "next": None}, schema=_ALL)


@blueprint.put("/<language>/<topic>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(PageIn())
@blueprint.response(200, _ONE)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(422, schema=Problem, description="`errors` say why this is not a page")
def save(body: dict[str, Any], *, language: str, topic: str) -> Response:
    """Show patients this text from now on."""
    caller = auth.staff(*MAY_WRITE)
    known = _known(language, topic)
    saved = knowledge.save(
        database.current(),
        clinic_id=caller.clinic_id,
        language=known[0],
        topic=known[1],
        source=body["text"],
        content=state().content,
        actor=audit.staff(caller.staff_id),
        now=database.now(),
    )
    return json(_shown(saved), schema=_ONE)


def _known(language: str, topic: str) -> tuple[Language, Topic]:
    try:
        return Language(language), Topic(topic)
    except ValueError:
        raise UnknownPage(topic) from None


def _shown(one: ClinicsPage) -> dict[str, Any]:
    english = one.language is Language.ENGLISH
    syllables = state().content.wording_rules[one.language].syllables
    return {
        "language": one.language,
        "topic": one.topic,
        "text": one.page.source,
        "shipped": one.shipped.source,
        "grade": readability.grade(one.page.sentences, syllables=syllables) if english else None,
        "saved_at": one.saved_at,
    }
