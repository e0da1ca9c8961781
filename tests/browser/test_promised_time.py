"""A promised time that has passed: late is said where the server was asked since, and nowhere else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.flags.flags import Flag
from tests.support.browser.companion import Companion
from tests.support.browser.way_in import way_in
from tests.support.data.people import Clinic
from tests.support.data.reporting import raise_flag

pytestmark = pytest.mark.browser


def test_late_is_said_of_what_was_asked_since_and_what_was_asked_before_is_not_known(
    phone: Page, live_server: str, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=44)
    raise_flag(clinic, person, at=now)

    def promise(due_at: datetime) -> None:
        with sessions.begin() as session:
            session.execute(update(Flag).values(due_at=due_at))

    late, unknown = phone.get_by_text("should have looked"), phone.get_by_text("We cannot see here yet")
    began = datetime.now(UTC)
    promise(began - timedelta(hours=1))
    patient = Companion(phone)
    patient.sign_in(way_in(live_server, sessions, person, now=now))
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
