from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.treatments.avoidance_rules import MOST_HOURS, AvoidItem
from recovery.models.core.audit import AuditEntry
from recovery.services.content.content import Content
from tests.support.access.documented_client import DocumentedClient
from tests.support.access.signing import sign
from tests.support.data.people import Clinic, Nurse, Patient

AVOID = "/api/v1/clinic/avoid"


def listed(client: DocumentedClient, staff: Nurse) -> dict[str, dict[str, Any]]:
    """Everything to avoid, by what it is."""
    answer = client.get(AVOID, headers=staff.headers).get_json()
    assert answer["next"] is None
    return {entry["what"]: entry for entry in answer["items"]}


def avoid_of(client: DocumentedClient, patient: Patient) -> dict[str, datetime]:
    path = f"/api/v1/me/treatments/{patient.treatment_id}"
    found = client.get(path, headers=patient.headers).get_json()["avoid"]
    return {one["what"]: datetime.fromisoformat(one["until"]) for one in found}


def test_a_clinic_sets_its_own_hours(
    client: DocumentedClient,
    clinic: Clinic,
    other_clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    shipped = avoid_of(client, patient)
    path = "/api/v1/clinic/avoid/pools_and_hot_tubs"
    saved = client.put(path, json={"hours": 120}, headers=director.headers)
    assert (saved.get_json()["hours"], saved.get_json()["source"]) == (120, "set by the clinic")
    assert avoid_of(client, patient) == shipped, "nobody has signed it"
    sign(clinic, now=now)
    own = avoid_of(client, patient)
    assert own.pop("pools_and_hot_tubs") == patient.performed_at + timedelta(hours=120)
    assert own.items() <= shipped.items()
    elsewhere = other_clinic.add_patient(now=now)
    assert avoid_of(client, elsewhere)["pools_and_hot_tubs"] - elsewhere.performed_at == timedelta(hours=72)
    client.put(path, json={"hours": None}, headers=director.headers)
    assert avoid_of(client, patient) != shipped
    sign(clinic, now=now)
    assert avoid_of(client, patient) == shipped
    listed = client.get("/api/v1/clinic/avoid", headers=clinic.nurse.headers).get_json()["items"]
    assert not any(one["saved_at"] for one in listed)
    assert all("starting estimate" in one["source"] for one in listed)
    for body, nurse in (({"hours": 673}, director), ({"hours": -1}, director), ({}, director)):
        assert client.put(path, json=body, headers=nurse.headers).status_code == 422
    assert client.put(path, json={"hours": 1}, headers=clinic.nurse.headers).status_code == 403
    unknown = client.put("/api/v1/clinic/avoid/tea", json={"hours": 1}, headers=director.headers)
    assert unknown.status_code == 404
    with sessions() as session:
        noted = session.query(AuditEntry).where(AuditEntry.action == "avoidance.save").all()
    assert [entry.detail["hours"] for entry in noted] == ["120", "as shipped"]


def test_every_thing_to_avoid_is_listed_as_it_ships(
    client: DocumentedClient, clinic: Clinic, content: Content
) -> None:
    shown = listed(client, clinic.nurse)
    assert list(shown) == [rule.what.value for rule in content.avoidance]
    assert set(shown) == {item.value for item in AvoidItem}
    for rule in content.avoidance:
        assert shown[rule.what] == {
            "what": rule.what.value,
            "hours": rule.hours,
            "source": rule.source,
            "shipped_hours": rule.hours,
            "saved_at": None,
        }


@pytest.mark.parametrize("hours", [0, MOST_HOURS])
def test_the_shipped_hours_stay_beside_the_clinic_s_own(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, now: datetime, hours: int
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    before = listed(client, clinic.nurse)
    saved = client.put(f"{AVOID}/sun", json={"hours": hours}, headers=manager.headers)
    assert saved.status_code == 200
    shown = listed(client, clinic.nurse)
    assert shown["sun"] == saved.json
    assert (shown["sun"]["hours"], shown["sun"]["shipped_hours"]) == (hours, before["sun"]["hours"])
    assert datetime.fromisoformat(shown["sun"]["saved_at"]) >= now
    assert {what for what in shown if shown[what] != before[what]} == {"sun"}
    assert listed(client, other_clinic.nurse) == before


@pytest.mark.parametrize("role", [Role.NURSE, Role.PRACTITIONER])
def test_who_may_look_may_not_set_hours(
    client: DocumentedClient, clinic: Clinic, now: datetime, role: Role
) -> None:
    staff = clinic.add_nurse(now=now, role=role)
    before = listed(client, staff)
    refused = client.put(f"{AVOID}/sun", json={"hours": 48}, headers=staff.headers)
    assert (refused.status_code, refused.get_json()["type"]) == (403, "urn:afterglow:problem:wrong-role")
    assert listed(client, staff) == before
