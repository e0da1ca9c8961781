from __future__ import annotations

import pytest

from tests.api.console.conftest import Browser
from tests.support.data.people import Clinic


def hours_form(manager: Browser) -> dict[str, str]:
    page = manager.page("/console/clinic/hours")
    fields = {
        str(element.attributes["name"]): element.attributes.get("value") or ""
        for element in page.every("input")
        if element.attributes.get("name") not in (None, "csrf", "once", "reason")
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
        ("crisis_number", "nine", "Digits only"),
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


def test_an_on_call_landline_is_asked_about_before_it_is_kept(manager: Browser) -> None:
    form = hours_form(manager) | {"on_call_phone": "+44 20 7946 0123"}
    asked = manager.post("/console/clinic/hours", form)
    assert (asked.status_code, "The number is a landline" in asked.text) == (409, True)
    assert manager.post("/console/clinic/hours", form | {"anyway": "yes"}).status_code == 303
    assert hours_form(manager)["on_call_phone"] == "+442079460123"
    assert manager.post("/console/clinic/hours", hours_form(manager)).status_code == 303


def test_the_crisis_line_is_the_clinic_s_own_or_the_country_s(manager: Browser) -> None:
    page = manager.page("/console/clinic/hours").said
    assert "Crisis line for whoever thinks of self-harm; empty for 988" in page
    for entry, kept in (("0800 1234", "08001234"), ("", "")):
        manager.post("/console/clinic/hours", hours_form(manager) | {"crisis_number": entry})
        assert hours_form(manager)["crisis_number"] == kept


@pytest.mark.parametrize("path", ["/console/clinic/hours", "/console/clinic/people"])
def test_a_nurse_does_not_set_up(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 403
    assert browser.post(path, {}).status_code == 403
    assert "Hours, holidays" not in browser.page("/console/clinic").said


def test_texts_are_stopped_with_a_reason_and_started_again(browser: Browser) -> None:
    assert browser.post("/console/clinic/texts", {"stopped": "yes", "reason": " "}).status_code == 422
    browser.post("/console/clinic/texts", {"stopped": "yes", "reason": "Wrong wording"})
    stopped = browser.page("/console").said
    assert "Texts are stopped since" in stopped
    assert "but for what to do in an emergency" in stopped
    assert "Alerts to your own phones go on." in stopped
    browser.post("/console/clinic/texts", {"stopped": "no", "reason": "Corrected"})
    assert "Texts are stopped since" not in browser.page("/console").said
