"""Coming in and going out."""

from __future__ import annotations

import math
from http import HTTPStatus

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import database, device_names, limits
from api.console import guard, site
from recovery.services.access import access
from recovery.services.access.limits import TooManyTries

LONGEST_ENTRY = 500


@site.blueprint.get("/sign-in")
def sign_in_form() -> str | AnyResponse:
    """The form; someone who is in already goes on."""
    way_on = guard.own_path(request.args.get("next", site.HOME))
    try:
        access.staff_caller(database.current(), bearer=guard.token(), now=database.now(), setting_up=True)
    except access.NotSignedIn:
        return _form(way_on=way_on, ended=bool(guard.token()))
    return redirect(way_on, code=303)


@site.blueprint.post("/sign-in")
def sign_in() -> AnyResponse | tuple[str, int]:
    """Sign in and go on to where one wanted to be."""
    way_on = guard.own_path(request.form.get("next", site.HOME))
    email = request.form.get("email", "").strip()
    code = "".join(request.form.get("code", "").split())
    try:
        limits.allow_staff(_plain(email))
        signed_in = access.staff_sign_in(
            database.current(),
            email=_plain(email),
            password=_plain(request.form.get("password", "")),
            totp=_plain(code) or None,
            device=device_names.name_of(request.headers.get("User-Agent", "")),
            now=database.now(),
        )
    except access.SignInRefused:
        database.keep_what_was_counted()
        return _form(way_on=way_on, email=email, refused=True), HTTPStatus.UNAUTHORIZED
    except TooManyTries as error:
        minutes = max(1, math.ceil(error.wait.total_seconds() / 60))
        return _form(way_on=way_on, email=email, wait_minutes=minutes), HTTPStatus.TOO_MANY_REQUESTS
    limits.staff_came_in(email)
    return guard.remember(_to(way_on), signed_in.access_token)


@site.blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session here and in the database."""
    access.staff_sign_out(database.current(), bearer=guard.token(), now=database.now())
    return guard.forget(_to(url_for("console.sign_in_form")))


def _plain(entry: str) -> str:
    """What was typed. Raises SignInRefused for what nobody's address, password or code can be."""
    if len(entry) > LONGEST_ENTRY or not entry.isprintable():
        raise access.SignInRefused
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
        wait_minutes=wait_minutes,
    )
