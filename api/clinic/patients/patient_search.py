"""Endpoints and answers: patients found page by page, and one patient's timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response

from api import auth, database
from api.clinic.patients.patient_schemas import PatientOut
from api.formats import pagination
from api.formats.pagination import PageQuery
from api.formats.request_bodies import Blueprint, Timestamp
from api.formats.responses import json
from recovery.services.patients import patient_search
from recovery.services.read_models import patient_timeline

blueprint = Blueprint(
    "finding", __name__, url_prefix="/patients", description="Finding patients and what happened."
)
blueprint.before_request(auth.require_staff)


class PatientQuery(PageQuery):
    """Whom to find: parts of names, of the number, a year of birth, in any order; without it everyone."""

    search = ma.fields.String(load_default="", validate=ma.validate.Length(max=patient_search.LONGEST))


class PatientPage(ma.Schema):
    """Patients, the one enrolled last first."""

    items = ma.fields.List(ma.fields.Nested(PatientOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class TimelineMoment(ma.Schema):
    """One thing that happened. `id` is that of the thing; `detail` depends on the kind."""

    at = Timestamp(required=True)
    kind = ma.fields.Enum(patient_timeline.TimelineEventKind, by_value=True, required=True)
    id = ma.fields.UUID(required=True)
    treatment_id = ma.fields.UUID(required=True, allow_none=True)
    detail = ma.fields.Dict(keys=ma.fields.String(), required=True)


class TimelinePage(ma.Schema):
    """What happened, oldest first."""

    items = ma.fields.List(ma.fields.Nested(TimelineMoment), required=True)
    next = ma.fields.String(required=True, allow_none=True)


_PATIENTS = PatientPage()
_TIMELINE = TimelinePage()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(PatientQuery(), location="query")
@blueprint.response(200, _PATIENTS)
def list_patients(query: dict[str, Any]) -> Response:
    """Patients whom the words fit."""
    patients = patient_search.search(
        database.current(),
        caller=auth.staff(),
        typed=query["search"],
        after=pagination.decode_cursor(query["cursor"]),
        limit=query["limit"] + 1,
        now=database.request_time(),
    )
    page, more = patients[: query["limit"]], len(patients) > query["limit"]
    following = pagination.encode_cursor(page[-1].created_at, page[-1].id) if more else None
    return json({"items": page, "next": following}, schema=_PATIENTS)


@blueprint.get("/<uuid:patient_id>/timeline")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(PageQuery(), location="query")
@blueprint.response(200, _TIMELINE)
def list_patient_timeline(query: dict[str, Any], *, patient_id: UUID) -> Response:
    """Everything with this patient in order: enrolment, consents, treatments, reports, flags and texts."""
    moments = patient_timeline.read_timeline(
        database.current(),
        caller=auth.staff(),
        patient_id=patient_id,
        after=pagination.decode_cursor(query["cursor"]),
        limit=query["limit"] + 1,
        now=database.request_time(),
    )
    page, more = moments[: query["limit"]], len(moments) > query["limit"]
    following = pagination.encode_cursor(*page[-1].sort_key) if more else None
    return json({"items": page, "next": following}, schema=_TIMELINE)
