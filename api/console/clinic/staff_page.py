"""Page of the people who sign in: added by a link, roles given or decided, signed out; the link mailed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, database, rate_limits
from api.console import console_blueprint, labels, page_layout, sent_forms
from api.console.form_reader import Form
from operations import account_mail
from operations.notifiers import Notifiers
from recovery.domain.clinic.staff_roles import Duty, Role
from recovery.models.access import staff_invitations
from recovery.models.clinic import clinics as stored
from recovery.models.clinic import role_proposals as proposal_rows
from recovery.services.access.rate_limits import SIGNATURES_OF_ACCOUNT, TooManyTries
from recovery.services.access.second_factor import WrongTotpCode
from recovery.services.changes import staff_leaving
from recovery.services.clinic import clinics, factor_removal, role_proposals, staff_members, staff_onboarding
from recovery.services.clinic.staff_members import MemberChanges
from recovery.services.clinic.staff_onboarding import IssuedStaffInvitation
from recovery.services.core import audit

MOST_MEMBERS = 200
LONGEST_ADDRESS = 254
LONGEST_CODE = 40
_WRONG_CODE = "That is not the code your own app shows now. Nothing was changed."
_OWN_FACTOR = "Your own second factor is replaced on your account's page."
_ABOVE = "Another medical director does this, or whoever runs Afterglow."
_NO_DIRECTOR = "The first medical director is named by whoever runs Afterglow."
Answer = str | tuple[str, int] | AnyResponse


@dataclass(frozen=True, kw_only=True)
class InvitationLink:
    """A link that is shown this once. `mailed` is None where there is no mail server."""

    name: str
    email: str
    address: str
    expires_at: datetime
    mailed: bool | None


@dataclass(frozen=True, kw_only=True)
class LeavingMember:
    """Somebody who is to sign in no more and holds so many flags and tasks."""

    id: UUID
    name: str
    role: Role
    holds: int


@console_blueprint.blueprint.get("/clinic/people")
def people_page() -> Answer:
    """Who signs in, and as what."""
    auth.staff_for(Duty.SETTING_UP)
    return _people()


@console_blueprint.blueprint.post("/clinic/people")
def add_person() -> Answer:
    """Let somebody sign in: by a link, shown this once and mailed where mail is set up."""
    caller = auth.staff_for(Duty.SETTING_UP)
    form = Form(request.form)
    name = form.person_name("name", called="The name", missing="The name is missing.")
    email = form.raw("email")
    if len(email) > LONGEST_ADDRESS or not _is_address(email):
        form.wrong["email"] = "An e-mail address, like name@clinic.example."
    role = form.one_of("role", Role, missing="Choose the role.")
    if form.wrong or name is None or role is None:
        return _people(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        invited = staff_onboarding.invite_new(
            database.current(),
            email=email,
            name=name,
            role=role,
            by=caller,
            once=sent_forms.key_of_form(),
            now=database.request_time(),
        )
    except clinics.EmailTaken:
        form.wrong["email"] = "Somebody signs in with this e-mail address already."
        return _people(form), HTTPStatus.CONFLICT
    except role_proposals.NoDirectorYet:
        form.wrong["role"] = _NO_DIRECTOR
        return _people(form), HTTPStatus.CONFLICT
    return _people(link=_handed_out(invited))


@console_blueprint.blueprint.post("/clinic/people/<uuid:staff_id>")
def change_person(staff_id: UUID) -> Answer:
    """Another role, or an end; both hold from the next request on. Some roles are only proposed by this."""
    caller = auth.staff_for(Duty.SETTING_UP)
    changes: dict[str, Any] = {"active": request.form.get("active") == "yes"}
    role = _role(request.form.get("role", ""))
    if role is not None:
        changes["role"] = role
    member = stored.get_member(database.current(), caller.clinic_id, staff_id)
    holds = staff_leaving.held_by_member(database.current(), caller.clinic_id)[staff_id]
    if member is not None and not changes["active"] and holds and request.form.get("release") != "yes":
        leaving = LeavingMember(id=staff_id, name=member.name, role=member.role, holds=holds)
        return _people(leaving=leaving), HTTPStatus.CONFLICT
    try:
        changed = staff_leaving.change_member(
            database.current(),
            staff_id=staff_id,
            changes=cast(MemberChanges, changes),
            by=caller,
            now=database.request_time(),
        )
    except staff_members.LastManager:
        return _people(trouble="Somebody has to be left who can set up the clinic."), HTTPStatus.CONFLICT
    except role_proposals.NoDirectorYet:
        return _people(trouble=_NO_DIRECTOR), HTTPStatus.CONFLICT
    done = "saved" if role in (None, changed.role) else "role_proposed"
    return redirect(url_for("console.people_page", done=done), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.post("/clinic/people/proposals/<uuid:proposal_id>")
def decide_role(proposal_id: UUID) -> Answer:
    """Give a role that somebody else proposed, or do not."""
    caller, accepted = auth.staff_for(Duty.SETTING_UP), request.form.get("do") == "accept"
    try:
        role_proposals.decide(
            database.current(),
            proposal_id=proposal_id,
            accepted=accepted,
            by=caller,
            now=database.request_time(),
        )
    except role_proposals.UnknownProposal:
        raise NotFound from None
    except role_proposals.OwnProposal:
        return _people(trouble="A second person has to confirm this role."), HTTPStatus.CONFLICT
    done = "role_given" if accepted else "role_refused"
    return redirect(url_for("console.people_page", done=done), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.post("/clinic/people/<uuid:staff_id>/link")
def invite_again(staff_id: UUID) -> Answer:
    """A new link, for who forgot their password or let the first one pass."""
    caller = auth.staff_for(Duty.SETTING_UP)
    try:
        invited = staff_onboarding.invite_again(
            database.current(), staff_id=staff_id, by=caller, now=database.request_time()
        )
    except staff_members.AboveOwnRole:
        return _people(trouble="Another medical director makes this link, or whoever runs Afterglow."), 403
    return _people(link=_handed_out(invited))


@console_blueprint.blueprint.post("/clinic/people/<uuid:staff_id>/sign-out")
def sign_person_out(staff_id: UUID) -> Answer:
    """End every session of somebody's, as when a computer was left open."""
    caller = auth.staff_for(Duty.SETTING_UP)
    staff_members.sign_out(
        database.current(),
        clinic_id=caller.clinic_id,
        staff_id=staff_id,
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return redirect(url_for("console.people_page", done="person_out"), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.post("/clinic/people/<uuid:staff_id>/second-factor")
def remove_second_factor(staff_id: UUID) -> Answer:
    """Let somebody set up a second factor anew, as when their phone is lost; asks for the caller's code."""
    caller, session = auth.staff_for(Duty.SETTING_UP), database.current()
    code = "".join(request.form.get("code", "")[:LONGEST_CODE].split())
    try:
        rate_limits.enforce({SIGNATURES_OF_ACCOUNT: str(caller.staff_id)})
        member = factor_removal.remove_factor(
            session, staff_id=staff_id, code=code, by=caller, now=database.request_time()
        )
    except WrongTotpCode:
        return _people(trouble=_WRONG_CODE), HTTPStatus.UNPROCESSABLE_ENTITY
    except TooManyTries:
        return _people(trouble="Too many tries. Try again in a quarter of an hour."), 429
    except factor_removal.OwnFactor:
        return _people(trouble=_OWN_FACTOR), HTTPStatus.CONFLICT
    except staff_members.AboveOwnRole:
        return _people(trouble=_ABOVE), HTTPStatus.FORBIDDEN
    outlets, to = Notifiers.from_settings(app_state.state().settings), member.email
    clinic = stored.get_one(session, caller.clinic_id).name
    if outlets.can_mail:
        database.commit_before_waiting()
    mailed = account_mail.tell_of_changed_factor(outlets, to=to, clinic=clinic)
    done = "factor_removed" if mailed else "factor_removed_untold"
    return redirect(url_for("console.people_page", done=done), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.get(
    "/clinic/people/<uuid:staff_id>/<any(link, 'second-factor', 'sign-out'):way>"
)
def person_address(staff_id: UUID, way: str) -> AnyResponse:
    """A form's address opened as a page, as after a reload: the list is meant."""
    return redirect(url_for("console.people_page"), code=HTTPStatus.SEE_OTHER)


def _handed_out(invited: IssuedStaffInvitation) -> InvitationLink:
    settings = app_state.state().settings
    outlets, member = Notifiers.from_settings(settings), invited.member
    address = settings.public_url.rstrip("/") + url_for("console.join_form", token=invited.token)
    name = stored.get_one(database.current(), member.clinic_id).name
    if outlets.can_mail:
        database.commit_before_waiting()
    mailed = account_mail.invite(outlets, to=member.email, clinic=name, address=address)
    return InvitationLink(
        name=member.name,
        email=member.email,
        address=address,
        expires_at=invited.expires_at,
        mailed=mailed,
    )


def _people(
    form: Form | None = None,
    *,
    trouble: str | None = None,
    link: InvitationLink | None = None,
    leaving: LeavingMember | None = None,
) -> str:
    caller, session = auth.staff(), database.current()
    return render_template(
        "console/people.html",
        **page_layout.page_context(caller),
        members=stored.list_members(session, caller.clinic_id, limit=MOST_MEMBERS),
        waiting=staff_invitations.open_until_by_member(
            session, caller.clinic_id, now=database.request_time()
        ),
        proposals=proposal_rows.list_open(session, caller.clinic_id),
        names=stored.staff_names(session, caller.clinic_id),
        roles=labels.ROLES,
        form=form or Form({}),
        trouble=trouble,
        link=link,
        leaving=leaving,
        holds=staff_leaving.held_by_member(session, caller.clinic_id),
    )


def _role(entry: str) -> Role | None:
    return Role(entry) if entry in list(Role) else None


def _is_address(entry: str) -> bool:
    """Whether mail could go there; a line break would begin another header."""
    name, _, host = entry.rpartition("@")
    return bool(name and host) and entry.isprintable() and " " not in entry
