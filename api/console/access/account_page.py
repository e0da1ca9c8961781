"""Page of one's own account: the password, where one is signed in, and what the second factor is."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import console_blueprint, guard, page_layout
from recovery.models.access import recovery_codes
from recovery.services.access import authentication, password_policy
from recovery.services.clinic import staff_account

LONGEST_ENTRY = 500
Answer = str | tuple[str, int] | AnyResponse


@console_blueprint.blueprint.get("/account")
def account_page() -> Answer:
    """Where one stands."""
    return _page()


@console_blueprint.blueprint.post("/account/password")
def change_password() -> Answer:
    """Another password."""
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    if new != again:
        return _page(wrong="again", trouble="The two are not the same."), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        staff_account.change_password(
            database.current(),
            member=authentication.member_of(database.current(), auth.staff()),
            old=old[:LONGEST_ENTRY],
            new=new,
            bearer=guard.browser_session_token(),
            now=database.request_time(),
        )
    except staff_account.WrongPassword:
        return _page(wrong="old", trouble="That is not your password."), HTTPStatus.UNPROCESSABLE_ENTITY
    except password_policy.PasswordRefused as error:
        return _page(wrong="new", trouble=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    return _back("password")


@console_blueprint.blueprint.post("/account/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> Answer:
    """Sign one place out."""
    staff_account.end_session(
        database.current(),
        member=authentication.member_of(database.current(), auth.staff()),
        session_id=session_id,
        now=database.request_time(),
    )
    return _back("session_ended")


@console_blueprint.blueprint.post("/account/sessions/end")
def end_other_sessions() -> Answer:
    """Sign every other place out."""
    staff_account.end_other_sessions(
        database.current(),
        member=authentication.member_of(database.current(), auth.staff()),
        bearer=guard.browser_session_token(),
        now=database.request_time(),
    )
    return _back("sessions_ended")


def _back(done: str) -> AnyResponse:
    return redirect(url_for("console.account_page", done=done), code=HTTPStatus.SEE_OTHER)


def _page(*, wrong: str = "", trouble: str | None = None) -> str:
    session, caller = database.current(), auth.staff()
    member = authentication.member_of(session, caller)
    return render_template(
        "console/account.html",
        **page_layout.page_context(caller),
        member=member,
        opened=staff_account.list_sessions(session, member=member, now=database.request_time()),
        this_one=authentication.stored_token_hash(guard.browser_session_token()),
        codes_left=recovery_codes.count_unspent(session, member.clinic_id, member.id),
        shortest=password_policy.SHORTEST,
        wrong=wrong,
        trouble=trouble,
    )
