"""Endpoints and bodies: the people of a clinic listed, added, changed, their proposed roles decided."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import marshmallow as ma
from flask import Response

from api import auth, database, rate_limits
from api.app_state import state
from api.clinic import repeats
from api.formats.request_bodies import Blueprint, Body, PersonName, PlainText, StrictBoolean, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from operations import account_mail
from operations.notifiers import Notifiers
from recovery.domain.clinic.staff_roles import Duty, Role
from recovery.models.clinic import clinics as stored
from recovery.models.clinic import role_proposals as proposal_rows
from recovery.models.clinic.clinics import Staff
from recovery.models.clinic.role_proposals import RoleProposal
from recovery.services.access import credentials
from recovery.services.access.rate_limits import SIGNATURES_OF_ACCOUNT
from recovery.services.changes import staff_leaving
from recovery.services.clinic import factor_removal, role_proposals, staff_members
from recovery.services.clinic.staff_members import MemberChanges

MOST = 200

blueprint = Blueprint("staff", __name__, url_prefix="/staff", description="Who works in the clinic.")
blueprint.before_request(auth.require_staff)


class MemberIn(Body):
    """Somebody new. They sign in with the first password that the answer shows once."""

    email = ma.fields.Email(required=True, validate=ma.validate.Length(max=254))
    name = PersonName(called="The name", required=True)
    role = ma.fields.Enum(Role, by_value=True, required=True)


class MemberChangeIn(Body):
    """What changes; what is left out stays. `active` false ends every session of theirs at once, and gives
    back what they hold (`holds`)."""

    name = PersonName(called="The name")
    role = ma.fields.Enum(Role, by_value=True)
    active = StrictBoolean()


class DecisionIn(Body):
    """Whether the role is given."""

    accepted = StrictBoolean(required=True)


class FactorRemovalIn(Body):
    """`code` of the caller's own second factor, or one of their recovery codes."""

    code = PlainText(required=True, longest=40)


class ProposalOut(ma.Schema):
    """A role that a second person has to confirm."""

    id = ma.fields.UUID(required=True)
    role = ma.fields.Enum(Role, by_value=True, required=True)
    proposed_at = Timestamp(required=True)
    proposed_by = ma.fields.UUID(required=True)


class MemberOut(ma.Schema):
    """Somebody who signs in, or did. `proposal` is the role that waits for a second person, `holds` is how
    many flags and tasks are with them."""

    id = ma.fields.UUID(required=True)
    email = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    role = ma.fields.Enum(Role, by_value=True, required=True)
    active = ma.fields.Boolean(required=True)
    second_factor = ma.fields.Boolean(required=True)
    proposal = ma.fields.Nested(ProposalOut, required=True, allow_none=True)
    holds = ma.fields.Integer(required=True)
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
    session, clinic_id = database.current(), auth.staff().clinic_id
    members = stored.list_members(session, clinic_id, limit=MOST)
    waiting = {proposal.staff_id: proposal for proposal in proposal_rows.list_open(session, clinic_id)}
    items = [_shown(member, waiting.get(member.id)) for member in members]
    return json({"items": items, "next": None}, schema=_PAGE)


@blueprint.post("")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(MemberIn())
@blueprint.response(201, _NEW)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(
    409, schema=Problem, description="somebody signs in with this e-mail address, or there is no director yet"
)
@repeats.once({"first_password": ""})
def create_staff_member(body: dict[str, Any]) -> Response:
    """Let somebody sign in. A role above the caller's, and the director's, is only proposed by this."""
    caller = auth.staff_for(Duty.SETTING_UP)
    password = credentials.new_password()
    member = staff_members.add_member(
        database.current(), password=password, by=caller, now=database.request_time(), **body
    )
    return json({**_with_proposal(member), "first_password": password}, schema=_NEW, status=201)


@blueprint.patch("/<uuid:staff_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(MemberChangeIn())
@blueprint.response(200, _MEMBER)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(
    409,
    schema=Problem,
    description="nobody would be left who sets up the clinic, or there is no director yet",
)
def update_staff_member(body: dict[str, Any], *, staff_id: UUID) -> Response:
    """Rename somebody, give another role, or let them sign in no more. It holds from the next request on.

    A role above the caller's, and the director's, is only proposed by this: another person confirms it.
    """
    caller = auth.staff_for(Duty.SETTING_UP)
    member = staff_leaving.change_member(
        database.current(),
        staff_id=staff_id,
        changes=cast(MemberChanges, body),
        by=caller,
        now=database.request_time(),
    )
    return json(_with_proposal(member), schema=_MEMBER)


@blueprint.post("/proposals/<uuid:proposal_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(DecisionIn())
@blueprint.response(200, _MEMBER)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(409, schema=Problem, description="a second person confirms")
def decide_role_proposal(body: dict[str, Any], *, proposal_id: UUID) -> Response:
    """Give a role that was proposed, or do not. Who proposed it, and whose it is, cannot give it."""
    caller, session = auth.staff_for(Duty.SETTING_UP), database.current()
    decided = role_proposals.decide(
        session, proposal_id=proposal_id, accepted=body["accepted"], by=caller, now=database.request_time()
    )
    member = stored.get_member(session, caller.clinic_id, decided.staff_id)
    if member is None:
        raise staff_members.UnknownMember
    return json(_with_proposal(member), schema=_MEMBER)


@blueprint.post("/<uuid:staff_id>/second-factor/removal")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(FactorRemovalIn())
@blueprint.response(200, _MEMBER)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(409, schema=Problem, description="it is the caller's own second factor")
def remove_second_factor(body: dict[str, Any], *, staff_id: UUID) -> Response:
    """Remove somebody's second factor, as when their phone is lost.

    They set up another when they sign in next. Nobody does it for a role above their own. Sessions, recovery
    codes and links of theirs end; the person is told by mail and on a proved phone, as far as there are such
    ways.
    """
    caller, session = auth.staff_for(Duty.SETTING_UP), database.current()
    rate_limits.enforce({SIGNATURES_OF_ACCOUNT: str(caller.staff_id)})
    member = factor_removal.remove_factor(
        session, staff_id=staff_id, code=body["code"], by=caller, now=database.request_time()
    )
    answer = json(_with_proposal(member), schema=_MEMBER)
    outlets, to = Notifiers.from_settings(state().settings), member.email
    clinic = stored.get_one(session, caller.clinic_id).name
    if outlets.can_mail:
        database.commit_before_waiting()
    account_mail.tell_of_changed_factor(outlets, to=to, clinic=clinic)
    return answer


def _with_proposal(member: Staff) -> dict[str, Any]:
    return _shown(member, proposal_rows.get_open(database.current(), member.clinic_id, member.id))


def _shown(member: Staff, proposal: RoleProposal | None) -> dict[str, Any]:
    return {
        **{name: getattr(member, name) for name in ("id", "email", "name", "role", "created_at")},
        "active": member.disabled_at is None,
        "second_factor": member.totp_secret is not None,
        "proposal": proposal,
        "holds": staff_leaving.held_by_member(database.current(), member.clinic_id)[member.id],
    }
