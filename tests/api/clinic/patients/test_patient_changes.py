"""Correcting treatments and changing patients over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from recovery.domain.clinic.staff_roles import Role
from tests.support.data.people import Clinic, Nurse, Patient


@pytest.fixture
def practitioner(clinic: Clinic, now: datetime) -> Nurse:
    """Who may correct a treatment."""
    return clinic.add_nurse(now=now, role=Role.PRACTITIONER)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """Treated thirty hours ago."""
    return clinic.add_patient(now=now)


def test_a_correction_changes_what_it_names_and_nothing_else(
    client: FlaskClient, patient: Patient, practitioner: Nurse, now: datetime
) -> None:
    path = f"/api/v1/treatments/{patient.treatment_id}"
    before = client.get(path, headers=practitioner.headers).get_json()
    performed_at = now - timedelta(hours=20)
    answer = client.patch(
        path,
        json={
            "performed_at": performed_at.isoformat(),
            "depth_mm": None,
            "areas": ["neck"],
            "reason": "Typo",
        },
        headers=practitioner.headers,
    )
    assert answer.status_code == 200, answer.json
    changed = answer.get_json()
    expected = before | {"depth_mm": None, "areas": ["neck"], "performed_at": changed["performed_at"]}
    assert changed == expected
    assert datetime.fromisoformat(changed["performed_at"]) == performed_at
    assert client.get(path, headers=practitioner.headers).json == expected


def test_a_withdrawal_says_when_and_is_final(
    client: FlaskClient, patient: Patient, practitioner: Nurse
) -> None:
    path = f"/api/v1/treatments/{patient.treatment_id}"
    body = {"reason": "Entered for the wrong patient"}
    answer = client.post(f"{path}/withdraw", json=body, headers=practitioner.headers)
    assert (answer.status_code, answer.get_json()["withdrawn_at"] is not None) == (200, True)
    assert client.post(f"{path}/withdraw", json=body, headers=practitioner.headers).status_code == 404
    told = client.get(f"{path}/messages/explained", headers=practitioner.headers).get_json()["items"]
    # After a treatment late in the day the first text had no hour left before.
    assert {one["state"] for one in told} - {"expired"} == {"cancelled"}


@pytest.mark.parametrize(
    "body",
    [
        {"numbing": "none"},
        {"withdrawn": True, "reason": "x"},
        {"protocol": "standard-2026-11", "reason": "x"},
        {"depth_mm": 9, "reason": "x"},
        {"areas": [], "reason": "x"},
        {"device": None, "reason": "x"},
        {"performed_at": "2099-01-01T00:00:00Z", "reason": "x"},
    ],
)
def test_corrections_that_are_refused(
    client: FlaskClient, patient: Patient, practitioner: Nurse, body: dict[str, Any]
) -> None:
    path = f"/api/v1/treatments/{patient.treatment_id}"
    assert client.patch(path, json=body, headers=practitioner.headers).status_code == 422


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.NURSE, 403), (Role.PRACTITIONER, 200), (Role.MANAGER, 200), (Role.MEDICAL_DIRECTOR, 200)],
)
def test_who_may_correct(
    client: FlaskClient, clinic: Clinic, patient: Patient, now: datetime, role: Role, status: int
) -> None:
    member = clinic.add_nurse(now=now, role=role)
    path = f"/api/v1/treatments/{patient.treatment_id}"
    answer = client.patch(path, json={"numbing": "none", "reason": "x"}, headers=member.headers)
    assert answer.status_code == status
    withdrawn = client.post(f"{path}/withdraw", json={"reason": "x"}, headers=member.headers)
    assert withdrawn.status_code == status


def test_another_clinics_treatments_and_patients_do_not_exist(
    client: FlaskClient, other_clinic: Clinic, patient: Patient, now: datetime
) -> None:
    stranger = other_clinic.add_nurse(now=now, role=Role.PRACTITIONER)
    for path, body in (
        ("/api/v1/treatments/{}", {"numbing": "none", "reason": "x"}),
        ("/api/v1/patients/{}", {"first_name": "Ann"}),
    ):
        own = patient.treatment_id if "treatments" in path else patient.id
        foreign = client.patch(path.format(own), json=body, headers=stranger.headers)
        nobodys = client.patch(path.format(uuid4()), json=body, headers=stranger.headers)
        assert (foreign.status_code, foreign.data) == (404, nobodys.data)


def test_a_patient_changes_in_what_is_named(client: FlaskClient, clinic: Clinic, patient: Patient) -> None:
    path, headers = f"/api/v1/patients/{patient.id}", clinic.nurse.headers
    before = client.get(path, headers=headers).get_json()
    changes = {"first_name": "Ann", "time_zone": "Asia/Kathmandu", "answers_by": "text", "skin_type": None}
    answer = client.patch(path, json=changes, headers=headers)
    assert (answer.status_code, answer.json) == (200, before | changes)
    assert client.patch(path, json={"time_zone": None}, headers=headers).get_json()["time_zone"] == "UTC"


def test_a_new_number_signs_the_old_ones_devices_out(
    client: FlaskClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    path, headers = f"/api/v1/patients/{patient.id}", clinic.nurse.headers
    same = client.patch(path, json={"phone": patient.phone}, headers=headers)
    assert same.status_code == 200
    assert client.get("/api/v1/me", headers=patient.headers).status_code == 200
    body = {
        "phone": "+1 202 555 0779",
        "consents": [{"kind": "recovery_texts", "wording": "I agree.", "given_at": now.isoformat()}],
    }
    moved = client.patch(path, json=body, headers=headers)
    assert (moved.status_code, moved.get_json()["phone"]) == (200, "+12025550779")
    assert client.get("/api/v1/me", headers=patient.headers).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"phone": "12"},
        {"phone": None},
        {"time_zone": "Nowhere/Land"},
        {"year_of_birth": 1880},
        {"pin": "123"},
        {"pin": None},
        {"consents": [{"kind": "recovery_texts"}]},
        {
            "consents": [
                {"kind": "recovery_texts", "wording": "x", "given_at": "2099-01-01T00:00:00Z"},
            ]
        },
        {"language": "xx"},
    ],
)
def test_changes_that_are_refused(
    client: FlaskClient, clinic: Clinic, patient: Patient, body: dict[str, Any]
) -> None:
    path = f"/api/v1/patients/{patient.id}"
    assert client.patch(path, json=body, headers=clinic.nurse.headers).status_code == 422
