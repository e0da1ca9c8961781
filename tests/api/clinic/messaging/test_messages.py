"""What was sent and why not, over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from flask.testing import FlaskClient

from tests.support.data.people import Clinic


def test_explained_to_the_clinic_and_to_nobody_else(
    client: FlaskClient, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    path = f"/api/v1/treatments/{patient.treatment_id}/messages/explained"
    answer = client.get(path, headers=clinic.nurse.headers)
    assert answer.status_code == 200
    assert answer.get_json()["treatment_id"] == str(patient.treatment_id)
    assert {one["step"] for one in answer.get_json()["items"]} >= {"day0", "day1_link", "session_reminder"}
    for one in answer.get_json()["items"]:
        assert one["why"].endswith(".")
        assert patient.phone not in one["why"]
    unknown = client.get(f"/api/v1/treatments/{uuid4()}/messages/explained", headers=clinic.nurse.headers)
    foreign = client.get(path, headers=other_clinic.nurse.headers)
    assert (foreign.status_code, foreign.data) == (unknown.status_code, unknown.data)
    assert foreign.status_code == 404
    assert client.get(path).status_code == 401
    assert client.get(path, headers=patient.headers).status_code == 401


def test_a_patients_texts_page_by_page(
    client: FlaskClient, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    seen: list[str] = []
    query: dict[str, str] = {"patient_id": str(patient.id), "limit": "4"}
    while True:
        page = client.get("/api/v1/messages", query_string=query, headers=clinic.nurse.headers)
        assert page.status_code == 200
        seen.extend(one["id"] for one in page.get_json()["items"])
        if page.get_json()["next"] is None:
            break
        query["cursor"] = page.get_json()["next"]
    # Eleven steps of the plan and the text that confirms the consent.
    assert len(seen) == len(set(seen)) == 12
    foreign = client.get(
        "/api/v1/messages", query_string={"patient_id": str(patient.id)}, headers=other_clinic.nurse.headers
    )
    assert foreign.status_code == 404
    for wrong in ("x", "W10", "WyIyMDI3LTAxLTAxIiwgIngiXQ"):
        answer = client.get(
            "/api/v1/messages",
            query_string={"patient_id": str(patient.id), "cursor": wrong},
            headers=clinic.nurse.headers,
        )
        assert answer.status_code == 422
