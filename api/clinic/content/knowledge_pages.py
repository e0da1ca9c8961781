"""Endpoints and bodies: the clinic's own pages on micro-needling."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, database
from api.app_state import state
from api.formats.request_bodies import Blueprint, Body, PlainText, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.content import readability
from recovery.domain.content.knowledge_pages import LONGEST_PAGE, KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.services.content import knowledge_pages
from recovery.services.content.knowledge_pages import EffectivePage, UnknownPage
from recovery.services.core import audit

MAY_WRITE = (Role.MANAGER, Role.MEDICAL_DIRECTOR)

blueprint = Blueprint(
    "pages", __name__, url_prefix="/clinic/pages", description="What patients read about micro-needling."
)
blueprint.before_request(auth.require_staff)


class PageIn(Body):
    """A page: `# Title`, then paragraphs and lists of `- ` lines, empty lines between; null for ours."""

    text = PlainText(required=True, longest=LONGEST_PAGE, lines=True, allow_none=True)


class PageOut(ma.Schema):
    """One page as patients read it; `saved_at` is null where the shipped one stands.

    `grade` is the school grade its English reads at; patients are best served by 6 or below.
    """

    language = ma.fields.Enum(Language, by_value=True, required=True)
    topic = ma.fields.Enum(KnowledgeTopic, by_value=True, required=True)
    text = ma.fields.String(required=True)
    shipped = ma.fields.String(required=True)
    grade = ma.fields.Float(required=True, allow_none=True)
    saved_at = Timestamp(required=True, allow_none=True)


class PageOfPages(ma.Schema):
    """Every page in every language, on one page."""

    items = ma.fields.List(ma.fields.Nested(PageOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


_ONE = PageOut()
_ALL = PageOfPages()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _ALL)
def list_clinic_pages() -> Response:
    """Every page in every language."""
    clinic_id, content = auth.staff().clinic_id, state().newest
    pages = [
        page
        for language in sorted(content.pages)
        for page in knowledge_pages.list_pages(
            database.current(), clinic_id, language=language, content=content
        )
    ]
    return json({"items": [_shown(page) for page in pages], "next": None}, schema=_ALL)


@blueprint.put("/<language>/<topic>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(PageIn())
@blueprint.response(200, _ONE)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(422, schema=Problem, description="`errors` say why this is not a page")
def put_clinic_page(body: dict[str, Any], *, language: str, topic: str) -> Response:
    """Keep this text for a page; patients of a live clinic read it once it is signed."""
    caller = auth.staff(*MAY_WRITE)
    known = _known(language, topic)
    saved = knowledge_pages.save_page(
        database.current(),
        clinic_id=caller.clinic_id,
        language=known[0],
        topic=known[1],
        source=body["text"],
        content=state().newest,
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return json(_shown(saved), schema=_ONE)


def _known(language: str, topic: str) -> tuple[Language, KnowledgeTopic]:
    try:
        return Language(language), KnowledgeTopic(topic)
    except ValueError:
        raise UnknownPage(topic) from None


def _shown(one: EffectivePage) -> dict[str, Any]:
    english = one.language is Language.ENGLISH
    syllables = state().newest.wording_rules[one.language].syllables
    return {
        "language": one.language,
        "topic": one.topic,
        "text": one.page.source,
        "shipped": one.shipped.source,
        "grade": readability.school_grade(one.page.sentences, syllables=syllables) if english else None,
        "saved_at": one.saved_at,
    }
