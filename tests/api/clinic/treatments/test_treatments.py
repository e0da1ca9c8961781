from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, make_transient, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.treatments.treatments import Treatment
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient

DAY = timedelta(days=1)


@pytest.fixture
def record(client: DocumentedClient, clinic: Clinic, patient: Patient) -> Callable[..., Any]:
    def send(performed_at: datetime, **said: Any) -> Any:
        return client.post(
            f"/api/v1/patients/{patient.id}/treatments",
            json={"performed_at": performed_at.isoformat(), "device": "pen"} | said,
            headers=clinic.nurse.headers,
        )

    return send


def plan_of(sessions: sessionmaker[Session], treatment_id: str) -> list[Message]:
    with sessions() as session:
        own = session.query(Message).where(Message.treatment_id == UUID(treatment_id))
        return list(own.order_by(Message.due_at))


def test_what_is_recorded_is_what_is_shown(
    record: Callable[..., Any], client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    said = {
        "depth_mm": 1.25, "areas": ["face", "neck"], "acid": "tca", "indication": "acne_scars",
        "numbing": "lidocaine", "topical": "serum", "lot": "A-17", "session_number": 3, "device": "rf",
    }  # fmt: skip
    recorded = record(now - DAY, **said)
    assert recorded.status_code == 201
    assert {name: recorded.json[name] for name in said} == said
    assert recorded.json["protocol"] == max(clinic.content.protocols)
    assert recorded.json["patient_id"] == str(patient.id)
    assert datetime.fromisoformat(recorded.json["performed_at"]) == now - DAY
    shown = client.get(f"/api/v1/treatments/{recorded.json['id']}", headers=clinic.nurse.headers)
    assert shown.data == recorded.data


def test_steps_that_are_over_are_kept_with_their_reason(
    client: DocumentedClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    before = clinic.add_patient(now=now, hours_ago=50 * 24)
    recorded = client.post(
        f"/api/v1/patients/{before.id}/treatments",
        json={"performed_at": (now - 4 * DAY).isoformat(), "device": "pen"},
        headers=clinic.nurse.headers,
    )
    planned = plan_of(sessions, recorded.get_json()["id"])
    planned = [row for row in planned if row.template != "session_reminder"]
    over = [row for row in planned if row.useful_until <= now]
    ahead = [row for row in planned if row.due_at > now]
    assert len(over) >= 2
    assert len(ahead) >= 2
    assert {row.state for row in over} == {MessageState.EXPIRED}
    assert all(row.reason and row.settled_at is not None for row in over)
    assert {row.state for row in ahead} == {MessageState.PLANNED}
    assert all(row.reason is None and row.settled_at is None for row in ahead)


@pytest.mark.parametrize(
    ("moved", "status"),
    [
        (timedelta(minutes=4), 201),
        (timedelta(minutes=6), 422),
        (DAY, 422),
        (-60 * DAY + timedelta(minutes=1), 201),
        (-60 * DAY - timedelta(minutes=1), 422),
    ],
)
def test_a_treatment_lies_in_the_past_but_not_far(
    record: Callable[..., Any],
    rows: Callable[[], dict[str, int]],
    now: datetime,
    moved: timedelta,
    status: int,
) -> None:
    before = rows()
    answer = record(now + moved)
    assert answer.status_code == status
    assert (rows() == before) is (status == 422)
    if status == 422:
        assert [error["pointer"] for error in answer.json["errors"]] == ["#/performed_at"]


def test_a_step_stands_once_for_a_treatment(
    record: Callable[..., Any], sessions: sessionmaker[Session], now: datetime
) -> None:
    planned = plan_of(sessions, record(now).json["id"])
    assert len({row.step for row in planned}) == len(planned) > 3
    again = planned[0]
    with sessions() as session:
        make_transient(again)
        again.id, again.reference = UUID(int=7), None
        session.add(again)
        with pytest.raises(IntegrityError, match="uq_message_step"):
            session.flush()


def test_an_unknown_protocol_is_refused(record: Callable[..., Any], now: datetime) -> None:
    answer = record(now, protocol="no-such-curve")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/protocol")


@pytest.mark.parametrize("areas", [[], ["face", "face"], ["nose"], ["face"] * 11])
def test_areas_are_named_once(record: Callable[..., Any], now: datetime, areas: list[str]) -> None:
    answer = record(now, areas=areas)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"].startswith("#/areas")


def test_the_patient_sees_the_treatment_and_its_day(
    record: Callable[..., Any], client: DocumentedClient, patient: Patient, now: datetime
) -> None:
    recorded = record(now - timedelta(hours=60), depth_mm=0.5).json
    listed = client.get("/api/v1/me/treatments", headers=patient.headers).get_json()["items"]
    assert [(one["id"], one["recovery_day"]) for one in listed] == [
        (str(patient.treatment_id), 1),
        (recorded["id"], 3),
    ]
    one = client.get(f"/api/v1/me/treatments/{recorded['id']}", headers=patient.headers)
    assert one.json == listed[1]
    assert not {"protocol", "numbing", "indication", "patient_id"} & set(one.json)


def test_treatments_whose_follow_ups_overlap_name_each_other(
    record: Callable[..., Any], client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    def shown(treatment_id: UUID | str) -> Any:
        return client.get(f"/api/v1/treatments/{treatment_id}", headers=clinic.nurse.headers).json

    first = shown(patient.treatment_id)
    assert (first["takes_over"], first["taken_over_by"]) == ([], None)
    same_visit = record(patient.performed_at + timedelta(hours=1), anyway=True).json
    assert same_visit["takes_over"] == []
    second = record(now).json
    assert {one["id"] for one in second["takes_over"]} == {str(patient.treatment_id), same_visit["id"]}
    assert second["taken_over_by"] is None
    first = shown(patient.treatment_id)
    assert first["taken_over_by"] == {"id": second["id"], "performed_at": second["performed_at"]}


def test_one_alike_within_the_hour_is_asked_about_first(
    record: Callable[..., Any], sessions: sessionmaker[Session], now: datetime
) -> None:
    def kept() -> int:
        with sessions() as session:
            return session.query(Treatment).count()

    first = record(now).json["id"]
    before = kept()
    again = record(now - timedelta(minutes=30))
    assert (again.status_code, again.json["type"]) == (409, "urn:afterglow:problem:alike-treatment")
    assert again.json["treatments"] == [first]
    assert kept() == before
    for otherwise in ({"device": "roller"}, {"areas": ["neck"]}, {"anyway": True}):
        assert record(now - timedelta(minutes=30), **otherwise).status_code == 201
    assert record(now, anyway="yes").status_code == 422
