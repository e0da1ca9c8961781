"""The plan of a patient's sessions over the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.domain.clinic.staff_roles import Role
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient

PLAN: dict[str, Any] = {"sessions": 4, "weeks_between": 5, "maintenance_months": 12}


def path(patient: Patient) -> str:
    return f"/api/v1/patients/{patient.id}/series"


def test_a_series_is_planned_proposed_and_agreed(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    practitioner = clinic.add_nurse(now=now, role=Role.PRACTITIONER)
    empty = client.get(path(patient), headers=clinic.nurse.headers).get_json()
    assert empty["sessions"] is empty["proposed_on"] is empty["next_session_on"] is None
    assert (empty["sessions_done"], empty["held"]) == (1, False)
    on = (patient.performed_at + timedelta(weeks=5)).date().isoformat()
    planned = client.put(path(patient), json=PLAN, headers=practitioner.headers)
    assert planned.status_code == 200
    assert planned.json == {
        **PLAN, "next_session_on": None, "sessions_done": 1, "proposed_on": on, "held": False
    }  # fmt: skip
    agreed = client.put(path(patient), json=PLAN | {"next_session_on": on}, headers=practitioner.headers)
    assert agreed.get_json()["next_session_on"] == on
    assert client.get(path(patient), headers=clinic.nurse.headers).json == agreed.json


def test_planning_is_not_a_nurse_s(client: DocumentedClient, clinic: Clinic, patient: Patient) -> None:
    assert client.put(path(patient), json=PLAN, headers=clinic.nurse.headers).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"sessions": 2}, "#/sessions"),
        ({"weeks_between": 7}, "#/weeks_between"),
        ({"maintenance_months": 5}, "#/maintenance_months"),
        ({"next_session_on": "2020-01-01"}, "#/next_session_on"),
        ({"next_session_on": "2999-01-01"}, "#/next_session_on"),
        ({"next_session_on": "20270101"}, "#/next_session_on"),
        ({"next_session_on": "tomorrow!!"}, "#/next_session_on"),
    ],
)
def test_what_is_no_series_is_refused(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime, wrong: dict[str, Any],
    pointer: str,
) -> None:  # fmt: skip
    practitioner = clinic.add_nurse(now=now, role=Role.PRACTITIONER)
    refused = client.put(path(patient), json=PLAN | wrong, headers=practitioner.headers)
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.get_json()["errors"]] == [pointer]
