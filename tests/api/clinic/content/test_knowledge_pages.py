from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.content.knowledge_pages import LONGEST_PAGE, KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.models.core.audit import AuditEntry
from recovery.services.content.content import Content
from tests.support.access.documented_client import DocumentedClient
from tests.support.access.signing import sign
from tests.support.data.people import Clinic, Nurse, Patient

PAGES = "/api/v1/clinic/pages"
OWN = "# Our care\n\nPat dry.\n\n- one\n- two"


def read(client: DocumentedClient, patient: Patient) -> list[dict[str, Any]]:
    """The pages as a patient reads them."""
    answer = client.get("/api/v1/knowledge", headers=patient.headers)
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def listed(client: DocumentedClient, staff: Nurse) -> dict[tuple[str, str], dict[str, Any]]:
    """The pages as the clinic sees them, by language and topic."""
    answer = client.get(PAGES, headers=staff.headers).get_json()
    assert answer["next"] is None
    return {(page["language"], page["topic"]): page for page in answer["items"]}


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
    assert read(client, patient) == before, "nobody has signed it"
    sign(clinic, now=now)
    (page,) = [one for one in read(client, patient) if one["topic"] == "aftercare"]
    assert page["title"] == "Our care"
    assert page["blocks"] == [{"text": "Pat dry.", "items": []}, {"text": "", "items": ["one", "two"]}]
    assert read(client, other_clinic.add_patient(now=now)) == before
    listed = client.get("/api/v1/clinic/pages", headers=clinic.nurse.headers).get_json()["items"]
    assert [(one["language"], one["topic"]) for one in listed if one["saved_at"]] == [("en", "aftercare")]
    assert len(listed) == len(KnowledgeTopic) * len(Language)
    again = client.put(path, json={"text": None}, headers=manager.headers)
    assert (again.status_code, again.get_json()["saved_at"]) == (200, None)
    assert read(client, patient) != before
    sign(clinic, now=now)
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


def test_every_page_is_listed_language_by_language_as_it_ships(
    client: DocumentedClient, clinic: Clinic, content: Content
) -> None:
    shown = listed(client, clinic.nurse)
    assert list(shown) == [
        (language.value, topic.value) for language in sorted(content.pages) for topic in KnowledgeTopic
    ]
    for (language, topic), page in shown.items():
        shipped = content.pages[Language(language)][KnowledgeTopic(topic)]
        assert page["text"] == page["shipped"] == shipped.source
        assert page["saved_at"] is None


def test_only_english_pages_have_a_school_grade(client: DocumentedClient, clinic: Clinic) -> None:
    for (language, _), page in listed(client, clinic.nurse).items():
        assert (page["grade"] is not None) == (language == "en")
        assert language != "en" or page["grade"] <= 6


def test_harder_words_have_a_higher_grade(client: DocumentedClient, clinic: Clinic, now: datetime) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    path = f"{PAGES}/en/aftercare"
    easy = client.put(path, json={"text": OWN}, headers=manager.headers).get_json()
    heavy = "# Recommendations\n\nPostprocedural photosensitivity necessitates comprehensive precautions."
    hard = client.put(path, json={"text": heavy}, headers=manager.headers).get_json()
    assert hard["grade"] > 12 > easy["grade"]
    assert hard["shipped"] == easy["shipped"] != hard["text"]
    spanish = client.put(f"{PAGES}/es/aftercare", json={"text": OWN}, headers=manager.headers)
    assert (spanish.status_code, spanish.get_json()["grade"]) == (200, None)


@pytest.mark.parametrize("role", [Role.NURSE, Role.PRACTITIONER])
def test_who_may_look_may_not_write_pages(
    client: DocumentedClient, clinic: Clinic, now: datetime, role: Role
) -> None:
    staff = clinic.add_nurse(now=now, role=role)
    before = listed(client, staff)
    refused = client.put(f"{PAGES}/en/aftercare", json={"text": OWN}, headers=staff.headers)
    assert (refused.status_code, refused.get_json()["type"]) == (403, "urn:afterglow:problem:wrong-role")
    assert listed(client, staff) == before


def test_the_medical_director_writes_too_and_it_is_written_down(
    client: DocumentedClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    for text in (OWN, None):
        answer = client.put(f"{PAGES}/fr/aftercare", json={"text": text}, headers=director.headers)
        assert answer.status_code == 200
    with sessions() as session:
        noted = session.scalars(
            select(AuditEntry).where(AuditEntry.action.startswith("page.")).order_by(AuditEntry.id)
        ).all()
    assert [(entry.action, entry.actor_id) for entry in noted] == [
        ("page.save", director.id),
        ("page.reset", director.id),
    ]


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": 7}, {"text": "# T\n\n" + "x" * LONGEST_PAGE}, {"text": OWN, "grade": 5}],
)
def test_a_body_that_holds_no_text_of_a_page_is_refused(
    client: DocumentedClient, clinic: Clinic, now: datetime, body: dict[str, object]
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    answer = client.put(f"{PAGES}/en/aftercare", json=body, headers=manager.headers)
    assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:afterglow:problem:invalid")
    assert listed(client, manager)["en", "aftercare"]["saved_at"] is None
