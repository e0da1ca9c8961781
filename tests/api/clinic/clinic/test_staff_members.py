from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recovery.domain.clinic.staff_roles import Role
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse

STAFF = "/api/v1/staff"


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> Nurse:
    """Someone who sets up the clinic."""
    return clinic.add_nurse(now=now, role=Role.MANAGER)


def test_somebody_new_signs_in_with_the_password_shown_once(
    client: DocumentedClient, clinic: Clinic, manager: Nurse
) -> None:
    body = {"email": "new@clinic.example", "name": "New Nurse", "role": "nurse"}
    made = client.post(STAFF, json=body, headers=manager.headers)
    assert made.status_code == 201
    sign_in = {"email": "NEW@clinic.example", "password": made.get_json()["first_password"]}
    assert client.post(f"{STAFF}/sessions", json=sign_in).status_code == 201
    listed = client.get(STAFF, headers=clinic.nurse.headers)
    assert "password" not in listed.text
    (new,) = (one for one in listed.get_json()["items"] if one["id"] == made.get_json()["id"])
    assert (new["name"], new["role"], new["active"], new["second_factor"]) == (
        "New Nurse", "nurse", True, False,
    )  # fmt: skip
    again = client.post(STAFF, json=body | {"email": "New@Clinic.example"}, headers=manager.headers)
    assert (again.status_code, again.get_json()["type"]) == (409, "urn:afterglow:problem:email-taken")


def test_who_left_is_out_with_the_next_request(
    client: DocumentedClient, clinic: Clinic, manager: Nurse
) -> None:
    nurse = clinic.nurse
    assert client.get("/api/v1/flags", headers=nurse.headers).status_code == 200
    assert [one["holds"] for one in client.get(STAFF, headers=manager.headers).get_json()["items"]] == [0, 0]
    gone = client.patch(f"{STAFF}/{nurse.id}", json={"active": False}, headers=manager.headers)
    assert (gone.status_code, gone.get_json()["active"]) == (200, False)
    assert client.get("/api/v1/flags", headers=nurse.headers).status_code == 401
    back = client.patch(f"{STAFF}/{nurse.id}", json={"active": True}, headers=manager.headers)
    assert back.get_json()["active"] is True
    assert client.get("/api/v1/flags", headers=nurse.headers).status_code == 401


def test_another_role_ends_what_was_opened_under_the_old_one(
    client: DocumentedClient, clinic: Clinic, manager: Nurse
) -> None:
    changed = client.patch(f"{STAFF}/{clinic.nurse.id}", json={"role": "manager"}, headers=manager.headers)
    assert changed.get_json()["role"] == "manager"
    assert client.get("/api/v1/flags", headers=clinic.nurse.headers).status_code == 401


def test_a_new_name_ends_nothing(client: DocumentedClient, clinic: Clinic, manager: Nurse) -> None:
    changed = client.patch(f"{STAFF}/{clinic.nurse.id}", json={"name": "Robin"}, headers=manager.headers)
    assert changed.get_json()["name"] == "Robin"
    assert client.get("/api/v1/flags", headers=clinic.nurse.headers).status_code == 200


@pytest.mark.parametrize("body", [{"active": False}, {"role": "nurse"}])
def test_somebody_is_left_to_set_up_the_clinic(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, now: datetime, body: dict[str, object]
) -> None:
    path = f"{STAFF}/{manager.id}"
    refused = client.patch(path, json=body, headers=manager.headers)
    assert (refused.status_code, refused.get_json()["type"]) == (409, "urn:afterglow:problem:last-one")
    clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    assert client.patch(path, json=body, headers=manager.headers).status_code == 200


@pytest.mark.parametrize("role", [Role.NURSE, Role.PRACTITIONER])
def test_nobody_else_changes_the_staff(
    client: DocumentedClient, clinic: Clinic, now: datetime, role: Role
) -> None:
    staff = clinic.add_nurse(now=now, role=role)
    body = {"email": "new@clinic.example", "name": "New Nurse", "role": "manager"}
    answers = (
        client.post(STAFF, json=body, headers=staff.headers),
        client.patch(f"{STAFF}/{staff.id}", json={"role": "manager"}, headers=staff.headers),
    )
    assert [answer.status_code for answer in answers] == [403, 403]


def test_a_director_is_proposed_by_one_and_given_by_another(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, now: datetime
) -> None:
    body = {"email": "new@clinic.example", "name": "New Doctor", "role": "medical_director"}
    early = client.post(STAFF, json=body, headers=manager.headers)
    assert (early.status_code, early.get_json()["type"]) == (409, "urn:afterglow:problem:no-director-yet")
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    made = client.post(STAFF, json=body, headers=manager.headers).get_json()
    assert (made["role"], made["proposal"]["role"]) == ("nurse", "medical_director")
    assert made["proposal"]["proposed_by"] == str(manager.id)
    path, give = f"{STAFF}/proposals/{made['proposal']['id']}", {"accepted": True}
    own = client.post(path, json=give, headers=manager.headers)
    assert (own.status_code, own.get_json()["type"]) == (409, "urn:afterglow:problem:second-person-needed")
    assert client.post(path, json=give, headers=clinic.nurse.headers).status_code == 403
    given = client.post(path, json=give, headers=director.headers).get_json()
    assert (given["id"], given["role"], given["proposal"]) == (made["id"], "medical_director", None)
    assert client.post(path, json=give, headers=director.headers).status_code == 404
    self_made = client.patch(
        f"{STAFF}/{manager.id}", json={"role": "medical_director"}, headers=manager.headers
    ).get_json()
    assert (self_made["role"], self_made["proposal"]["role"]) == ("manager", "medical_director")
    listed = client.get(STAFF, headers=manager.headers).get_json()["items"]
    assert [one["id"] for one in listed if one["proposal"]] == [str(manager.id)]


def test_a_lost_second_factor_is_removed_with_a_code_of_one_s_own(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, now: datetime
) -> None:
    path = f"{STAFF}/{clinic.nurse.id}/second-factor/removal"
    wrong = client.post(path, json={"code": "000000"}, headers=manager.headers)
    assert wrong.status_code == 422
    own = f"{STAFF}/{manager.id}/second-factor/removal"
    refused = client.post(own, json={"code": manager.code(now=datetime.now(UTC))}, headers=manager.headers)
    assert (refused.status_code, refused.get_json()["type"]) == (
        409, "urn:afterglow:problem:own-second-factor",
    )  # fmt: skip
    removed = client.post(path, json={"code": manager.code(now=datetime.now(UTC))}, headers=manager.headers)
    assert (removed.status_code, removed.get_json()["second_factor"]) == (200, False)
    assert client.get("/api/v1/flags", headers=clinic.nurse.headers).status_code == 401
