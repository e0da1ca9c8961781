"""One's own account: the password, the second factor, and where one is signed in."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import guard, page_frame, site
from recovery.models.access import recovery_codes
from recovery.services.access import access, passwords
from recovery.services.clinic import own_account

LONGEST_ENTRY = 500
Answer = str | tuple[str, int] | AnyResponse


@site.blueprint.get("/account")
def account_page() -> Answer:
    """Where one stands."""
    return _page()


@site.blueprint.post("/account/password")
def change_password() -> Answer:
    """Another password."""
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    if new != again:
        return _page(wrong="again", trouble="The two are not the same."), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        own_account.change_password(
            database.current(),
            member=access.member_of(database.current(), auth.staff()),
            old=old[:LONGEST_ENTRY],
            new=new,
            bearer=guard.token(),
            now=database.now(),
        )
    except own_account.WrongPassword:
        return _page(wrong="old", trouble="That is not your password."), HTTPStatus.UNPROCESSABLE_ENTITY
    except passwords.PasswordRefused as error:
        return _page(wrong="new", trouble=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    return _back("password")


@site.blueprint.post("/account/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> Answer:
    """Sign one place out."""
    own_account.end(
        database.current(),
        member=access.member_of(database.current(), auth.staff()),
        session_id=session_id,
        now=database.now(),
    )
    return _back("session_ended")


@site.blueprint.post("/account/sessions/end")
def end_other_sessions() -> Answer:
    """Sign every other place out."""
    own_account.end_others(
        database.current(),
        member=access.member_of(database.current(), auth.staff()),
        bearer=guard.token(),
        now=database.now(),
    )
    return _back("sessions_ended")


def _back(done: str) -> AnyResponse:
    return redirect(url_for("console.account_page", done=done), code=HTTPStatus.SEE_OTHER)


def _page(*, wrong: str = "", trouble: str | None = None) -> str:
    session, caller = database.current(), auth.staff()
    member = access.member_of(session, caller)
    return render_template(
        "console/account.html",
        **page_frame.frame(caller),
        member=member,
        opened=own_account.signed_in(session, member=member, now=database.now()),
        this_one=access.fingerprint_of(guard.token()),
        codes_left=recovery_codes.left(session, member.clinic_id, member.id),
        shortest=passwords.SHORTEST,
        wrong=wrong,
        trouble=trouble,
    )
