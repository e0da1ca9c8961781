"""What was done is listed with who did it, and reading is taken back from its list."""

from __future__ import annotations

from datetime import datetime

import pytest

from api.console.tasks import done_page
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic

FOLLOW_UP, TO_READ = "/console/follow-up/done", "/console/to-read/done"


def test_what_was_done_and_read_is_listed_and_only_by_its_own_clinic(
    browser: Browser,
    browser_of: BrowserOf,
    clinic: Clinic,
    other_clinic: Clinic,
    texting: Texting,
    now: datetime,
) -> None:
    assert "Nothing yet" in browser.page(FOLLOW_UP).said
    asks = clinic.add_patient(now=now)
    texting.send(asks.phone, "When may I swim?", now=now)
    (entry,), (task,) = texting.entries(), texting.tasks()
    browser.post("/console/to-read", {"entry": [str(entry.id)]})
    read = browser.page(TO_READ).said
    for told in ("What was read", "Pat Sample", "When may I swim?", f"Nurse {clinic.nurse.email}"):
        assert told in read
    done = browser.page(FOLLOW_UP)
    assert "Text to read" in done.said
    assert any(link.attributes["href"] == f"/console/tasks/{task.id}" for link in done.every("a"))
    stranger = browser_of(other_clinic.nurse)
    assert "Pat Sample" not in stranger.page(TO_READ).said + stranger.page(FOLLOW_UP).said


def test_reading_is_taken_back_from_the_list(
    browser: Browser, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    texting.send(clinic.add_patient(now=now).phone, "When may I swim?", now=now)
    (entry,) = texting.entries()
    answer = browser.post("/console/to-read", {"entry": [str(entry.id)]})
    page = browser.page(answer.location)
    assert any(form.attributes["action"] == "/console/to-read/undo" for form in page.every("form"))
    assert browser.post("/console/to-read/undo").location == "/console/to-read?done=unread"
    assert texting.entries()[0].read_at is None
    assert texting.tasks()[0].done_at is None
    assert browser.post("/console/to-read/undo").location == "/console/to-read?done=too_late_to_undo"


def test_the_lists_have_pages(
    browser: Browser, clinic: Clinic, texting: Texting, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(done_page, "ROWS", 2)
    for number in range(3):
        texting.send(clinic.add_patient(now=now).phone, f"question {number}", now=now)
    for entry in texting.entries():
        browser.post("/console/to-read", {"entry": [str(entry.id)]})
    for path in (FOLLOW_UP, TO_READ):
        page = browser.page(path)
        (more,) = [str(link.attributes["href"]) for link in page.every("a", rel="next")]
        rest = browser.page(more)
        assert len(page.rows()) + len(rest.rows()) == 3
        assert rest.every("a", rel="next") == []
