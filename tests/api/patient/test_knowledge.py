from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.models.core.audit import AuditEntry
from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient

OWN = "# Our care\n\nPat dry.\n\n- one\n- two"


def read(client: DocumentedClient, patient: Patient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/knowledge{query}", headers=patient.headers)
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def test_pages_come_in_the_patient_s_language_or_the_one_asked_for(
    client: DocumentedClient, clinic: Clinic, now: datetime, content: Content
) -> None:
    patient = clinic.add_patient(now=now, language=Language.SPANISH)
    own = read(client, patient)
    assert [page["topic"] for page in own] == list(KnowledgeTopic)
    assert {page["language"] for page in own} == {"es"}
    french = read(client, patient, "?language=fr")
    assert [page["title"] for page in french] == [
        page.title for page in content.pages[Language.FRENCH].values()
    ]
    for query in ("?language=de", "?lang=fr"):
        assert client.get(f"/api/v1/knowledge{query}", headers=patient.headers).status_code == 422


def test_a_clinic_s_own_page_is_what_its_patients_read(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, patient: Patient, now: datetime
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    path = "/api/v1/clinic/pages/en/aftercare"
    before = read(client, patient)
    saved = client.put(path, json={"text": OWN}, headers=manager.headers)
    assert saved.status_code == 200, saved.json
    assert saved.get_json()["text"] == OWN + "\n"
    assert saved.get_json()["grade"] < 6
    (page,) = [one for one in read(client, patient) if one["topic"] == "aftercare"]
    assert page["title"] == "Our care"
    assert page["blocks"] == [{"text": "Pat dry.", "items": []}, {"text": "", "items": ["one", "two"]}]
    assert read(client, other_clinic.add_patient(now=now)) == before
    listed = client.get("/api/v1/clinic/pages", headers=clinic.nurse.headers).get_json()["items"]
    assert [(one["language"], one["topic"]) for one in listed if one["saved_at"]] == [("en", "aftercare")]
    assert len(listed) == len(KnowledgeTopic) * len(Language)
    again = client.put(path, json={"text": None}, headers=manager.headers)
    assert (again.status_code, again.get_json()["saved_at"]) == (200, None)
    assert read(client, patient) == before


def test_what_is_not_a_page_is_refused_and_the_old_one_stays(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    before = read(client, patient)
    answer = client.put(
        "/api/v1/clinic/pages/en/aftercare", json={"text": "No title"}, headers=manager.headers
    )
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert error["pointer"] == "#/text"
    assert "# Title" in error["detail"]
    for path in ("de/aftercare", "en/prices"):
        missing = client.put(f"/api/v1/clinic/pages/{path}", json={"text": OWN}, headers=manager.headers)
        assert missing.status_code == 404
    nurse = client.put("/api/v1/clinic/pages/en/aftercare", json={"text": OWN}, headers=clinic.nurse.headers)
    assert nurse.status_code == 403
    assert read(client, patient) == before


def avoid_of(client: DocumentedClient, patient: Patient) -> dict[str, datetime]:
    path = f"/api/v1/me/treatments/{patient.treatment_id}"
    found = client.get(path, headers=patient.headers).get_json()["avoid"]
    return {one["what"]: datetime.fromisoformat(one["until"]) for one in found}


def test_a_clinic_sets_its_own_hours(
    client: DocumentedClient,
    clinic: Clinic,
    other_clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    shipped = avoid_of(client, patient)
    path = "/api/v1/clinic/avoid/pools_and_hot_tubs"
    saved = client.put(path, json={"hours": 120}, headers=director.headers)
    assert (saved.get_json()["hours"], saved.get_json()["source"]) == (120, "set by the clinic")
    own = avoid_of(client, patient)
    assert own.pop("pools_and_hot_tubs") == patient.performed_at + timedelta(hours=120)
    assert own.items() <= shipped.items()
    elsewhere = other_clinic.add_patient(now=now)
    assert avoid_of(client, elsewhere)["pools_and_hot_tubs"] - elsewhere.performed_at == timedelta(hours=72)
    client.put(path, json={"hours": None}, headers=director.headers)
    assert avoid_of(client, patient) == shipped
    listed = client.get("/api/v1/clinic/avoid", headers=clinic.nurse.headers).get_json()["items"]
    assert not any(one["saved_at"] for one in listed)
    assert all("starting estimate" in one["source"] for one in listed)
    for body, nurse in (({"hours": 673}, director), ({"hours": -1}, director), ({}, director)):
        assert client.put(path, json=body, headers=nurse.headers).status_code == 422
    assert client.put(path, json={"hours": 1}, headers=clinic.nurse.headers).status_code == 403
    unknown = client.put("/api/v1/clinic/avoid/tea", json={"hours": 1}, headers=director.headers)
    assert unknown.status_code == 404
    with sessions() as session:
        noted = session.query(AuditEntry).where(AuditEntry.action == "avoidance.save").all()
    assert [entry.detail["hours"] for entry in noted] == ["120", "as shipped"]


@pytest.fixture
def tips(client: DocumentedClient) -> Callable[[Patient], dict[str, Any]]:
    def get(patient: Patient) -> dict[str, Any]:
        path = f"/api/v1/me/treatments/{patient.treatment_id}/tips"
        answer = client.get(path, headers=patient.headers)
        assert answer.status_code == 200, answer.json
        found: dict[str, Any] = answer.get_json()
        return found

    return get


def test_tips_so_far_and_to_come(
    tips: Callable[[Patient], dict[str, Any]], clinic: Clinic, now: datetime, content: Content
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=61, language=Language.FRENCH)
    shown = tips(patient)
    assert shown["instead"] is None
    assert [tip["day"] for tip in shown["items"]] == [0, 1, 2, 3, 5, 7, 14, 28]
    assert [tip["day"] for tip in shown["items"] if tip["begun"]] == [0, 1, 2, 3]
    assert shown["items"][3]["text"] == content.care[Language.FRENCH].tips[3].text
    begins = datetime.fromisoformat(shown["items"][3]["begins_at"])
    assert begins == patient.performed_at + timedelta(hours=60)


def test_while_a_nurse_looks_no_tip_is_to_come(
    client: DocumentedClient,
    tips: Callable[[Patient], dict[str, Any]],
    patient: Patient,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> None:
    scores = {"redness": 3, "swelling": 2, "peeling": 0}
    body = {"seen_at": now.isoformat(), "scores": scores, "warning_signs": ["pus"]}
    client.put(patient.report_path(), json=body, headers=patient.headers)
    with sessions.begin() as session:
        report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=10)
    shown = tips(patient)
    assert [tip["day"] for tip in shown["items"]] == [0, 1]
    assert shown["instead"] == content.care[Language.ENGLISH].with_nurse
