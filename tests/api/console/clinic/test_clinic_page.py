from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.services.content.content import Content
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic


@pytest.fixture
def manager(browser_of: BrowserOf, clinic: Clinic, now: datetime) -> Browser:
    """The browser of whoever sets up the clinic."""
    return browser_of(clinic.add_nurse(now=now, role=Role.MANAGER))


@pytest.fixture
def director(browser_of: BrowserOf, clinic: Clinic, now: datetime) -> Browser:
    """The browser of the medical director."""
    return browser_of(clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR))


def hours_form(manager: Browser) -> dict[str, str]:
    page = manager.page("/console/clinic/hours")
    fields = {
        str(element.attributes["name"]): element.attributes.get("value") or ""
        for element in page.every("input")
        if element.attributes.get("name") not in (None, "csrf", "reason")
    }
    (holidays,) = page.every("textarea")
    return fields | {"holidays": holidays.text}


def test_hours_and_numbers_are_saved_as_they_are_shown(manager: Browser, clinic: Clinic) -> None:
    form = hours_form(manager)
    assert form["mon"] == "00:00-24:00"
    form |= {
        "mon": "9:00-12:00, 13:00-17:30",
        "sun": "",
        "holidays": "2026-12-25 Christmas\n",
        "phone": "+1 202 555 0123",
    }
    saved = manager.post("/console/clinic/hours", form)
    assert (saved.status_code, saved.headers["Location"]) == (303, "/console/clinic?done=saved")
    shown = hours_form(manager)
    assert (shown["mon"], shown["sun"], shown["phone"]) == ("09:00-12:00, 13:00-17:30", "", "+12025550123")
    assert shown["holidays"] == "2026-12-25 Christmas"


@pytest.mark.parametrize(
    ("field", "entry", "told"),
    [
        ("tue", "17:00-09:00", "tue"),
        ("tue", "nine to five", "tue"),
        ("holidays", "Christmas", "date"),
        ("on_call_phone", "555", "phone"),
        ("text_name", "A name much too long for texts", "20 characters"),
        ("emergency_number", "one", "Three digits"),
        ("name", " ", "needed"),
        ("time_zone", "Mars/Olympus", "zone"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field_and_nothing_is_lost(
    manager: Browser, field: str, entry: str, told: str
) -> None:
    before = hours_form(manager)
    answer = manager.post("/console/clinic/hours", before | {field: entry, "phone": "+12025550124"})
    assert answer.status_code == 422
    assert told in answer.text
    assert "+12025550124" in answer.text
    assert hours_form(manager) == before


def test_who_left_is_out_with_the_next_page(manager: Browser, browser: Browser, clinic: Clinic) -> None:
    assert browser.get("/console").status_code == 200
    assert manager.post(f"/console/clinic/people/{clinic.nurse.id}", {"role": "nurse"}).status_code == 303
    assert browser.get("/console").headers["Location"].startswith("/console/sign-in")


def test_somebody_is_left_to_set_up(manager: Browser, clinic: Clinic) -> None:
    page = manager.page("/console/clinic/people")
    own = next(
        str(form.attributes["action"])
        for form in page.every("form")
        if "Manager" in form.text and "people/" in str(form.attributes.get("action"))
        and clinic.nurse.id.hex not in str(form.attributes["action"]).replace("-", "")
    )  # fmt: skip
    refused = manager.post(own, {"role": "nurse", "active": "yes"})
    assert refused.status_code == 409
    assert "Somebody has to be left" in refused.text


@pytest.mark.parametrize("path", ["/console/clinic/hours", "/console/clinic/people"])
def test_a_nurse_does_not_set_up(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 403
    assert browser.post(path, {}).status_code == 403
    assert "Hours, holidays" not in browser.page("/console/clinic").said


def test_texts_are_stopped_with_a_reason_and_started_again(browser: Browser) -> None:
    assert browser.post("/console/clinic/texts", {"stopped": "yes", "reason": " "}).status_code == 422
    browser.post("/console/clinic/texts", {"stopped": "yes", "reason": "Wrong wording"})
    assert "Texts are stopped since" in browser.page("/console").said
    browser.post("/console/clinic/texts", {"stopped": "no", "reason": "Corrected"})
    assert "Texts are stopped since" not in browser.page("/console").said


def test_a_phone_is_proved_by_the_code_that_comes(
    browser: Browser, texting: Texting, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.TRAINING, live_because=None))
    assert browser.post("/console/clinic/phone", {"phone": "nonsense"}).status_code == 422
    assert browser.post("/console/clinic/phone", {"phone": "+12025550171"}).status_code == 303
    (text,) = texting.claim(now=now + timedelta(seconds=5))
    code = next(word for word in text.body.replace(".", " ").split() if word.isdigit() and len(word) == 6)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert browser.post("/console/clinic/phone/proof", {"code": wrong}).status_code == 422
    assert browser.post("/console/clinic/phone/proof", {"code": f"{code[:3]} {code[3:]}"}).status_code == 303
    assert "Proved" in browser.page("/console/clinic/phone").said


def test_the_director_reads_signs_and_a_change_takes_it_off(director: Browser, browser: Browser) -> None:
    page = director.page("/console/course/sign")
    assert "Not signed yet" in page.said
    (digest,) = (one for one in page.every("input") if one.attributes.get("name") == "digest")
    sent = director.post("/console/course/sign", {"digest": str(digest.attributes["value"])})
    assert sent.headers["Location"].endswith("done=signed")
    assert "Signed" in browser.page("/console/course/sign").said
    assert "signed" in browser.page("/console/course").said
    stale = director.post("/console/course/sign", {"digest": "0" * 64})
    assert stale.status_code == 409


def test_a_draft_is_kept_replayed_and_published(
    director: Browser, browser: Browser, content: Content
) -> None:
    newest = max(content.protocols)
    text = content.protocol_sources[newest].replace(newest, "own-1", 1)
    broken = director.post("/console/course/drafts", {"text": text.replace("[", "[[", 1)})
    assert broken.status_code == 422
    assert "line" in broken.text
    kept = director.post("/console/course/drafts", {"text": text.replace("\n", "\r\n")})
    assert kept.headers["Location"].startswith("/console/course/versions/own-1")
    assert "Publish for treatments from now on" in director.page("/console/course/versions/own-1").said
    assert "Publish for treatments from now on" not in browser.page("/console/course/versions/own-1").said
    assert director.post("/console/course/versions/own-1/publish").status_code == 303
    assert "own-1 signed" not in browser.page("/console/course").said
    assert "In force: own-1" in browser.page("/console/course").said
    assert director.post("/console/course/versions/own-1/publish").status_code == 409


def test_only_the_director_signs_and_publishes(manager: Browser, browser: Browser) -> None:
    for one in (manager, browser):
        assert one.post("/console/course/sign", {"digest": "0" * 64}).status_code == 403
        assert one.post("/console/course/drafts", {"text": "x"}).status_code == 403
        assert one.post("/console/course/versions/x/publish").status_code == 403
        assert "I have read it and sign" not in one.page("/console/course/sign").said


def test_a_version_nobody_has(browser: Browser) -> None:
    assert browser.get("/console/course/versions/nothing").status_code == 404
