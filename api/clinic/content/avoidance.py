"""Endpoints and bodies: how long the clinic's patients are to avoid sun, sweat and the like."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, database
from api.app_state import state
from api.formats.request_bodies import Blueprint, Body, StrictInteger, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.treatments.avoidance_rules import MOST_HOURS, AvoidItem
from recovery.services.content import avoidance
from recovery.services.content.avoidance import Avoidance, UnknownAvoidItem
from recovery.services.core import audit

MAY_WRITE = (Role.MANAGER, Role.MEDICAL_DIRECTOR)

blueprint = Blueprint(
    "avoidance",
    __name__,
    url_prefix="/clinic/avoid",
    description="What patients are to avoid after a treatment, and for how long.",
)
blueprint.before_request(auth.require_staff)


class AvoidanceIn(Body):
    """Hours after the treatment; 0 where it need not be avoided, null for the shipped hours again."""

    hours = StrictInteger(minimum=0, maximum=MOST_HOURS, required=True, allow_none=True)


class AvoidanceOut(ma.Schema):
    """One thing to avoid; `saved_at` is null where the shipped hours stand."""

    what = ma.fields.Enum(AvoidItem, by_value=True, required=True)
    hours = ma.fields.Integer(required=True)
    source = ma.fields.String(required=True)
    shipped_hours = ma.fields.Integer(required=True)
    saved_at = Timestamp(required=True, allow_none=True)


class AvoidancePage(ma.Schema):
    """Everything there is to avoid, on one page."""

    items = ma.fields.List(ma.fields.Nested(AvoidanceOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


_ONE = AvoidanceOut()
_PAGE = AvoidancePage()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _PAGE)
def list_avoidance() -> Response:
    """What patients are to avoid, and for how many hours after a treatment."""
    rules = avoidance.list_avoidance(database.current(), auth.staff().clinic_id, content=state().newest)
    return json({"items": [_shown(rule) for rule in rules], "next": None}, schema=_PAGE)


@blueprint.put("/<what>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(AvoidanceIn())
@blueprint.response(200, _ONE)
@blueprint.alt_response(403, schema=Problem)
def put_avoidance(body: dict[str, Any], *, what: str) -> Response:
    """Set the clinic's own hours, for treatments of before too. A live clinic's hold once they are signed."""
    caller = auth.staff(*MAY_WRITE)
    saved = avoidance.save(
        database.current(),
        clinic_id=caller.clinic_id,
        what=_known(what),
        hours=body["hours"],
        content=state().newest,
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return json(_shown(saved), schema=_ONE)


def _known(what: str) -> AvoidItem:
    try:
        return AvoidItem(what)
    except ValueError:
        raise UnknownAvoidItem(what) from None


def _shown(one: Avoidance) -> dict[str, Any]:
    return {
        "what": one.rule.what,
        "hours": one.rule.hours,
        "source": one.rule.source,
        "shipped_hours": one.shipped.hours,
        "saved_at": one.saved_at,
    }
