"""In a live clinic nothing opens to staff without a second factor, and the one they have is theirs alone."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pyotp
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, Staff
from recovery.models.core.audit import AuditEntry
from recovery.services.clinic import clinics
from tests.support.access.documented_client import DocumentedClient, operations
from tests.support.data.people import PASSWORD, Clinic, Nurse

TOTP = "/api/v1/staff/me/totp"
SIGN_IN = "/api/v1/staff/sessions"
OPERATIONS_WHILE_SETTING_UP = {"setSecondFactor", "signOutStaff"}


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


def test_of_many_with_the_same_code_at_once_one_is_let_in(app: Flask, clinic: Clinic, now: datetime) -> None:
    body = {"email": clinic.nurse.email, "password": PASSWORD, "totp": clinic.nurse.code(now=now)}

    def sign_in(_: int) -> int:
        return app.test_client().post(SIGN_IN, json=body).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(sign_in, range(4))) == [201, 401, 401, 401]
