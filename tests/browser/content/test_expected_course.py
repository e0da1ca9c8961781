"""The director's way in a real browser: read and sign, draft, replay, publish, and sign what changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Staff
from recovery.services.content.content import Content
from tests.support.browser import axe
from tests.support.browser.browser_window import CONSOLE_SCREENS
from tests.support.data.people import Clinic, Nurse

pytestmark = pytest.mark.browser

OWN = "own-1"


def _signs(page: Page, director: Nurse, clinic: Clinic) -> None:
    page.get_by_role("link", name="Read and sign").click()
    expect(page.get_by_role("heading", name="The files, as they are")).to_be_visible()
    with clinic.sessions.begin() as session:
        # A code is good once, and the browser signs more often than a phone shows another.
        session.get_one(Staff, (clinic.id, director.id)).totp_used_step = None
    page.get_by_label("Code of your authenticator").fill(director.code(now=datetime.now(UTC)))
    page.get_by_role("button", name="I have read it and sign").click()
    expect(page.get_by_role("heading", name="Signed", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="I have read it and sign")).to_have_count(0)


@pytest.mark.parametrize(("width", "height", "scheme"), CONSOLE_SCREENS)
def test_a_protocol_is_signed_changed_published_and_signed_again(
    page_of: Callable[..., Page],
    clinic: Clinic,
    content: Content,
    now: datetime,
    width: int,
    height: int,
    scheme: str,
) -> None:
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    page = page_of(director, width, height, scheme)
    newest = max(content.protocols)
    page.goto("/console/course")
    expect(page.get_by_text("not signed yet")).to_be_visible()
    _signs(page, director, clinic)
    axe.check(page)
    page.get_by_role("link", name="The expected course").click()

    text = content.protocol_sources[newest].replace(newest, OWN, 1)
    page.get_by_label("The protocol").fill(text.replace("[", "[[", 1))
    page.get_by_role("button", name="Check and keep the draft").click()
    expect(page.get_by_role("alert")).to_contain_text("line")
    expect(page.get_by_label("The protocol")).to_have_value(text.replace("[", "[[", 1))
    axe.check(page)
    page.get_by_label("The protocol").fill(text)
    page.get_by_role("button", name="Check and keep the draft").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(OWN)
    expect(page.get_by_role("heading", name="What it would have flagged")).to_be_visible()
    expect(page.get_by_role("columnheader", name=f"by {OWN}").first).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Publish for treatments from now on").click()

    expect(page.get_by_text(f"In force: {newest}")).to_be_visible()
    expect(page.get_by_text("changed since it was signed")).to_be_visible()
    axe.check(page)
    _signs(page, director, clinic)
    page.get_by_role("link", name="The expected course").click()
    expect(page.locator(".fact", has_text="signed")).not_to_contain_text("changed")
    expect(page.get_by_text(f"In force: {OWN}")).to_be_visible()
