from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.models.core.audit import AuditEntry
from recovery.models.messaging.messages import Message
from recovery.services.access.rate_limits import STAFF_PHONE_CODES
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse

PHONE = "/api/v1/staff/me/phone"
THEIRS = "+12025550171"
WRONG_CODE = (422, "urn:afterglow:problem:wrong-code")


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> Nurse:
    return clinic.add_nurse(now=now, role=Role.MANAGER)


def code_of(sessions: sessionmaker[Session]) -> str:
    """The newest code that goes to a phone."""
    wanted = select(Message.details).where(Message.staff_id.is_not(None)).order_by(Message.id.desc()).limit(1)
    with sessions() as session:
        details = session.scalars(wanted).one()
    assert details is not None
    return str(details["code"])


def prove(client: DocumentedClient, staff: Nurse, code: str) -> tuple[int, str]:
    answer = client.post(f"{PHONE}/proof", json={"code": code}, headers=staff.headers)
    return answer.status_code, answer.get_json().get("type", "")


THEIRS_NOT_PROVED = {"phone": THEIRS, "proved_at": None, "phone_is_landline": False}


def test_five_wrong_codes_end_it(
    client: DocumentedClient, manager: Nurse, sessions: sessionmaker[Session]
) -> None:
    client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers)
    right = code_of(sessions)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for given in [wrong] * 5 + [right]:
        answer = client.post(f"{PHONE}/proof", json={"code": given}, headers=manager.headers)
        assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:afterglow:problem:wrong-code")


def test_another_number_has_to_be_proved_anew(
    client: DocumentedClient, manager: Nurse, sessions: sessionmaker[Session]
) -> None:
    client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers)
    assert prove(client, manager, code_of(sessions))[0] == 200
    changed = client.put(PHONE, json={"phone": "+12025550172"}, headers=manager.headers)
    assert changed.json == {"phone": "+12025550172", "proved_at": None, "phone_is_landline": False}


def test_a_phone_is_proved_by_the_code_that_came_to_it(
    client: DocumentedClient, manager: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    named = client.put(PHONE, json={"phone": " +1 (202) 555-0171 "}, headers=manager.headers)
    assert (named.status_code, named.json) == (200, THEIRS_NOT_PROVED)
    answer = client.post(f"{PHONE}/proof", json={"code": code_of(sessions)}, headers=manager.headers)
    assert (answer.status_code, answer.get_json()["phone"]) == (200, THEIRS)
    assert datetime.fromisoformat(answer.get_json()["proved_at"]) >= now
    with sessions() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "staff.phone")).one()
    assert noted.actor_id == manager.id


def test_a_code_proves_once_and_only_for_who_asked(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, sessions: sessionmaker[Session]
) -> None:
    client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers)
    code = code_of(sessions)
    assert prove(client, clinic.nurse, code) == WRONG_CODE
    assert prove(client, manager, code)[0] == 200
    assert prove(client, manager, code) == WRONG_CODE


def test_a_proved_phone_named_again_stays_proved(
    client: DocumentedClient, manager: Nurse, sessions: sessionmaker[Session]
) -> None:
    client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers)
    assert prove(client, manager, code_of(sessions))[0] == 200
    again = client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers)
    assert again.get_json()["proved_at"] is not None


def test_a_newer_code_ends_the_one_before(
    client: DocumentedClient, manager: Nurse, sessions: sessionmaker[Session]
) -> None:
    client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers)
    before = code_of(sessions)
    client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers)
    newest = code_of(sessions)
    if before != newest:
        assert prove(client, manager, before) == WRONG_CODE
    assert prove(client, manager, newest)[0] == 200


def test_a_code_ends_by_itself(
    client: DocumentedClient, manager: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers)
    with sessions.begin() as session:
        session.execute(update(StaffPhone).values(code_until=now - timedelta(seconds=1)))
    assert prove(client, manager, code_of(sessions)) == WRONG_CODE


@pytest.mark.parametrize("phone", ["", "12", "nobody", "5550171", "+1202555017x", 12025550171])
def test_what_is_no_phone_number_is_refused(client: DocumentedClient, manager: Nurse, phone: object) -> None:
    refused = client.put(PHONE, json={"phone": phone}, headers=manager.headers)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.get_json()["errors"]] == ["#/phone"]


def test_a_day_has_so_many_codes_and_not_one_more(
    client: DocumentedClient, clinic: Clinic, manager: Nurse
) -> None:
    for _ in range(STAFF_PHONE_CODES.most):
        assert client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers).status_code == 200
    refused = client.put(PHONE, json={"phone": THEIRS}, headers=manager.headers)
    assert (refused.status_code, refused.get_json()["type"]) == (
        429,
        "urn:afterglow:problem:too-many-requests",
    )
    assert int(refused.headers["Retry-After"]) > 0
    assert client.put(PHONE, json={"phone": THEIRS}, headers=clinic.nurse.headers).status_code == 200
