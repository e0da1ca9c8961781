"""The people of a clinic."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import marshmallow as ma
from flask import Response

from api import auth, database
from api.clinic import repeats
from api.formats.request_bodies import Blueprint, Body, PersonName, StrictBoolean, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty, Role
from recovery.models.clinic import clinics as stored
from recovery.models.clinic.clinics import Staff
from recovery.services.access import credentials
from recovery.services.clinic import clinics, staff_members
from recovery.services.clinic.staff_members import MemberChanges
from recovery.services.core import audit

MOST = 200

blueprint = Blueprint("staff", __name__, url_prefix="/staff", description="Who works in the clinic.")
blueprint.before_request(auth.require_staff)


class MemberIn(Body):
    """Somebody new. They sign in with the first password that the answer shows once."""

    email = ma.fields.Email(required=True, validate=ma.validate.Length(max=254))
    name = PersonName(called="The name", required=True)
    role = ma.fields.Enum(Role, by_value=True, required=True)


class MemberChangeIn(Body):
    """What changes; what is left out stays. `active` false ends every session of theirs at once."""

    name = PersonName(called="The name")
    role = ma.fields.Enum(Role, by_value=True)
    active = StrictBoolean()


class MemberOut(ma.Schema):
    """Somebody who signs in, or did."""

    id = ma.fields.UUID(required=True)
    email = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    role = ma.fields.Enum(Role, by_value=True, required=True)
    active = ma.fields.Boolean(required=True)
    second_factor = ma.fields.Boolean(required=True)
    created_at = Timestamp(required=True)


class NewMemberOut(MemberOut):
    """Somebody new, with the password of their first sign-in, shown here and never again."""

    first_password = ma.fields.String(required=True)


class MemberPage(ma.Schema):
    """Everyone, by name. A clinic's staff fits one page."""

    items = ma.fields.List(ma.fields.Nested(MemberOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


_MEMBER = MemberOut()
_NEW = NewMemberOut()
_PAGE = MemberPage()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _PAGE)
def list_staff() -> Response:
    """Who works in the clinic, and who did."""
    members = stored.list_members(database.current(), auth.staff().clinic_id, limit=MOST)
    return json({"items": [_shown(member) for member in members], "next": None}, schema=_PAGE)


@blueprint.post("")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(MemberIn())
@blueprint.response(201, _NEW)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(409, schema=Problem, description="somebody signs in with this e-mail address")
@repeats.once({"first_password": ""})
def create_staff_member(body: dict[str, Any]) -> Response:
    """Let somebody sign in."""
    caller = auth.staff_for(Duty.SETTING_UP)
    password = credentials.new_password()
    member = clinics.add_staff(
        database.current(),
        clinic_id=caller.clinic_id,
        password=password,
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
        **body,
    )
    return json({**_shown(member), "first_password": password}, schema=_NEW, status=201)


@blueprint.patch("/<uuid:staff_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(MemberChangeIn())
@blueprint.response(200, _MEMBER)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(409, schema=Problem, description="nobody would be left who sets up the clinic")
def update_staff_member(body: dict[str, Any], *, staff_id: UUID) -> Response:
    """Rename somebody, give another role, or let them sign in no more. It holds from the next request on."""
    caller = auth.staff_for(Duty.SETTING_UP)
    member = staff_members.update_member(
        database.current(),
        clinic_id=caller.clinic_id,
        staff_id=staff_id,
        changes=cast(MemberChanges, body),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return json(_shown(member), schema=_MEMBER)


def _shown(member: Staff) -> dict[str, Any]:
    return {
        **{name: getattr(member, name) for name in ("id", "email", "name", "role", "created_at")},
        "active": member.disabled_at is None,
        "second_factor": member.totp_secret is not None,
    }
