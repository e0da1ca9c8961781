"""In a live clinic nothing opens to staff without a second factor, and the one they have is theirs alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from api.console import guard
from recovery.models.clinic import clinics as clinic_rows
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, Staff
from recovery.models.core.audit import AuditEntry
from recovery.services.access import authentication
from recovery.services.clinic import clinics
from tests.support.access.documented_client import DocumentedClient, operations
from tests.support.browser.pages import StrictPage
from tests.support.data.people import PASSWORD, Clinic, Nurse

TOTP = "/api/v1/staff/me/totp"
SIGN_IN = "/api/v1/staff/sessions"
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
OPERATIONS_WHILE_SETTING_UP = {"setSecondFactor", "signOutStaff"}


@pytest.fixture
def newcomer(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Nurse:
    """Signed in by password alone, as at the first sign-in."""
    made = clinic.add_nurse(now=now)
    with sessions.begin() as session:
        session.execute(update(Staff).where(Staff.id == made.id).values(totp_secret=None))
        member = clinic_rows.find_active_member(session, made.email)
        assert member is not None
        opened = authentication.open_staff_session(session, member=member, proved=False, now=now)
    return Nurse(id=made.id, email=made.email, token=opened.access_token, totp_secret="")


def _console_routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an address of every route of the console."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console."):
            path = re.sub(r"<uuid:[^>]+>", str(uuid4()), rule.rule)
            path = re.sub(r"<any\(([a-z_]+)[^>]*>", r"\1", path)
            path = re.sub(r"<(path:)?[a-z_]+>", "x", path)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield rule.endpoint, method, path


def test_every_route_of_staff_refuses_without_a_second_factor(
    app: Flask, client: DocumentedClient, newcomer: Nurse
) -> None:
    asked = 0
    for one in operations(app):
        if "staff" not in one.callers or one.id in OPERATIONS_WHILE_SETTING_UP:
            continue
        path = re.sub(r"\{[^}]+\}", lambda _: str(uuid4()), one.path)
        answer = client.open(path, method=one.method, headers=newcomer.headers, json={})
        assert (answer.status_code, answer.get_json()["type"]) == (
            403,
            "urn:afterglow:problem:second-factor-missing",
        ), one.id
        asked += 1
    assert asked > 25


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


def test_in_training_a_password_is_enough_until_a_factor_is_set(
    client: DocumentedClient, clinic: Clinic, newcomer: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).mode = ClinicMode.TRAINING
    assert client.get("/api/v1/flags", headers=newcomer.headers).status_code == 200
    with sessions.begin() as session:
        clinics.set_totp(session, email=newcomer.email, now=now)
    assert client.get("/api/v1/flags", headers=newcomer.headers).status_code == 401


def test_a_factor_is_set_over_the_api(client: DocumentedClient, newcomer: Nurse, now: datetime) -> None:
    opened = client.post(SIGN_IN, json={"email": newcomer.email, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {opened.get_json()['access_token']}"}
    early = client.put(TOTP, json={"code": "123456"}, headers=headers)
    assert [error["pointer"] for error in early.get_json()["errors"]] == ["#/code"]
    proposed = client.put(TOTP, json={}, headers=headers).get_json()
    app_on_phone = pyotp.parse_uri(proposed["otpauth"])
    assert isinstance(app_on_phone, pyotp.TOTP)
    assert app_on_phone.secret == proposed["secret"]
    assert client.put(TOTP, json={}, headers=headers).json == proposed
    assert client.put(TOTP, json={"code": "abc"}, headers=headers).status_code == 422
    assert client.get("/api/v1/flags", headers=headers).status_code == 403
    confirmed = client.put(TOTP, json={"code": app_on_phone.at(now)}, headers=headers)
    codes = confirmed.get_json()["recovery_codes"]
    assert (confirmed.status_code, len(set(codes))) == (200, 10)
    assert client.get("/api/v1/flags", headers=headers).status_code == 200
    assert client.get("/api/v1/flags", headers=newcomer.headers).status_code == 401

    def signs_in(totp: str | None) -> bool:
        body = {"email": newcomer.email, "password": PASSWORD, "totp": totp}
        return bool(client.post(SIGN_IN, json=body).status_code == 201)

    assert not signs_in(None)
    assert not signs_in(app_on_phone.at(now))
    assert signs_in(codes[0].lower().replace("-", " "))
    assert not signs_in(codes[0])
    assert signs_in(codes[1])
    assert signs_in(app_on_phone.at(now + timedelta(seconds=30)))
    assert not signs_in(app_on_phone.at(now + timedelta(seconds=30)))


def test_a_factor_that_is_set_is_replaced_only_with_the_password(
    client: DocumentedClient, clinic: Clinic, now: datetime, sessions: sessionmaker[Session]
) -> None:
    nurse = clinic.nurse
    for wrong in ({}, {"password": "not the password"}):
        assert client.put(TOTP, json=wrong, headers=nurse.headers).status_code == 422
    proposed = client.put(TOTP, json={"password": PASSWORD}, headers=nurse.headers).get_json()
    with sessions() as session:
        assert session.get_one(Staff, (clinic.id, nurse.id)).totp_secret == nurse.totp_secret
    code = pyotp.TOTP(proposed["secret"]).at(now)
    assert client.put(TOTP, json={"code": code}, headers=nurse.headers).status_code == 200
    body = {"email": nurse.email, "password": PASSWORD, "totp": nurse.code(now=now)}
    assert client.post(SIGN_IN, json=body).status_code == 401
    with sessions() as session:
        told = {row.action for row in session.query(AuditEntry).filter_by(actor_id=nurse.id)}
    assert {"staff.totp_propose", "staff.totp"} <= told


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


def test_of_many_with_the_same_code_at_once_one_is_let_in(app: Flask, clinic: Clinic, now: datetime) -> None:
    body = {"email": clinic.nurse.email, "password": PASSWORD, "totp": clinic.nurse.code(now=now)}

    def sign_in(_: int) -> int:
        return app.test_client().post(SIGN_IN, json=body).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(sign_in, range(4))) == [201, 401, 401, 401]
