"""One sign's words are changed in a copy of the list, and every place that tells of it says the new ones."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from api import app_state
from api.console import guard
from config import content_files
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.core.language import Language
from recovery.models.messaging.messages import Message
from recovery.services.content import content as contents
from recovery.services.content.content import Content
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.services.review import report_review
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic, Patient
from tests.support.data.texts import zone_at_noon

SIGN = WarningSign.VERY_ILL
"""Asked in a box of its own, warned of on every page and in every text."""

FORMS = ("nurse", "patient", "asks", "text")


def told(form: str) -> str:
    return f"new word {form}"


@pytest.fixture
def changed() -> Content:
    """The shipped files with other words for one sign, in every language."""
    files = dataclasses.asdict(content_files.read_content_files())
    for language, text in files["signs"].items():
        before, table, after = re.split(rf"(\[signs\.{SIGN.value}\]\n(?:\w+ = .*\n)+)", text)
        for form in FORMS:
            table = re.sub(rf'^{form} = ".*"$', f'{form} = "{told(form)}"', table, flags=re.MULTILINE)
        files["signs"][language] = before + table + after
    return contents.parse_content(**files)


@pytest.fixture(autouse=True)
def installed(app: Flask, changed: Content) -> Iterator[None]:
    """The application with the changed list; it is shared, so the shipped one comes back."""
    before = app.extensions[app_state.KEY]
    app.extensions[app_state.KEY] = dataclasses.replace(before, newest=changed)
    yield
    app.extensions[app_state.KEY] = before


@pytest.fixture
def patient(clinic: Clinic, sessions: sessionmaker[Session], now: datetime, language: Language) -> Patient:
    made = clinic.add_patient(now=now, language=language, time_zone=zone_at_noon(now))
    with sessions.begin() as session:
        session.execute(delete(Message))
    return made


def report(client: FlaskClient, patient: Patient, sign: WarningSign, *, now: datetime) -> Any:
    said = {
        "seen_at": (now - timedelta(minutes=2)).isoformat(),
        "scores": {"redness": 3, "swelling": 2, "peeling": 0},
        "warning_signs": [sign.value],
    }
    answer = client.put(patient.report_path(), json=said, headers=patient.headers)
    assert answer.status_code == 201
    return answer.get_json()


def text_to(patient: Patient, sessions: sessionmaker[Session], content: Content, *, now: datetime) -> str:
    """What the worker makes of the report, as it leaves for the patient's phone."""
    with sessions.begin() as session:
        report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=10)
    wording = RenderContext(content=content, links_at="https://c.example")
    with sessions.begin() as session:
        leased = outbox.lease_due_texts(
            session, wording=wording, worker_id=uuid4(), now=now + timedelta(seconds=2), limit=10
        )
    return {outgoing.to: outgoing.body for outgoing in leased}[patient.phone]


@pytest.mark.parametrize("language", list(Language))
def test_the_words_of_a_sign_come_from_one_place(
    client: FlaskClient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    changed: Content,
    patient: Patient,
    now: datetime,
) -> None:
    path = f"/api/v1/me/treatments/{patient.treatment_id}/check-in"
    asked = client.get(path, headers=patient.headers).get_json()
    (box,) = [one for one in asked["warning_signs"] if one["sign"] == SIGN]
    assert box["label"] == told("asks").capitalize()
    assert told("text") in asked["emergency"]["anywhere"]

    pages = client.get("/api/v1/knowledge", headers=patient.headers).get_json()["items"]
    (page,) = [one for one in pages if one["topic"] == "when-to-call"]
    assert told("asks") in [item for block in page["blocks"] for item in block["items"]]

    answer = report(client, patient, SIGN, now=now)
    assert told("patient") in answer["assessment"]["findings"][0]["text"]
    assert told("text") in text_to(patient, sessions, changed, now=now)

    browser = client.application.test_client()
    browser.set_cookie(guard.COOKIE, clinic.nurse.token, path="/console")
    queue = StrictPage(browser.get("/console").text)
    (link,) = {
        str(one.attributes["href"]) for one in queue.every("a") if "/flags/" in str(one.attributes["href"])
    }
    flag = StrictPage(browser.get(link).text)
    for shown in (queue, flag):
        assert any(told("nurse") in element.text.lower() for element in shown.elements)


@pytest.mark.parametrize("language", list(Language))
def test_a_text_about_another_sign_warns_in_the_same_words(
    client: FlaskClient,
    sessions: sessionmaker[Session],
    changed: Content,
    patient: Patient,
    now: datetime,
) -> None:
    report(client, patient, WarningSign.PUS, now=now)
    assert told("text") in text_to(patient, sessions, changed, now=now)
