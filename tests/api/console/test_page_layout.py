"""What stands around the matter of a page, and pages that keep themselves current."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from api.console import guard, page_layout
from config.settings import PROJECT
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.core.audit import AuditEntry
from tests.api.console.conftest import Browser
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

TO_READ = "/console/to-read"


def test_every_word_that_a_step_leaves_in_the_address_says_something() -> None:
    sources = [path.read_text("utf-8") for path in sorted((PROJECT / "api" / "console").rglob("*.py"))]
    left = {word for source in sources for word in re.findall(r'\bdone="(\w+)"', source)}
    assert len(left) > 20
    assert left <= set(page_layout.DONE)


def test_words_in_the_address_that_nobody_left_say_nothing(app: Flask) -> None:
    for address, message in (
        ("/console?done=claimed", page_layout.DONE["claimed"]),
        ("/console?done=<b>", None),
        ("/console", None),
    ):
        with app.test_request_context(address):
            assert page_layout.done_message() == message


def test_a_page_says_how_the_clinic_stands(
    browser: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    assert "put live without its readiness checks: a test" in browser.page(TO_READ).said
    with sessions.begin() as session:
        changes = {"mode": ClinicMode.TRAINING, "live_because": None, "time_zone": "America/New_York"}
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(changes))
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(texts_stopped_at=now))
    said = browser.page(TO_READ).said
    assert "Training. No patient is texted" in said
    assert "readiness checks" not in said
    assert "Texts are stopped since" in said
    assert "Times in America/New York." in said


def count_reads(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.query(AuditEntry).filter_by(action="inbox.list").count()


def test_a_page_that_asks_again_gets_what_changed_and_every_reading_is_written_down(
    browser: Browser, patient: Patient, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "first question", now=now)
    whole = browser.get(TO_READ)
    assert "Sign out" in whole.text
    assert guard.LIVE not in whole.headers
    assert count_reads(sessions) == 1
    part = browser.client.get(TO_READ, headers={guard.LIVE: "none"})
    assert "first question" in part.text
    assert "Sign out" not in part.text
    assert count_reads(sessions) == 2
    shown = {guard.LIVE: part.headers[guard.LIVE]}
    unchanged = browser.client.get(TO_READ, headers=shown)
    assert (unchanged.status_code, unchanged.data) == (204, b"")
    assert count_reads(sessions) == 2
    texting.send(patient.phone, "second question", now=now + timedelta(seconds=1))
    changed = browser.client.get(TO_READ, headers=shown)
    assert changed.status_code == 200
    assert "second question" in changed.text
    assert changed.headers[guard.LIVE] != shown[guard.LIVE]
    assert count_reads(sessions) == 3
