from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import Staff, StaffSession
from recovery.services.access import authentication
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import PASSWORD, Clinic

SIGN_IN = "/api/v1/staff/sessions"
FLAGS = "/api/v1/flags"


@pytest.fixture
def sign_in(client: DocumentedClient) -> Callable[..., Any]:
    def send(email: str, password: str = PASSWORD, **second: str) -> Any:
        return client.post(SIGN_IN, json={"email": email, "password": password} | second)

    return send


def test_signing_in_and_out(
    client: DocumentedClient, clinic: Clinic, sign_in: Callable[..., Any], now: datetime
) -> None:
    opened = sign_in(clinic.nurse.email.upper(), totp=clinic.nurse.code(now=now))
    assert (opened.status_code, opened.json["token_type"]) == (201, "Bearer")
    signed_in = {"Authorization": f"Bearer {opened.json['access_token']}"}
    assert client.get(FLAGS, headers=signed_in).status_code == 200
    assert client.delete(f"{SIGN_IN}/current", headers=signed_in).status_code == 204
    assert client.get(FLAGS, headers=signed_in).status_code == 401
    assert client.get(FLAGS, headers=clinic.nurse.headers).status_code == 200


def test_who_cannot_sign_in_learns_nothing(
    clinic: Clinic, sign_in: Callable[..., Any], sessions: sessionmaker[Session], now: datetime
) -> None:
    disabled, guarded = clinic.add_nurse(now=now), clinic.add_nurse(now=now)
    with sessions.begin() as session:
        session.execute(update(Staff).where(Staff.id == disabled.id).values(disabled_at=now))
    answers = [
        sign_in(clinic.nurse.email, "wrong password"),
        sign_in(clinic.nurse.email, PASSWORD + " "),
        sign_in(clinic.nurse.email, ""),
        sign_in("nobody@clinic.example"),
        sign_in(disabled.email),
        sign_in(guarded.email),
        sign_in(guarded.email, totp="000000"),
        sign_in(guarded.email, "wrong password", totp="000000"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert len({tuple(answer.headers.to_wsgi_list()) for answer in answers}) == 1


def test_a_second_factor_is_checked_where_one_is_set(clinic: Clinic, sign_in: Callable[..., Any]) -> None:
    factor = pyotp.TOTP(clinic.nurse.totp_secret)
    moment = datetime.now().astimezone()
    stale = factor.at(moment - timedelta(minutes=10))
    assert sign_in(clinic.nurse.email, totp=stale).status_code == 401
    assert sign_in(clinic.nurse.email, "wrong password", totp=factor.at(moment)).status_code == 401
    assert sign_in(clinic.nurse.email, totp=factor.at(moment)).status_code == 201


def test_disabling_someone_ends_their_sessions_at_once(
    client: DocumentedClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    assert client.get(FLAGS, headers=clinic.nurse.headers).status_code == 200
    with sessions.begin() as session:
        session.execute(update(Staff).values(disabled_at=now))
    assert client.get(FLAGS, headers=clinic.nurse.headers).status_code == 401


@pytest.mark.parametrize(
    ("idle", "left", "status"),
    [
        (timedelta(0), timedelta(minutes=1), 200),
        (authentication.STAFF_IDLE - timedelta(minutes=1), timedelta(hours=1), 200),
        (authentication.STAFF_IDLE + timedelta(seconds=1), timedelta(hours=1), 401),
        (timedelta(0), timedelta(seconds=-1), 401),
    ],
)
def test_a_session_ends_when_idle_and_at_the_end_of_the_day(
    client: DocumentedClient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
    idle: timedelta,
    left: timedelta,
    status: int,
) -> None:
    with sessions.begin() as session:
        session.execute(update(StaffSession).values(last_seen_at=now - idle, expires_at=now + left))
    assert client.get(FLAGS, headers=clinic.nurse.headers).status_code == status
    with sessions() as session:
        (row,) = session.query(StaffSession).all()
        # Use keeps a session awake, and never makes its day longer.
        assert row.expires_at == now + left
        assert (row.last_seen_at >= now) is (status == 200 or idle == timedelta(0))
