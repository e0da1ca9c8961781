from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.console import guard
from api.database import db
from config.settings import Settings
from postgres_launcher.launcher import Endpoints
from tests.api.console.conftest import BrowserOf
from tests.support.browser.pages import StrictPage
from tests.support.data.people import PASSWORD, Clinic

HERE = {"Origin": "http://localhost"}


def _sign_in(client: FlaskClient, **form: str) -> TestResponse:
    return client.post("/console/sign-in", data=form, headers=HERE)


def test_a_nurse_signs_in_goes_on_and_signs_out(client: FlaskClient, clinic: Clinic, now: datetime) -> None:
    StrictPage(client.get("/console/sign-in").text)
    form = {"email": clinic.nurse.email, "password": PASSWORD, "code": clinic.nurse.code(now=now)}
    answer = _sign_in(client, **form, next="/console?after=x")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console?after=x")
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/console"):
        assert part in cookie
    for part in ("Secure", "Max-Age", "Expires"):
        assert part not in cookie
    assert client.get("/console/sign-in").headers["Location"] == "/console"
    kept = client.get_cookie(guard.COOKIE, path="/console")
    assert kept is not None
    token = kept.value
    out = client.post("/console/sign-out", data={"csrf": guard.csrf_token_for(token)}, headers=HERE)
    assert out.headers["Location"] == "/console/sign-in"
    assert client.get_cookie(guard.COOKIE, path="/console") is None
    client.set_cookie(guard.COOKIE, token, path="/console")
    assert client.get("/console").status_code == 303
    assert "Your session has ended" in StrictPage(client.get("/console/sign-in").text).said


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "not the password"},
        {"email": "nobody@clinic.example"},
        {"email": "", "password": ""},
        {"email": "a\x00b"},
        {"password": "x" * 5000},
        {"email": '"><script>alert(1)</script>'},
    ],
)
def test_what_does_not_sign_in_is_told_on_a_page(
    wrong: dict[str, str], client: FlaskClient, clinic: Clinic
) -> None:
    answer = _sign_in(client, **{"email": clinic.nurse.email, "password": PASSWORD, **wrong})
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers
    page = StrictPage(answer.text)
    assert "That does not sign you in" in page.said
    assert len(page.every("script")) == 1
    assert client.get_cookie(guard.COOKIE, path="/console") is None


def test_a_second_factor_is_asked_for_once_set(client: FlaskClient, clinic: Clinic, now: datetime) -> None:
    form = {"email": clinic.nurse.email, "password": PASSWORD}
    assert _sign_in(client, **form).status_code == 401
    code = clinic.nurse.code(now=now)
    assert _sign_in(client, **form, code=f"{code[:3]} {code[3:]}").status_code == 303


def test_sign_in_never_leads_elsewhere(client: FlaskClient, clinic: Clinic, now: datetime) -> None:
    form = {"email": clinic.nurse.email, "password": PASSWORD, "code": clinic.nurse.code(now=now)}
    answer = _sign_in(client, **form, next="https://evil.example/console")
    assert answer.headers["Location"] == "/console"


def test_over_tls_the_cookie_never_travels_without_it(
    database: Endpoints, clinic: Clinic, now: datetime
) -> None:
    settings = Settings(_env_file=None, public_url="https://afterglow.example")  # type: ignore[call-arg]
    app = create_app(settings, database_url=database.api_url)
    answer = app.test_client().post(
        "/console/sign-in",
        data={"email": clinic.nurse.email, "password": PASSWORD, "code": clinic.nurse.code(now=now)},
        headers={"Origin": "https://afterglow.example"},
    )
    assert answer.status_code == 303
    assert "Secure" in answer.headers["Set-Cookie"]
    _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def test_a_session_of_another_browser_is_not_enough(browser_of: BrowserOf, clinic: Clinic) -> None:
    stranger = browser_of(None)
    stranger.client.set_cookie(guard.COOKIE, clinic.nurse.token[:-1] + "x", path="/console")
    assert stranger.get("/console").status_code == 303
