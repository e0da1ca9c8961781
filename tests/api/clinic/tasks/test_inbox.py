"""The inbox as staff reach it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.core.audit import AuditEntry
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient


def test_a_text_is_listed_read_and_its_task_done(
    client: DocumentedClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
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


def test_a_note_from_the_app_waits_to_be_read_and_warning_words_in_one_are_a_flag(
    client: DocumentedClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
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


def test_another_clinic_sees_and_reads_nothing_of_ours(
    client: DocumentedClient, other_clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "hello", now=now)
    (entry,) = texting.entries()
    headers = other_clinic.nurse.headers
    assert client.get("/api/v1/inbox", headers=headers).get_json()["items"] == []
    foreign = client.post(f"/api/v1/inbox/{entry.id}/read", headers=headers)
    nobodys = client.post(f"/api/v1/inbox/{uuid4()}/read", headers=headers)
    assert (foreign.status_code, foreign.data) == (404, nobodys.data)
    assert texting.entries()[0].read_at is None
    assert texting.tasks()[0].done_at is None


def test_the_inbox_is_for_staff_and_for_our_own_cursors(
    client: DocumentedClient, clinic: Clinic, patient: Patient
) -> None:
    assert client.get("/api/v1/inbox").status_code == 401
    assert client.get("/api/v1/inbox", headers=patient.headers).status_code == 401
    assert client.get("/api/v1/inbox?cursor=abc", headers=clinic.nurse.headers).status_code == 422


def test_an_entry_says_who_wrote_it_where_from_and_what_it_was_taken_as(
    client: DocumentedClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "What may I put on it?", now=now, pictures=2)
    (entry,) = client.get("/api/v1/inbox", headers=clinic.nurse.headers).get_json()["items"]
    (kept,) = texting.entries()
    assert entry == {
        "id": str(kept.id),
        "source": "text",
        "meaning": kept.meaning.value,
        "body": "What may I put on it? [picture] [picture]",
        "pictures": 2,
        "phone": patient.phone,
        "patient": {
            "id": str(patient.id), "first_name": "Pat", "last_name": "Sample", "phone": patient.phone,
        },
        "treatment_id": str(patient.treatment_id),
        "report_id": None,
        "received_at": entry["received_at"],
        "due_at": entry["due_at"],
        "read_at": None,
        "read_by": None,
    }  # fmt: skip
    assert datetime.fromisoformat(entry["received_at"]) == now
    assert datetime.fromisoformat(entry["due_at"]) == kept.due_at


def test_who_read_first_stays_who_read_it_and_each_step_is_written_down_once(
    client: DocumentedClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime,
    sessions: sessionmaker[Session],
) -> None:  # fmt: skip
    texting.send(patient.phone, "hello", now=now)
    (entry,) = client.get("/api/v1/inbox", headers=clinic.nurse.headers).get_json()["items"]
    second = clinic.add_nurse(now=now)
    path = f"/api/v1/inbox/{entry['id']}/read"
    first = client.post(path, headers=clinic.nurse.headers)
    assert client.post(path, headers=second.headers).json == first.json
    with sessions() as session:
        noted = session.scalars(
            select(AuditEntry).where(AuditEntry.action.startswith("inbox.")).order_by(AuditEntry.id)
        ).all()
    assert [(note.action, note.actor_id) for note in noted] == [
        ("inbox.list", clinic.nurse.id),
        ("inbox.read", clinic.nurse.id),
    ]


def test_an_unmatched_text_is_closed_by_reading_it(
    client: DocumentedClient, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    texting.send("+12025559998", "hello", now=now)
    headers = clinic.nurse.headers
    (entry,) = client.get("/api/v1/inbox", headers=headers).get_json()["items"]
    assert (entry["patient"], entry["phone"]) == (None, "+12025559998")
    client.post(f"/api/v1/inbox/{entry['id']}/read", headers=headers)
    assert client.get("/api/v1/tasks", headers=headers).get_json()["items"] == []
