"""Over the API: what was signed before comes back at once, by a manager, with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.domain.clinic.staff_roles import Role
from tests.support.access.documented_client import DocumentedClient
from tests.support.access.signing import sign
from tests.support.data.people import Clinic, Nurse, Patient

WITHDRAWALS = "/api/v1/clinic/withdrawals"
PART = "own page en aftercare"
FIRST, SECOND = "# Our care\n\nPat dry.\n", "# Our care\n\nRub.\n"


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> Nurse:
    """Who may take something back."""
    return clinic.add_nurse(now=now, role=Role.MANAGER)


@pytest.fixture
def twice_signed(client: DocumentedClient, clinic: Clinic, manager: Nurse, now: datetime) -> None:
    """The clinic runs on the second of two pages of its own."""
    for text, at in ((FIRST, now), (SECOND, now + timedelta(seconds=1))):
        path = "/api/v1/clinic/pages/en/aftercare"
        assert client.put(path, json={"text": text}, headers=manager.headers).status_code == 200
        sign(clinic, now=at)


def care(client: DocumentedClient, patient: Patient) -> list[dict[str, Any]]:
    pages = client.get("/api/v1/knowledge", headers=patient.headers).get_json()["items"]
    (found,) = [page["blocks"] for page in pages if page["topic"] == "aftercare"]
    blocks: list[dict[str, Any]] = found
    return blocks


@pytest.mark.usefixtures("twice_signed")
def test_a_page_goes_back_and_it_is_kept_who_why_and_from_what(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, patient: Patient
) -> None:
    assert care(client, patient) == [{"text": "Rub.", "items": []}]
    forms = client.get(f"{WITHDRAWALS}/forms?part={PART}", headers=clinic.nurse.headers)
    assert forms.get_json() == {"items": [None, FIRST], "next": None}
    body = {"part": PART, "to": FIRST, "because": "It would hurt."}
    made = client.post(WITHDRAWALS, json=body, headers=manager.headers)
    assert made.status_code == 201, made.get_json()
    assert care(client, patient) == [{"text": "Pat dry.", "items": []}]
    (kept,) = client.get(WITHDRAWALS, headers=clinic.nurse.headers).get_json()["items"]
    assert kept == made.get_json()
    assert (kept["part"], kept["because"], kept["withdrawn_by"]) == (PART, "It would hurt.", str(manager.id))
    assert kept["before"] != kept["after"]
    to_sign = client.get("/api/v1/protocols/to-sign", headers=manager.headers).get_json()
    assert (to_sign["signed"], to_sign["digest"]) == (True, kept["after"])


@pytest.mark.usefixtures("twice_signed")
def test_nothing_else_comes_back_and_not_by_everybody(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, manager: Nurse, now: datetime
) -> None:
    body = {"part": PART, "to": FIRST, "because": "It would hurt."}
    refused = client.post(WITHDRAWALS, json=body, headers=clinic.nurse.headers)
    assert refused.status_code == 403
    for change, status in (
        ({"to": "# Never\n\nSigned.\n"}, 409),
        ({"to": SECOND}, 409),
        ({"part": "texts en", "to": None}, 404),
        ({"part": "own wording xx y", "to": None}, 409),
        ({"part": "protocol own-9", "to": None}, 404),
        ({"because": " "}, 422),
    ):
        answer = client.post(WITHDRAWALS, json=body | change, headers=manager.headers)
        assert answer.status_code == status, (change, answer.get_json())
    stranger = other_clinic.add_nurse(now=now, role=Role.MANAGER)
    assert client.post(WITHDRAWALS, json=body, headers=stranger.headers).status_code == 409
    assert client.get(WITHDRAWALS, headers=manager.headers).get_json()["items"] == []


def test_a_version_of_the_course_goes_back(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, now: datetime
) -> None:
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    newest = max(clinic.content.protocols)
    text = clinic.content.protocol_sources[newest].replace(newest, "own-1", 1)
    assert client.post("/api/v1/protocols", json={"text": text}, headers=director.headers).status_code == 201
    client.post("/api/v1/protocols/own-1/publish", json={}, headers=director.headers)
    sign(clinic, now=now)

    def in_force() -> list[str]:
        items = client.get("/api/v1/protocols", headers=manager.headers).get_json()["items"]
        return [one["version"] for one in items if one["in_force"]]

    assert in_force() == ["own-1"]
    body = {"part": "protocol own-1", "because": "It misses too much."}
    assert client.post(WITHDRAWALS, json=body, headers=manager.headers).status_code == 201
    assert in_force() == [newest]
