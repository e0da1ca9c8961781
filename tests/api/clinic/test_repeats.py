"""`Idempotency-Key`: what is created is created once, and the answers that the drafted header has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.access.kept_answers import KeptAnswer
from recovery.models.core.audit import AuditEntry
from recovery.models.patients.patients import Patient
from tests.support.access.documented_client import DocumentedClient, operations
from tests.support.data.people import Clinic, Nurse

PATIENTS = "/api/v1/patients"
BODY = {"first_name": "Ada", "last_name": "Example", "phone": "+12025550811", "year_of_birth": 1988}
Send = Callable[..., Any]


@pytest.fixture
def send(client: DocumentedClient, clinic: Clinic) -> Send:
    """Enrols with a key."""

    def sent(key: str | None, nurse: Nurse = clinic.nurse, **more: object) -> Any:
        headers = dict(nurse.headers) | ({} if key is None else {"Idempotency-Key": key})
        return client.post(PATIENTS, json=BODY | more, headers=headers)

    return sent


def _enrolled(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalars(select(func.count()).select_from(Patient)).one()


@pytest.mark.parametrize(
    "key", ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', "without-marks", '"' + "x" * 128 + '"']
)
def test_the_same_request_is_answered_alike_and_creates_once(
    send: Send, sessions: sessionmaker[Session], key: str
) -> None:
    first, second = send(key), send(key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert _enrolled(sessions) == 1
    with sessions() as session:
        assert session.scalars(select(AuditEntry.action)).all().count("patient.enrol") == 1


def test_another_request_with_the_key_is_refused(send: Send, sessions: sessionmaker[Session]) -> None:
    assert send('"a"').status_code == 201
    answer = send('"a"', first_name="Bea")
    assert (answer.status_code, answer.json["type"]) == (422, "urn:afterglow:problem:key-of-another-request")
    assert _enrolled(sessions) == 1


@pytest.mark.parametrize("key", ["", '""', '"a', "a b", '"' + "x" * 129 + '"', '"a", "b"', "é", '"a\\b"'])
def test_a_key_that_is_none_is_refused(send: Send, sessions: sessionmaker[Session], key: str) -> None:
    answer = send(key)
    assert (answer.status_code, answer.json["type"]) == (400, "urn:afterglow:problem:unreadable-key")
    assert _enrolled(sessions) == 0


def test_a_request_that_is_still_at_work_is_not_waited_for(
    send: Send, sessions: sessionmaker[Session]
) -> None:
    send('"a"')
    with sessions() as session:
        key_hash = session.scalars(select(KeptAnswer.key_hash)).one()
        place = int.from_bytes(key_hash[:4], "big", signed=True)
        session.execute(text(f"SELECT pg_advisory_xact_lock(1801810036, {place})"))
        answer = send('"a"')
        assert (answer.status_code, answer.json["type"]) == (409, "urn:afterglow:problem:still-at-work")
    assert send('"a"').status_code == 201


def test_a_refused_request_may_be_mended_and_sent_again(send: Send, sessions: sessionmaker[Session]) -> None:
    assert send('"a"', phone="12").status_code == 422
    assert send('"a"').status_code == 201
    assert _enrolled(sessions) == 1


def test_keys_are_each_caller_s_own_and_kept_a_day(
    send: Send, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    first = send('"a"').json["id"]
    other = send('"a"', nurse=clinic.add_nurse(now=now, role=Role.NURSE), pin="4711").json["id"]
    assert first != other
    with sessions.begin() as session:
        session.execute(update(KeptAnswer).values(kept_at=KeptAnswer.kept_at - timedelta(days=1, minutes=1)))
    assert send('"a"', pin="4712").json["id"] not in (first, other)
    with sessions() as session:
        assert len(session.scalars(select(KeptAnswer)).all()) == 1


def test_without_a_key_each_request_creates(send: Send, sessions: sessionmaker[Session]) -> None:
    send(None)
    send(None, pin="4711")
    assert _enrolled(sessions) == 2


def test_secrets_are_shown_once(client: DocumentedClient, clinic: Clinic, now: datetime) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    headers = {**manager.headers, "Idempotency-Key": '"a"'}
    body = {"email": "new@clinic.example", "name": "New Nurse", "role": "nurse"}
    first, second = (client.post("/api/v1/staff", json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert len(first.get_json()["first_password"]) > 8
    assert second.get_json() == first.get_json() | {"first_password": ""}
    patient = clinic.add_patient(now=now)
    path = f"{PATIENTS}/{patient.id}/invitations"
    shown, again = (client.post(path, json={"via": "desk"}, headers=headers) for _ in range(2))
    assert again.status_code == 422, "the key came with another request"
    headers["Idempotency-Key"] = '"b"'
    shown, again = (client.post(path, json={"via": "desk"}, headers=headers) for _ in range(2))
    assert shown.get_json()["link"] is not None
    assert (again.get_json()["link"], again.get_json()["invitation"]) == (None, None)


def test_every_create_of_the_staff_takes_a_key(client: DocumentedClient) -> None:
    creates = [
        one
        for one in operations(client.application)
        if one.method == "POST" and "201" in one.described["responses"] and "staff" in one.callers
    ]
    assert len(creates) > 5
    for one in creates:
        names = [parameter["name"] for parameter in one.described.get("parameters", ())]
        assert "Idempotency-Key" in names, one.id
        assert {"400", "409", "422"} <= set(one.described["responses"]), one.id
