"""What the queue shows of a flag follows what it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.symptoms import Device, Symptom
from recovery.models.flags.flags import Flag
from recovery.services.content.content import Content
from recovery.services.flags import flag_queue_entries
from recovery.services.flags.flag_queue_entries import QueueEntry
from recovery.services.review import report_review
from tests.support.data.people import Clinic, Patient

HIGH = {"scores": {"redness": 9, "swelling": 3, "peeling": 0}, "confirmed": ["redness"]}
EXPECTED = {"scores": {"redness": 2, "swelling": 1, "peeling": 0}}


@pytest.fixture
def report(
    client: FlaskClient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> Callable[..., None]:
    """A report that the worker has reviewed."""

    def send(patient: Patient, body: dict[str, object], *, minutes: float = 2) -> None:
        seen_at = (now - timedelta(minutes=minutes)).isoformat()
        answer = client.put(
            patient.report_path(uuid4()), json=body | {"seen_at": seen_at}, headers=patient.headers
        )
        assert answer.status_code == 201, answer.json
        with sessions.begin() as session:
            report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=200)

    return send


def _entry(sessions: sessionmaker[Session]) -> QueueEntry:
    with sessions() as session:
        stored = session.scalars(select(Flag.entry)).one()
        assert stored is not None
        return flag_queue_entries.parse_entry(stored)


def test_an_entry_tells_what_the_queue_shows_and_follows_reports(
    clinic: Clinic, report: Callable[..., None], sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    report(patient, HIGH, minutes=60)
    first = _entry(sessions)
    assert (first.patient, first.symptom, first.facts.device) == ("Pat Sample", Symptom.REDNESS, Device.PEN)
    assert first.points == [(49.0, 9)]
    assert first.reason is not None
    assert (first.reason.symptom, first.reason.value) == (Symptom.REDNESS, 9)
    report(patient, EXPECTED)
    assert [score for _, score in _entry(sessions).points] == [9, 2]


def test_an_entry_follows_the_patients_name_and_number_and_what_the_treatment_is_said_to_be(
    clinic: Clinic,
    client: FlaskClient,
    report: Callable[..., None],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    report(patient, HIGH)
    headers = clinic.nurse.headers
    for field, value in (("last_name", "Newly"), ("phone", "+12025550899")):
        changed = client.patch(f"/api/v1/patients/{patient.id}", json={field: value}, headers=headers)
        assert changed.status_code == 200, changed.json
    entry = _entry(sessions)
    assert (entry.patient, entry.phone) == ("Pat Newly", "+12025550899")
    practitioner = clinic.add_nurse(now=now, role=Role.PRACTITIONER)
    corrected = client.patch(
        f"/api/v1/treatments/{patient.treatment_id}",
        json={"device": "rf", "reason": "Wrong device."},
        headers=practitioner.headers,
    )
    assert corrected.status_code == 200, corrected.json
    assert _entry(sessions).facts.device is Device.RF


def test_the_longest_entry_fits_into_the_index(
    clinic: Clinic,
    report: Callable[..., None],
    client: FlaskClient,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=150)
    names = {"first_name": "\U0001d4d0\U0001d4f7" * 50, "last_name": "\U0001d4e2\U0001d4ee" * 50}
    answer = client.patch(f"/api/v1/patients/{patient.id}", json=names, headers=clinic.nurse.headers)
    assert answer.status_code == 200, answer.json
    for number in range(flag_queue_entries.MOST_POINTS + 3):
        client.put(
            patient.report_path(uuid4()),
            json=EXPECTED | {"seen_at": (now - timedelta(hours=140 - number * 3)).isoformat()},
            headers=patient.headers,
        )
    report(patient, HIGH)
    assert len(_entry(sessions).points) == flag_queue_entries.MOST_POINTS
