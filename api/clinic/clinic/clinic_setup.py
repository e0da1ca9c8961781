"""Endpoints and bodies: the clinic's hours, holidays and numbers, its readiness, going live."""

from __future__ import annotations

from typing import Any, cast

import marshmallow as ma
from flask import Response

from api import auth, database
from api.app_state import state
from api.clinic.patients.patients import get_own_clinic
from api.formats.request_bodies import Blueprint, Body, Digits, PlainText, StrictInteger, Timestamp, ZoneName
from api.formats.responses import json
from api.openapi.document import Problem
from config.settings import SmsGateway
from recovery.domain.clinic import clinic_readiness
from recovery.domain.clinic.clinic_readiness import ReadinessNeed
from recovery.domain.clinic.staff_roles import Duty
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.services.access import credentials
from recovery.services.changes import hours_changes
from recovery.services.clinic import clinic_setup
from recovery.services.clinic.clinic_setup import ClinicChanges
from recovery.services.core import audit, phone_numbers

blueprint = Blueprint("clinic", __name__, url_prefix="/clinic", description="The clinic itself.")
blueprint.before_request(auth.require_staff)

MOST_HOLIDAYS = 200


class Periods(ma.fields.List[Any]):
    """Staffed periods of one day, each as `["09:00", "17:30"]`; 24:00 closes with the day."""

    def __init__(self, **kwargs: Any) -> None:
        period = ma.fields.List(
            PlainText(longest=5, shortest=5),
            validate=ma.validate.Length(equal=2),
        )
        super().__init__(period, validate=ma.validate.Length(max=8), **kwargs)


class Week(Body):
    """Weekly hours in the clinic's zone; a day left out is closed."""

    mon = Periods()
    tue = Periods()
    wed = Periods()
    thu = Periods()
    fri = Periods()
    sat = Periods()
    sun = Periods()


class HolidayIn(Body):
    """A day on which the clinic stays closed."""

    on = ma.fields.Date(required=True)
    name = PlainText(required=True, longest=100)


class ClinicChangeIn(Body):
    """What changes; what is left out stays. Without a `crisis_number` it is the usual line of the country."""

    name = PlainText(longest=100)
    text_name = PlainText(longest=20)
    phone = PlainText(longest=32)
    time_zone = ZoneName()
    weekly_hours = ma.fields.Nested(Week)
    holidays = ma.fields.List(ma.fields.Nested(HolidayIn), validate=ma.validate.Length(max=MOST_HOLIDAYS))
    out_of_hours_phone = PlainText(longest=32)
    on_call_phone = PlainText(longest=32)
    emergency_number = Digits(shortest=3, longest=3)
    crisis_number = PlainText(longest=17, allow_none=True, metadata={"example": "988"})
    texts_per_day = StrictInteger(minimum=1, maximum=1_000_000, allow_none=True)
    flags_per_100 = StrictInteger(minimum=1, maximum=100, allow_none=True)


class HolidayOut(ma.Schema):
    """A day on which the clinic stays closed."""

    on = ma.fields.String(required=True)
    name = ma.fields.String(required=True)


class OwnClinicOut(ma.Schema):
    """The clinic as it stands. `live_because` says why it went live past the checks, if it did.

    Alerts to an on-call phone that is a landline's may not arrive.
    """

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    text_name = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)
    time_zone = ma.fields.String(required=True)
    weekly_hours = ma.fields.Nested(Week, required=True)
    holidays = ma.fields.List(ma.fields.Nested(HolidayOut), required=True)
    out_of_hours_phone = ma.fields.String(required=True)
    on_call_phone = ma.fields.String(required=True)
    on_call_phone_is_landline = ma.fields.Boolean(required=True)
    emergency_number = ma.fields.String(required=True)
    crisis_number = ma.fields.String(required=True, allow_none=True)
    texts_per_day = ma.fields.Integer(required=True, allow_none=True)
    flags_per_100 = ma.fields.Float(required=True, allow_none=True)
    mode = ma.fields.Enum(ClinicMode, by_value=True, required=True)
    live_because = ma.fields.String(required=True, allow_none=True)
    texts_stopped_at = Timestamp(required=True, allow_none=True)


class StepOut(ma.Schema):
    """One thing that has to be there before the clinic follows patients."""

    need = ma.fields.Enum(ReadinessNeed, by_value=True, required=True)
    met = ma.fields.Boolean(required=True)
    told = ma.fields.String(required=True)


class ReadinessOut(ma.Schema):
    """Every need, in the order in which a clinic gets to it."""

    mode = ma.fields.Enum(ClinicMode, by_value=True, required=True)
    ready = ma.fields.Boolean(required=True)
    steps = ma.fields.List(ma.fields.Nested(StepOut), required=True)


_CLINIC = OwnClinicOut()
_READINESS = ReadinessOut()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _CLINIC)
def get_clinic() -> Response:
    """The clinic's hours, numbers and limits."""
    return _answer(get_own_clinic())


@blueprint.patch("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(ClinicChangeIn())
@blueprint.response(200, _CLINIC)
@blueprint.alt_response(403, schema=Problem)
def update_clinic(body: dict[str, Any]) -> Response:
    """Change the clinic. What is open and due in hours that are closed now is due later, and its history says
    so."""
    caller = auth.staff_for(Duty.SETTING_UP)
    if "holidays" in body:
        body["holidays"] = {holiday["on"].isoformat(): holiday["name"] for holiday in body["holidays"]}
    clinic = get_own_clinic()
    hours_changes.update_clinic(
        database.current(),
        clinic=clinic,
        changes=cast(ClinicChanges, body),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return _answer(clinic)


@blueprint.get("/readiness")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _READINESS)
def get_clinic_readiness() -> Response:
    """What is still missing before the clinic may follow patients."""
    return _readiness(get_own_clinic())


@blueprint.post("/go-live")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _READINESS)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(409, schema=Problem, description="`errors` say what is missing")
def go_live() -> Response:
    """From here on the clinic texts its patients."""
    caller = auth.staff_for(Duty.SETTING_UP)
    clinic = clinic_setup.go_live(
        database.current(),
        clinic=get_own_clinic(),
        facts=readiness_facts(get_own_clinic()),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return _readiness(clinic)


def readiness_facts(clinic: Clinic) -> clinic_readiness.ReadinessFacts:
    """What is known of the clinic, with what this installation's settings say."""
    settings = state().settings
    return clinic_setup.read_readiness(
        database.current(),
        clinic=clinic,
        content=state().newest,
        real_carrier=settings.sms_gateway is not SmsGateway.CONSOLE,
        alerts_leave=settings.alerts_leave,
        link_length=credentials.link_length(settings.links_at),
        now=database.request_time(),
    )


def _answer(clinic: Clinic) -> Response:
    shown = {name: getattr(clinic, name) for name in _CLINIC.fields if hasattr(clinic, name)}
    shown["on_call_phone_is_landline"] = phone_numbers.is_landline(clinic.on_call_phone)
    holidays = [{"on": on, "name": str(name)} for on, name in sorted(clinic.holidays.items())]
    return json({**shown, "holidays": holidays}, schema=_CLINIC)


def _readiness(clinic: Clinic) -> Response:
    known = readiness_facts(clinic)
    answer = {
        "mode": clinic.mode,
        "ready": not clinic_readiness.list_unmet(known),
        "steps": clinic_readiness.list_checks(known),
    }
    return json(answer, schema=_READINESS)
