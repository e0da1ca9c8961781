"""Page behind a staff link: choosing a password; in a demonstration, coming in."""

from __future__ import annotations

from http import HTTPStatus

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import database, device_names
from api.console import console_blueprint, error_pages, guard
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Staff
from recovery.services.access import password_policy
from recovery.services.clinic import staff_onboarding

Answer = str | tuple[str, int] | AnyResponse


@console_blueprint.blueprint.get("/join/<token>")
def join_form(token: str) -> Answer:
    """The form. Opening it spends nothing: programs that look at mail open links, too."""
    try:
        return _form(
            staff_onboarding.member_of_link(database.current(), token=token, now=database.request_time())
        )
    except staff_onboarding.StaffInvitationEnded:
        return _ended()


@console_blueprint.blueprint.post("/join/<token>")
def join(token: str) -> Answer:
    """Keep the password that was chosen."""
    session, now = database.current(), database.request_time()
    password = request.form.get("password", "")
    try:
        member = staff_onboarding.member_of_link(session, token=token, now=now)
    except staff_onboarding.StaffInvitationEnded:
        return _ended()
    if password != request.form.get("again", ""):
        return _form(member, trouble="The two are not the same."), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        staff_onboarding.set_password(session, token=token, password=password, now=now)
    except password_policy.PasswordRefused as error:
        return _form(member, trouble=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    return render_template("console/joined.html", email=member.email, way_on=url_for("console.sign_in_form"))


@console_blueprint.blueprint.get("/enter/<entry>")
def enter_form(entry: str) -> Answer:
    """Behind the link of a demonstration: one button. Opening it spends nothing."""
    try:
        member = staff_onboarding.member_of_link(
            database.current(), token=entry, signs_in=True, now=database.request_time()
        )
    except staff_onboarding.StaffInvitationEnded:
        return _ended()
    return render_template("console/enter.html", name=member.name)


@console_blueprint.blueprint.post("/enter/<entry>")
def enter(entry: str) -> Answer:
    """Signed in, without a password: there is no patient in a demonstration."""
    device = device_names.device_name(request.headers.get("User-Agent", ""))
    try:
        opened = staff_onboarding.sign_in_with_link(
            database.current(), token=entry, device=device, now=database.request_time()
        )
    except staff_onboarding.StaffInvitationEnded:
        return _ended()
    response = make_response(redirect(console_blueprint.HOME, code=HTTPStatus.SEE_OTHER))
    return guard.set_session_cookie(response, opened.access_token)


def _form(member: Staff, *, trouble: str | None = None) -> str:
    return render_template(
        "console/join.html",
        name=member.name,
        email=member.email,
        of=clinics.get_one(database.current(), member.clinic_id).name,
        shortest=password_policy.SHORTEST,
        trouble=trouble,
    )


def _ended() -> tuple[str, int]:
    return error_pages.page(
        HTTPStatus.GONE,
        title="This link has ended",
        text="It works once, for three days, and a newer one ends it. Ask your manager for another.",
    )
