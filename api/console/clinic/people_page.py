"""Who signs in for the clinic, and as what; somebody new comes in by a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

import structlog
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, database
from api.console import page_frame, saying, site
from operations.outlets import NotTold, Outlets
from recovery.domain.clinic.staff import Duty, Role
from recovery.models.access import staff_invitations
from recovery.models.clinic import clinics as stored
from recovery.services.clinic import clinics, joining, team
from recovery.services.clinic.joining import Invited
from recovery.services.clinic.team import MemberChanges
from recovery.services.core import audit

log = structlog.get_logger()

MOST_MEMBERS = 200
Answer = str | tuple[str, int] | AnyResponse


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link that is shown this once. `mailed` is None where there is no mail server."""

    name: str
    email: str
    address: str
    expires_at: datetime
    mailed: bool | None


@site.blueprint.get("/clinic/people")
def people_page() -> Answer:
    """Who signs in, and as what."""
    auth.staff_for(Duty.SETTING_UP)
    return _people()


@site.blueprint.post("/clinic/people")
def add_person() -> Answer:
    """Let somebody sign in: by a link, shown this once and mailed where mail is set up."""
    caller = auth.staff_for(Duty.SETTING_UP)
    email, name = (request.form.get(field, "").strip()[:254] for field in ("email", "name"))
    role = _role(request.form.get("role", ""))
    if not _is_address(email) or not name or not name.isprintable() or role is None:
        told = "An e-mail address, a name and a role are needed."
        return _people(trouble=told), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        invited = joining.invite_new(
            database.current(),
            clinic_id=caller.clinic_id,
            email=email,
            name=name,
            role=role,
            actor=audit.staff(caller.staff_id),
            now=database.now(),
        )
    except clinics.EmailTaken:
        return _people(trouble="Somebody signs in with this e-mail address already."), HTTPStatus.CONFLICT
    return _people(link=_handed_out(invited))


@site.blueprint.post("/clinic/people/<uuid:staff_id>")
def change_person(staff_id: UUID) -> Answer:
    """Another role, or an end; both hold from the next request on."""
    caller = auth.staff_for(Duty.SETTING_UP)
    changes: dict[str, Any] = {"active": request.form.get("active") == "yes"}
    role = _role(request.form.get("role", ""))
    if role is not None:
        changes["role"] = role
    try:
        team.change(
            database.current(),
            clinic_id=caller.clinic_id,
            staff_id=staff_id,
            changes=cast(MemberChanges, changes),
            actor=audit.staff(caller.staff_id),
            now=database.now(),
        )
    except team.LastOne:
        return _people(trouble="Somebody has to be left who can set up the clinic."), HTTPStatus.CONFLICT
    return redirect(url_for("console.people_page", done="saved"), code=HTTPStatus.SEE_OTHER)


@site.blueprint.post("/clinic/people/<uuid:staff_id>/link")
def invite_again(staff_id: UUID) -> Answer:
    """A new link, for who forgot their password or let the first one pass."""
    caller = auth.staff_for(Duty.SETTING_UP)
    invited = joining.invite_again(
        database.current(),
        clinic_id=caller.clinic_id,
        staff_id=staff_id,
        actor=audit.staff(caller.staff_id),
        now=database.now(),
    )
    return _people(link=_handed_out(invited))


@site.blueprint.post("/clinic/people/<uuid:staff_id>/sign-out")
def sign_person_out(staff_id: UUID) -> Answer:
    """End every session of somebody's, as when a computer was left open."""
    caller = auth.staff_for(Duty.SETTING_UP)
    team.sign_out(
        database.current(),
        clinic_id=caller.clinic_id,
        staff_id=staff_id,
        actor=audit.staff(caller.staff_id),
        now=database.now(),
    )
    return redirect(url_for("console.people_page", done="person_out"), code=HTTPStatus.SEE_OTHER)


@site.blueprint.get("/clinic/people/<uuid:staff_id>/<any(link, 'sign-out'):way>")
def person_address(staff_id: UUID, way: str) -> AnyResponse:
    """A form's address opened as a page, as after a reload: the list is meant."""
    return redirect(url_for("console.people_page"), code=HTTPStatus.SEE_OTHER)


def _handed_out(invited: Invited) -> Link:
    settings = app_state.state().settings
    outlets, member = Outlets.of(settings), invited.member
    address = settings.public_url.rstrip("/") + url_for("console.join_form", token=invited.token)
    mailed = None
    if outlets.may_mail:
        name = stored.get_one(database.current(), member.clinic_id).name
        database.commit_before_waiting()
        mailed = _mailed(outlets, to=member.email, clinic=name, address=address)
    return Link(
        name=member.name,
        email=member.email,
        address=address,
        expires_at=invited.expires_at,
        mailed=mailed,
    )


def _mailed(outlets: Outlets, *, to: str, clinic: str, address: str) -> bool:
    text = (
        f"{clinic} follows its patients with Afterglow, and you are on its staff.\n\n"
        f"Choose your password here; the link works once, for three days:\n{address}\n\n"
        "If you did not expect this, tell the clinic and do not open the link.\n"
    )
    try:
        outlets.mail(to=to, subject="Your way into Afterglow", text=text)
    except NotTold as error:
        log.warning("invitation not mailed", code=error.code)
        return False
    return True


def _people(*, trouble: str | None = None, link: Link | None = None) -> str:
    caller, session = auth.staff(), database.current()
    return render_template(
        "console/people.html",
        **page_frame.frame(caller),
        members=stored.members(session, caller.clinic_id, limit=MOST_MEMBERS),
        waiting=staff_invitations.waiting(session, caller.clinic_id, now=database.now()),
        roles=saying.ROLES,
        trouble=trouble,
        link=link,
    )


def _role(entry: str) -> Role | None:
    return Role(entry) if entry in list(Role) else None


def _is_address(entry: str) -> bool:
    """Whether mail could go there; a line break would begin another header."""
    name, _, host = entry.rpartition("@")
    return bool(name and host) and entry.isprintable() and " " not in entry
