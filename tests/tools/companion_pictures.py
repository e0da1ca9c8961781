"""Makes docs/images/companion-*.png: the patient's page of the demonstration on a phone, light and dark."""

from __future__ import annotations

import json
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.companion import Companion
from tests.tools.browser_ready import chromium
from tests.tools.screenshots import Running, running

HEIGHTS = {390: 844, 320: 568}
TREATED_HOURS_AGO = 98
COURSE = ((26, 4, 3, 0), (49, 3, 2, 2), (73, 2, 1, 3), (96, 1, 0, 2))
"""Hours since the treatment, redness, swelling, peeling."""
API = "/api/v1"


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
    """A nurse of the demonstration, signed in."""
    nurse = product.nurse
    sign_in = {"email": nurse.email, "password": nurse.password, "totp": nurse.code(now=datetime.now(UTC))}
    return str(call(product, "POST", "/staff/sessions", sign_in)["access_token"])


def treated(product: Running, *, token: str, now: datetime) -> tuple[str, str]:
    """A patient with one treatment and four reports; the ids of the patient and of the treatment."""
    new = {"first_name": "Maya", "last_name": "Demo", "phone": "+12025550178", "year_of_birth": 1990}
    new |= {"language": "en", "time_zone": "America/Chicago", "skin_type": 4, "answers_by": "link"}
    patient = call(product, "POST", "/patients", new | {"pin": None, "consents": []}, token)["id"]
    performed_at = now - timedelta(hours=TREATED_HOURS_AGO)
    done = {"performed_at": performed_at.isoformat(), "device": "pen", "depth_mm": 1.2, "areas": ["face"]}
    treatment = call(product, "POST", f"/patients/{patient}/treatments", done, token)["id"]
    sign_in = {"invitation": link(product, patient, token=token).rsplit("/", 1)[1], "secret": "1990"}
    own = call(product, "POST", "/patient/sessions", sign_in)["access_token"]
    for hours, redness, swelling, peeling in COURSE:
        seen_at = (performed_at + timedelta(hours=hours)).isoformat()
        said = {"seen_at": seen_at, "scores": {"redness": redness, "swelling": swelling, "peeling": peeling}}
        call(product, "PUT", f"/me/treatments/{treatment}/reports/{uuid4()}", said, own)
    return patient, treatment


def link(product: Running, patient: str, *, token: str) -> str:
    """A fresh way into the page."""
    made = call(product, "POST", f"/patients/{patient}/invitations", {"via": "desk"}, token)
    return str(made["link"])


def main(folder: Path) -> int:
    """Write the check-in, the course and the emergency screen, and a few more."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        token = staff_token(product)
        patient, _ = treated(product, token=token, now=datetime.now(UTC))
        for width in HEIGHTS:
            for scheme in ("light", "dark"):
                way_in = link(product, patient, token=token)
                take(browser, folder, way_in=way_in, width=width, scheme=scheme)
        browser.close()
    return 0


def take(browser: Browser, folder: Path, *, way_in: str, width: int, scheme: Any) -> None:
    """All pictures at one width in one scheme."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=scheme,
        device_scale_factor=2,
        locale="en-US",
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    patient = Companion(page)

    def picture(what: str, *, whole: bool = True) -> None:
        page.screenshot(path=folder / f"companion-{what}-{width}-{scheme}.png", full_page=whole)

    page.goto(way_in)
    patient.reads("Open your check-in")
    picture("sign-in")
    patient.sign_in(way_in, secret="1990")
    page.get_by_role("button", name="Start a check-in").wait_for()
    course(page, patient, picture)
    patient.tap("Today")
    check_in(page, patient, picture)
    context.close()


def course(page: Page, patient: Companion, picture: Any) -> None:
    """The course and what there is to read."""
    patient.tap("Course")
    page.get_by_role("img").wait_for()
    picture("course")
    patient.tap("Learn")
    picture("learn")
    patient.tap("More")
    picture("more")


def check_in(page: Page, patient: Companion, picture: Any) -> None:
    """The day, a check-in and the emergency screen."""
    picture("today")
    patient.begin()
    picture("first")
    page.get_by_label("Trouble breathing", exact=True).check()
    page.get_by_role("dialog").wait_for()
    picture("emergency", whole=False)
    patient.tap("That was a mistake")
    patient.tap("None of these")
    patient.look({"Redness": "Mild", "Swelling": "Barely"})
    picture("check-in")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
