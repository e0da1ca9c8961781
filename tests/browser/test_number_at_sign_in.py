"""Whom the sign-in page says to call, without a network: who answers at this hour."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.patients.patients import PatientSession
from tests.support.browser.way_in import SignIn
from tests.support.data.people import Clinic

pytestmark = pytest.mark.browser


def test_what_is_kept_of_a_clinic_that_is_closed_is_told_with_the_number_that_answers(
    phone: Page, signed_in: SignIn, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        row.weekly_hours, row.out_of_hours_phone = {}, "+12025550111"
    person = clinic.add_patient(now=now, hours_ago=44)
    patient = signed_in(person)
    phone.route("**/patient/reception", lambda route: route.abort())
    with sessions.begin() as session:
        session.execute(update(PatientSession).values(expires_at=now))
    phone.reload()
    patient.reads("Sign in again")
    for place in ("banner", "main"):
        link = phone.get_by_role(place).get_by_role("link", name="Call +1 202 555 0111")
        expect(link).to_have_attribute("href", "tel:+12025550111")


def test_a_page_that_was_left_open_by_day_tells_the_number_of_the_night_when_it_is_looked_at(
    phone: Page, live_server: str, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    phone.goto(live_server)
    expect(phone.get_by_role("banner").get_by_role("link", name="Call +1 202 555 0190")).to_be_visible()
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        row.weekly_hours, row.out_of_hours_phone = {}, "+12025550111"
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    for place in ("banner", "main"):
        link = phone.get_by_role(place).get_by_role("link", name="Call +1 202 555 0111")
        expect(link).to_have_attribute("href", "tel:+12025550111")
