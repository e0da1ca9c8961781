"""Danger in whosever words stands in the queue, is due, escalated, handled and taken back; and a handled
emergency stays handled."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.models.flags.flags import Flag
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.messaging import outbox
from recovery.services.review import escalation
from recovery.sms.gateway_interface import Accepted
from tests.support.browser import axe
from tests.support.browser.browser_window import press
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic
from tests.support.data.reporting import report

pytestmark = pytest.mark.browser

UNKNOWN = "+12025559997"
MINUTE = timedelta(minutes=1)
SIZES = [(1280, 900), (820, 1180), (390, 844)]
DOUBTFUL = {Symptom.REDNESS: 10, Symptom.SWELLING: 2, Symptom.PEELING: 0}


def look(page: Page) -> None:
    """The page is readable for everybody, and no wider than its screen."""
    axe.check(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_danger_from_whomever_is_in_the_queue_until_somebody_has_seen_to_it(
    page_of: Callable[..., Page],
    clinic: Clinic,
    texting: Texting,
    content: Content,
    sessions: sessionmaker[Session],
    now: datetime,
    width: int,
    height: int,
) -> None:
    untreated, shared, writer = (clinic.add_patient(now=now) for _ in range(3))
    clinic.add_patient(now=now, phone=shared.phone, pin="2718")
    with sessions.begin() as session:
        session.execute(
            update(Treatment).where(Treatment.id == untreated.treatment_id).values(withdrawn_at=now)
        )
    said = {
        untreated.phone: "I can't breathe",
        shared.phone: "my throat is closing",
        UNKNOWN: "can't breathe, and my lips are getting bigger by the minute!",
    }
    for phone, words in said.items():
        texting.send(phone, words, now=now)
    page = page_of(clinic.nurse, width, height)
    page.goto("/console")
    lane = page.locator("section.lane.is-emergency")
    for phone, words in said.items():
        one = lane.locator("li.row", has_text=words)
        expect(one).to_contain_text("Due in")
        expect(one.locator("a.tel")).to_have_attribute("href", f"tel:{phone}")
    look(page)
    # Nobody comes: the on-call phone and the managers hear of it.
    later = now + 30 * MINUTE
    with sessions.begin() as session:
        assert escalation.escalate_due(session, content=content, now=later, limit=10) == 3
    waiting = texting.claim(now=later)
    taken = {text.reference: Accepted(carrier_id=f"SM{at:032x}") for at, text in enumerate(waiting)}
    with sessions.begin() as session:
        outbox.record_results(session, answers=taken, now=later)
    # The first: claimed, called, done, and taken back.
    lane.locator("li.row", has_text=said[untreated.phone]).get_by_role("link").first.click()
    expect(page.get_by_text("Past its due time: the on-call number was texted")).to_be_visible()
    look(page)
    press(page, "c")
    expect(page.get_by_text("You see to this now.")).to_be_visible()
    press(page, "n")
    page.keyboard.type("Spoke to her; an ambulance is there.")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_text("The task is done.")).to_be_visible()
    expect(page.locator("li.row")).to_have_count(2)
    press(page, "z")
    expect(page.get_by_role("heading", name=re.compile("With you"))).to_be_visible()
    page.goto("/console")
    expect(page.locator("li.row")).to_have_count(3)
    # The unknown one is given to whom it is from, and becomes her flag.
    page.locator("li.row", has_text=said[UNKNOWN]).get_by_role("link").first.click()
    page.get_by_text("Give it to a patient").click()
    page.get_by_label("Who wrote it").fill(writer.phone)
    page.get_by_role("button", name="Look").click()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Give it to them").click()
    expect(page.get_by_text("It is theirs now.")).to_be_visible()
    texting.review(now=now + MINUTE)
    page.goto("/console")
    expect(page.locator("li.row")).to_have_count(3)
    expect(page.locator("li.row[id^=flag-]")).to_have_count(1)
    # What was done is listed.
    page.goto("/console/follow-up/done")
    expect(page.get_by_role("list").filter(has_text="Text from a shared or unknown number")).to_be_visible()
    look(page)


def test_an_emergency_that_was_handled_stays_handled_when_its_hold_ends(
    page_of: Callable[..., Page],
    clinic: Clinic,
    texting: Texting,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now)
    report(clinic, patient, WarningSign.BREATHING, scores=DOUBTFUL, at=now)
    texting.review(now=now)
    page = page_of(clinic.nurse)
    page.goto("/console")
    page.get_by_role("button", name="Claim").click()
    page.get_by_role("button", name="Reached the patient").click()
    page.get_by_label("What it turned out to be").select_option("emergency")
    page.get_by_label("Comment").fill("Sent in.")
    page.get_by_role("button", name="Close this flag").click()
    expect(page.get_by_role("heading", name="The queue is empty")).to_be_visible()
    texting.review(now=now + 11 * MINUTE)
    page.goto("/console")
    expect(page.get_by_role("heading", name="The queue is empty")).to_be_visible()
    with sessions() as session:
        (flag,) = session.scalars(select(Flag))
    page.goto(f"/console/flags/{flag.id}")
    expect(page.get_by_text("Added to what is known, nothing new in it")).to_be_visible()
