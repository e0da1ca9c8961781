"""Tasks and the inbox as staff reach them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from recovery.domain.clinical.findings import AssessmentRule, Finding, to_dict
from recovery.domain.clinical.symptoms import Level
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    return clinic.add_patient(now=now)


def test_a_text_is_listed_read_and_its_task_done(
    client: FlaskClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "When can I use makeup?", now=now)
    texting.send(patient.phone, "And a hat?", now=now + timedelta(seconds=1))
    headers = clinic.nurse.headers
    tasks = client.get("/api/v1/tasks", headers=headers).get_json()["items"]
    assert [(task["kind"], task["patient"]["id"]) for task in tasks] == [("text_to_read", str(patient.id))]
    first = client.get("/api/v1/inbox?limit=1", headers=headers).get_json()
    assert [entry["body"] for entry in first["items"]] == ["When can I use makeup?"]
    rest = client.get("/api/v1/inbox", query_string={"cursor": first["next"]}, headers=headers).get_json()
    assert ([entry["body"] for entry in rest["items"]], rest["next"]) == (["And a hat?"], None)
    for entry in (first["items"][0], rest["items"][0]):
        assert client.get("/api/v1/tasks", headers=headers).get_json()["items"] != []
        shown = client.post(f"/api/v1/inbox/{entry['id']}/read", headers=headers)
        assert (shown.status_code, shown.get_json()["read_by"]) == (200, str(clinic.nurse.id))
    assert client.get("/api/v1/inbox", headers=headers).get_json()["items"] == []
    assert client.get("/api/v1/tasks", headers=headers).get_json()["items"] == []


def test_a_task_done_reads_its_texts_and_stays_as_it_was_closed(
    client: FlaskClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "When can I use makeup?", now=now)
    headers = clinic.nurse.headers
    (task,) = client.get("/api/v1/tasks?kind=text_to_read", headers=headers).get_json()["items"]
    path = f"/api/v1/tasks/{task['id']}/done"
    closed = client.post(path, json={"comment": "Told her tomorrow."}, headers=headers)
    assert (closed.status_code, closed.get_json()["comment"]) == (200, "Told her tomorrow.")
    second = clinic.add_nurse(now=now)
    assert client.post(path, json={"comment": "Me too."}, headers=second.headers).json == closed.json
    assert client.get("/api/v1/inbox", headers=headers).get_json()["items"] == []


def test_a_note_from_the_app_waits_to_be_read_and_warning_words_in_one_are_a_flag(
    client: FlaskClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    body = {
        "seen_at": (now - timedelta(minutes=1)).isoformat(),
        "scores": {"redness": 1, "swelling": 1, "peeling": 0},
        "note": "I love it",
    }
    mild = client.put(patient.report_path(), json=body, headers=patient.headers).get_json()
    assert mild["assessment"]["level"] == "expected"
    (entry,) = client.get("/api/v1/inbox", headers=clinic.nurse.headers).get_json()["items"]
    assert (entry["source"], entry["body"], entry["report_id"]) == ("note", "I love it", mild["id"])
    assert [task.kind for task in texting.tasks()] == ["note_to_read"]
    warned = client.put(patient.report_path(), json=body | {"note": "a little pus"}, headers=patient.headers)
    assert warned.get_json()["assessment"]["level"] == "abnormal"
    urgent = client.put(
        patient.report_path(), json=body | {"note": "me cuesta respirar"}, headers=patient.headers
    ).get_json()
    assert urgent["assessment"]["level"] == "emergency"
    assert urgent["assessment"]["findings"][0]["text"].startswith("You wrote about trouble breathing")
    assert len(texting.entries()) == 1


def test_another_clinic_sees_and_closes_nothing(
    client: FlaskClient, other_clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "hello", now=now)
    (task,), (entry,) = texting.tasks(), texting.entries()
    headers = other_clinic.nurse.headers
    assert client.get("/api/v1/tasks", headers=headers).get_json()["items"] == []
    assert client.get("/api/v1/inbox", headers=headers).get_json()["items"] == []
    foreign = client.post(f"/api/v1/tasks/{task.id}/done", json={}, headers=headers)
    nobodys = client.post(f"/api/v1/tasks/{uuid4()}/done", json={}, headers=headers)
    assert (foreign.status_code, foreign.data) == (404, nobodys.data)
    assert client.post(f"/api/v1/inbox/{entry.id}/read", headers=headers).status_code == 404
    assert texting.tasks()[0].done_at is None


@pytest.mark.parametrize("path", ["/api/v1/tasks", "/api/v1/inbox"])
def test_only_staff_and_only_our_cursors(
    client: FlaskClient, clinic: Clinic, patient: Patient, path: str
) -> None:
    assert client.get(path).status_code == 401
    assert client.get(path, headers=patient.headers).status_code == 401
    assert client.get(f"{path}?cursor=abc", headers=clinic.nurse.headers).status_code == 422


def test_an_unmatched_text_is_closed_by_reading_it(
    client: FlaskClient, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    texting.send("+12025559998", "hello", now=now)
    headers = clinic.nurse.headers
    (entry,) = client.get("/api/v1/inbox", headers=headers).get_json()["items"]
    assert (entry["patient"], entry["phone"]) == (None, "+12025559998")
    client.post(f"/api/v1/inbox/{entry['id']}/read", headers=headers)
    assert client.get("/api/v1/tasks", headers=headers).get_json()["items"] == []


def test_pages_show_a_flag_from_words(
    client: FlaskClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "no pus", now=now)
    texting.review(now=now)
    headers = clinic.nurse.headers
    (flag,) = client.get("/api/v1/flags", headers=headers).get_json()["items"]
    assert flag["findings"][0]["text"].startswith("read first: ")
    client.set_cookie("afterglow_session", clinic.nurse.token, path="/console")
    page = client.get(f"/console/flags/{flag['id']}")
    assert page.status_code == 200
    assert "no pus" in page.text
    assert client.get("/console").status_code == 200
    reports = client.get(f"/api/v1/me/treatments/{patient.treatment_id}/reports", headers=patient.headers)
    assert (reports.status_code, reports.get_json()["items"][0]["scores"]) == (200, {})


def test_pages_show_a_flag_from_silence(
    client: FlaskClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    found = Finding(rule=AssessmentRule.SILENCE, level=Level.ABNORMAL, day=1)
    with clinic.sessions.begin() as session:
        session.add(
            StoredAssessment(
                clinic_id=clinic.id,
                treatment_id=patient.treatment_id,
                cause=AssessmentCause.SILENCE,
                level=found.level,
                day=1,
                findings=[to_dict(found)],
                ask_again=[],
                protocol=max(clinic.content.protocols),
                created_at=now,
                review_after=now,
            )
        )
    client.set_cookie("afterglow_session", clinic.nurse.token, path="/console")
    assert "check-in without an answer" in client.get("/console").text
    assert texting.review(now=now) == 1
    (flag,) = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"]
    assert (flag["findings"][0]["rule"], flag["findings"][0]["report_id"]) == ("silence", None)
    assert "check-in without an answer" in client.get("/console").text
    assert client.get(f"/console/flags/{flag['id']}").status_code == 200
