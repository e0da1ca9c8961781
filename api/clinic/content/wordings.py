"""Endpoints and bodies: the clinic's own words for its texts, previewed, kept, reset."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, clinic_content, database
from api.app_state import state
from api.clinic.patients.patients import get_own_clinic
from api.formats.request_bodies import Blueprint, Body, PlainText, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.content.wording_rules import WordingRule
from recovery.domain.core.language import Language
from recovery.domain.messaging.catalogue import TextKind
from recovery.domain.messaging.sms_segments import Encoding
from recovery.services.clinic import crisis_lines
from recovery.services.content import wordings
from recovery.services.content.wordings import UnknownText, Wording
from recovery.services.core import audit

blueprint = Blueprint(
    "wordings", __name__, url_prefix="/clinic/wordings", description="The words of the clinic's texts."
)
blueprint.before_request(auth.require_staff)


class WordingIn(Body):
    """The words, with places in braces, as in `{clinic}: Call {phone}.`"""

    template = PlainText(required=True, longest=400)


class WordingOut(ma.Schema):
    """One text as the clinic wants it; `saved_at` is null where the shipped words stand.

    `sends` are the words that leave now: in a live clinic those signed last, null where there are none.
    """

    language = ma.fields.Enum(Language, by_value=True, required=True)
    key = ma.fields.String(required=True)
    kind = ma.fields.Enum(TextKind, by_value=True, required=True)
    when = ma.fields.String(required=True)
    template = ma.fields.String(required=True)
    shipped = ma.fields.String(required=True)
    required = ma.fields.List(ma.fields.String(), required=True)
    possible = ma.fields.List(ma.fields.String(), required=True)
    saved_at = Timestamp(required=True, allow_none=True)
    sends = ma.fields.String(required=True, allow_none=True)


class WordingPage(ma.Schema):
    """Every text in every language, on one page."""

    items = ma.fields.List(ma.fields.Nested(WordingOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class MeasureOut(ma.Schema):
    """Septets of GSM-7 or UTF-16 units of UCS-2, and the segments they take."""

    encoding = ma.fields.Enum(Encoding, by_value=True, required=True)
    units = ma.fields.Integer(required=True)
    segments = ma.fields.Integer(required=True)


class FaultOut(ma.Schema):
    """One reason why these words may not be sent."""

    rule = ma.fields.Enum(WordingRule, by_value=True, required=True)
    detail = ma.fields.String(required=True)


class PreviewOut(ma.Schema):
    """The words with the clinic's name, numbers and link and with sample values, and what they take so.
    `takes` is at the longest: every value at its limit, the link as long as it is here."""

    body = ma.fields.String(required=True, allow_none=True)
    body_takes = ma.fields.Nested(MeasureOut, required=True, allow_none=True)
    takes = ma.fields.Nested(MeasureOut, required=True, allow_none=True)
    grade = ma.fields.Float(required=True, allow_none=True)
    faults = ma.fields.List(ma.fields.Nested(FaultOut), required=True)


_WORDING = WordingOut()
_PAGE = WordingPage()
_PREVIEW = PreviewOut()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _PAGE)
def list_wordings() -> Response:
    """Every text in every language, in the words the clinic wants and in those that leave now."""
    clinic_id = auth.staff().clinic_id
    listed = wordings.list_wordings(database.current(), clinic_id, content=state().newest)
    return json({"items": [_shown(wording) for wording in listed], "next": None}, schema=_PAGE)


@blueprint.put("/<language>/<key>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(WordingIn())
@blueprint.response(200, _WORDING)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(422, schema=Problem, description="`errors` say why these words may not be sent")
def put_wording(body: dict[str, Any], *, language: str, key: str) -> Response:
    """Keep these words for this text; a live clinic sends them once its medical director has signed them."""
    caller = auth.staff_for(Duty.WORDINGS)
    saved = wordings.save(
        database.current(),
        clinic_id=caller.clinic_id,
        language=_language(language),
        key=key,
        template=body["template"],
        content=state().newest,
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return json(_shown(saved), schema=_WORDING)


@blueprint.delete("/<language>/<key>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(204)
@blueprint.alt_response(403, schema=Problem)
def reset_wording(language: str, key: str) -> Response:
    """Take the shipped words for this text again; a live clinic sends them once they are signed."""
    caller = auth.staff_for(Duty.WORDINGS)
    wordings.reset(
        database.current(),
        clinic_id=caller.clinic_id,
        language=_language(language),
        key=key,
        content=state().newest,
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return Response(status=204)


@blueprint.post("/<language>/<key>/preview")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(WordingIn())
@blueprint.response(200, _PREVIEW)
def preview_wording(body: dict[str, Any], *, language: str, key: str) -> Response:
    """How these words would look and what they take. Nothing is kept."""
    clinic = get_own_clinic()
    shown = wordings.preview(
        clinic=clinic,
        language=_language(language),
        key=key,
        template=body["template"],
        content=state().newest,
        links_at=state().settings.links_at,
        crisis=crisis_lines.number_of(clinic),
    )
    return json(shown, schema=_PREVIEW)


def _language(code: str) -> Language:
    try:
        return Language(code)
    except ValueError:
        raise UnknownText(code) from None


def _shown(wording: Wording) -> dict[str, Any]:
    text, texts = wording.text, clinic_content.running().catalogue_for(wording.language).texts
    return {
        **{
            name: getattr(wording, name)
            for name in ("language", "shipped", "required", "possible", "saved_at")
        },
        "key": text.key,
        "kind": text.kind,
        "when": text.when,
        "template": text.template,
        "sends": texts[text.key].template if text.key in texts else None,
    }
