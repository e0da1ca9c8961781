from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.core.audit import AuditEntry
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse, Patient


@pytest.fixture
def practitioner(clinic: Clinic, now: datetime) -> Nurse:
    """Someone who consults."""
    return clinic.add_nurse(now=now, role=Role.PRACTITIONER)


@pytest.fixture
def path(patient: Patient) -> str:
    return f"/api/v1/patients/{patient.id}/consultation"


def test_the_record_over_the_api(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    path = f"/api/v1/patients/{patient.id}/consultation"
    nobody: dict[str, object] = {
        "recorded_at": None,
        "skin_type": None,
        "concerns": [],
        "conditions": [],
        "history": None,
        "stricter": None,
        "prompts": [],
    }
    assert client.get(path, headers=clinic.nurse.headers).json == nobody
    headers = clinic.add_nurse(now=now, role=Role.PRACTITIONER).headers
    body = {"skin_type": 2, "concerns": ["texture", "acne_scars"], "conditions": ["isotretinoin"]}
    kept = client.put(path, json=body, headers=headers)
    assert kept.status_code == 200
    assert kept.json == client.get(path, headers=clinic.nurse.headers).json
    assert kept.get_json()["concerns"] == ["acne_scars", "texture"], "in the order in which they are asked"
    timeline = client.get(f"/api/v1/patients/{patient.id}/timeline", headers=headers).get_json()["items"]
    (moment,) = [one for one in timeline if one["kind"] == "consultation"]
    assert moment["at"] == kept.get_json()["recorded_at"]
    assert moment["detail"]["conditions"] == ["isotretinoin"]
    twice = client.put(path, json={"conditions": ["keloid", "keloid"]}, headers=headers)
    assert twice.status_code == 422


def test_the_newest_consultation_holds_and_a_skin_type_not_judged_leaves_the_patient_s(
    client: DocumentedClient, clinic: Clinic, patient: Patient, practitioner: Nurse, path: str
) -> None:
    skin_path = f"/api/v1/patients/{patient.id}"
    client.put(path, json={"skin_type": 5, "history": "Keloid on the ear."}, headers=practitioner.headers)
    assert client.get(skin_path, headers=clinic.nurse.headers).get_json()["skin_type"] == 5
    newer = client.put(path, json={"conditions": ["keloid"]}, headers=practitioner.headers)
    assert client.get(path, headers=clinic.nurse.headers).json == newer.json
    told = newer.get_json()
    follows = {name: told.pop(name) for name in ("stricter", "prompts")}
    assert told | {"recorded_at": None} == {
        "recorded_at": None, "skin_type": None, "concerns": [], "conditions": ["keloid"], "history": None,
    }  # fmt: skip
    assert follows["stricter"] == {"at_least": "abnormal", "because": ["keloid"], "holds": False}
    assert [one["condition"] for one in follows["prompts"]] == ["keloid"]
    assert client.get(skin_path, headers=clinic.nurse.headers).get_json()["skin_type"] == 5


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"skin_type": 0}, "#/skin_type"),
        ({"skin_type": 7}, "#/skin_type"),
        ({"skin_type": "3"}, "#/skin_type"),
        ({"conditions": ["nonsense"]}, "#/conditions/0"),
        ({"concerns": ["texture", "texture"]}, "#/concerns"),
        ({"history": "x" * 4001}, "#/history"),
        ({"history": ""}, "#/history"),
        ({"diagnosis": "none"}, "#/diagnosis"),
    ],
)
def test_what_cannot_be_a_finding_is_refused_where_it_stands(
    client: DocumentedClient, practitioner: Nurse, path: str, wrong: dict[str, object], pointer: str
) -> None:
    refused = client.put(path, json=wrong, headers=practitioner.headers)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.get_json()["errors"]] == [pointer]
    assert client.get(path, headers=practitioner.headers).get_json()["recorded_at"] is None


def test_a_nurse_reads_it_and_does_not_write_it(client: DocumentedClient, clinic: Clinic, path: str) -> None:
    refused = client.put(path, json={"skin_type": 2}, headers=clinic.nurse.headers)
    assert (refused.status_code, refused.get_json()["type"]) == (403, "urn:afterglow:problem:wrong-role")
    assert client.get(path, headers=clinic.nurse.headers).get_json()["recorded_at"] is None


def test_another_clinic_s_patient_is_like_one_that_does_not_exist(
    client: DocumentedClient, other_clinic: Clinic, path: str, now: datetime
) -> None:
    theirs = other_clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    nowhere = f"/api/v1/patients/{uuid4()}/consultation"
    for method in ("GET", "PUT"):
        body = {"json": {"skin_type": 2}} if method == "PUT" else {}
        foreign = client.open(path, method=method, headers=theirs.headers, **body)
        nobodys = client.open(nowhere, method=method, headers=theirs.headers, **body)
        assert (foreign.status_code, foreign.data) == (404, nobodys.data)


def test_reading_and_writing_the_record_are_written_down(
    client: DocumentedClient, clinic: Clinic, patient: Patient, practitioner: Nurse, path: str,
    sessions: sessionmaker[Session],
) -> None:  # fmt: skip
    client.put(path, json={"conditions": ["sunburn"]}, headers=practitioner.headers)
    client.get(path, headers=clinic.nurse.headers)
    with sessions() as session:
        noted = session.scalars(
            select(AuditEntry).where(AuditEntry.action.startswith("consultation.")).order_by(AuditEntry.id)
        ).all()
    assert [(entry.action, entry.actor_id, entry.subject_id) for entry in noted] == [
        ("consultation.record", practitioner.id, patient.id),
        ("consultation.read", clinic.nurse.id, patient.id),
    ]


def test_the_stricter_setting_is_taken_with_the_record_by_whom_that_may(
    client: DocumentedClient, clinic: Clinic, practitioner: Nurse, patient: Patient, path: str, now: datetime
) -> None:
    body = {"conditions": ["cold_sores", "g6pd_deficiency"], "judge_sooner": True}
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    assert client.put(path, json=body, headers=manager.headers).status_code == 403
    assert client.get(path, headers=manager.headers).get_json()["recorded_at"] is None
    kept = client.put(path, json=body, headers=practitioner.headers).get_json()
    assert kept["stricter"] == {"at_least": "abnormal", "because": ["cold_sores"], "holds": True}
    beside = [(one["condition"], one["beside"]) for one in kept["prompts"]]
    assert beside == [("cold_sores", None), ("g6pd_deficiency", "numbing"), ("g6pd_deficiency", None)]
    band = client.put(
        f"/api/v1/patients/{patient.id}/band",
        json={"at_least": None, "because": "Told otherwise."},
        headers=practitioner.headers,
    )
    assert band.status_code == 200
    assert client.get(path, headers=practitioner.headers).get_json()["stricter"]["holds"] is False


def test_a_treatment_says_what_speaks_of_it(
    client: DocumentedClient, clinic: Clinic, practitioner: Nurse, patient: Patient, path: str, now: datetime
) -> None:
    client.put(path, json={"conditions": ["pacemaker", "topical_allergy"]}, headers=practitioner.headers)
    done = {"performed_at": now.isoformat(), "device": "rf", "topical": "vitamin C serum"}
    answer = client.post(f"/api/v1/patients/{patient.id}/treatments", json=done, headers=clinic.nurse.headers)
    assert answer.status_code == 201
    warned = answer.get_json()["warnings"]
    assert [one["condition"] for one in warned] == ["pacemaker", "topical_allergy"]
    assert all(one["say"] and one["source"] for one in warned)
    at = f"/api/v1/treatments/{answer.get_json()['id']}"
    corrected = client.patch(
        at, json={"device": "pen", "topical": None, "reason": "A slip."}, headers=practitioner.headers
    )
    assert corrected.get_json()["warnings"] == []
