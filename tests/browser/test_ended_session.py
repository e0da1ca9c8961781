"""A sign-in that ends while somebody answers takes nothing off the screen."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients.patients import PatientSession
from tests.support.browser.companion import MILD
from tests.support.browser.way_in import SignIn
from tests.support.data.people import Clinic
from tests.support.data.reporting import raise_flag

pytestmark = pytest.mark.browser

WAKES = "document.dispatchEvent(new Event('visibilitychange'))"


def test_a_check_in_and_its_emergency_panel_outlive_the_sign_in(
    phone: Page, signed_in: SignIn, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=44)
    raise_flag(clinic, person, at=now)
    patient = signed_in(person)
    patient.begin()
    phone.get_by_label("Trouble breathing or trouble swallowing", exact=True).check()
    with sessions.begin() as session:
        session.execute(update(PatientSession).values(expires_at=now))
    with phone.expect_response(lambda one: one.status == 401):
        phone.evaluate(WAKES)
    panel = phone.get_by_role("dialog")
    expect(panel.get_by_role("link", name="Call 911")).to_be_visible()
    patient.tap("Go on with the check-in")
    patient.tap("Next")
    patient.look(MILD)
    for name in ("Next", "Skip", "Next"):
        patient.tap(name)
    patient.review()
    patient.send()
    patient.reads("Sign in again")
    expect(phone.get_by_text("Your unsent answers are kept safe here.")).to_be_visible()


def test_who_leaves_a_check_in_whose_sign_in_has_ended_signs_in_again(
    phone: Page, signed_in: SignIn, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=44)
    raise_flag(clinic, person, at=now)
    patient = signed_in(person)
    patient.begin()
    with sessions.begin() as session:
        session.execute(update(PatientSession).values(expires_at=now))
    with phone.expect_response(lambda one: one.status == 401):
        phone.evaluate(WAKES)
    patient.tap("Back")
    patient.reads("Sign in again")
