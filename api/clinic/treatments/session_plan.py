"""Endpoints and bodies: the plan of a patient's sessions, read and set."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response

from api import auth, clinic_content, database
from api.formats.request_bodies import Blueprint, Body, DateOnly, StrictInteger
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.treatments import session_plan as rules
from recovery.domain.treatments.session_plan import SessionPlan
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.treatments import session_plan

blueprint = Blueprint(
    "series", __name__, url_prefix="/patients", description="Sessions planned, and the next one."
)
blueprint.before_request(auth.require_staff)


class SessionPlanIn(Body):
    """How many sessions, how many weeks apart, maintenance afterwards, and the day agreed for the next one.

    The day is one of the patient's own time zone. A reminder goes out a week before it, to patients who
    agreed to reminders.
    """

    sessions = StrictInteger(minimum=rules.FEWEST, maximum=rules.MOST, required=True)
    weeks_between = StrictInteger(minimum=rules.CLOSEST, maximum=rules.FARTHEST, required=True)
    maintenance_months = StrictInteger(
        minimum=rules.SOONEST, maximum=rules.LATEST, load_default=None, allow_none=True
    )
    next_session_on = DateOnly(load_default=None, allow_none=True)


class SessionPlanOut(ma.Schema):
    """The plan, empty while there is none; how many sessions took place; when the next one would be.

    While `held`, no reminder goes out: a flag is open, or one was closed as a change of pigment and the plan
    was not kept anew since.
    """

    sessions = ma.fields.Integer(required=True, allow_none=True)
    weeks_between = ma.fields.Integer(required=True, allow_none=True)
    maintenance_months = ma.fields.Integer(required=True, allow_none=True)
    next_session_on = ma.fields.Date(required=True, allow_none=True)
    sessions_done = ma.fields.Integer(required=True)
    proposed_on = ma.fields.Date(required=True, allow_none=True)
    held = ma.fields.Boolean(required=True)


_SERIES = SessionPlanOut()


@blueprint.get("/<uuid:patient_id>/series")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _SERIES)
def get_session_plan(patient_id: UUID) -> Response:
    """How far a patient's series is, and when its next session would be."""
    caller = auth.staff()
    session = database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="series.read",
        subject=("patient", patient.id),
        now=database.request_time(),
    )
    return _answer(session_plan.get_status(session, patient=patient))


@blueprint.put("/<uuid:patient_id>/series")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(SessionPlanIn())
@blueprint.response(200, _SERIES)
@blueprint.alt_response(403, schema=Problem)
def put_session_plan(body: dict[str, Any], *, patient_id: UUID) -> Response:
    """Plan the series, or change it; the reminder of the next session follows."""
    caller = auth.staff_for(Duty.CONSULTATION)
    session = database.current()
    next_session_on = body.pop("next_session_on")
    return _answer(
        session_plan.save_plan(
            session,
            patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
            plan=SessionPlan(**body),
            next_session_on=next_session_on,
            content=clinic_content.running(),
            actor=audit.staff(caller.staff_id),
            now=database.request_time(),
        )
    )


def _answer(standing: session_plan.SessionPlanStatus) -> Response:
    plan = standing.plan
    shown = {
        "sessions": None if plan is None else plan.sessions,
        "weeks_between": None if plan is None else plan.weeks_between,
        "maintenance_months": None if plan is None else plan.maintenance_months,
        "next_session_on": None if plan is None else plan.next_session_on,
        "sessions_done": standing.visits,
        "proposed_on": standing.proposed_on,
        "held": standing.held,
    }
    return json(shown, schema=_SERIES)
