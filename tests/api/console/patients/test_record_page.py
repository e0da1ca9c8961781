from __future__ import annotations

import re
from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.reports.photos import Photo
from tests.api.console.conftest import Browser
from tests.support.data.audit_trail import entries
from tests.support.data.people import Clinic
from tests.support.record.record_scene import COMMENT, HISTORY, NOTE, RecordScene, make_record


@pytest.fixture
def scene(clinic: Clinic, now: datetime) -> RecordScene:
    """A patient with a history."""
    return make_record(clinic, now=now)


def test_the_record_says_all_of_it_on_one_page(browser: Browser, scene: RecordScene, clinic: Clinic) -> None:
    page = browser.page(f"/console/patients/{scene.patient.id}/record")
    for told in (HISTORY, COMMENT, NOTE, "Rang twice.", "Another patient's.", "N-204", "I agree."):
        assert told in page.said, told
    assert "Closed as irritation" in page.said
    assert "before it was changed, version 1" in page.said
    assert f"Nurse {scene.practitioner.email}" in page.said
    idents = [one.attributes["id"] for one in page.every("title") if "id" in one.attributes]
    assert len(idents) == len(set(idents)), "charts of several sessions do not share names"
    with clinic.sessions() as session:
        assert len(entries(session, clinic.id, "record.read")) == 1


def test_the_file_stands_alone_and_says_the_same(
    browser: Browser, scene: RecordScene, clinic: Clinic, sessions: sessionmaker[Session], app: object
) -> None:
    answer = browser.get(f"/console/patients/{scene.patient.id}/record/file")
    assert answer.status_code == 200
    assert re.fullmatch(
        r'attachment; filename="record-[0-9a-f]{6}-\d{4}-\d\d-\d\d\.html"',
        answer.headers["Content-Disposition"],
    )
    text = answer.text
    for told in (HISTORY, COMMENT, NOTE, "Another patient&#39;s.", "taken from", "It is not kept current"):
        assert told.lower() in text.lower(), told
    assert not re.search(r'(?:src|href)="(?!data:|#)', text), "nothing of it lies elsewhere"
    assert "<details>" not in text, "everything is unfolded"
    assert "not in this file" in text, "a picture that the store has lost is said to be missing"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    with sessions() as session:
        assert len(entries(session, clinic.id, "record.export")) == 1
        assert session.get_one(Photo, (clinic.id, scene.photo_ids[0])).thumbnail_name not in text


def test_every_flag_leads_to_the_record_and_the_record_to_every_flag(
    browser: Browser, scene: RecordScene
) -> None:
    record = f"/console/patients/{scene.patient.id}/record"
    links = {link.attributes.get("href") for link in browser.page(record).every("a")}
    for flag_id in (scene.open_flag, scene.closed_flag):
        assert f"/console/flags/{flag_id}" in links
        there = {link.attributes.get("href") for link in browser.page(f"/console/flags/{flag_id}").every("a")}
        assert record in there


def test_of_somebody_new_the_record_says_what_is_not_there(
    browser: Browser, clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=1)
    page = browser.page(f"/console/patients/{patient.id}/record")
    for told in (
        "Never asked",
        "None is open",
        "Nobody before you",
        "No photo was sent.",
        "Nobody has called yet.",
    ):
        assert told in page.said, told


def test_the_way_to_the_audit_trail_is_a_manager_s(
    browser: Browser, manager: Browser, scene: RecordScene
) -> None:
    record = f"/console/patients/{scene.patient.id}/record"
    trail = f"/console/audit?patient={scene.patient.id}"
    assert trail not in browser.get(record).text
    assert trail in manager.get(record).text
