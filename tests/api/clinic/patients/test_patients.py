from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.core.audit import AuditEntry
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent, Invitation
from recovery.models.patients.patients import Patient as PatientRow
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient

NEW = {"first_name": "Canary", "last_name": "Birdwell", "phone": "+12025550188", "year_of_birth": 1987}


@pytest.fixture
def enrol(client: DocumentedClient, clinic: Clinic) -> Callable[..., Any]:
    return lambda **said: client.post("/api/v1/patients", json=NEW | said, headers=clinic.nurse.headers)


def consent(given_at: datetime, kind: str = "recovery_texts") -> dict[str, str]:
    return {
        "kind": kind,
        "wording": "I agree to texts.\nReply STOP to end.",
        "given_at": given_at.isoformat(),
    }


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+1 (202) 555-0188", "+12025550188"),
        ("+1-202-555-0188", "+12025550188"),
        (" +12025550188 ", "+12025550188"),
        ("+447700900123", "+447700900123"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("202.555.0188", "+12025550188"),
        ("0033 6 12 34 56 78", "+33612345678"),
    ],
)
def test_phones_are_kept_in_one_form(enrol: Callable[..., Any], written: str, kept: str) -> None:
    answer = enrol(phone=written)
    assert (answer.status_code, answer.json["phone"]) == (201, kept)


def test_other_phones_are_refused(enrol: Callable[..., Any], rows: Callable[[], dict[str, int]]) -> None:
    for phone in [
        "555-0188",
        "+441111",
        "+1",
        "+1202555018",
        "+120255501888888888",
        "call me",
        "+12025550188 ext. 5",
        "+999123456",
    ]:
        before = rows()
        answer = enrol(phone=phone)
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json["errors"]] == ["#/phone"]
        assert phone == "+1" or phone not in answer.text
        assert rows() == before


def test_what_is_not_said_is_the_clinic_s(enrol: Callable[..., Any]) -> None:
    enrolled = enrol().json
    assert {name: enrolled[name] for name in NEW} == NEW
    said = {"language": "en", "time_zone": "UTC", "skin_type": None, "answers_by": "link"}
    assert {name: enrolled[name] for name in said} == said
    assert "pin" not in enrolled


def test_names_are_kept_as_people_write_them(enrol: Callable[..., Any]) -> None:
    enrolled = enrol(first_name=" Zoe\u0308 👩🏽‍⚕️ ", last_name="O’Neill-García नमस्ते").json
    assert enrolled["first_name"] == "Zoë 👩🏽‍⚕️"
    assert enrolled["last_name"] == "O’Neill-García नमस्ते"


def test_all_that_is_wrong_is_told_at_once(enrol: Callable[..., Any]) -> None:
    schema = enrol(last_name="a\u200bb", time_zone="Etc/GMT-3").json["errors"]
    assert {error["pointer"] for error in schema} == {"#/last_name", "#/time_zone"}
    assert "The last name holds a character that cannot be seen (U+200B) in place 2" in str(schema)
    rules = enrol(phone="555-0142", year_of_birth=1900).json["errors"]
    assert {error["pointer"] for error in rules} == {"#/phone", "#/year_of_birth"}
    assert "The area code is missing" in str(rules)


def test_somebody_with_one_name_and_a_landline_is_enrolled_and_told_so(enrol: Callable[..., Any]) -> None:
    enrolled = enrol(first_name="Sukarno", last_name="", phone="+442079460123").json
    assert (enrolled["last_name"], enrolled["phone_is_landline"]) == ("", True)
    assert enrol().json["phone_is_landline"] is False


def test_names_on_one_line(enrol: Callable[..., Any]) -> None:
    for name in ["a\nb", "a\u2028b", "\u0007", "   ", "x" * 101]:
        answer = enrol(first_name=name)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/first_name")


def test_two_patients_may_share_a_phone(enrol: Callable[..., Any]) -> None:
    assert enrol().json["id"] != enrol(pin="4815").json["id"]


def test_a_pin_is_four_to_eight_digits(enrol: Callable[..., Any]) -> None:
    for pin in ["123", "123456789", "12a4", "1234\n", "１２３４", " 1234", ""]:
        answer = enrol(pin=pin)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/pin")


def test_a_pin_is_stored_unreadable(enrol: Callable[..., Any], sessions: sessionmaker[Session]) -> None:
    enrol(pin="48151623")
    with sessions() as session:
        (row,) = session.query(PatientRow).all()
        assert row.pin_hash is not None
        assert row.pin_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("kinds", "texted"),
    [
        ([], False),
        (["session_reminders"], False),
        (["recovery_texts"], True),
        (["recovery_texts", "session_reminders"], True),
    ],
)
def test_the_first_text_needs_a_consent(
    enrol: Callable[..., Any],
    client: DocumentedClient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
    kinds: list[str],
    texted: bool,
) -> None:
    given_at = now - timedelta(minutes=5)
    enrolled = enrol(consents=[consent(given_at, kind) for kind in kinds]).json
    with sessions() as session:
        kept = session.query(Consent).order_by(Consent.id).all()
        assert [(row.kind.value, row.given_at) for row in kept] == [(kind, given_at) for kind in kinds]
        assert all(row.wording == "I agree to texts.\nReply STOP to end." for row in kept)
        planned = session.query(Message).all()
        expected = [("optin_confirm", MessageState.PLANNED)] if texted else []
        assert [(row.template, row.state) for row in planned] == expected
    treated = client.post(
        f"/api/v1/patients/{enrolled['id']}/treatments",
        json={"performed_at": now.isoformat(), "device": "pen"},
        headers=clinic.nurse.headers,
    )
    assert treated.status_code == 201
    with sessions() as session:
        of_treatment = session.query(Message).where(Message.treatment_id.is_not(None))
        steps = of_treatment.where(Message.template != "session_reminder").all()
        states = {row.state for row in steps}
        assert states <= (
            {MessageState.PLANNED, MessageState.EXPIRED} if texted else {MessageState.CANCELLED}
        )
        assert len(steps) > 3


def test_a_consent_is_not_given_tomorrow(
    enrol: Callable[..., Any], rows: Callable[[], dict[str, int]], now: datetime
) -> None:
    before = rows()
    answer = enrol(consents=[consent(now + timedelta(hours=1))])
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/consents")
    assert rows() == before


def test_reading_a_patient_is_written_down(
    client: DocumentedClient, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    read = client.get(f"/api/v1/patients/{patient.id}", headers=clinic.nurse.headers)
    assert (read.status_code, read.get_json()["phone"]) == (200, patient.phone)
    with sessions() as session:
        (entry,) = session.query(AuditEntry).where(AuditEntry.action == "patient.read")
        assert (entry.actor_id, entry.subject_id) == (clinic.nurse.id, patient.id)


def test_an_invitation_at_the_desk_lets_the_patient_in(
    client: DocumentedClient, clinic: Clinic, enrol: Callable[..., Any]
) -> None:
    patient_id = enrol(pin="4815").json["id"]
    path = f"/api/v1/patients/{patient_id}/invitations"
    invited = client.post(path, json={"via": "desk"}, headers=clinic.nurse.headers)
    assert invited.status_code == 201
    token = invited.get_json()["invitation"]
    assert invited.get_json()["link"].endswith(f"/{token}")
    opened = client.post("/api/v1/patient/sessions", json={"invitation": token, "secret": "4815"})
    assert opened.status_code == 201
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {opened.get_json()['access_token']}"})
    assert (me.get_json()["id"], me.get_json()["first_name"]) == (patient_id, "Canary")
    assert not {"phone", "year_of_birth", "last_name"} & set(me.get_json())


def test_an_invitation_by_text_is_made_when_the_text_leaves(
    client: DocumentedClient, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        before = session.query(Invitation).count()
    path = f"/api/v1/patients/{patient.id}/invitations"
    for body in ({"via": "text"}, {}):
        answer = client.post(path, json=body, headers=clinic.nurse.headers)
        assert answer.status_code == 201
        assert answer.json == {"via": "text", "invitation": None, "link": None, "expires_at": None}
    with sessions() as session:
        planned = session.query(Message).where(Message.template == "invitation").all()
        assert [row.state for row in planned] == [MessageState.PLANNED] * 2
        assert session.query(Invitation).count() == before
