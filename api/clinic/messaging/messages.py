"""Endpoints and answers: the texts of a patient or treatment, what was sent, and why each other was not."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
import orjson
from flask import Response

from api import auth, clinic_content, database
from api.errors import problems
from api.formats.request_bodies import Blueprint, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import send_explanations
from recovery.services.read_models.send_explanations import RecipientKind

blueprint = Blueprint("messages", __name__, url_prefix="", description="What was sent, and why not.")
blueprint.before_request(auth.require_staff)


class ToldOut(ma.Schema):
    """One text; never its words. `why` is a sentence, its times in the patient's own zone."""

    id = ma.fields.UUID(required=True, allow_none=True)
    step = ma.fields.String(required=True)
    template = ma.fields.String(required=True)
    to = ma.fields.Enum(RecipientKind, by_value=True, required=True)
    state = ma.fields.String(required=True)
    due_at = Timestamp(required=True, allow_none=True)
    why = ma.fields.String(required=True)


class ExplainedOut(ma.Schema):
    """Every step of a treatment, in the order they are or were due."""

    treatment_id = ma.fields.UUID(required=True)
    time_zone = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(ToldOut), required=True, attribute="steps")


class MessagePage(ma.Schema):
    """A patient's texts, the one due last first."""

    items = ma.fields.List(ma.fields.Nested(ToldOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class MessageQuery(ma.Schema):
    """Whose texts."""

    patient_id = ma.fields.UUID(required=True)
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=200))
    cursor = ma.fields.String(load_default=None, validate=ma.validate.Length(max=200))


_EXPLAINED = ExplainedOut()
_PAGE = MessagePage()


@blueprint.get("/treatments/<uuid:treatment_id>/messages/explained")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _EXPLAINED)
def explain_treatment_messages(treatment_id: UUID) -> Response:
    """For every step of a treatment: sent, and when, or why not. Of a withdrawn one too."""
    caller = auth.staff()
    explanations = send_explanations.explain_treatment(
        database.current(),
        clinic_id=caller.clinic_id,
        treatment_id=treatment_id,
        content=clinic_content.running_or_shipped(),
        now=database.request_time(),
    )
    _note_reading(("treatment", treatment_id))
    return json(explanations, schema=_EXPLAINED)


@blueprint.get("/messages")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(MessageQuery(), location="query")
@blueprint.response(200, _PAGE)
@blueprint.alt_response(404, schema=Problem)
def list_patient_messages(query: dict[str, Any]) -> Response:
    """All texts to one patient, the one due last first."""
    caller = auth.staff()
    session = database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=query["patient_id"])
    explanations = send_explanations.explain_for_patient(
        session,
        patient=patient,
        content=clinic_content.running_or_shipped(),
        after=None if query["cursor"] is None else _read_cursor(query["cursor"]),
        limit=query["limit"] + 1,
        now=database.request_time(),
    )
    _note_reading(("patient", patient.id))
    page = explanations[: query["limit"]]
    return json(
        {"items": page, "next": _cursor(page[-1]) if len(explanations) > len(page) else None}, schema=_PAGE
    )


def _note_reading(subject: tuple[str, UUID]) -> None:
    caller = auth.staff()
    audit.record(
        database.current(),
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="messages.read",
        subject=subject,
        now=database.request_time(),
    )


def _cursor(told: send_explanations.TextExplanation) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([told.due_at, told.id])).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    try:
        due_at, message_id = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return _aware(datetime.fromisoformat(due_at)), UUID(message_id)
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        raise problems.InvalidBody([("#/query/cursor", "Not a cursor of ours.")]) from error


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError
    return moment
