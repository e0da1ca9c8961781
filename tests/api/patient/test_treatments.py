from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient

OWN = "/api/v1/me/treatments"


@pytest.fixture
def repeated(clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime) -> list[UUID]:
    """Two earlier treatments of the patient: one a day before the newest, one a month before."""
    with sessions.begin() as session:
        row = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        made = [
            Treatment(
                clinic_id=clinic.id, patient_id=patient.id, protocol=row.protocol, device=row.device,
                areas=["neck", "face"], session_number=1, created_at=now,
                performed_at=patient.performed_at - timedelta(days=days),
            )
            for days in (30, 1)
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        return [treatment.id for treatment in made]


@pytest.mark.parametrize(
    ("days", "status"), [(1, "recovering"), (7, "recovering"), (56, "later_checks"), (57, "ended")]
)
def test_where_a_recovery_stands(
    client: DocumentedClient, clinic: Clinic, now: datetime, days: int, status: str
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=24 * days)
    one = client.get(f"/api/v1/me/treatments/{patient.treatment_id}", headers=patient.headers).get_json()
    assert (one["recovery_day"], one["status"]) == (days, status)
    (listed,) = client.get("/api/v1/me/treatments", headers=patient.headers).get_json()["items"]
    assert listed == one


def test_a_treatment_is_told_as_it_was_recorded(client: DocumentedClient, patient: Patient) -> None:
    shown = client.get(f"{OWN}/{patient.treatment_id}", headers=patient.headers).get_json()
    assert shown | {"avoid": []} == {
        "id": str(patient.treatment_id),
        "performed_at": patient.performed_at.isoformat(),
        "device": "pen",
        "depth_mm": 1.2,
        "areas": ["face"],
        "session_number": 1,
        "recovery_day": 1,
        "status": "recovering",
        "taken_over_at": None,
        "follow_up": {"state": "none", "by": None, "urgency": None, "help": None},
        "avoid": [],
    }


def test_the_newest_treatment_is_first_and_pages_follow_each_other(
    client: DocumentedClient, patient: Patient, repeated: list[UUID]
) -> None:
    month_ago, day_ago = repeated
    wanted = [str(patient.treatment_id), str(day_ago), str(month_ago)]
    first = client.get(OWN, query_string={"limit": 2}, headers=patient.headers).get_json()
    assert [treatment["id"] for treatment in first["items"]] == wanted[:2]
    query = {"limit": 2, "cursor": first["next"]}
    last = client.get(OWN, query_string=query, headers=patient.headers).get_json()
    assert ([treatment["id"] for treatment in last["items"]], last["next"]) == (wanted[2:], None)
    assert last["items"][0]["areas"] == ["neck", "face"]
    exact = client.get(OWN, query_string={"limit": 3}, headers=patient.headers).get_json()
    assert (len(exact["items"]), exact["next"]) == (3, None)


def test_what_to_avoid_is_over_once_its_hours_are_and_is_told_in_the_patient_s_words(
    client: DocumentedClient, clinic: Clinic, content: Content, now: datetime
) -> None:
    hours = sorted(rule.hours for rule in content.avoidance)
    patient = clinic.add_patient(now=now, hours_ago=hours[0] + 1, language=Language.SPANISH)
    shown = client.get(f"{OWN}/{patient.treatment_id}", headers=patient.headers).get_json()["avoid"]
    assert [entry["what"] for entry in shown] == [rule.what.value for rule in content.avoidance]
    for entry, rule in zip(shown, content.avoidance, strict=True):
        assert datetime.fromisoformat(entry["until"]) == rule.until(patient.performed_at)
        assert entry["over"] == (rule.hours == hours[0])
        assert entry["label"] == content.care_for(Language.SPANISH).avoid[rule.what]


def test_another_s_treatment_is_like_one_that_does_not_exist(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, patient: Patient, now: datetime
) -> None:
    strangers = clinic.add_patient(now=now), other_clinic.add_patient(now=now)
    nobodys = client.get(f"{OWN}/{uuid4()}", headers=patient.headers)
    assert nobodys.status_code == 404
    for stranger in strangers:
        foreign = client.get(f"{OWN}/{stranger.treatment_id}", headers=patient.headers)
        assert (foreign.status_code, foreign.data) == (404, nobodys.data)
        listed = client.get(OWN, headers=stranger.headers).get_json()["items"]
        assert [treatment["id"] for treatment in listed] == [str(stranger.treatment_id)]


def test_a_withdrawn_treatment_is_not_the_patient_s_to_see(
    client: DocumentedClient, patient: Patient, repeated: list[UUID], sessions: sessionmaker[Session],
    now: datetime,
) -> None:  # fmt: skip
    month_ago, day_ago = repeated
    with sessions.begin() as session:
        session.execute(update(Treatment).where(Treatment.id == day_ago).values(withdrawn_at=now))
    listed = client.get(OWN, headers=patient.headers).get_json()["items"]
    assert [treatment["id"] for treatment in listed] == [str(patient.treatment_id), str(month_ago)]
    assert client.get(f"{OWN}/{day_ago}", headers=patient.headers).status_code == 404


def test_the_next_treatment_says_when_it_took_over(
    client: DocumentedClient, clinic: Clinic, patient: Patient, repeated: list[UUID]
) -> None:
    listed = client.get(OWN, headers=patient.headers).get_json()["items"]
    newest, day_before, month_before = listed
    assert [one["id"] for one in listed] == [str(patient.treatment_id), str(repeated[1]), str(repeated[0])]
    assert newest["taken_over_at"] is None
    assert day_before["taken_over_at"] == newest["performed_at"]
    assert month_before["taken_over_at"] == day_before["performed_at"]
