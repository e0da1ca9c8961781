"""A report may name a sign that its box only covers: the box stands for it all the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, Route, expect

from recovery.domain.clinical.symptoms import WarningSign
from tests.support.browser.companion import MILD, Companion
from tests.support.browser.way_in import SignIn
from tests.support.data.people import Clinic
from tests.support.data.reporting import report

pytestmark = pytest.mark.browser

EYE = re.compile("^Pain in the eye")


def test_a_stored_report_with_a_covered_sign_says_what_was_ticked(
    phone: Page, signed_in: SignIn, clinic: Clinic, now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=44)
    report(clinic, person, WarningSign.VISION, at=now)
    patient = signed_in(person)
    patient.tap("Course")
    expect(phone.get_by_text(re.compile(r"You ticked: pain in the eye.+\."))).to_be_visible()


def test_a_stored_report_with_a_sign_of_no_box_does_not_say_that_nothing_was_ticked(
    phone: Page, signed_in: SignIn, clinic: Clinic, now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=44)
    report(clinic, person, WarningSign.SELF_HARM, at=now)
    patient = signed_in(person)
    patient.tap("Course")
    expect(phone.get_by_role("listitem").filter(has_text="Barely; ")).to_be_visible()
    expect(phone.get_by_text("You ticked")).to_be_hidden()


def test_answers_kept_by_an_older_page_still_stand_in_their_box(phone: Page, link: Callable[[], str]) -> None:
    def as_before(route: Route) -> None:
        asked = route.fetch()
        told = asked.json()
        for box in told["warning_signs"]:
            if "vision" in box["covers"]:
                box |= {"sign": "vision", "covers": []}
        route.fulfill(response=asked, json=told, headers=asked.headers | {"etag": '"before"'})

    phone.route("**/check-in", as_before)
    patient = Companion(phone)
    patient.sign_in(link())
    patient.begin()
    phone.get_by_label(EYE).check()
    patient.tap("Go on with the check-in")
    phone.unroute("**/check-in", as_before)
    with phone.expect_response(lambda one: one.url.endswith("/check-in") and "/me/" in one.url):
        phone.reload()
    patient.tap("Go on with your check-in")
    expect(phone.get_by_label(EYE)).to_be_checked()
    expect(phone.get_by_label(EYE)).to_have_value("eye_pain")
    expect(phone.get_by_role("link", name="Call 911")).to_be_visible()
    patient.tap("Next")
    patient.look(MILD)
    for name in ("Next", "Skip", "Next"):
        patient.tap(name)
    patient.review()
    expect(phone.get_by_role("listitem").filter(has_text=EYE)).to_be_visible()
    for _ in range(5):
        patient.tap("Back")
    phone.get_by_label(EYE).uncheck()
    expect(phone.get_by_label(EYE)).not_to_be_checked()
    expect(phone.get_by_role("link", name="Call 911")).to_be_hidden()
