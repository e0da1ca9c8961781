"""Who can use the patient's page: by keyboard, with a reader, in their language, on their home screen."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.models.patients.patients import Patient
from recovery.models.reports.reports import ReportRevision
from recovery.services.patients import enrolment
from tests.support.browser import axe
from tests.support.browser.companion import Companion
from tests.support.data.people import YEAR_OF_BIRTH, Clinic
from tests.tools.browser_ready import chromium

pytestmark = pytest.mark.browser

Link = Callable[[], str]
Sessions = sessionmaker[Session]
MOST_TAPS = 14
MOST_TABS = 60

COUNT_TAPS = "addEventListener('pointerup', () => { window.taps = (window.taps ?? 0) + 1; }, true)"

NAMED = """() => {
  const one = document.activeElement;
  const group = one.closest("fieldset")?.querySelector("legend")?.textContent ?? "";
  const label = one.labels?.[0]?.textContent ?? one.getAttribute("aria-label") ?? one.textContent;
  return [group.trim(), label.trim()];
}"""
"""What a reader says of the control in focus: its group and its name."""

UNNAMED = """() => [...document.querySelectorAll(
  "a, button, input, select, textarea, img, [role=img], dialog",
)].filter((one) => !(one.labels?.[0]?.textContent ?? one.getAttribute("aria-label") ?? one.getAttribute("alt")
    ?? document.getElementById(one.getAttribute("aria-labelledby"))?.textContent ?? one.textContent).trim())
  .map((one) => one.outerHTML.slice(0, 120))"""


class Keyboard:
    """A patient who has no finger on the glass."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, name: str, *, group: str = "") -> None:
        """Tab until the control of this name is in focus."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            said = self.page.evaluate(NAMED)
            if said[1].startswith(name) and said[0].startswith(group):
                return
        raise AssertionError(f"{name} cannot be reached")

    def press(self, name: str) -> None:
        """Press the button of this name."""
        self.reach(name)
        self.page.keyboard.press("Enter")

    def choose(self, group: str, *, steps: int) -> None:
        """Choose an answer: the first one, then so many to the right."""
        self.reach("No", group=group)
        self.page.keyboard.press("Space")
        for _ in range(steps):
            self.page.keyboard.press("ArrowRight")


@pytest.fixture
def looked(phone: Page) -> Iterator[Callable[[str | re.Pattern[str]], None]]:
    """Looks at the screen under a heading with axe, light and dark, and for names; at least ten screens."""
    seen: list[str] = []

    def look(heading: str | re.Pattern[str]) -> None:
        Companion(phone).reads(heading)
        # Colours change over in a moment; looked at in between they are nobody's.
        phone.emulate_media(reduced_motion="reduce")
        axe.check(phone)
        phone.emulate_media(color_scheme="dark")
        axe.check(phone, rules=axe.COLOURS)
        phone.emulate_media(color_scheme="light")
        assert phone.evaluate(UNNAMED) == []
        seen.append(str(heading))

    yield look
    assert len(seen) >= 10


def test_a_whole_check_in_by_keyboard_every_screen_clean_in_light_and_dark(
    phone: Page, link: Link, sessions: Sessions, looked: Callable[[str | re.Pattern[str]], None]
) -> None:
    keys = Keyboard(phone)
    phone.goto(link())
    looked("Open your check-in")
    keys.reach("The patient's year of birth or PIN")
    phone.keyboard.type(str(YEAR_OF_BIRTH))
    keys.reach("This is my own phone")
    phone.keyboard.press("Space")
    keys.press("Open")
    expect(phone.get_by_role("button", name="Start a check-in")).to_be_visible()
    looked("Hello Pat")
    keys.press("Start a check-in")
    looked("First: do you have, or did you have, any of these?")
    keys.reach("Trouble breathing or trouble swallowing")
    phone.keyboard.press("Space")
    looked("Get help now")
    phone.keyboard.press("Escape")
    expect(phone.get_by_role("dialog")).to_be_hidden()
    keys.reach("Trouble breathing or trouble swallowing")
    phone.keyboard.press("Space")
    keys.press("None of these")
    looked("How is your skin now?")
    keys.press("Next")
    assert phone.evaluate(NAMED)[0].startswith("Redness"), "focus goes to what is missing"
    keys.page.keyboard.press("Shift+Tab")
    for question, steps in (("Redness", 2), ("Swelling", 4), ("Peeling", 0)):
        keys.choose(question, steps=steps)
    keys.press("Next")
    looked("How does it feel?")
    keys.press("Skip")
    looked("Any of these?")
    keys.press("Next")
    looked("Words and a photo")
    keys.reach("Take a photo")
    keys.press("Next")
    looked("Ready to send")
    keys.press("Yes, that is right")
    keys.press("Send to my clinic")
    looked(re.compile("We ask you once more"))
    keys.press("Done")
    for tab, heading in (("Course", "Your course"), ("Learn", "Good to know"), ("More", "More")):
        keys.press(tab)
        phone.wait_for_load_state("networkidle")
        looked(heading)
    keys.press("Learn")
    keys.press("What is micro-needling?")
    looked("What is micro-needling?")
    with sessions() as session:
        (sent,) = session.scalars(select(ReportRevision)).all()
        assert (sent.scores, sent.confirmed) == ({"redness": 4, "swelling": 9, "peeling": 0}, ["swelling"])


def test_from_the_text_to_a_first_check_in_takes_few_taps(
    phone: Page, link: Link, sessions: Sessions, record_property: Callable[[str, object], None]
) -> None:
    phone.add_init_script(COUNT_TAPS)
    patient, began = Companion(phone), time.monotonic()
    patient.sign_in(link())
    patient.check_in()
    patient.reads(re.compile("expect"))
    record_property("seconds from the link to the answer", round(time.monotonic() - began, 1))
    assert phone.evaluate("window.taps") <= MOST_TAPS
    with sessions() as session:
        assert len(session.scalars(select(ReportRevision)).all()) == 1


@pytest.fixture
def spanish(
    browser: Browser, live_server: str, clinic: Clinic, sessions: Sessions, now: datetime
) -> Iterator[Page]:
    """An English phone in Paris opens the link of a patient of Los Angeles who reads Spanish."""
    person = clinic.add_patient(
        now=now, hours_ago=44, language=Language.SPANISH, time_zone="America/Los_Angeles"
    )
    with sessions.begin() as session:
        row = session.scalars(select(Patient).where(Patient.id == person.id)).one()
        token = enrolment.invite(session, patient=row, now=now).token
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="en-US", timezone_id="Europe/Paris"
    )
    page = context.new_page()
    page.goto(f"{live_server}/{token}")
    yield page
    context.close()


def test_the_page_speaks_the_patients_language_and_tells_their_time(
    spanish: Page, sessions: Sessions
) -> None:
    page, patient = spanish, Companion(spanish)
    patient.reads("Abra su control")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_label("Año de nacimiento del paciente o PIN").fill(str(YEAR_OF_BIRTH))
    patient.tap("Abrir")
    patient.reads("Hola, Pat")
    patient.tap("Empezar un control")
    patient.reads("Primero: ¿tiene, o tuvo, algo de esto?")
    page.get_by_label(re.compile("respirar")).first.check()
    expect(page.get_by_role("dialog").get_by_role("link").first).to_have_attribute("href", "tel:911")
    patient.tap("Lo marqué por error: no lo tengo")
    patient.tap("Nada de esto")
    expect(page.locator("fieldset.question")).to_have_count(3)
    for question in page.locator("fieldset.question").all():
        question.get_by_role("radio").first.check(force=True)
    for button in ("Siguiente", "Saltar", "Siguiente", "Siguiente"):
        patient.tap(button)
    patient.tap("Enviar a mi clínica")
    expect(page.get_by_text("Enviado:")).to_be_visible()
    with sessions() as session:
        (sent,) = session.scalars(select(ReportRevision)).all()
    there = page.evaluate(
        """at => new Intl.DateTimeFormat("es", {
          timeZone: "America/Los_Angeles", hour: "numeric", minute: "2-digit",
        }).format(new Date(at))""",
        sent.received_at.isoformat(),
    )
    expect(page.get_by_text("Enviado:")).to_contain_text(there)
    patient.tap("Listo")
    patient.tap("Más")
    page.get_by_role("radio", name="Français").click(force=True)
    patient.tap("Aujourd'hui")
    patient.reads("Bonjour Pat")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    patient.tap("Commencer un suivi")
    patient.tap("Aucun de ces signes")
    expect(page.locator("fieldset.question").first).to_contain_text(re.compile("ougeur"))


def test_another_language_takes_nobody_out_of_a_check_in(spanish: Page) -> None:
    page, patient = spanish, Companion(spanish)
    page.get_by_label("Año de nacimiento del paciente o PIN").fill(str(YEAR_OF_BIRTH))
    patient.tap("Abrir")
    expect(page.get_by_role("button", name="Empezar un control")).to_be_visible()
    slow: list[Route] = []
    page.context.route(re.compile(r"/check-in$"), lambda route: slow.append(route))
    patient.tap("Más")
    with page.expect_response(re.compile(r"/me/treatments$")):
        page.get_by_role("radio", name="Français").click(force=True)
    patient.tap("Aujourd'hui")
    patient.tap("Commencer un suivi")
    patient.tap("Aucun de ces signes")
    questions = page.locator("fieldset.question")
    expect(questions.first).to_contain_text(re.compile("ojez|color", re.IGNORECASE))
    for route in slow:
        route.continue_()
    expect(questions.first).to_contain_text(re.compile("ougeur"))


def test_a_browser_may_put_it_on_the_home_screen(browser: Browser, live_server: str, tmp_path: Path) -> None:
    # Nothing can be installed from a private window, which every other context is.
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=chromium(), args=["--no-sandbox"] if os.geteuid() == 0 else []
    )
    page = context.new_page()
    page.goto(live_server)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    control = context.new_cdp_session(page)
    refused = control.send("Page.getInstallabilityErrors")["installabilityErrors"]
    manifest = control.send("Page.getAppManifest")
    context.close()
    assert refused == []
    assert (manifest["errors"], manifest["url"]) == (
        [],
        f"{live_server}/companion/static/manifest.webmanifest",
    )
