"""A curve changed in a real browser: redrawn and checked as typed, with and without the script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from api.console import guard
from recovery.domain.clinic.staff_roles import Role
from recovery.services.content.content import Content
from tests.support.browser import axe
from tests.support.browser.browser_window import CONSOLE_SCREENS
from tests.support.data.people import Clinic

pytestmark = pytest.mark.browser

SHIPPED = "standard-2026-12"
REDNESS = f"/console/course/versions/{SHIPPED}/curves/reference/redness"
SCREENS = [*CONSOLE_SCREENS, (390, 844, "light")]


def test_a_curve_is_redrawn_and_checked_as_it_is_typed(
    page_of: Callable[..., Page], clinic: Clinic, now: datetime
) -> None:
    for width, height, scheme in SCREENS:
        page = page_of(clinic.add_nurse(now=now, role=Role.MANAGER), width, height, scheme)
        page.goto("/console/course")
        page.get_by_role("link", name="Change redness, pen or roller, 1.0-1.5 mm, face").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Redness")
        cell = page.get_by_label("Day 2, 9 in 10")
        expect(cell).to_have_value("3")
        axe.check(page)
        cell.focus()
        cell.press("ControlOrMeta+a")
        page.keyboard.type("0,5")
        expect(page.locator("#p90_2-said")).to_have_text("Is below p50.")
        expect(cell).to_have_attribute("aria-invalid", "true")
        expect(cell).to_have_accessible_description("Is below p50.")
        expect(page.get_by_role("status").filter(has_text="1 to put right.")).to_be_visible()
        expect(cell).to_be_focused()
        expect(cell).to_have_value("0,5")
        axe.check(page)
        cell.press("ControlOrMeta+a")
        page.keyboard.type("3.5")
        expect(page.locator("#p90_2-said")).to_have_text("runs: 3")
        expect(page.get_by_role("status").filter(has_text="Nothing is wrong.")).to_be_visible()
        expect(page.locator("#curve-drawing .curve-before")).to_have_count(1)
        expect(page.locator("#curve-differs")).to_contain_text("day 2: 3 → 3.5")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        axe.check(page)


def test_without_a_script_a_button_checks_and_keeps(
    browser: Browser, live_server: str, clinic: Clinic, content: Content, now: datetime
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    context = browser.new_context(java_script_enabled=False, base_url=live_server)
    context.add_cookies([{"name": guard.COOKIE, "value": manager.token, "url": f"{live_server}/console"}])
    page = context.new_page()
    page.goto(REDNESS)
    page.get_by_label("Day 2, 9 in 10").fill("0.5")
    page.get_by_role("button", name="Check and try it").click()
    expect(page.locator("#p90_2-said")).to_have_text("Is below p50.")
    page.get_by_label("Day 2, 9 in 10").fill("3.5")
    page.get_by_label("Name of the draft").fill("own-1")
    page.get_by_role("button", name="Check and try it").click()
    expect(page.get_by_role("heading", name="What it would have flagged")).to_be_visible()
    page.get_by_role("button", name="Keep the draft").click()
    expect(page.get_by_text("The draft is kept.")).to_be_visible()
    page.get_by_role("link", name="Swelling").click()
    expect(page.get_by_text("Draft own-1")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Swelling")
    context.close()
