"""Somebody new at the desk, from the search to the code that is scanned; and a file of patients of before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recovery.domain.clinic.staff_roles import Role
from tests.support.browser import axe
from tests.support.browser.browser_window import CONSOLE_SCREENS, press
from tests.support.data.people import Clinic

pytestmark = pytest.mark.browser

SECONDS_A_KEY = 0.28
"""An average typist of the keystroke-level model; for a press of Tab or a click too."""
SECONDS_TO_THINK = 1.35
"""Before each field or button, of the same model."""


class Hands:
    """Somebody at the keyboard: counts what they do, and how long it takes an average pair of hands."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.seconds = 0.0

    def types(self, text: str) -> None:
        """Into what has the focus."""
        self._page.keyboard.type(text)
        self._takes(len(text))

    def presses(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            press(self._page, key)
            self._takes(1)

    def clicks(self, name: str) -> None:
        """A button, a link or a box with this name."""
        named = self._page.get_by_role("link", name=name, exact=True)
        for kind in (self._page.get_by_label(name), self._page.get_by_role("button", name=name, exact=True)):
            named = named.or_(kind)
        named.first.click()
        self._takes(1)

    def _takes(self, keys: int) -> None:
        self.seconds += SECONDS_TO_THINK + keys * SECONDS_A_KEY


@pytest.mark.parametrize(("width", "height", "scheme"), CONSOLE_SCREENS)
def test_a_first_enrolment_and_treatment_take_less_than_a_minute(
    page_of: Callable[..., Page], clinic: Clinic, now: datetime, width: int, height: int, scheme: str
) -> None:
    page = page_of(clinic.add_nurse(now=now, role=Role.PRACTITIONER), width, height, scheme)
    page.goto("/console/patients")
    hands = Hands(page)
    hands.presses("f")
    hands.types("Example")
    hands.presses("Enter")
    expect(page.get_by_text("Nobody found")).to_be_visible()
    axe.check(page)
    hands.presses("e")
    expect(page.get_by_role("heading", name="Enrol a patient")).to_be_visible()
    axe.check(page)
    hands.clicks("First name")
    for entry in ("Ada", "Example", "2025550811", "1988"):
        hands.types(entry)
        hands.presses("Tab")
    hands.clicks("Recovery texts")
    hands.clicks("Enrol")
    expect(page.get_by_role("img", name="QR code that opens the patient's page")).to_be_visible()
    expect(page.get_by_text("On its way")).to_be_visible()
    axe.check(page)
    hands.clicks("Record the treatment")
    expect(page.get_by_role("heading", name="Before the needle")).to_be_visible()
    axe.check(page)
    page.get_by_label("Device").select_option("pen")
    hands.presses("Tab")
    hands.clicks("Face")
    hands.clicks("Needle depth in mm")
    hands.types("1.5")
    hands.clicks("Record")
    expect(page.get_by_text("The treatment is kept")).to_be_visible()
    axe.check(page)
    assert hands.seconds < 60, "by the keystroke-level model"
    _walk_the_patients_other_pages(page)


def _walk_the_patients_other_pages(page: Page) -> None:
    """Each page of one patient that enrolling does not pass, used once."""
    patient = page.url.partition("?")[0]
    page.goto(f"{patient}/consultation")
    page.get_by_label("Tends to keloids").check()
    axe.check(page)
    page.get_by_role("button", name="Keep the record").click()
    expect(page.get_by_text("Tends to keloids", exact=True)).to_be_visible()
    page.goto(f"{patient}/series")
    axe.check(page)
    page.get_by_role("button", name="Keep the plan").click()
    expect(page.get_by_text("1 session done of 3 planned")).to_be_visible()
    page.goto(f"{patient}/texts")
    expect(page.get_by_text("Care on the day")).to_be_visible()
    axe.check(page)
    page.goto(f"{patient}/change")
    page.get_by_label("Mobile phone").fill("+1 202 555 0812")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What was agreed to for the old number ends")).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Change it so").click()
    expect(page.get_by_text("The changes are kept.")).to_be_visible()


@pytest.mark.parametrize(("width", "height", "scheme"), CONSOLE_SCREENS)
def test_a_file_with_three_wrong_rows_and_the_same_put_right(
    page_of: Callable[..., Page],
    clinic: Clinic,
    now: datetime,
    tmp_path: Path,
    width: int,
    height: int,
    scheme: str,
) -> None:
    page = page_of(clinic.add_nurse(now=now, role=Role.MANAGER), width, height, scheme)
    page.goto("/console/patients")
    page.get_by_role("link", name="Import").click()
    axe.check(page)
    head = "first_name,last_name,phone,year_of_birth,recovery_texts_on,recovery_texts_wording"
    good = ['Ada,Example,+1 202 555 0811,1988,2026-10-01,"Yes, text me."', "Zoë,Ñandú,202-555-0812,1990,,"]
    wrong = [
        "Dee,Sample,12,1990,,",
        "Eve,Sample,+12025550815,90,,",
        "Flo,Sample,+12025550816,1990,2026-10-01,",
    ]
    file = tmp_path / "patients.csv"
    file.write_text("\r\n".join([head, *good, *wrong]), "utf-8-sig")
    page.get_by_label("The file").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="3 places have to be put right")).to_be_visible()
    expect(page.get_by_role("heading", name="2 patients can be enrolled, 3 rows cannot yet")).to_be_visible()
    expect(page.locator("section[aria-labelledby=trouble] tbody tr")).to_have_count(3)
    axe.check(page)
    with page.expect_download() as given_back:
        page.get_by_role("button", name="The other rows, with the reasons").click()
    assert "What is wrong" in Path(given_back.value.path()).read_text("utf-8-sig")
    page.get_by_role("link", name="Choose another file").click()
    file.write_text("\r\n".join([head, *good]), "utf-8-sig")
    page.get_by_label("The file").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="2 patients can be enrolled")).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Enrol all of them").click()
    expect(page.get_by_text("Everybody in the file is enrolled.")).to_be_visible()
    expect(page.get_by_role("link", name="Zoë Ñandú")).to_be_visible()
    for path in ("/console/clinic/wordings", "/console/clinic/wordings/en/seen"):
        page.goto(path)
        axe.check(page)
