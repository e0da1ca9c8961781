"""A nurse's day in a real browser: in with a second factor, through the queue, a flag from claim to undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.browser import axe
from tests.support.browser.browser_window import CONSOLE_SCREENS, HOSTILE, press, watched
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import PASSWORD, Clinic, Nurse, Patient

pytestmark = pytest.mark.browser


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A browser window of its own, and what went wrong in it."""

    page: Page
    base: str
    faults: list[str]

    def sign_in(self, nurse: Nurse) -> None:
        """By e-mail, password and the code the phone shows."""
        self.page.goto(f"{self.base}/console")
        self.page.get_by_label("E-mail").fill(nurse.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_label("Code").fill(nurse.code(now=datetime.now(UTC)))
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def refresh_now(self) -> None:
        """What the page does by itself every few seconds."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.fixture
def desk(browser: Browser, live_server: str) -> Iterator[Callable[..., Desk]]:
    """Opens windows; the test fails where a script fails or the page's policy was broken."""
    opened: list[tuple[BrowserContext, Desk]] = []

    def open_one(width: int = 1280, height: int = 900, scheme: Any = "light") -> Desk:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        page, faults = watched(context)
        made = Desk(page=page, base=live_server, faults=faults)
        opened.append((context, made))
        return made

    yield open_one
    for context, _ in opened:
        context.close()
    assert [fault for _, made in opened for fault in made.faults] == []


@pytest.fixture
def flagged(
    app: Flask, sessions: sessionmaker[Session], content: Content, now: datetime
) -> Callable[..., None]:
    """A report with pus, reviewed: the patient is in the queue."""

    def make(patient: Patient, **more: object) -> None:
        seen_at = (now - timedelta(minutes=2)).isoformat()
        scores = {"redness": 9, "swelling": 3, "peeling": 0}
        body: dict[str, object] = {"scores": scores, "confirmed": ["redness"]}
        body |= {"seen_at": seen_at, "warning_signs": ["pus"], **more}
        path = patient.report_path(uuid4())
        assert app.test_client().put(path, json=body, headers=patient.headers).status_code == 201
        with sessions.begin() as session:
            report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=50)

    return make


@pytest.mark.parametrize(("width", "height", "scheme"), CONSOLE_SCREENS)
def test_a_flag_from_sign_in_to_undo(
    desk: Callable[..., Desk],
    clinic: Clinic,
    flagged: Callable[..., None],
    now: datetime,
    width: int,
    height: int,
    scheme: str,
) -> None:
    for hours in (30, 31):
        flagged(clinic.add_patient(now=now, hours_ago=hours))
    anna, ben = desk(width, height, scheme), desk()
    anna.sign_in(clinic.nurse)
    ben.sign_in(clinic.add_nurse(now=now))
    page = anna.page
    expect(page.get_by_role("heading", level=1)).to_have_text("2 patients need a nurse")
    axe.check(page)
    # By keyboard alone: the second row, claimed.
    press(page, "j", "j", "c")
    expect(page.get_by_text("You hold this flag now.")).to_be_visible()
    axe.check(page)
    # The other nurse's queue shows who holds it, without being loaded anew, and a claim comes too late.
    ben.refresh_now()
    expect(ben.page.get_by_text(f"Nurse {clinic.nurse.email}")).to_be_visible()
    flag = page.url.partition("?")[0]
    ben.page.goto(flag)
    expect(ben.page.get_by_role("heading", name=f"Nurse {clinic.nurse.email} has this")).to_be_visible()
    # Called, noted, closed.
    press(page, "n")
    page.keyboard.type("Answered at once.")
    page.get_by_role("button", name="Reached the patient").click()
    expect(page.get_by_text("The attempt is noted.")).to_be_visible()
    press(page, "o")
    expect(page.get_by_label("What it turned out to be")).to_be_focused()
    page.get_by_label("What it turned out to be").select_option("expected_healing")
    expect(page.get_by_label("Tell the patient by text")).to_have_value("seen")
    page.get_by_label("Comment").fill("Looks as it should; keeps to the cream.")
    page.get_by_role("button", name="Close this flag").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One patient needs a nurse")
    axe.check(page)
    press(page, "z")
    expect(page.get_by_text("Taken back.", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="With you")).to_be_visible()


def test_the_queue_keeps_itself_current_and_the_focus_where_it_was(
    desk: Callable[..., Desk], clinic: Clinic, flagged: Callable[..., None], now: datetime
) -> None:
    flagged(clinic.add_patient(now=now, hours_ago=31))
    anna = desk()
    anna.sign_in(clinic.nurse)
    page = anna.page
    press(page, "j")
    held = page.evaluate("document.activeElement.closest('[data-row]').id")
    flagged(clinic.add_patient(now=now, hours_ago=29), warning_signs=["breathing"])
    anna.refresh_now()
    expect(page).to_have_title("(2) Queue · Afterglow")
    expect(page.get_by_role("heading", name="Needs someone now")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('[data-row]').id") == held
    expect(page.locator("#told")).to_have_text("1 new in this list.")
    # The places at the top count along.
    expect(page.get_by_role("link", name="Queue 2")).to_be_visible()


@pytest.mark.parametrize(("width", "height", "scheme"), CONSOLE_SCREENS)
def test_follow_up_and_reading_by_keyboard(
    desk: Callable[..., Desk],
    clinic: Clinic,
    texting: Texting,
    now: datetime,
    width: int,
    height: int,
    scheme: str,
) -> None:
    patient = clinic.add_patient(now=now)
    for number in range(3):
        texting.send(patient.phone, f"Question {number}?", now=now + timedelta(seconds=number))
    texting.send("+12025559997", "who is this", now=now)
    anna = desk(width, height, scheme)
    anna.sign_in(clinic.nurse)
    page = anna.page
    press(page, "3")
    expect(page.get_by_role("heading", level=1)).to_have_text("3 messages to read")
    axe.check(page)
    press(page, "j", "r")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 messages to read")
    press(page, "a", "r")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to read")
    press(page, "2")
    expect(page.get_by_role("heading", level=1)).to_have_text("One patient to follow up")
    axe.check(page)
    press(page, "j", "n")
    page.keyboard.type("Wrong number.")
    press(page, "Enter")
    expect(page.get_by_text("The task is done.")).to_be_visible()
    axe.check(page)
    press(page, "?")
    expect(page.get_by_role("dialog")).to_be_visible()
    axe.check(page)
    page.get_by_label("Keys off on this computer").check()
    page.get_by_role("button", name="Close").click()
    press(page, "1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to follow up")


def test_every_control_is_reached_by_tab_and_shows_that_it_is(
    desk: Callable[..., Desk], clinic: Clinic, flagged: Callable[..., None], now: datetime
) -> None:
    flagged(clinic.add_patient(now=now))
    anna = desk()
    anna.sign_in(clinic.nurse)
    press(anna.page, "j", "Enter")
    expect(anna.page.get_by_role("heading", name="Why this is here")).to_be_visible()
    for place in ("flag", "queue"):
        if place == "queue":
            anna.page.goto(f"{anna.base}/console")
        missed = anna.page.evaluate(axe.CONTROLS)
        anna.page.evaluate("document.activeElement.blur()")
        for _ in range(len(missed) + 2):
            anna.page.keyboard.press("Tab")
            name, outline = anna.page.evaluate(axe.FOCUSED)
            assert outline, name
            if name in missed:
                missed.remove(name)
        assert missed == []


def test_what_patients_and_nurses_write_is_inert_on_every_page(
    desk: Callable[..., Desk],
    clinic: Clinic,
    flagged: Callable[..., None],
    texting: Texting,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now)
    with sessions.begin() as session:
        session.execute(update(PatientRow).values(first_name=HOSTILE[:60], last_name=HOSTILE[60:]))
    flagged(patient, note=HOSTILE)
    texting.send(patient.phone, HOSTILE, now=now)
    texting.send("+12025559997", HOSTILE, now=now)
    anna = desk()
    anna.sign_in(clinic.nurse)
    page = anna.page

    def inert() -> None:
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hacked === undefined")
        assert page.locator("main script, main img[src='x'], main svg[onload]").count() == 0

    press(page, "j", "c")
    expect(page.get_by_text("You hold this flag now.")).to_be_visible()
    expect(page.get_by_text(HOSTILE[:50]).first).to_be_visible()
    inert()
    page.get_by_label("Note optional").fill(HOSTILE)
    page.get_by_role("button", name="No answer").click()
    expect(page.get_by_text("The attempt is noted.")).to_be_visible()
    inert()
    page.get_by_label("What it turned out to be").select_option("other")
    page.get_by_label("Comment").fill(HOSTILE)
    page.get_by_role("button", name="Close this flag").click()
    expect(page.get_by_role("link", name="See it again")).to_be_visible()
    inert()
    page.get_by_role("link", name="See it again").click()
    inert()
    for path in ("/console/to-read", "/console/follow-up"):
        page.goto(f"{anna.base}{path}")
        expect(page.get_by_text(HOSTILE[:50]).first).to_be_visible()
        inert()
        anna.refresh_now()
        inert()


def test_the_essential_way_works_without_scripts(
    browser: Browser, live_server: str, clinic: Clinic, flagged: Callable[..., None], now: datetime
) -> None:
    flagged(clinic.add_patient(now=now))
    context = browser.new_context(java_script_enabled=False)
    plain = Desk(page=context.new_page(), base=live_server, faults=[])
    plain.sign_in(clinic.nurse)
    page = plain.page
    page.get_by_role("button", name="Claim").click()
    page.get_by_role("button", name="Reached the patient").click()
    page.get_by_label("What it turned out to be").select_option("irritation")
    page.get_by_label("Comment").fill("Fragrance in the cream.")
    page.get_by_role("button", name="Close this flag").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is in the queue")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signing_in_for_the_first_time_can_be_used_by_everyone(
    desk: Callable[..., Desk], clinic: Clinic, sessions: sessionmaker[Session], scheme: str
) -> None:
    anna = desk(scheme=scheme)
    anna.page.goto(f"{anna.base}/console")
    axe.check(anna.page)
    anna.sign_in(clinic.nurse)
    anna.page.goto(f"{anna.base}/console/second-factor")
    axe.check(anna.page)
    anna.page.get_by_label("Your password").fill(PASSWORD)
    anna.page.get_by_role("button", name="Show a new code to scan").click()
    expect(anna.page.get_by_text("Scan this with the new phone.")).to_be_visible()
    axe.check(anna.page)
