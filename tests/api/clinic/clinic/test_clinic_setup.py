from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.core.audit import AuditEntry
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse

CLINIC = "/api/v1/clinic"


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> Nurse:
    """Someone who sets up the clinic."""
    return clinic.add_nurse(now=now, role=Role.MANAGER)


@pytest.fixture
def in_training(clinic: Clinic, sessions: sessionmaker[Session]) -> Clinic:
    """The clinic before it went live."""
    with sessions.begin() as session:
        session.execute(
            update(ClinicRow)
            .where(ClinicRow.id == clinic.id)
            .values(mode=ClinicMode.TRAINING, live_because=None)
        )
    return clinic


def test_hours_numbers_and_limits_are_changed(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, manager: Nurse,
    sessions: sessionmaker[Session],
) -> None:  # fmt: skip
    body = {
        "name": "North Skin Clinic",
        "weekly_hours": {"mon": [["09:00", "12:00"], ["13:00", "17:30"]]},
        "holidays": [{"on": "2026-12-25", "name": "Christmas"}],
        "on_call_phone": "+1 202 555 0199",
        "texts_per_day": 250,
    }
    changed = client.patch(CLINIC, json=body, headers=manager.headers)
    assert changed.status_code == 200
    shown = client.get(CLINIC, headers=clinic.nurse.headers).get_json()
    assert shown == changed.json
    assert (shown["weekly_hours"], shown["holidays"]) == (body["weekly_hours"], body["holidays"])
    assert (shown["on_call_phone"], shown["texts_per_day"]) == ("+12025550199", 250)
    assert client.get(CLINIC, headers=other_clinic.nurse.headers).get_json()["name"] == "Other Clinic"
    with sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "clinic.change")).one()
    assert entry.detail == {"changed": "holidays, name, on_call_phone, texts_per_day, weekly_hours"}


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        ({"weekly_hours": {"mon": [["17:00", "09:00"]]}}, "#/weekly_hours", "mon"),
        ({"weekly_hours": {"mon": [["25:00", "26:00"]]}}, "#/weekly_hours", "mon"),
        ({"weekly_hours": {"funday": [["09:00", "17:00"]]}}, "#/weekly_hours/funday", "Unknown"),
        ({"holidays": [{"on": "25 December", "name": "Christmas"}]}, "#/holidays/0/on", "date"),
        ({"on_call_phone": "12345"}, "#/on_call_phone", "too short"),
        ({"emergency_number": "9111"}, "#/emergency_number", ""),
        ({"crisis_number": "call us"}, "#/crisis_number", "Digits"),
    ],
)
def test_what_cannot_be_used_is_named(
    client: DocumentedClient, manager: Nurse, body: dict[str, object], pointer: str, detail: str
) -> None:
    before = client.get(CLINIC, headers=manager.headers).json
    answer = client.patch(CLINIC, json={"name": "Never kept", **body}, headers=manager.headers)
    assert answer.status_code == 422
    (place,) = answer.get_json()["errors"]
    assert place["pointer"] == pointer
    assert detail in place["detail"]
    assert client.get(CLINIC, headers=manager.headers).json == before


@pytest.mark.parametrize("role", [Role.NURSE, Role.PRACTITIONER])
def test_who_looks_after_patients_does_not_set_up(
    client: DocumentedClient, clinic: Clinic, now: datetime, role: Role
) -> None:
    staff = clinic.add_nurse(now=now, role=role)
    answers = (
        client.patch(CLINIC, json={"name": "Mine"}, headers=staff.headers),
        client.post(f"{CLINIC}/go-live", headers=staff.headers),
    )
    assert [answer.status_code for answer in answers] == [403, 403]


def test_going_live_names_everything_that_is_missing(
    client: DocumentedClient, in_training: Clinic, manager: Nurse
) -> None:
    readiness = client.get(f"{CLINIC}/readiness", headers=manager.headers).get_json()
    assert (readiness["mode"], readiness["ready"]) == ("training", False)
    met = {step["need"]: step["met"] for step in readiness["steps"]}
    assert met == {
        "hours": True,
        "numbers": True,
        "people": True,
        "signature": False,
        "carrier": False,
        "alerts": False,
        "links": True,
        "test_text": False,
        "stop": False,
    }
    refused = client.post(f"{CLINIC}/go-live", headers=manager.headers)
    assert refused.status_code == 409
    wanted = [step["told"] for step in readiness["steps"] if not step["met"]]
    assert [place["detail"] for place in refused.get_json()["errors"]] == wanted
    assert client.get(CLINIC, headers=manager.headers).get_json()["mode"] == "training"


def test_hours_and_numbers_count_only_where_they_help(
    client: DocumentedClient, in_training: Clinic, manager: Nurse
) -> None:
    body = {"weekly_hours": {}, "on_call_phone": "+12025550190"}
    assert client.patch(CLINIC, json=body, headers=manager.headers).status_code == 200
    readiness = client.get(f"{CLINIC}/readiness", headers=manager.headers).get_json()
    assert [step["met"] for step in readiness["steps"][:2]] == [False, False]
