"""A practice week in a real browser: begun, watched text by text, answered badly, and found in the queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.models.messaging.messages import Message
from recovery.models.training.training_week import PracticeWeek
from recovery.services.training import training_week
from tests.support.browser import axe
from tests.support.browser.browser_window import CONSOLE_SCREENS
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Nurse

pytestmark = pytest.mark.browser

OWN = "+12025550171"
TICK = timedelta(seconds=15)


@pytest.fixture
def manager(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Nurse:
    """The manager of a clinic in training, with a phone that is proved."""
    made = clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions.begin() as session:
        training = {"mode": ClinicMode.TRAINING, "live_because": None, "live_since": None}
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(training))
        session.add(StaffPhone(clinic_id=clinic.id, staff_id=made.id, phone=OWN, proved_at=now))
    return made


def lived(
    sessions: sessionmaker[Session], texting: Texting, *, began: datetime, until: timedelta, since: timedelta
) -> datetime:
    """What the worker does in the minutes between, tick by tick; the last moment."""
    at = began + since
    while at < began + until:
        at += TICK
        with sessions.begin() as session:
            training_week.advance_weeks(session, now=at, limit=10)
        texting.claim(now=at)
        with sessions.begin() as session:
            arrived = {"state": MessageState.DELIVERED, "settled_at": at}
            session.execute(update(Message).where(Message.state == MessageState.CLAIMED).values(arrived))
        texting.review(now=at)
    return at


@pytest.mark.parametrize(("width", "height", "scheme"), CONSOLE_SCREENS)
def test_a_training_week(
    page_of: Callable[..., Page],
    manager: Nurse,
    sessions: sessionmaker[Session],
    texting: Texting,
    width: int,
    height: int,
    scheme: str,
) -> None:
    page = page_of(manager, width, height, scheme)
    page.goto("/console/clinic/practice")
    axe.check(page)
    page.get_by_label("Answers check-ins").select_option(label="Answers by text")
    page.get_by_role("button", name="Begin the week").click()
    expect(page.get_by_role("heading", name="Day 0 of 7")).to_be_visible()
    axe.check(page)

    with sessions() as session:
        began = session.scalars(select(PracticeWeek.started_at)).one()
    at = lived(sessions, texting, began=began, since=timedelta(), until=timedelta(minutes=4))
    page.reload()
    expect(page.get_by_role("heading", name="Day 3 of 7")).to_be_visible()
    expect(page.locator(".step.is-met").first).to_be_visible()

    texting.send(OWN, "10 9 2 9 NURSE", now=at)
    lived(sessions, texting, began=began, since=timedelta(minutes=4), until=timedelta(minutes=5))
    page.get_by_role("link", name="The queue").click()
    row = page.locator("[data-row]").first
    expect(row).to_contain_text("practice")
    expect(row).to_contain_text("Day 4")
    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("practice")
    page.get_by_role("button", name="Claim").first.click()
    expect(page.get_by_text("You hold this flag now.")).to_be_visible()

    lived(sessions, texting, began=began, since=timedelta(minutes=5), until=timedelta(minutes=11))
    page.goto("/console/clinic/practice")
    expect(page.get_by_role("heading", name="The week is over")).to_be_visible()
    page.goto("/console/figures")
    expect(page.get_by_text("nothing counts while the clinic is in training")).to_be_visible()
    axe.check(page)
