from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Acid
from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.core.audit import AuditEntry
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

PATH = "/api/v1/me/export"
NOTE = "Burns <b>a little</b> & itches"


@pytest.fixture
def lived(
    client: DocumentedClient,
    clinic: Clinic,
    patient: Patient,
    texting: Texting,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> Patient:
    """A patient with a corrected report, a worked flag, texts out and in."""
    path = patient.report_path(uuid4())
    body = {"seen_at": now.isoformat(), "scores": {"redness": 4, "swelling": 2, "peeling": 0}}
    for revision, answers in ((1, "numbers"), (2, "words")):
        said = body | {"answers": answers, "revision": revision, "warning_signs": ["pus"], "note": NOTE}
        assert client.put(path, json=said, headers=patient.headers).status_code in (200, 201)
    with sessions.begin() as session:
        report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=10)
    (flag,) = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"]
    for what, sent in (
        ("claim", None),
        ("contacts", {"result": "reached", "note": "A word between nurses."}),
        ("resolve", {"outcome": "irritation", "comment": "Another word between nurses."}),
    ):
        work = f"/api/v1/flags/{flag['id']}/{what}"
        assert client.post(work, json=sent, headers=clinic.nurse.headers).status_code == 200
    texting.send(patient.phone, "thank you, see you soon", now=now)
    with sessions.begin() as session:
        sent_at = {"state": MessageState.DELIVERED, "claimed_at": now}
        link = "Test Clinic: Day 1: https://clinic.example/0123456789abcdefghijkl Stay out of the sun."
        session.execute(update(Message).where(Message.step == "day1_link").values(body=link, **sent_at))
    return patient


def test_everything_kept_is_in_it(
    client: DocumentedClient, lived: Patient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    answer = client.get(PATH, headers=lived.headers)
    assert answer.status_code == 200, answer.json
    own = answer.get_json()
    assert own["patient"]["phone"] == lived.phone
    assert (own["patient"]["first_name"], own["patient"]["last_name"]) == ("Pat", "Sample")
    assert [one["kind"] for one in own["consents"]] == ["recovery_texts"]
    (treatment,) = own["treatments"]
    (report,) = treatment["reports"]
    assert [one["revision"] for one in report["revisions"]] == [1, 2]
    assert [one["answers"] for one in report["revisions"]] == ["numbers", "words"]
    assert {one["note"] for one in report["revisions"]} == {NOTE}
    assert {one["level"] for one in report["assessments"]} == {"abnormal"}
    assert all(one["findings"] for one in report["assessments"])
    (flag,) = treatment["flags"]
    assert (flag["state"], flag["outcome"]) == ("resolved", "irritation")
    assert [one["result"] for one in flag["contacts"]] == ["reached"]
    (text,) = [one for one in own["texts_sent"] if "Day 1" in one["words"]]
    assert text["words"] == "Test Clinic: Day 1: [link] Stay out of the sun."
    assert [one["words"] for one in own["texts_received"]] == ["thank you, see you soon"]
    assert len(own["devices"]) == 1
    assert "between nurses" not in answer.text
    assert lived.token not in answer.text
    with sessions() as session:
        (noted,) = session.query(AuditEntry).where(AuditEntry.action == "patient.export")
    assert (noted.actor_id, noted.subject_id) == (lived.id, lived.id)


def test_nothing_of_anybody_else_is_in_it(
    client: DocumentedClient, lived: Patient, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    for stranger in (clinic.add_patient(now=now), other_clinic.add_patient(now=now)):
        own = client.get(PATH, headers=stranger.headers)
        assert [one["id"] for one in own.get_json()["treatments"]] == [str(stranger.treatment_id)]
        assert own.get_json()["treatments"][0]["reports"] == own.get_json()["texts_received"] == []
        for theirs in (str(lived.id), str(lived.treatment_id), lived.phone):
            assert theirs not in own.text


def test_a_withdrawn_treatment_is_kept_and_so_it_is_told(
    client: DocumentedClient, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.execute(update(Treatment).values(withdrawn_at=now))
    (treatment,) = client.get(PATH, headers=patient.headers).get_json()["treatments"]
    assert treatment["withdrawn_at"] is not None


@pytest.mark.parametrize(
    ("language", "told"),
    [(Language.ENGLISH, "superficial acid"), (Language.SPANISH, "ácido"), (Language.FRENCH, "acide")],
)
def test_an_acid_of_the_session_is_told(
    client: DocumentedClient, patient: Patient, sessions: sessionmaker[Session], language: Language, told: str
) -> None:
    with sessions.begin() as session:
        session.execute(update(PatientRow).where(PatientRow.id == patient.id).values(language=language))
    (plain,) = client.get(PATH, headers=patient.headers).get_json()["treatments"]
    assert plain["acid"] == "none"
    assert told not in client.get(f"{PATH}?format=html", headers=patient.headers).text
    with sessions.begin() as session:
        session.execute(update(Treatment).values(acid=Acid.SUPERFICIAL))
    (treatment,) = client.get(PATH, headers=patient.headers).get_json()["treatments"]
    assert treatment["acid"] == "superficial"
    assert told in client.get(f"{PATH}?format=html", headers=patient.headers).text


@pytest.mark.parametrize("language", list(Language))
def test_the_page_reads_in_the_patient_s_language(
    client: DocumentedClient, lived: Patient, sessions: sessionmaker[Session], language: Language
) -> None:
    with sessions.begin() as session:
        session.execute(update(PatientRow).where(PatientRow.id == lived.id).values(language=language))
    page = client.get(f"{PATH}?format=html", headers=lived.headers)
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert f'<html lang="{language}">' in page.text
    assert "Burns &lt;b&gt;a little&lt;/b&gt; &amp; itches" in page.text
    given = ("<dd>4</dd>", " (3-4)</dd>")
    for shown in ("Pat Sample", lived.phone, "[link]", "thank you, see you soon", *given):
        assert shown in page.text
    assert not re.search(r"<script|\son\w+=|https?://|None|Undefined", page.text)


def test_the_page_brings_its_own_style_and_nothing_else(client: DocumentedClient, patient: Patient) -> None:
    first, second = (client.get(f"{PATH}?format=html", headers=patient.headers) for _ in range(2))
    policy = first.headers["Content-Security-Policy"]
    (nonce,) = re.findall(r"style-src 'nonce-([\w-]{20,})'", policy)
    assert f'<style nonce="{nonce}">' in first.text
    assert nonce not in second.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("", "*/*", "application/json"),
        ("", "application/json", "application/json"),
        ("?format=json", "text/html", "application/json"),
        ("?format=html", "application/json", "text/html"),
    ],
)
def test_the_format_is_what_was_asked_for(
    client: DocumentedClient, patient: Patient, query: str, accept: str, kind: str
) -> None:
    answer = client.get(PATH + query, headers=patient.headers | {"Accept": accept})
    assert answer.mimetype == kind
    if kind == "application/json":
        assert json.loads(answer.data)["patient"]["id"] == str(patient.id)
