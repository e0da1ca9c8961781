"""A report that is changed on the phone is told as the phone has it, not as it was answered before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.companion import Companion

pytestmark = pytest.mark.browser

BREATHLESS = "Trouble breathing or trouble swallowing"


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
