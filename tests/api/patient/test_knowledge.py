from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from config import content_files
from recovery.domain.content.aftercare_tips import InsteadOfTips
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.services.content import content_signing, running_content
from recovery.services.content.content import Content, parse_content
from recovery.services.review import report_review
from tests.support.access.documented_client import DocumentedClient
from tests.support.access.signing import sign
from tests.support.data.people import Clinic, Patient


def read(client: DocumentedClient, patient: Patient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/knowledge{query}", headers=patient.headers)
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def test_the_words_of_the_page_come_as_the_director_signed_them_and_once(
    client: DocumentedClient, clinic: Clinic, now: datetime, content: Content
) -> None:
    patient = clinic.add_patient(now=now, language=Language.SPANISH)

    def words(**headers: str) -> TestResponse:
        return client.get("/api/v1/me/words", headers={**patient.headers, **headers})

    shipped = content_files.read_content_files()
    spanish = tomllib.loads(shipped.page_words["es"])
    first = words()
    assert (first.status_code, first.get_json()["language"]) == (200, "es")
    said = first.get_json()["words"]
    assert (said["answer.worse"], said["call_clinic"]) == (spanish["answer"]["worse"], spanish["call_clinic"])
    assert words(**{"If-None-Match": first.headers["ETag"]}).status_code == 304
    other = {
        language: text.replace(spanish["answer"]["worse"], "Llame.")
        for language, text in shipped.page_words.items()
    }
    newer = parse_content(**dataclasses.asdict(shipped) | {"page_words": other})
    assert words().get_json()["words"] == said
    sign(clinic, now=now, content=newer)
    signed = words(**{"If-None-Match": first.headers["ETag"]})
    assert signed.get_json()["words"] == said | {"answer.worse": "Llame."}


def test_what_was_signed_before_pages_had_words_says_none(
    client: DocumentedClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    sign(clinic, now=now)
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        assert row.running_content is not None
        parts = running_content.read_parts(session, row.running_content, newest=clinic.content)
        older = {name: text for name, text in parts.items() if not name.startswith("words of the page")}
        assert len(older) == len(parts) - len(Language)
        content_signing.run(session, clinic=row, parts=older, content=clinic.content)
    patient = clinic.add_patient(now=now)
    answer = client.get("/api/v1/me/words", headers=patient.headers)
    assert answer.get_json() == {"language": "en", "words": {}}


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
    assert shown["instead"] == content.care[Language.ENGLISH].instead[InsteadOfTips.WAITING]
