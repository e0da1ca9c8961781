"""A patient's hand on their page: what they tap and type, in English."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.support.data.people import YEAR_OF_BIRTH

MILD = {"Redness": "A little", "Swelling": "Barely", "Peeling": "No peeling"}


def picture() -> bytes:
    """What a camera might hand over: nothing of anybody."""
    written = io.BytesIO()
    Image.radial_gradient("L").resize((480, 640)).convert("RGB").save(written, "JPEG")
    return written.getvalue()


@dataclass(frozen=True)
class Companion:
    """The page on one phone."""

    page: Page

    def tap(self, name: str) -> None:
        """Press the button of this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def reads(self, heading: str | re.Pattern[str]) -> None:
        """The screen with this heading is shown, and reading begins there."""
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_focused()

    def sign_in(self, link: str, *, own: bool = True, secret: str = str(YEAR_OF_BIRTH)) -> None:
        """Open a link from a text."""
        self.page.goto(link)
        self.page.get_by_label("Year of birth or PIN").fill(secret)
        if own:
            self.page.get_by_label("This is my own phone").check()
        self.tap("Open")
        self.reads(re.compile("^Hello"))
        expect(self.page.get_by_role("button", name=re.compile("check-in$"))).to_be_visible()

    def away(self) -> None:
        """From here on there is no network."""
        self.page.context.set_offline(True)
        self.page.wait_for_function("!navigator.onLine")

    def back(self) -> None:
        """There is a network again."""
        self.page.context.set_offline(False)
        self.page.wait_for_function("navigator.onLine")

    def begin(self) -> None:
        """Start a check-in: the first of its six screens."""
        self.tap("Start a check-in")
        self.reads("First: do you have, or did you have, any of these?")

    def answer(
        self,
        answers: dict[str, str] = MILD,
        *,
        signs: Sequence[str] = (),
        note: str = "",
        photo: bytes | None = None,
    ) -> None:
        """From the first screen to the last one."""
        page = self.page
        self.tap("None of these")
        self.look(answers)
        self.tap("Next")
        self.reads("How does it feel?")
        self.tap("Skip")
        self.reads("Any of these?")
        for sign in signs:
            page.get_by_label(sign, exact=True).check()
        self.tap("Next")
        self.reads("Words and a photo")
        if note:
            page.get_by_label("Anything else for the nurse?").fill(note)
        if photo is not None:
            self.add(photo)

    def add(self, photo: bytes) -> None:
        """Take a photo, as the camera would hand it over."""
        file: FilePayload = {"name": "camera.jpg", "mimeType": "image/jpeg", "buffer": photo}
        self.page.get_by_label("Take a photo").set_input_files(file)
        expect(self.page.get_by_alt_text("Your new photo 1")).to_be_visible()

    def look(self, answers: dict[str, str]) -> None:
        """Answer how the skin looks."""
        self.reads("How is your skin now?")
        for question, band in answers.items():
            group = self.page.get_by_role("group", name=question).first
            group.get_by_role("radio", name=band).check(force=True)

    def review(self) -> None:
        """Go to the last screen."""
        self.tap("Next")
        self.reads("Ready to send")

    def send(self) -> None:
        """Send what was answered."""
        self.tap("Send to my clinic")

    def check_in(
        self,
        answers: dict[str, str] = MILD,
        *,
        signs: Sequence[str] = (),
        note: str = "",
        photo: bytes | None = None,
    ) -> None:
        """A whole check-in from the first page."""
        self.begin()
        self.answer(answers, signs=signs, note=note, photo=photo)
        self.review()
        self.send()
