"""Which pages of the console are pictured, under which names, and how each is found in the demonstration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page

SHOWN_PATIENT = "Rosa Demo"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One page. `opened` goes to it from the console's address; `tall` shows more than a screen of it."""

    name: str
    opened: Callable[[Page, str], None]
    tall: int = 0
    narrow: bool = False


def _at(path: str) -> Callable[[Page, str], None]:
    return lambda page, base: _go(page, f"{base}/console{path}")


def _go(page: Page, address: str) -> None:
    page.goto(address)


def _flag(page: Page, base: str) -> None:
    page.goto(f"{base}/console")
    page.get_by_role("link", name=SHOWN_PATIENT).first.click()


def _task(page: Page, base: str) -> None:
    page.goto(f"{base}/console/follow-up")
    page.locator("main a[href*='/console/tasks/']").first.click()


def _patient(path: str) -> Callable[[Page, str], None]:
    """A page below the one of the patient who is shown."""

    def opened(page: Page, base: str) -> None:
        page.goto(f"{base}/console/patients?q=Rosa")
        page.get_by_role("link", name=SHOWN_PATIENT).first.click()
        if path:
            page.goto(page.url.partition("?")[0] + path)

    return opened


def _correction(page: Page, base: str) -> None:
    _patient("")(page, base)
    page.locator("a[href$='/correct']").first.click()


def _desk(page: Page, base: str) -> None:
    _patient("/desk")(page, base)
    button = page.locator("main form[action$='/desk'] button")
    if page.locator("svg.qr").count() == 0 and button.count():
        button.first.click()


def _version(page: Page, base: str) -> None:
    page.goto(f"{base}/console/course")
    page.locator("a[href*='/course/versions/']:not([href*='/curves/'])").first.click()


def _calibration(page: Page, base: str) -> None:
    _version(page, base)
    page.locator("a[href$='/calibration']").first.click()


def _curve(page: Page, base: str) -> None:
    _version(page, base)
    page.locator("main a[href*='/curves/']").first.click()


def _wording(page: Page, base: str) -> None:
    page.goto(f"{base}/console/clinic/wordings")
    page.locator("main a[href*='/clinic/wordings/']").first.click()


def _joining(page: Page, base: str) -> None:
    """A link is made for somebody new the first time, and for the same person each time after."""
    page.goto(f"{base}/console/clinic/people")
    if page.get_by_text("robin@demo.example").count() == 0:
        page.get_by_label("Name", exact=True).fill("Robin Demo")
        page.get_by_label(re.compile("E-mail address")).fill("robin@demo.example")
        page.locator("main form select#role").select_option("nurse")
        page.get_by_role("button", name="Make a link").click()
    else:
        page.get_by_text("More about Robin Demo").click()
        page.get_by_role("button", name="New link for Robin Demo").click()
    page.goto(page.locator("#join-link").input_value())


PICTURES: Mapping[str, Picture] = {
    "/console": Picture(name="queue", opened=_at(""), narrow=True),
    "/console/flags/{flag_id}": Picture(name="flag", opened=_flag, tall=1560, narrow=True),
    "/console/closed-flags": Picture(name="closed-flags", opened=_at("/closed-flags")),
    "/console/follow-up": Picture(name="follow-up", opened=_at("/follow-up")),
    "/console/to-read": Picture(name="to-read", opened=_at("/to-read")),
    "/console/patients": Picture(name="patients", opened=_at("/patients")),
    "/console/patients/new": Picture(name="enrol", opened=_at("/patients/new"), tall=1300),
    "/console/patients/{patient_id}": Picture(name="patient", opened=_patient("")),
    "/console/patients/{patient_id}/desk": Picture(name="desk", opened=_desk),
    "/console/patients/{patient_id}/change": Picture(name="change", opened=_patient("/change")),
    "/console/patients/{patient_id}/consultation": Picture(
        name="consultation", opened=_patient("/consultation")
    ),
    "/console/patients/{patient_id}/record": Picture(name="record", opened=_patient("/record"), tall=1700),
    "/console/patients/{patient_id}/series": Picture(name="series", opened=_patient("/series")),
    "/console/patients/{patient_id}/texts": Picture(name="texts", opened=_patient("/texts")),
    "/console/patients/{patient_id}/treatments/new": Picture(
        name="treatment", opened=_patient("/treatments/new")
    ),
    "/console/treatments/{treatment_id}/correct": Picture(name="correction", opened=_correction),
    "/console/patients/import": Picture(name="import", opened=_at("/patients/import")),
    "/console/clinic": Picture(name="clinic", opened=_at("/clinic")),
    "/console/clinic/hours": Picture(name="hours", opened=_at("/clinic/hours"), tall=1150),
    "/console/clinic/people": Picture(name="people", opened=_at("/clinic/people")),
    "/console/join/{token}": Picture(name="join", opened=_joining),
    "/console/clinic/phone": Picture(name="phone", opened=_at("/clinic/phone")),
    "/console/clinic/practice": Picture(name="practice", opened=_at("/clinic/practice")),
    "/console/clinic/wordings": Picture(name="wordings", opened=_at("/clinic/wordings")),
    "/console/clinic/wordings/{language}/{key}": Picture(name="wording", opened=_wording),
    "/console/figures": Picture(name="figures", opened=_at("/figures"), tall=1500),
    "/console/figures/rows": Picture(name="figure-rows", opened=_at("/figures/rows")),
    "/console/audit": Picture(name="audit", opened=_at("/audit")),
    "/console/course": Picture(name="course", opened=_at("/course"), tall=1150),
    "/console/course/sign": Picture(name="sign", opened=_at("/course/sign"), tall=1400),
    "/console/course/versions/{version}": Picture(name="version", opened=_version),
    "/console/course/versions/{version}/calibration": Picture(name="calibration", opened=_calibration),
    "/console/course/versions/{version}/curves/{curve}/{symptom}": Picture(
        name="curve", opened=_curve, tall=1500
    ),
    "/console/course/back": Picture(name="back", opened=_at("/course/back")),
    "/console/course/back/{part}": Picture(
        name="back-part", opened=_at("/course/back/own wording en tried_to_call")
    ),
    "/console/account": Picture(name="account", opened=_at("/account")),
    "/console/second-factor": Picture(name="second-factor", opened=_at("/second-factor")),
    "/console/tasks/{task_id}": Picture(name="task", opened=_task),
    "/console/follow-up/done": Picture(name="done", opened=_at("/follow-up/done")),
    "/console/to-read/done": Picture(name="read", opened=_at("/to-read/done")),
}
"""By the address as the application lists it."""

STATES = ("taken", "held", "closed")
"""A flag that a colleague has, one's own with all that can be done to it, and one just closed."""


def held(page: Page, base: str) -> None:
    """The flag of the patient who is shown, claimed: calls, texts and the closing stand on it."""
    _flag(page, base)
    claim = page.get_by_role("button", name="Claim")
    if claim.count():
        claim.first.click()


def taken(page: Page, base: str) -> None:
    """A flag that somebody else holds."""
    page.goto(f"{base}/console")
    page.locator(".row.is-held h3 a").first.click()


def close(page: Page) -> None:
    """Note a call on the flag that is open here, and close it; the page of the closed flag follows."""
    address = page.url.partition("?")[0]
    page.get_by_label("Note").first.fill("Looked at photos together; comes in this afternoon.")
    page.get_by_role("button", name="Reached the patient").click()
    page.get_by_label("What it turned out to be").select_option("infection_suspected")
    page.get_by_label("Comment").fill("Pus and heat on the left cheek. Seen today at 15:00.")
    page.get_by_role("button", name="Close this flag").click()
    page.wait_for_url(lambda url: "/flags/" not in url)
    page.goto(address)


SIGN_IN = "/console/sign-in"
"""Pictured too, in a window where nobody is signed in."""

NO_PAGES = frozenset(
    {
        "/console/",
        "/console/clinic/people/{staff_id}/{way}",
        "/console/enter/{entry}",
        "/console/audit.csv",
        "/console/figures.csv",
        "/console/figures/rows.csv",
        "/console/flags/{flag_id}/{step}",
        "/console/patients/import/columns.csv",
        "/console/patients/{patient_id}/{form}",
        "/console/patients/import/others.csv",
        "/console/patients/{patient_id}/record/file",
        "/console/reports/{report_id}/photos/{photo_id}",
        "/console/tasks/{task_id}/done",
        "/console/tasks/{task_id}/{step}",
        "/console/to-read/undo",
        "/console/treatments/{treatment_id}/withdraw",
    }
)
"""Files, photos, addresses of forms, which lead on to a page, and the way into a demonstration."""
