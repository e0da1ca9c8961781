"""One's own second factor, set up on the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from api.console import guard
from api.console.access import second_factor_page
from tests.support.browser.pages import StrictPage
from tests.support.data.people import PASSWORD, Clinic, Nurse

HERE = {"Origin": "http://localhost"}
OPEN_TO_ANYONE = {
    "console.static",
    "console.sign_in_form",
    "console.sign_in",
    # Behind a link that is a secret of its own.
    "console.join_form",
    "console.join",
    # The demonstration's one-time link, which no other database knows.
    "console.enter_form",
    "console.enter",
}
OPEN_WHILE_SETTING_UP = {"console.second_factor_page", "console.confirm_second_factor", "console.sign_out"}


def _console_routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an address of every route of the console."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console."):
            path = re.sub(r"<uuid:[^>]+>", str(uuid4()), rule.rule)
            path = re.sub(r"<any\(([a-z_]+)[^>]*>", r"\1", path)
            path = re.sub(r"<(path:)?[a-z_]+>", "x", path)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield rule.endpoint, method, path


def test_every_page_leads_to_setting_up_or_signing_in(app: Flask, newcomer: Nurse) -> None:
    browser, stranger = app.test_client(), app.test_client()
    browser.set_cookie(guard.COOKIE, newcomer.token, path="/console")
    form, asked = {"csrf": guard.csrf_token_for(newcomer.token)}, set()
    for endpoint, method, path in _console_routes(app):
        if endpoint in OPEN_TO_ANYONE:
            continue
        asked.add(endpoint)
        data = form if method != "GET" else None
        refused = stranger.open(path, method=method, data=data, headers=HERE)
        assert refused.headers["Location"].startswith("/console/sign-in"), endpoint
        if endpoint not in OPEN_WHILE_SETTING_UP:
            answer = browser.open(path, method=method, data=data, headers=HERE)
            assert answer.status_code == 303, endpoint
            assert answer.headers["Location"].startswith("/console/second-factor"), endpoint
    assert asked > OPEN_WHILE_SETTING_UP


def test_a_newcomer_sets_it_up_on_the_pages_and_goes_on(
    client: FlaskClient, newcomer: Nurse, now: datetime
) -> None:
    form = {"email": newcomer.email, "password": PASSWORD, "next": "/console?after=x"}
    client.post("/console/sign-in", data=form, headers=HERE)
    way = client.get("/console").headers["Location"]
    page = StrictPage(client.get(way).text)
    assert "One more step" in page.said
    (drawn,) = page.every("svg", class_="qr")
    assert "style" not in drawn.attributes
    secret = re.sub(r"\s", "", page.every("code", class_="key")[0].text)
    token = client.get_cookie(guard.COOKIE, path="/console")
    assert token is not None
    csrf = {"csrf": guard.csrf_token_for(token.value), "next": "/console/flags/1"}

    def post(what: str, **more: str) -> Any:
        return client.post(f"/console/second-factor/{what}", data=csrf | more, headers=HERE)

    wrong = post("confirm", code="000")
    assert wrong.status_code == 422
    assert "not the code the app shows now" in StrictPage(wrong.text).said
    right = pyotp.TOTP(secret).at(now)
    page = StrictPage(post("confirm", code=f"{right[:3]} {right[3:]}").text)
    codes = [code.text for code in page.every("code")]
    assert len(codes) == 10
    assert page.every("a", class_="button is-wide")[0].attributes["href"] == "/console/flags/1"
    assert client.get("/console").status_code == 200
    assert "10 recovery codes are left" in StrictPage(client.get("/console/second-factor").text).said
    fresh = StrictPage(post("codes", code=codes[3]).text)
    assert not set(codes) & {code.text for code in fresh.every("code")}
    assert post("codes", code=codes[4]).status_code == 422
    assert post("new", password="wrong").status_code == 422
    assert "Scan this with the new phone" in StrictPage(post("new", password=PASSWORD).text).said


def test_a_code_to_scan_is_black_on_white_and_another_for_another_text() -> None:
    first, second = second_factor_page.qr("otpauth://totp/one"), second_factor_page.qr("otpauth://totp/two")
    assert first != second
    for drawn in (first, second):
        assert drawn.startswith("<svg")
        assert 'class="qr"' in drawn
        assert "#fff" in drawn
        assert "#000" in drawn
        assert "otpauth" not in drawn


def test_nothing_that_was_not_proposed_is_confirmed(
    client: FlaskClient, clinic: Clinic, now: datetime
) -> None:
    client.set_cookie(guard.COOKIE, clinic.nurse.token, path="/console")
    form = {"csrf": guard.csrf_token_for(clinic.nurse.token), "code": clinic.nurse.code(now=now)}
    answer = client.post("/console/second-factor/confirm", data=form, headers=HERE)
    assert answer.status_code == 422
    assert client.get("/console").status_code == 200


def test_the_way_on_never_leaves_the_console(client: FlaskClient, clinic: Clinic, now: datetime) -> None:
    client.set_cookie(guard.COOKIE, clinic.nurse.token, path="/console")
    form = {"csrf": guard.csrf_token_for(clinic.nurse.token), "next": "https://evil.example/console"}
    codes = client.post(
        "/console/second-factor/codes", data=form | {"code": clinic.nurse.code(now=now)}, headers=HERE
    )
    assert codes.status_code == 200
    assert len(StrictPage(codes.text).every("code")) == 10
    assert "evil.example" not in codes.text
