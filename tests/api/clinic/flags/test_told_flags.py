"""Opening a flag over the API for a patient who phones."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.services.review import report_review
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient

WORDS = "My cheek is hot and swollen."
TOLD = {"told": WORDS, "urgency": "next_business_day", "warning_signs": ["pus"]}


def test_it_is_taken_up_and_stands_in_the_queue(
    client: DocumentedClient, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    path = f"/api/v1/treatments/{patient.treatment_id}/flags"
    answer = client.post(path, json=TOLD, headers=clinic.nurse.headers)
    assert answer.status_code == 202, answer.text
    assert answer.get_json()["urgency"] == "same_day", "by the sign"
    with sessions.begin() as session:
        at = now + timedelta(minutes=1)
        assert report_review.review_due(session, content=clinic.content, now=at, limit=10) == 1
    (flag,) = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"]
    assert flag["due_at"] == answer.get_json()["due_at"]
    assert flag["treatment_id"] == answer.get_json()["treatment_id"] == str(patient.treatment_id)
    assert [(one["told"], one["by"]) for one in flag["told"]] == [(WORDS, f"Nurse {clinic.nurse.email}")]
    assert [finding["rule"] for finding in flag["findings"]] == ["told", "warning_sign"]
    assert "told to the staff on day 1" in flag["findings"][0]["text"]
    timeline = client.get(f"/api/v1/patients/{patient.id}/timeline", headers=clinic.nurse.headers)
    (moment,) = [one for one in timeline.get_json()["items"] if one["kind"] == "told"]
    assert moment["detail"]["told"] == WORDS
    own = client.get("/api/v1/me/export", headers=patient.headers).get_json()["treatments"][0]
    (judged,) = own["told"]
    assert (judged["cause"], own["silences"]) == ("told", [])
    assert judged["findings"][0] == "You told us how you are. A nurse needs to look at this."
    assert WORDS not in client.get("/api/v1/me/export", headers=patient.headers).text


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"told": ""}, "#/told"),
        ({"told": "x" * 4001}, "#/told"),
        ({"urgency": "soon"}, "#/urgency"),
        ({"warning_signs": ["nonsense"]}, "#/warning_signs/0"),
        ({"warning_signs": ["pus", "pus"]}, "#/warning_signs"),
    ],
)
def test_what_cannot_be_told_is_refused_where_it_stands(
    client: DocumentedClient, clinic: Clinic, patient: Patient, wrong: dict[str, object], pointer: str
) -> None:
    path = f"/api/v1/treatments/{patient.treatment_id}/flags"
    refused = client.post(path, json={**TOLD, **wrong}, headers=clinic.nurse.headers)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.get_json()["errors"]] == [pointer]
