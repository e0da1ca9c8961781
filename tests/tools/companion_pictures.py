"""Makes pictures of the patient's page of the demonstration, on a phone, light and dark.

    python -m tests.tools.companion_pictures docs/images
    python -m tests.tools.companion_pictures FOLDER every

The first makes those of docs/companion.md; the second every screen, whole, wide and narrow, to look through.
"""

from __future__ import annotations

import io
import json
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from recovery.domain.clinic.staff_roles import Role
from tests.support.browser.companion import Companion, picture
from tests.tools.browser_ready import chromium
from tests.tools.screenshots import Running, running

HEIGHTS = {390: 844, 320: 568}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOWN = ("today", "check-in", "review", "answer", "course", "emergency")
COLOURS = 128
TREATED_HOURS_AGO = 98
COURSE = ((26, 4, 3, 0), (49, 3, 2, 2), (73, 2, 1, 3), (96, 1, 0, 2))
"""Hours since the treatment, redness, swelling, peeling."""
API = "/api/v1"
_NUMBERS = count(70)


def call(product: Running, method: str, path: str, body: Any = None, token: str = "") -> Any:
    """Ask the API of the demonstration."""
    request = urllib.request.Request(
        product.base + API + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def staff_token(product: Running) -> str:
    """The manager of the demonstration, signed in."""
    member = product.who(Role.MANAGER)
    sign_in = {"email": member.email, "password": member.password, "totp": member.code(now=datetime.now(UTC))}
    return str(call(product, "POST", "/staff/sessions", sign_in)["access_token"])


def treated(product: Running, *, token: str, now: datetime) -> str:
    """Another patient with one treatment and four reports; a link of theirs."""
    phone = f"+120255501{next(_NUMBERS)}"
    new = {"first_name": "Maya", "last_name": "Demo", "phone": phone, "year_of_birth": 1990}
    new |= {"language": "en", "time_zone": "America/Chicago", "skin_type": 4, "answers_by": "link"}
    patient = call(product, "POST", "/patients", new | {"pin": None, "consents": []}, token)["id"]
    plan = {"sessions": 4, "weeks_between": 5, "maintenance_months": 12, "next_session_on": None}
    call(product, "PUT", f"/patients/{patient}/series", plan, token)
    performed_at = now - timedelta(hours=TREATED_HOURS_AGO)
    done = {"performed_at": performed_at.isoformat(), "device": "pen", "depth_mm": 1.2, "areas": ["face"]}
    treatment = call(product, "POST", f"/patients/{patient}/treatments", done, token)["id"]
    sign_in = {"invitation": link(product, patient, token=token).rsplit("/", 1)[1], "secret": "1990"}
    own = call(product, "POST", "/patient/sessions", sign_in)["access_token"]
    for hours, redness, swelling, peeling in COURSE:
        seen_at = (performed_at + timedelta(hours=hours)).isoformat()
        said = {"seen_at": seen_at, "scores": {"redness": redness, "swelling": swelling, "peeling": peeling}}
        call(product, "PUT", f"/me/treatments/{treatment}/reports/{uuid4()}", said, own)
    return link(product, patient, token=token)


def link(product: Running, patient: str, *, token: str) -> str:
    """A fresh way into the page."""
    made = call(product, "POST", f"/patients/{patient}/invitations", {"via": "desk"}, token)
    return str(made["link"])


def main(folder: Path, *, every: bool = False) -> int:
    """Write the pictures of the docs, or those of every screen."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        token = staff_token(product)
        for width in HEIGHTS if every else (390,):
            for scheme in SCHEMES:
                way_in = treated(product, token=token, now=datetime.now(UTC))
                Camera(browser, folder, width=width, scheme=scheme, every=every).walk(way_in)
        browser.close()
    return 0


class Camera:
    """Takes the screens of one width in one scheme."""

    def __init__(
        self, browser: Browser, folder: Path, *, width: int, scheme: Literal["light", "dark"], every: bool
    ) -> None:
        self.folder, self.width, self.scheme, self.every = folder, width, scheme, every
        self.context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            color_scheme=scheme,
            device_scale_factor=2 if every else 1.5,
            locale="en-US",
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)

    def take(self, what: str) -> None:
        """One screen: for the docs as a phone shows it, to look through from top to end."""
        if not self.every and what not in SHOWN:
            return
        name = (
            f"companion-{what}-{self.width}-{self.scheme}"
            if self.every
            else f"companion-{what}-{self.scheme}"
        )
        whole = self.every and what != "emergency"
        self.page.evaluate("window.scrollTo(0, 0)")
        taken = Image.open(io.BytesIO(self.page.screenshot(full_page=whole))).convert("RGB")
        few = taken.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(self.folder / f"{name}.png", optimize=True)

    def walk(self, way_in: str) -> None:
        """From the link to the answer, and what lies beside."""
        patient = Companion(self.page)
        self.page.goto(way_in)
        patient.reads("Open your check-in")
        self.take("sign-in")
        patient.sign_in(way_in, secret="1990")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        self.beside(patient)
        self.check_in(patient)
        self.away(patient)
        self.context.close()

    def beside(self, patient: Companion) -> None:
        """The course and what there is to read."""
        patient.tap("Course")
        self.page.get_by_role("img").wait_for()
        self.take("course")
        patient.tap("Learn")
        self.take("learn")
        patient.tap("What is micro-needling?")
        self.take("page")
        patient.tap("More")
        self.take("more")
        patient.tap("Today")
        self.take("today")

    def check_in(self, patient: Companion) -> None:
        """A check-in with its emergency screen, up to the answer."""
        patient.begin()
        self.take("first")
        self.page.get_by_label("Trouble breathing or trouble swallowing", exact=True).check()
        self.page.get_by_role("dialog").wait_for()
        self.take("emergency")
        patient.tap("I ticked it by mistake: I do not have it")
        patient.tap("None of these")
        patient.look({"Redness": "Barely", "Swelling": "Very strong", "Peeling": "Hardly any"})
        self.take("check-in")
        patient.tap("Next")
        self.take("feel")
        patient.tap("Skip")
        self.page.get_by_label("Pus, yellow or green fluid, or a bad smell", exact=True).check()
        self.take("signs")
        patient.tap("Next")
        patient.add(picture())
        self.take("photos")
        patient.review()
        self.take("slip")
        patient.tap("Yes, that is right")
        self.take("review")
        patient.send()
        expect(self.page.get_by_text("A nurse may not have read it yet.")).to_be_visible()
        self.take("answer")
        patient.tap("Done")

    def away(self, patient: Companion) -> None:
        """Without a network, and the way out."""
        if not self.every:
            return
        patient.away()
        patient.check_in({"Redness": "Barely", "Swelling": "Barely", "Peeling": "No peeling"})
        patient.reads("Saved on this phone")
        self.take("kept")
        patient.tap("Done")
        self.take("pending")
        patient.tap("More")
        patient.tap("Sign out")
        self.take("sign-out")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), every=sys.argv[2:] == ["every"]))
