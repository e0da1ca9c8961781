"""One treatment, one report, one flag, seen through the API and the worker's review."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.data.people import Clinic


def test_abnormal_report_is_answered_flagged_claimed_and_resolved(
    client: FlaskClient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=30)
    body = {
        "seen_at": (now - timedelta(minutes=2)).isoformat(),
        "scores": {"redness": 8, "swelling": 3, "peeling": 0},
        "warning_signs": ["pus"],
    }
    path = patient.report_path(uuid4())
    first = client.put(path, json=body, headers=patient.headers)
    assert first.status_code == 201, first.json
    assert first.get_json()["assessment"]["level"] == "abnormal"
    assert {finding["rule"] for finding in first.get_json()["assessment"]["findings"]} >= {"warning_sign"}
    assert first.get_json()["follow_up"]["state"] == "waiting"
    again = client.put(path, json=body, headers=patient.headers)
    assert (again.status_code, again.data) == (200, first.data)

    with sessions.begin() as session:
        assert (
            report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=10) == 1
        )
    queue = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()
    (flag,) = queue["items"]
    assert (flag["urgency"], flag["state"]) == ("same_day", "open")
    claimed = client.post(f"/api/v1/flags/{flag['id']}/claim", headers=clinic.nurse.headers)
    assert claimed.get_json()["held_by"] == str(clinic.nurse.id)
    second = clinic.add_nurse(now=now)
    lost = client.post(f"/api/v1/flags/{flag['id']}/claim", headers=second.headers)
    assert lost.status_code == 409
    assert lost.get_json()["holder"] == f"Nurse {clinic.nurse.email}"
    resolved = client.post(
        f"/api/v1/flags/{flag['id']}/resolve",
        json={"outcome": "infection_suspected", "comment": "Seen at noon, swab taken."},
        headers=clinic.nurse.headers,
    )
    assert resolved.get_json()["state"] == "resolved"
    assert client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"] == []
