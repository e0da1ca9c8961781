"""Page of signing in, and signing out."""

from __future__ import annotations

import math
from http import HTTPStatus

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import database, device_names, rate_limits
from api.console import console_blueprint, guard, sent_forms
from recovery.services.access import authentication, refusals
from recovery.services.access.rate_limits import TooManyTries

LONGEST_ENTRY = 500


@console_blueprint.blueprint.get("/sign-in")
def sign_in_form() -> str | AnyResponse:
    """The form; someone who is in already goes on."""
    way_on = guard.own_path(request.args.get("next", console_blueprint.HOME))
    try:
        authentication.staff_caller(
            database.current(),
            bearer=guard.browser_session_token(),
            now=database.request_time(),
            setting_up=True,
        )
    except authentication.NotSignedIn:
        return _form(way_on=way_on, ended=bool(guard.browser_session_token()))
    return redirect(way_on, code=303)


@console_blueprint.blueprint.post("/sign-in")
def sign_in() -> AnyResponse | tuple[str, int]:
    """Sign in and go on to where one wanted to be."""
    way_on = guard.own_path(request.form.get("next", console_blueprint.HOME))
    email = request.form.get("email", "").strip()
    code = "".join(request.form.get("code", "").split())
    try:
        rate_limits.enforce_for_staff(_plain(email))
        signed_in = authentication.staff_sign_in(
            database.current(),
            email=_plain(email),
            password=_plain(request.form.get("password", "")),
            totp=_plain(code) or None,
            device=device_names.device_name(request.headers.get("User-Agent", "")),
            now=database.request_time(),
        )
    except authentication.SignInRefused:
        refusals.note_sign_in(database.current(), email=email, now=database.request_time())
        database.commit_despite_error()
        return _form(way_on=way_on, email=email, refused=True), HTTPStatus.UNAUTHORIZED
    except TooManyTries as error:
        refusals.note_sign_in(database.current(), email=email, now=database.request_time())
        database.commit_despite_error()
        minutes = max(1, math.ceil(error.wait.total_seconds() / 60))
        return _form(way_on=way_on, email=email, wait_minutes=minutes), HTTPStatus.TOO_MANY_REQUESTS
    rate_limits.record_staff_sign_in(email)
    return guard.set_session_cookie(_to(way_on), signed_in.access_token)


@console_blueprint.blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session here and in the database."""
    authentication.staff_sign_out(
        database.current(), bearer=guard.browser_session_token(), now=database.request_time()
    )
    return guard.delete_session_cookie(_to(url_for("console.sign_in_form")))


def _plain(entry: str) -> str:
    """What was typed. Raises SignInRefused for what nobody's address, password or code can be."""
    if len(entry) > LONGEST_ENTRY or not entry.isprintable():
        raise authentication.SignInRefused
    return entry


def _to(path: str) -> Response:
    return make_response(redirect(path, code=303))


def _form(
    *, way_on: str, email: str = "", refused: bool = False, ended: bool = False, wait_minutes: int = 0
) -> str:
    return render_template(
        "console/sign_in.html",
        way_on=way_on,
        email=email,
        refused=refused,
        ended=ended,
        is_held=f"{sent_forms.HELD}=" in way_on,
        wait_minutes=wait_minutes,
    )
