"""Two people on a form, a double click, an ended session, the back button: nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import StaffSession
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from tests.support.data.people import PASSWORD, Clinic, Nurse

pytestmark = pytest.mark.browser
PageOf = Callable[..., Page]


@pytest.fixture
def nurse(clinic: Clinic, now: datetime) -> Nurse:
    """Somebody who treats and corrects."""
    return clinic.add_nurse(now=now, role=Role.PRACTITIONER)


def _rows(sessions: sessionmaker[Session], kind: type[PatientRow] | type[Treatment]) -> int:
    with sessions() as session:
        return session.scalars(select(func.count()).select_from(kind)).one()


def _fill_enrolment(page: Page, *, name: str = "Ada") -> None:
    page.goto("/console/patients/new")
    fields = {
        "First name": name,
        "Last name": "Example",
        "Mobile phone": "2025550811",
        "Year of birth": "1988",
    }
    for label, entry in fields.items():
        page.get_by_label(label).fill(entry)


def test_two_people_on_one_form_each_see_what_the_other_did(
    page_of: PageOf, clinic: Clinic, nurse: Nurse, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    first, second = page_of(nurse), page_of(clinic.nurse)
    for page in (first, second):
        page.goto(f"/console/patients/{patient.id}/change")
    second.get_by_label("First name").fill("Patricia")
    second.get_by_label("Year of birth").fill("1989")
    first.get_by_label("Last name").fill("Married")
    first.get_by_label("Year of birth").fill("1991")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_text("The changes are kept.")).to_be_visible()
    second.get_by_role("button", name="Save").click()
    told = second.get_by_role("alert")
    expect(told).to_contain_text("Somebody else has changed this while you were writing")
    expect(told).to_contain_text("Last name is now Married, it was Sample")
    expect(told).to_contain_text("you wrote something else, which stands in the form")
    expect(second.get_by_label("First name")).to_have_value("Patricia")
    expect(second.get_by_label("Last name")).to_have_value("Married")
    expect(second.get_by_label("Year of birth")).to_have_value("1989")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("heading", name="Patricia Married")).to_be_visible()


def test_a_double_click_enrols_once(page_of: PageOf, nurse: Nurse, sessions: sessionmaker[Session]) -> None:
    page = page_of(nurse)
    _fill_enrolment(page)
    page.get_by_role("button", name="Enrol", exact=True).dblclick()
    expect(page.get_by_role("link", name="Record the treatment")).to_be_visible()
    assert _rows(sessions, PatientRow) == 1


def test_what_was_written_when_the_session_ran_out_is_there_after_signing_in_again(
    page_of: PageOf, nurse: Nurse, sessions: sessionmaker[Session]
) -> None:
    page = page_of(nurse)
    _fill_enrolment(page)
    page.get_by_label("Skin type").select_option("4")
    page.get_by_label("Recovery texts").check()
    with sessions.begin() as session:
        ended = datetime.now(UTC) - timedelta(hours=1)
        session.execute(
            update(StaffSession).where(StaffSession.staff_id == nurse.id).values(expires_at=ended)
        )
    page.get_by_role("button", name="Enrol", exact=True).click()
    expect(page.get_by_text("what you were writing is as it was")).to_be_visible()
    page.get_by_label("E-mail").fill(nurse.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(nurse.code(now=datetime.now(UTC)))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("What you were writing is here again.")).to_be_visible()
    expect(page.get_by_label("First name")).to_have_value("Ada")
    expect(page.get_by_label("Mobile phone")).to_have_value("2025550811")
    expect(page.get_by_label("Skin type")).to_have_value("4")
    expect(page.get_by_label("Recovery texts")).to_be_checked()
    expect(page.get_by_label("Session reminders")).not_to_be_checked()
    assert _rows(sessions, PatientRow) == 0
    page.get_by_role("button", name="Enrol", exact=True).click()
    expect(page.get_by_role("link", name="Record the treatment")).to_be_visible()
    assert _rows(sessions, PatientRow) == 1


def test_the_back_button_brings_nobody_in_twice(
    page_of: PageOf, clinic: Clinic, nurse: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=40 * 24)
    page = page_of(nurse)
    page.goto(f"/console/patients/{patient.id}/treatments/new")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("The treatment is kept")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(
        page.get_by_text("Is this treatment recorded already?").or_(page.get_by_text("The treatment is kept"))
    ).to_be_visible()
    assert _rows(sessions, Treatment) == 2, "the one of before, and one"
    _fill_enrolment(page)
    page.get_by_role("button", name="Enrol", exact=True).click()
    expect(page.get_by_role("link", name="Record the treatment")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Enrol a patient")).to_be_visible()
    _fill_enrolment(page)
    page.get_by_role("button", name="Enrol", exact=True).click()
    expect(page.get_by_text("Is this somebody who is enrolled already?")).to_be_visible()
    assert _rows(sessions, PatientRow) == 2
