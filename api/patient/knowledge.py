"""Endpoints and answers: the pages on micro-needling, the aftercare tips of one recovery, and the words of
the patient's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, request

from api import auth, clinic_content, database
from api.formats.request_bodies import Blueprint, Timestamp
from api.formats.responses import json
from recovery.domain.content import aftercare_tips
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.models.clinic import clinics
from recovery.services.content import knowledge_pages
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_course_view
from recovery.services.treatments import treatments

blueprint = Blueprint("patient knowledge", __name__, description="Pages and tips to read.")
blueprint.before_request(auth.require_patient)


class KnowledgeQuery(ma.Schema):
    """In which language to read; the patient's own where none is given."""

    language = ma.fields.Enum(Language, by_value=True, load_default=None)


class BlockOut(ma.Schema):
    """A paragraph as `text`, or a list as `items`; the other is empty."""

    text = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.String(), required=True)


class KnowledgePageOut(ma.Schema):
    """One short page."""

    topic = ma.fields.Enum(KnowledgeTopic, by_value=True, required=True)
    language = ma.fields.Enum(Language, by_value=True, required=True)
    title = ma.fields.String(required=True)
    blocks = ma.fields.List(ma.fields.Nested(BlockOut), required=True)


class KnowledgeList(ma.Schema):
    """Every page, in the order in which they are read."""

    items = ma.fields.List(ma.fields.Nested(KnowledgePageOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class PageWordsOut(ma.Schema):
    """What the patient's page says, by the keys of its words; words that are not there are the page's own."""

    language = ma.fields.Enum(Language, by_value=True, required=True)
    words = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class TipOut(ma.Schema):
    """What helps from one recovery day on; `begun` once that day has come."""

    day = ma.fields.Integer(required=True)
    title = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    begins_at = Timestamp(required=True)
    begun = ma.fields.Boolean(required=True)


class TipList(ma.Schema):
    """Tips by day. While a flag is not closed, or the skin was last told to be open, none are to come, and
    `instead` says what to do.
    """

    items = ma.fields.List(ma.fields.Nested(TipOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)
    instead = ma.fields.String(required=True, allow_none=True)


_PAGES = KnowledgeList()
_TIPS = TipList()
_WORDS = PageWordsOut()


@blueprint.get("/knowledge")
@blueprint.doc(security=[{"patient": []}])
@blueprint.arguments(KnowledgeQuery(), location="query")
@blueprint.response(200, _PAGES)
def list_knowledge_pages(query: dict[str, Any]) -> Response:
    """What micro-needling is, what to expect, how to care for skin, when to call, in the clinic's words."""
    caller, session = auth.patient(), database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    language = query["language"] or patient.language
    pages = knowledge_pages.list_filled_pages(
        session,
        clinic=clinics.get_one(session, caller.clinic_id),
        language=language,
        content=clinic_content.running(),
        now=database.request_time(),
    )
    items = [
        {"topic": topic, "language": language, "title": page.title, "blocks": page.blocks}
        for topic, page in pages
    ]
    return json({"items": items, "next": None}, schema=_PAGES)


@blueprint.get("/me/words")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _WORDS)
@blueprint.alt_response(304, description="what `If-None-Match` names still holds")
def get_page_words() -> Response:
    """The words of the patient's page as the clinic runs on them, in the patient's language."""
    caller, session = auth.patient(), database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    language = Language(patient.language)
    words = clinic_content.running().page_words.get(language, {})
    response = json({"language": language, "words": words}, schema=_WORDS)
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/me/treatments/<uuid:treatment_id>/tips")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _TIPS)
def list_tips(treatment_id: UUID) -> Response:
    """Aftercare so far and to come, by recovery day."""
    caller, session, now = auth.patient(), database.current(), database.request_time()
    treatment = treatments.get_treatment(
        session, clinic_id=caller.clinic_id, treatment_id=treatment_id, patient_id=caller.patient_id
    )
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    (stands,) = patient_course_view.treatment_statuses(
        session, [treatment], content=clinic_content.running(), now=now
    )
    follow_up = stands.follow_up
    why = aftercare_tips.instead_of_tips(
        state=follow_up.state, overdue=follow_up.is_overdue(now=now), held=stands.held
    )
    care = clinic_content.running().care_for(patient.language)
    found = [(tip, tip.begins_at(treatment.performed_at)) for tip in care.tips]
    items = [
        {"day": tip.day, "title": tip.title, "text": tip.text, "begins_at": at, "begun": at <= now}
        for tip, at in found
        if at <= now or why is None
    ]
    instead = None if why is None else care.instead[why]
    return json({"items": items, "next": None, "instead": instead}, schema=_TIPS)
