"""Tasks as staff list and close them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.core.audit import AuditEntry
from recovery.models.patients import patients
from recovery.models.tasks import tasks as task_rows
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.services.inbound import opt_outs
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Nurse, Patient

TASKS = "/api/v1/tasks"


@pytest.fixture
def opened(sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, now: datetime) -> None:
    """Three tasks about one patient, not opened in the order in which they are due."""
    with sessions.begin() as session:
        for kind, hours in ((TaskKind.OPTED_OUT, 5), (TaskKind.SILENCE, 1), (TaskKind.UNDELIVERABLE, 3)):
            task_rows.open_task(
                session,
                Task(
                    clinic_id=clinic.id,
                    kind=kind,
                    patient_id=patient.id,
                    treatment_id=patient.treatment_id,
                    opened_at=now,
                    due_at=now + timedelta(hours=hours),
                    detail={"code": "30003"} if kind is TaskKind.UNDELIVERABLE else {},
                ),
            )


def listed(client: DocumentedClient, staff: Nurse, **query: str | int) -> list[dict[str, Any]]:
    answer = client.get(TASKS, query_string=query, headers=staff.headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


@pytest.mark.usefixtures("opened")
def test_the_task_due_first_is_in_front_whenever_it_was_opened(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    items = listed(client, clinic.nurse)
    assert [task["kind"] for task in items] == ["silence", "undeliverable", "opted_out"]
    assert [task["detail"] for task in items] == [{}, {"code": "30003"}, {}]
    assert [task["danger"] for task in items] == [False, False, False]
    for task in items:
        assert task["patient"] == {
            "id": str(patient.id), "first_name": "Pat", "last_name": "Sample", "phone": patient.phone,
        }  # fmt: skip
        assert task["treatment_id"] == str(patient.treatment_id)
        assert datetime.fromisoformat(task["opened_at"]) == now
        assert (task["done_at"], task["done_by"], task["comment"]) == (None, None, None)
    assert datetime.fromisoformat(items[0]["due_at"]) == now + timedelta(hours=1)


def test_danger_from_somebody_who_may_not_be_texted_is_said_beside_the_detail(
    client: DocumentedClient, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        row = patients.get_one(session, clinic.id, patient.id)
        opt_outs.add_urgent_call(
            session, row, treatment_id=patient.treatment_id, urgency=Urgency.EMERGENCY, by=now, now=now
        )
    (task,) = listed(client, clinic.nurse)
    assert (task["danger"], task["detail"]) == (True, {})
    done = client.post(f"{TASKS}/{task['id']}/done", json={}, headers=clinic.nurse.headers).get_json()
    assert done["danger"] is True


@pytest.mark.usefixtures("opened")
def test_pages_of_tasks_follow_each_other_to_the_last(client: DocumentedClient, clinic: Clinic) -> None:
    kinds, query = [], {"limit": "2"}
    first = client.get(TASKS, query_string=query, headers=clinic.nurse.headers).get_json()
    kinds += [task["kind"] for task in first["items"]]
    query["cursor"] = first["next"]
    last = client.get(TASKS, query_string=query, headers=clinic.nurse.headers).get_json()
    kinds += [task["kind"] for task in last["items"]]
    assert kinds == ["silence", "undeliverable", "opted_out"]
    assert last["next"] is None
    exact = client.get(TASKS, query_string={"limit": 3}, headers=clinic.nurse.headers).get_json()
    assert (len(exact["items"]), exact["next"]) == (3, None)


@pytest.mark.usefixtures("opened")
def test_tasks_of_one_kind_are_asked_for(client: DocumentedClient, clinic: Clinic) -> None:
    assert [task["kind"] for task in listed(client, clinic.nurse, kind="undeliverable")] == ["undeliverable"]
    assert listed(client, clinic.nurse, kind="text_to_read") == []
    unknown = client.get(f"{TASKS}?kind=boredom", headers=clinic.nurse.headers)
    assert (unknown.status_code, unknown.get_json()["errors"][0]["pointer"]) == (422, "#/query/kind")


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    ("body", "kept"),
    [({}, None), ({"comment": None}, None), ({"comment": ""}, None), ({"comment": " Rang. "}, "Rang.")],
)
def test_a_task_is_closed_with_or_without_words(
    client: DocumentedClient, clinic: Clinic, body: dict[str, str | None], kept: str | None
) -> None:
    first, *others = listed(client, clinic.nurse)
    closed = client.post(f"{TASKS}/{first['id']}/done", json=body, headers=clinic.nurse.headers)
    assert (closed.status_code, closed.get_json()["comment"]) == (200, kept)
    assert closed.get_json()["done_by"] == str(clinic.nurse.id)
    assert closed.get_json()["done_at"] is not None
    assert listed(client, clinic.nurse) == others


@pytest.mark.usefixtures("opened")
def test_reading_the_list_and_closing_a_task_are_written_down(
    client: DocumentedClient, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    first = listed(client, clinic.nurse)[0]
    for _ in range(2):
        client.post(f"{TASKS}/{first['id']}/done", json={}, headers=clinic.nurse.headers)
    with sessions() as session:
        noted = session.scalars(
            select(AuditEntry).where(AuditEntry.action.startswith("task.")).order_by(AuditEntry.id)
        ).all()
    assert [(entry.action, entry.actor_id) for entry in noted] == [
        ("task.list", clinic.nurse.id),
        ("task.done", clinic.nurse.id),
    ]
    assert str(noted[1].subject_id) == first["id"]


def test_a_task_done_reads_its_texts_and_stays_as_it_was_closed(
    client: DocumentedClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "When can I use makeup?", now=now)
    headers = clinic.nurse.headers
    (task,) = client.get(f"{TASKS}?kind=text_to_read", headers=headers).get_json()["items"]
    path = f"{TASKS}/{task['id']}/done"
    closed = client.post(path, json={"comment": "Told her tomorrow."}, headers=headers)
    assert (closed.status_code, closed.get_json()["comment"]) == (200, "Told her tomorrow.")
    second = clinic.add_nurse(now=now)
    assert client.post(path, json={"comment": "Me too."}, headers=second.headers).json == closed.json
    assert client.get("/api/v1/inbox", headers=headers).get_json()["items"] == []


def test_another_clinic_sees_and_closes_no_task_of_ours(
    client: DocumentedClient, other_clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "hello", now=now)
    (task,) = texting.tasks()
    headers = other_clinic.nurse.headers
    assert client.get(TASKS, headers=headers).get_json()["items"] == []
    foreign = client.post(f"{TASKS}/{task.id}/done", json={}, headers=headers)
    nobodys = client.post(f"{TASKS}/{uuid4()}/done", json={}, headers=headers)
    assert (foreign.status_code, foreign.data) == (404, nobodys.data)
    assert texting.tasks()[0].done_at is None


def test_tasks_are_for_staff_and_for_our_own_cursors(
    client: DocumentedClient, clinic: Clinic, patient: Patient
) -> None:
    assert client.get(TASKS).status_code == 401
    assert client.get(TASKS, headers=patient.headers).status_code == 401
    assert client.get(f"{TASKS}?cursor=abc", headers=clinic.nurse.headers).status_code == 422


def test_a_task_is_taken_given_back_and_a_step_taken_back(
    client: DocumentedClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "When may I swim?", now=now)
    (task,) = listed(client, clinic.nurse)
    assert (task["urgency"], task["held_by"]) == ("next_business_day", None)
    path, other = f"{TASKS}/{task['id']}", clinic.add_nurse(now=now)
    taken = client.post(f"{path}/claim", headers=clinic.nurse.headers)
    assert taken.get_json()["held_by"] == str(clinic.nurse.id)
    refused = client.post(f"{path}/claim", headers=other.headers)
    assert (refused.status_code, refused.get_json()["holder"]) == (409, f"Nurse {clinic.nurse.email}")
    assert client.post(f"{path}/undo", headers=other.headers).status_code == 409
    back = client.post(f"{path}/undo", headers=clinic.nurse.headers)
    assert back.get_json()["held_by"] is None
    assert client.post(f"{path}/claim", headers=other.headers).status_code == 200
    assert client.post(f"{path}/release", headers=other.headers).get_json()["held_by"] is None
    done = client.post(f"{path}/done", json={}, headers=other.headers)
    assert done.get_json()["done_by"] == str(other.id)
    again = client.post(f"{path}/claim", headers=other.headers)
    assert (again.status_code, again.get_json()["type"]) == (409, "urn:afterglow:problem:illegal-move")
