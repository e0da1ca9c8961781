from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.services.training import training_week
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.data.people import Clinic

PAGE = "/console/clinic/practice"
OWN = "+12025550171"


@pytest.fixture
def manager(
    browser_of: BrowserOf,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> Browser:
    """The browser of a manager whose phone is proved, in a clinic that is in training."""
    added = clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions.begin() as session:
        training = {"mode": ClinicMode.TRAINING, "live_because": None}
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(training))
        session.add(StaffPhone(clinic_id=clinic.id, staff_id=added.id, phone=OWN, proved_at=now))
    return browser_of(added)


def test_a_week_is_begun_and_watched(
    manager: Browser, sessions: sessionmaker[Session], now: datetime
) -> None:
    assert "No week yet" in manager.page(PAGE).said
    begun = manager.post(PAGE, {"language": "es", "answers_by": "text"})
    assert (begun.status_code, begun.headers["Location"]) == (303, f"{PAGE}?done=practice")
    page = manager.page(PAGE)
    assert "Day 0 of 7" in page.said
    assert page.said.count("Comes when its day does.") == 8
    for minutes, told in ((5, "Day 4 of 7"), (11, "The week is over")):
        with sessions.begin() as session:
            training_week.advance_weeks(session, now=now + timedelta(minutes=minutes), limit=10)
        assert told in manager.page(PAGE).said


@pytest.mark.parametrize("form", [{}, {"language": "en"}, {"language": "xx", "answers_by": "link"}])
def test_what_is_missing_is_told(manager: Browser, form: dict[str, str]) -> None:
    answer = manager.post(PAGE, form)
    assert answer.status_code == 422
    assert "Choose both." in answer.text


def test_an_unproved_phone_is_told(browser: Browser, manager: Browser) -> None:
    unproved = browser.post(PAGE, {"language": "en", "answers_by": "link"})
    assert (unproved.status_code, "Prove your phone" in unproved.text) == (409, True)


def test_a_live_clinic_has_practice_too(
    manager: Browser, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.LIVE, live_since=now))
    assert manager.post(PAGE, {"language": "en", "answers_by": "link"}).status_code == 303
    assert "Day 0 of 7" in manager.page(PAGE).said


def test_a_number_that_a_patient_has_is_not_practised_on(
    manager: Browser, clinic: Clinic, now: datetime
) -> None:
    clinic.add_patient(now=now, phone=OWN)
    answer = manager.post(PAGE, {"language": "en", "answers_by": "link"})
    assert (answer.status_code, "A patient here has your number" in answer.text) == (409, True)
