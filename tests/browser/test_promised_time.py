"""A promised time that has passed: late is said where the server was asked since, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.flags.flags import Flag
from tests.support.browser.companion import Companion
from tests.support.browser.way_in import SignIn
from tests.support.data.people import Clinic
from tests.support.data.reporting import raise_flag

pytestmark = pytest.mark.browser


def test_late_is_said_of_what_was_asked_since_and_what_was_asked_before_is_not_known(
    phone: Page, signed_in: SignIn, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=44)
    raise_flag(clinic, person, at=now)

    def promise(due_at: datetime) -> None:
        with sessions.begin() as session:
            session.execute(update(Flag).values(due_at=due_at))

    late, unknown = phone.get_by_text("should have looked"), phone.get_by_text("We cannot see here yet")
    began = datetime.now(UTC)
    promise(began - timedelta(hours=1))
    patient = signed_in(person)
    expect(late).to_be_visible()
    patient.tap("Course")
    expect(phone.get_by_role("listitem").filter(has=late)).to_be_visible()
    promise(began + timedelta(hours=1))
    patient.tap("Today")
    phone.reload()
    expect(phone.get_by_text(re.compile("By .+ a nurse will look"))).to_be_visible()
    patient.tap("Course")
    expect(phone.get_by_text(re.compile("A nurse will look at this by"))).to_be_visible()
    phone.context.route("**/api/v1/**", lambda route: route.abort())
    phone.clock.set_fixed_time(began + timedelta(hours=2))
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.get_by_role("listitem").filter(has=unknown)).to_be_visible()
    patient.tap("Today")
    expect(unknown).to_be_visible()
    expect(late).to_be_hidden()


def test_an_answer_that_is_sent_again_knows_no_more_than_when_it_was_given(
    phone: Page, link: Callable[[], str]
) -> None:
    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    patient = Companion(phone)
    patient.sign_in(link())
    phone.route("**/reports/*", lose_the_answer)
    patient.check_in(signs=["Pus, yellow or green fluid, or a bad smell"])
    patient.reads("Saved on this phone")
    phone.unroute("**/reports/*", lose_the_answer)
    phone.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=9))
    patient.tap("Send now")
    patient.reads(re.compile("A nurse needs to look at this"))
    expect(phone.get_by_text("We cannot see here yet")).to_be_visible()
    expect(phone.get_by_text("should have looked")).to_be_hidden()
