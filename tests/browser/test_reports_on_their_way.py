"""What the page shows of reports that are answered, changed or on their way, an emergency above all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, Route, expect

from recovery.domain.clinical.symptoms import WarningSign
from tests.support.browser.companion import MILD, Companion, picture
from tests.support.browser.way_in import SignIn
from tests.support.data.people import Clinic
from tests.support.data.reporting import report, review

pytestmark = pytest.mark.browser

BREATHLESS = "Trouble breathing or trouble swallowing"


def test_the_answer_to_a_mild_report_takes_no_open_emergency_off_the_screen(
    phone: Page, signed_in: SignIn, clinic: Clinic, now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=44)
    report(clinic, person, WarningSign.BREATHING, at=now)
    review(clinic, now=now)
    patient = signed_in(person)
    call, still = phone.get_by_role("link", name="Call 911"), phone.get_by_text("This may be an emergency")
    patient.check_in()
    expect(phone.get_by_role("button", name="Change my answers")).to_be_visible()
    expect(still).to_be_visible()
    expect(call).to_be_visible()


def test_the_number_stands_there_while_an_emergency_is_being_sent_and_once_after(
    phone: Page, link: Callable[[], str]
) -> None:
    patient = Companion(phone)
    patient.sign_in(link())
    held: list[Route] = []
    phone.route("**/reports/*", lambda route: held.append(route))
    patient.begin()
    phone.get_by_label(BREATHLESS, exact=True).check()
    patient.tap("Go on with the check-in")
    patient.tap("Next")
    patient.look(MILD)
    for name in ("Next", "Skip", "Next"):
        patient.tap(name)
    patient.review()
    patient.send()
    patient.reads("Sending")
    expect(phone.get_by_role("link", name="Call 911")).to_be_visible()
    held.pop().continue_()
    expect(phone.get_by_role("button", name="Change my answers")).to_be_visible()
    expect(phone.get_by_role("link", name="Call 911")).to_have_count(1)


def test_a_change_that_is_not_sent_yet_is_not_answered_by_what_was_said_before_it(
    phone: Page, link: Callable[[], str]
) -> None:
    patient = Companion(phone)
    patient.sign_in(link())
    patient.check_in()
    patient.tap("Change my answers")
    patient.away()
    patient.tap("Back")
    phone.get_by_label(BREATHLESS, exact=True).check()
    patient.tap("Send to my clinic")
    patient.reads("Saved on this phone")
    expect(phone.get_by_role("link", name="Call 911")).to_be_visible()


def test_a_report_that_is_added_while_a_photo_is_sent_is_sent_after_it(
    phone: Page, link: Callable[[], str]
) -> None:
    patient = Companion(phone)
    patient.sign_in(link())
    held: list[Route] = []
    phone.route("**/photos/*", lambda route: held.append(route))
    with phone.expect_request("**/photos/*"):
        patient.check_in(photo=picture())
    phone.go_back()
    patient.reads(re.compile("^Hello"))
    patient.check_in(signs=["Pus, yellow or green fluid, or a bad smell"])
    patient.reads("Sending")
    held.pop().continue_()
    expect(phone.get_by_role("heading", name="What happens next")).to_be_visible()
