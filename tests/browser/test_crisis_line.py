"""Whoever told of harming themselves finds the crisis line over every screen, and no word of an emergency."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from recovery.domain.clinical.symptoms import WarningSign
from tests.support.browser.way_in import SignIn
from tests.support.data.people import Clinic
from tests.support.data.reporting import report, review

pytestmark = pytest.mark.browser


def test_the_crisis_line_stands_over_every_screen_until_something_else_is_an_emergency(
    phone: Page, signed_in: SignIn, clinic: Clinic, now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=44)
    report(clinic, person, WarningSign.SELF_HARM, at=now)
    review(clinic, now=now)
    patient = signed_in(person)
    still = phone.get_by_text("This may be an emergency")
    for screen in ("Course", "Learn", "More", "Today"):
        patient.tap(screen)
        expect(phone.get_by_role("link", name="Call 988")).to_have_attribute("href", "tel:988")
        expect(phone.get_by_role("link", name="Call 911")).to_be_hidden()
        expect(still).to_be_hidden()
    report(clinic, person, WarningSign.BREATHING, at=now)
    phone.reload()
    patient.reads(re.compile("^Hello"))
    expect(phone.get_by_role("link", name="Call 911")).to_be_visible()
    expect(phone.get_by_role("link", name="Call 988")).to_be_hidden()
    expect(still).to_be_visible()
