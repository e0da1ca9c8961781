"""A live clinic in a real browser: what is changed on a page leaves only once the director signed again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import content_files
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Staff
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import parse_content
from tests.support.access.signing import sign as sign_content
from tests.support.browser import axe
from tests.support.browser.browser_window import CONSOLE_SCREENS
from tests.support.browser.way_in import SignIn
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Nurse

pytestmark = pytest.mark.browser

SHIPPED = "standard-2026-12"
WORDS = "{clinic}: Day 1 check-in, in our words: {link} Questions? {phone}"
OURS = "in our words"
SCREENS = [*CONSOLE_SCREENS, (390, 844, "light")]


def sign(page: Page, director: Nurse, clinic: Clinic) -> None:
    """Read and sign, on the page, with a code of the director's phone."""
    page.goto("/console/course/sign")
    with clinic.sessions.begin() as session:
        # A code is good once, and the browser signs more often than a phone shows another.
        session.get_one(Staff, (clinic.id, director.id)).totp_used_step = None
    page.get_by_label("Code of your authenticator").fill(director.code(now=datetime.now(UTC)))
    page.get_by_role("button", name="I have read it and sign").click()
    expect(page.get_by_role("heading", name="Signed", exact=True)).to_be_visible()


def change_words(page: Page) -> None:
    """A manager writes the first check-in in the clinic's own words."""
    page.goto("/console/clinic/wordings/en/day1_link")
    page.get_by_label("Text").fill(WORDS)
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".bubble")).to_contain_text(OURS)
    expect(page.get_by_text("as shown")).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Your words are kept.")).to_be_visible()


def change_curve(page: Page) -> None:
    """A manager raises one score and keeps it as a draft."""
    page.goto(f"/console/course/versions/{SHIPPED}/curves/reference/redness")
    page.get_by_label("Day 2, 9 in 10").fill("3.5")
    page.get_by_label("Name of the draft").fill("own-1")
    expect(page.locator("#p90_2-said")).to_have_text("runs: 3")
    page.get_by_role("button", name="Keep the draft").click()
    expect(page.get_by_text("The draft is kept.")).to_be_visible()
    axe.check(page)


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_a_wording_and_a_curve_changed_after_going_live_leave_only_with_a_second_signature(
    page_of: Callable[..., Page],
    client: FlaskClient,
    clinic: Clinic,
    texting: Texting,
    sessions: sessionmaker[Session],
    now: datetime,
    width: int,
    height: int,
    scheme: str,
) -> None:
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    manager = page_of(clinic.add_nurse(now=now, role=Role.MANAGER), width, height, scheme)
    medical = page_of(director, width, height, scheme)
    sign(medical, director, clinic)
    change_words(manager)
    change_curve(manager)
    medical.goto("/console/course/versions/own-1")
    expect(medical.get_by_role("heading", name="How it differs from what runs")).to_be_visible()
    axe.check(medical)
    medical.get_by_role("button", name="Publish for treatments from now on").click()
    expect(medical.get_by_text(f"In force: {SHIPPED}")).to_be_visible()

    morning = datetime.combine(now.date() + timedelta(days=3), datetime.min.time(), UTC) + timedelta(hours=9)
    treated = morning - timedelta(hours=22)
    patient = clinic.add_patient(now=treated, hours_ago=0)
    before = [text.body for text in texting.claim(now=morning) if text.to == patient.phone]
    assert any("Day 1 check-in" in body for body in before)
    assert [body for body in before if OURS in body] == []
    assert held_to(client, clinic, sessions, now=now) == SHIPPED

    medical.goto("/console/course/sign")
    changes = medical.get_by_role("region", name="What this signature would change")
    expect(changes.get_by_text(OURS)).to_be_visible()
    expect(changes.get_by_text("curves · reference · redness · p90")).to_be_visible()
    assert medical.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe.check(medical)
    sign(medical, director, clinic)
    expect(medical.get_by_text("Planned texts follow what was signed").first).to_be_visible()
    axe.check(medical)
    medical.goto("/console/course")
    expect(medical.get_by_text("In force: own-1")).to_be_visible()
    second = clinic.add_patient(now=treated, hours_ago=0)
    after = [text.body for text in texting.claim(now=morning) if text.to == second.phone]
    assert any(OURS in body for body in after)
    assert held_to(client, clinic, sessions, now=datetime.now(UTC)) == "own-1"

    manager.goto("/console/course/back")
    axe.check(manager)
    manager.get_by_role("link", name="English").first.click()
    expect(manager.get_by_text(OURS).first).to_be_visible()
    axe.check(manager)
    manager.get_by_label("Why").fill("It calms too much.")
    manager.get_by_role("button", name="Take it back at once").click()
    expect(manager.get_by_text("Taken back at once. The medical director")).to_be_visible()
    third = clinic.add_patient(now=treated, hours_ago=0)
    back = [text.body for text in texting.claim(now=morning) if text.to == third.phone]
    assert any("Day 1 check-in" in body for body in back)
    assert [body for body in back if OURS in body] == []


def held_to(client: FlaskClient, clinic: Clinic, sessions: sessionmaker[Session], *, now: datetime) -> str:
    """The version that a treatment of this moment is held to."""
    patient = clinic.add_patient(now=now, hours_ago=50)
    body = {
        "performed_at": now.isoformat(), "device": "pen", "depth_mm": 1.0, "areas": ["face"],
        "session_number": 2,
    }  # fmt: skip
    made = client.post(f"/api/v1/patients/{patient.id}/treatments", json=body, headers=clinic.nurse.headers)
    assert made.status_code == 201, made.text
    with sessions() as session:
        own = select(Treatment.protocol).where(Treatment.patient_id == patient.id)
        return session.scalars(own.order_by(Treatment.performed_at.desc())).all()[0]


def test_a_patient_s_page_says_what_was_signed(
    phone: Page, signed_in: SignIn, clinic: Clinic, now: datetime
) -> None:
    shipped: dict[str, Any] = dataclasses.asdict(content_files.read_content_files())
    before = "Your skin is recovering."
    words = shipped["page_words"] | {
        "en": shipped["page_words"]["en"].replace(before, "Signed: your skin is healing.")
    }
    sign_content(clinic, now=now, content=parse_content(**shipped | {"page_words": words}))
    signed_in(clinic.add_patient(now=now, hours_ago=30))
    expect(phone.get_by_text("Signed: your skin is healing.")).to_be_visible()
    expect(phone.get_by_text(before)).to_have_count(0)
