"""Recording over the API what nobody flagged."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from recovery.domain.clinic.staff_roles import Role
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient


def test_a_complication_is_recorded_listed_and_taken_back(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    path = f"/api/v1/treatments/{patient.treatment_id}/complications"
    body = {"outcome": "scar", "began_on": now.date().isoformat(), "comment": "Seen at the next session."}
    made = client.post(path, json=body, headers=clinic.nurse.headers)
    assert made.status_code == 201, made.text
    kept = made.get_json()
    assert {name: kept[name] for name in body} == body
    assert (kept["recorded_by"], kept["withdrawn_at"]) == (str(clinic.nurse.id), None)
    assert client.get(path, headers=clinic.nurse.headers).get_json() == {"items": [kept]}
    own = client.get("/api/v1/me/export", headers=patient.headers).get_json()["treatments"][0]
    assert own["complications"] == [{"outcome": "scar", "began_on": body["began_on"]}]
    page = client.get("/api/v1/me/export?format=html", headers=patient.headers).text
    assert "What your clinic noted" in page
    assert "a scar" in page
    withdraw = f"/api/v1/complications/{kept['id']}/withdraw"
    assert client.post(withdraw, headers=clinic.nurse.headers).status_code == 403
    practitioner = clinic.add_nurse(now=now, role=Role.PRACTITIONER)
    assert client.post(withdraw, headers=practitioner.headers).get_json()["withdrawn_at"] is not None
    assert client.post(withdraw, headers=practitioner.headers).status_code == 404
    assert client.get(path, headers=clinic.nurse.headers).get_json() == {"items": []}


@pytest.mark.parametrize(
    ("outcome", "days", "pointer"),
    [
        ("expected_healing", 0, "#/outcome"),
        ("other", 0, "#/outcome"),
        ("nonsense", 0, "#/outcome"),
        ("scar", 1, "#/began_on"),
        ("scar", -60, "#/began_on"),
    ],
)
def test_what_is_no_complication_is_refused_where_it_stands(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime,
    outcome: str, days: int, pointer: str,
) -> None:  # fmt: skip
    refused = client.post(
        f"/api/v1/treatments/{patient.treatment_id}/complications",
        json={"outcome": outcome, "began_on": (now + timedelta(days=days)).date().isoformat()},
        headers=clinic.nurse.headers,
    )
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.get_json()["errors"]] == [pointer]
