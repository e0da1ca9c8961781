from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from config.settings import Settings
from recovery.models.access.rate_limits import TryCount
from recovery.services.access import rate_limits
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import PASSWORD, Clinic, Nurse

CODES, STAFF = "/api/v1/patient/codes", "/api/v1/staff/sessions"
MOST = rate_limits.CODES_OF_ADDRESS.most


def ask(client: DocumentedClient, number: int, *, address: str, forwarded: str | None = None) -> Any:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client.post(
        CODES,
        json={"phone": f"+1303555{number:04d}"},
        headers=headers,
        environ_base={"REMOTE_ADDR": address},
    )


@pytest.fixture
def behind_proxy(app_of: Callable[[Settings], Flask]) -> DocumentedClient:
    """The application behind one proxy that is trusted."""
    return DocumentedClient(app_of(Settings(_env_file=None, trusted_hops=1)))  # type: ignore[call-arg]


def test_an_address_asks_so_often_and_not_once_more(app: Flask, sessions: sessionmaker[Session]) -> None:
    answers: list[int] = []
    begin = threading.Barrier(8)

    def several(first: int) -> None:
        client = DocumentedClient(app)
        begin.wait()
        answers.extend(ask(client, first + one, address="10.1.1.1").status_code for one in range(10))

    threads = [threading.Thread(target=several, args=(place * 10,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers.count(202), answers.count(429)) == (MOST, 80 - MOST)
    refused = ask(DocumentedClient(app), 99, address="10.1.1.1")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert ask(DocumentedClient(app), 99, address="10.1.1.2").status_code == 202
    with sessions.begin() as session:
        assert all(len(row.who) == 32 for row in session.scalars(select(TryCount)))
        session.execute(update(TryCount).values(ends_at=TryCount.ends_at - timedelta(days=2)))
    assert ask(DocumentedClient(app), 99, address="10.1.1.1").status_code == 202


def test_without_a_trusted_proxy_forwarded_addresses_are_not_believed(client: DocumentedClient) -> None:
    answers = [
        ask(client, one, address="10.1.1.1", forwarded=f"203.0.113.{one}").status_code
        for one in range(MOST + 1)
    ]
    assert answers == [202] * MOST + [429]


def test_behind_a_trusted_proxy_only_its_own_word_counts(behind_proxy: DocumentedClient) -> None:
    answers = [
        ask(behind_proxy, one, address="10.9.9.9", forwarded=f"203.0.113.{one}, 198.51.100.7").status_code
        for one in range(MOST + 1)
    ]
    assert answers == [202] * MOST + [429]
    elsewhere = ask(behind_proxy, 99, address="10.9.9.9", forwarded="198.51.100.7, 198.51.100.8")
    assert elsewhere.status_code == 202


def test_a_household_has_one_address_in_ipv6(client: DocumentedClient) -> None:
    answers = [ask(client, one, address=f"2001:db8:1:2::{one + 1:x}").status_code for one in range(MOST + 1)]
    assert answers == [202] * MOST + [429]
    assert ask(client, 99, address="2001:db8:1:3::1").status_code == 202
    assert ask(client, 98, address="fe80::1%eth0").status_code == 202


@pytest.fixture
def sign_in(client: DocumentedClient, now: datetime) -> Callable[..., int]:
    def send(nurse: Nurse, password: str = PASSWORD, *, address: str) -> int:
        body = {"email": nurse.email, "password": password, "totp": nurse.code(now=now)}
        return client.post(STAFF, json=body, environ_base={"REMOTE_ADDR": address}).status_code

    return send


def test_guesses_at_staff_are_slowed_by_account_and_address(
    clinic: Clinic, sign_in: Callable[..., int], sessions: sessionmaker[Session], now: datetime
) -> None:
    most = rate_limits.STAFF_OF_ACCOUNT_THERE.most
    guesses = [sign_in(clinic.nurse, "wrong password", address="10.1.1.1") for _ in range(most + 2)]
    assert guesses == [401] * most + [429] * 2
    # The right password is not heard there either, but from elsewhere, and after a while.
    assert sign_in(clinic.nurse, address="10.1.1.1") == 429
    assert sign_in(clinic.nurse, address="10.1.1.2") == 201
    other = clinic.add_nurse(now=now)
    assert sign_in(other, address="10.1.1.1") == 201


def test_guesses_from_everywhere_do_not_lock_anyone_out_of_their_desk(
    clinic: Clinic, sign_in: Callable[..., int], client: DocumentedClient, now: datetime
) -> None:
    assert sign_in(clinic.nurse, address="10.2.0.1") == 201
    most = rate_limits.STAFF_OF_ACCOUNT.most
    guesses = [sign_in(clinic.nurse, "wrong password", address=f"10.3.0.{one}") for one in range(most + 1)]
    assert guesses == [401] * most + [429]
    assert sign_in(clinic.nurse, "wrong password", address="10.2.0.1") == 401
    body = {"email": "nobody@clinic.example", "password": PASSWORD}
    strangers = [
        client.post(STAFF, json=body, environ_base={"REMOTE_ADDR": f"10.4.0.{one}"}).status_code
        for one in range(most + 1)
    ]
    # An account nobody has is slowed in the same way.
    assert strangers == guesses


def test_signing_in_rightly_does_not_count(
    clinic: Clinic, sign_in: Callable[..., int], sessions: sessionmaker[Session], now: datetime
) -> None:
    for _ in range(rate_limits.STAFF_OF_ACCOUNT_THERE.most + 2):
        someone = clinic.add_nurse(now=now)
        assert sign_in(someone, address="10.1.1.1") == 201
    with sessions() as session:
        counts = session.scalars(select(TryCount.tries).where(TryCount.what.like("staff sign-ins%"))).all()
    assert set(counts) == {0}


def test_the_console_says_how_long_to_wait(client: DocumentedClient, clinic: Clinic) -> None:
    form = {"email": clinic.nurse.email, "password": "wrong password"}
    answers = [
        client.post("/console/sign-in", data=form, headers={"Origin": "http://localhost"})
        for _ in range(rate_limits.STAFF_OF_ACCOUNT_THERE.most + 1)
    ]
    assert answers[-2].status_code == 401
    assert answers[-1].status_code == 429
    assert "too many tries from here. Wait 15 minutes" in answers[-1].text
