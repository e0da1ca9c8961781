"""Stopping a clinic's texts over HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.core.audit import AuditEntry
from tests.support.data.people import Clinic

PATH = "/api/v1/clinic/stop-switch"


def test_on_and_off_are_kept_with_their_reasons_and_concern_one_clinic(
    client: FlaskClient,
    clinic: Clinic,
    other_clinic: Clinic,
    sessions: sessionmaker[Session],
) -> None:
    headers = clinic.nurse.headers
    on = client.put(PATH, json={"on": True, "reason": "Wrong wording"}, headers=headers)
    assert (on.status_code, on.get_json()["on"]) == (200, True)
    again = client.put(PATH, json={"on": True, "reason": "Once more"}, headers=headers)
    assert again.json == on.json
    with sessions() as session:
        assert session.get_one(ClinicRow, other_clinic.id).texts_stopped_at is None
    off = client.put(PATH, json={"on": False, "reason": "Corrected"}, headers=headers)
    assert off.json == {"on": False, "since": None}
    with sessions() as session:
        kept = session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("clinic.%_texts")).order_by(AuditEntry.id)
        )
        assert [(one.action, one.detail["because"], one.actor_id) for one in kept] == [
            ("clinic.stop_texts", "Wrong wording", clinic.nurse.id),
            ("clinic.resume_texts", "Corrected", clinic.nurse.id),
        ]


@pytest.mark.parametrize("role", list(Role))
def test_whoever_sees_the_need_may(client: FlaskClient, clinic: Clinic, now: datetime, role: Role) -> None:
    member = clinic.add_nurse(now=now, role=role)
    answer = client.put(PATH, json={"on": True, "reason": "A test"}, headers=member.headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [{"on": True}, {"on": 1, "reason": "x"}, {"on": "true", "reason": "x"}, {"on": True, "reason": " "}],
)
def test_half_right_bodies_are_refused(client: FlaskClient, clinic: Clinic, body: dict[str, object]) -> None:
    answer = client.put(PATH, json=body, headers=clinic.nurse.headers)
    assert answer.status_code == 422


def test_nobody_else(client: FlaskClient, clinic: Clinic, now: datetime) -> None:
    body = {"on": True, "reason": "x"}
    assert client.put(PATH, json=body).status_code == 401
    assert client.put(PATH, json=body, headers=clinic.add_patient(now=now).headers).status_code == 401
