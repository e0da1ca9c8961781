"""How many reports a course takes, and who is told what is wrong with one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients.patients import PatientSession
from recovery.models.reports.reports import Report
from recovery.services.reports.reports import MOST_A_DAY
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient


def body(seen_at: datetime) -> dict[str, Any]:
    return {"seen_at": seen_at.isoformat(), "scores": {"redness": 2, "swelling": 1, "peeling": 0}}


def test_a_course_takes_so_many_new_reports_a_day(
    client: DocumentedClient,
    sessions: sessionmaker[Session],
    clinic: Clinic,
    patient: Patient,
    now: datetime,
) -> None:
    ids = [uuid4() for _ in range(MOST_A_DAY)]
    for report_id in ids:
        path = patient.report_path(report_id)
        assert client.put(path, json=body(now), headers=patient.headers).status_code == 201
    with sessions.begin() as session:
        for number, report_id in enumerate(ids):
            row = session.get_one(Report, (clinic.id, report_id))
            row.created_at = now - timedelta(hours=23, minutes=50 - number % 49)
    last = patient.report_path(ids[-1])
    for note in ({}, {"note": "Also in words."}):
        refused = client.put(patient.report_path(), json=body(now) | note, headers=patient.headers)
        assert refused.status_code == 429
        assert refused.get_json()["type"] == "urn:afterglow:problem:too-many-reports"
        assert 0 < int(refused.headers["Retry-After"]) <= 11 * 60
    # What is stored is answered and corrected all the same, and other courses have their own count.
    assert client.put(last, json=body(now), headers=patient.headers).status_code == 200
    assert client.put(last, json=body(now) | {"revision": 2}, headers=patient.headers).status_code == 200
    other = clinic.add_patient(now=now)
    assert client.put(other.report_path(), json=body(now), headers=other.headers).status_code == 201
    with sessions.begin() as session:
        session.get_one(Report, (clinic.id, ids[0])).created_at = now - timedelta(hours=24, minutes=1)
    assert client.put(patient.report_path(), json=body(now), headers=patient.headers).status_code == 201


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"scores": {}}},
        {"data": "{", "content_type": "application/json"},
        {"data": '{"a": 1, "a": 2}', "content_type": "application/json"},
        {"data": "x", "content_type": "text/plain"},
    ],
)
def test_what_is_wrong_with_a_report_is_told_to_nobody_but_a_patient(
    client: DocumentedClient, sessions: sessionmaker[Session], patient: Patient, now: datetime, sent: Any
) -> None:
    path = patient.report_path()
    assert client.put(path, headers=patient.headers, **sent).status_code in (400, 415, 422)
    assert client.put(path, **sent).status_code == 401
    with sessions.begin() as session:
        session.query(PatientSession).update({"expires_at": now})
    assert client.put(path, headers=patient.headers, **sent).status_code == 401
    assert client.put(path, headers=patient.headers, json=body(now)).status_code == 401
