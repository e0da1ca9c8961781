from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.clinic.staff_phones import StaffPhone
from tests.api.console.conftest import Browser
from tests.support.browser.pages import StrictPage
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic


def test_a_phone_is_proved_by_the_code_that_comes(
    browser: Browser, texting: Texting, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.TRAINING, live_because=None))
    assert browser.post("/console/clinic/phone", {"phone": "nonsense"}).status_code == 422
    assert browser.post("/console/clinic/phone", {"phone": "+12025550171"}).status_code == 303
    (text,) = texting.claim(now=now + timedelta(seconds=5))
    code = next(word for word in text.body.replace(".", " ").split() if word.isdigit() and len(word) == 6)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert browser.post("/console/clinic/phone/proof", {"code": wrong}).status_code == 422
    assert browser.post("/console/clinic/phone/proof", {"code": f"{code[:3]} {code[3:]}"}).status_code == 303
    assert "Proved" in browser.page("/console/clinic/phone").said


def test_codes_end_with_the_day_and_what_was_said_stays(
    browser: Browser, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    sent = [browser.post("/console/clinic/phone", {"phone": "+12025550171"}).status_code for _ in range(12)]
    allowed = sent.count(303)
    assert 0 < allowed < 12
    assert sent == [303] * allowed + [429] * (12 - allowed)
    refused = browser.post("/console/clinic/phone", {"phone": "+12025550172"})
    assert "enough codes for a day" in refused.text
    with sessions() as session:
        kept = session.scalars(select(StaffPhone)).one()
    assert (kept.staff_id, kept.phone, kept.proved_at) == (clinic.nurse.id, "+12025550171", None)


def test_a_code_that_nobody_asked_for_proves_nothing(browser: Browser) -> None:
    answer = browser.post("/console/clinic/phone/proof", {"code": "123456"})
    assert answer.status_code == 422
    assert "That is not the code" in answer.text


def test_a_landline_is_asked_about_and_what_was_typed_stays(
    browser: Browser, sessions: sessionmaker[Session]
) -> None:
    asked = browser.post("/console/clinic/phone", {"phone": "+44 20 7946 0123"})
    assert asked.status_code == 409
    page = StrictPage(asked.text)
    assert "The number is a landline's." in page.said
    (field,) = page.every("input", id="phone")
    assert field.attributes["value"] == "+44 20 7946 0123"
    with sessions() as session:
        assert session.scalars(select(StaffPhone)).all() == []
    sent = browser.post("/console/clinic/phone", {"phone": "+44 20 7946 0123", "anyway": "yes"})
    assert sent.status_code == 303
    wrong = StrictPage(browser.post("/console/clinic/phone", {"phone": "12"}).text)
    (field,) = wrong.every("input", id="phone")
    assert field.attributes["value"] == "12"
