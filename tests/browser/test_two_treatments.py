"""Several areas and several treatments on the patient's page: each thing is asked once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Area
from recovery.models.flags.flags import Flag
from recovery.models.reports.reports import Report, ReportRevision
from tests.support.browser.companion import MILD
from tests.support.browser.way_in import SignIn
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import review
from tests.support.data.texts import zone_at_noon
from tests.support.data.treatments import treat_again

pytestmark = pytest.mark.browser

Sessions = sessionmaker[Session]
DAY = timedelta(days=1)
ABOUT_THE_FIRST = re.compile("This check-in is also about your treatment on .*: new bumps or lumps, dark")


@pytest.fixture
def first(clinic: Clinic, now: datetime) -> Patient:
    """Treated two weeks ago; it is noon where the patient lives, so that day 14 is asked about now."""
    return clinic.add_patient(now=now - 14 * DAY, hours_ago=0, time_zone=zone_at_noon(now))


def test_where_it_is_strongest_is_one_tap_that_may_be_left_out(
    phone: Page, signed_in: SignIn, clinic: Clinic, sessions: Sessions, now: datetime
) -> None:
    person = clinic.add_patient(now=now - 60 * DAY, hours_ago=0)
    treat_again(clinic, person, at=now - 2 * DAY, areas=(Area.FACE, Area.NECK))
    patient = signed_in(person)
    patient.begin()
    patient.tap("None of these")
    patient.look({"Redness": "Barely", "Swelling": "None", "Peeling": "No peeling"})
    patient.tap("Next")
    where = phone.get_by_role("group", name="Where is it strongest?")
    expect(phone.get_by_role("group", name="Pain")).to_be_visible()
    expect(where).to_be_hidden()
    phone.get_by_role("group", name="Pain").get_by_role("radio", name="A little").check(force=True)
    expect(where.get_by_role("radio")).to_have_count(2)
    where.get_by_role("radio", name="Face").check(force=True)
    where.get_by_role("radio", name="Face").click(force=True)
    expect(where.get_by_role("radio", name="Face")).not_to_be_checked()
    where.get_by_role("radio", name="Neck").check(force=True)
    patient.tap("Next")
    patient.tap("Next")
    patient.review()
    expect(phone.get_by_role("definition").filter(has_text="Neck")).to_be_visible()
    patient.send()
    patient.reads(re.compile("expect"))
    patient.tap("Done")
    patient.check_in()
    patient.reads(re.compile("expect"))
    with sessions() as session:
        kept = session.scalars(select(ReportRevision.strongest).order_by(ReportRevision.received_at)).all()
    assert kept == [Area.NECK, None]


def test_the_page_asks_once_for_two_treatments_and_signs_go_to_the_newest(
    phone: Page, signed_in: SignIn, clinic: Clinic, first: Patient, sessions: Sessions, now: datetime
) -> None:
    second = treat_again(clinic, first, at=now - 2 * DAY)
    patient = signed_in(first)
    expect(phone.get_by_text(re.compile("^Your clinic asks next"))).to_be_hidden()
    patient.begin()
    expect(phone.get_by_text(re.compile("^About your treatment on "))).to_be_visible()
    patient.tap("None of these")
    patient.look(MILD)
    patient.tap("Next")
    patient.tap("Skip")
    expect(phone.get_by_text(ABOUT_THE_FIRST)).to_have_count(1)
    expect(phone.get_by_role("checkbox", name="New bumps or lumps")).to_have_count(1)
    phone.get_by_label("New bumps or lumps").check()
    patient.tap("Next")
    patient.review()
    patient.send()
    patient.reads(re.compile("A nurse will read this"))
    patient.tap("Done")
    review(clinic, now=now)
    with sessions() as session:
        assert session.scalars(select(Report.treatment_id)).all() == [second.treatment_id]
        assert session.scalars(select(Flag.treatment_id)).all() == [second.treatment_id]
    # Both are answered: what is next is a day of the newer one.
    expect(phone.get_by_text(re.compile("^Your clinic asks next"))).to_be_visible()
    patient.begin()
    patient.tap("None of these")
    patient.look(MILD)
    patient.tap("Next")
    patient.tap("Skip")
    expect(phone.get_by_role("checkbox", name="New bumps or lumps")).to_have_count(1)
    expect(phone.get_by_text(ABOUT_THE_FIRST)).to_have_count(0)


def test_whoever_chooses_the_earlier_treatment_is_led_to_the_newest(
    phone: Page, signed_in: SignIn, clinic: Clinic, first: Patient, now: datetime
) -> None:
    second = treat_again(clinic, first, at=now - 2 * DAY)
    patient = signed_in(first)
    chosen = phone.get_by_label("Which treatment is it about?")
    expect(chosen).to_have_value(str(second.treatment_id))
    chosen.select_option(str(first.treatment_id))
    expect(phone.get_by_text(re.compile("^You were treated again on "))).to_be_visible()
    expect(phone.get_by_role("button", name="Start a check-in")).to_be_hidden()
    patient.tap("Go to that treatment")
    expect(chosen).to_have_value(str(second.treatment_id))
    patient.begin()
