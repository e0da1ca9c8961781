"""A report that is made while an earlier one's photo is on its way does not wait for the page to be woken."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser.companion import Companion, picture

pytestmark = pytest.mark.browser


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
