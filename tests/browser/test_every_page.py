"""Every page of the console, found from its routes, with hostile words in everything people write."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from api.console import guard
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Staff
from recovery.models.flags.flags import Flag
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.review import report_review
from tests.support.access.access_world import AccessWorld
from tests.support.access.console_routes import PLACES, Route, routes
from tests.support.browser import axe
from tests.support.browser.browser_window import HOSTILE, watched
from tests.support.data.people import Patient

pytestmark = pytest.mark.browser

FORMULAS = ("=", "+", "-", "@", "\t", "\r")

BROKEN = """() => {
  window.broken = [];
  document.addEventListener('securitypolicyviolation', (one) => window.broken.push(one.violatedDirective));
}"""
INERT = """() => ({
  hacked: window.hacked,
  broken: window.broken,
  made: document.querySelectorAll("main script, img[src='x'], svg[onload], [style]").length,
})"""
LOOSE = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const loose = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.includes('\\u202e') || node.parentElement.closest('option, textarea')) continue;
    let held = node.parentElement;
    while (held && !getComputedStyle(held).unicodeBidi.includes('isolate')) held = held.parentElement;
    const block = held && held.textContent.trim().replace(/\\s+/g, ' ');
    if (!held || block.length > node.data.trim().replace(/\\s+/g, ' ').length + 4) {
      loose.push(node.parentElement.outerHTML.slice(0, 200));
    }
  }
  return loose;
}"""
"""Text that turns the direction of reading around and is not alone in what holds it."""

WIDER = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return '';
  const isOut = (one) => one.getBoundingClientRect().right > room + 1;
  const out = [...document.body.querySelectorAll('*')].filter(isOut);
  const told = out.map((one) => one.tagName.toLowerCase() + '.' + one.className);
  return told.slice(-8).join(' ') || 'something';
}"""
"""What stands out of the page to the right."""


@pytest.fixture
def everything(world: AccessWorld, sessions: sessionmaker[Session], now: datetime) -> Patient:
    """A clinic in which every list has something, all of it written by somebody who means harm."""
    patient = world.own
    photographed = world.photo(patient)
    assert photographed
    body = {
        "seen_at": (now - timedelta(minutes=2)).isoformat(),
        "scores": {"redness": 9, "swelling": 3, "peeling": 0},
        "confirmed": ["redness"],
        "warning_signs": ["pus"],
        "note": HOSTILE,
    }
    answer = world.client.put(patient.report_path(uuid4()), json=body, headers=patient.headers)
    assert answer.status_code == 201, answer.text
    with sessions.begin() as session:
        report_review.review_due(
            session, content=world.clinic.content, now=now + timedelta(seconds=1), limit=50
        )
    world.texting.send(patient.phone, HOSTILE, now=now)
    world.texting.send("+12025559997", HOSTILE, now=now)
    with sessions.begin() as session:
        session.execute(update(PatientRow).values(first_name=HOSTILE[:60], last_name=HOSTILE[60:]))
        session.execute(update(Treatment).values(numbing=HOSTILE, topical=HOSTILE))
    return patient


@pytest.fixture
def window(browser: Browser, live_server: str, world: AccessWorld) -> Iterator[tuple[Page, str, list[str]]]:
    """A window in which the medical director is signed in, who may see every page."""
    director = world.staff(Role.MEDICAL_DIRECTOR)
    with world.sessions.begin() as session:
        session.execute(update(Staff).values(name=HOSTILE))
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": guard.COOKIE, "value": director.token, "url": f"{live_server}/console"}])
    context.add_init_script(f"({BROKEN})()")
    page, faults = watched(context)
    yield page, live_server, faults
    context.close()


def _sheet_is_plain(text: str, *, key: str) -> list[str]:
    """What a spreadsheet would take for a formula."""
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    return [f"{key}: {cell[:60]}" for cell in cells if cell.startswith(FORMULAS) and not _is_number(cell)]


def _is_number(cell: str) -> bool:
    return cell.lstrip("+-").replace(".", "", 1).replace(" ", "").isdigit()


def _unreached(page: Page) -> list[str]:
    """Controls that tab does not come to, or does not show that it came to."""
    missed = set(page.evaluate(axe.CONTROLS))
    page.evaluate("document.activeElement.blur()")
    # A date and time is one control with several places to stop at.
    for _ in range(len(missed) + 30):
        if not missed:
            break
        page.keyboard.press("Tab")
        name, outlined = page.evaluate(axe.FOCUSED)
        if outlined:
            missed.discard(name)
    return [page.locator(f"[data-seen='{name}']").evaluate("(it) => it.outerHTML") for name in missed]


def _faults_of(page: Page, route: Route) -> list[str]:
    page.wait_for_load_state("load")
    found = axe.found(page)
    page.emulate_media(color_scheme="dark")
    found += axe.found(page, rules=["color-contrast"])
    for width in (820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        if out := page.evaluate(WIDER):
            found.append(f"wider than a screen of {width}: {out}")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    state = page.evaluate(INERT)
    if state["hacked"] is not None or state["broken"] or state["made"]:
        found.append(f"not inert: {state}")
    found += [f"direction leaks: {one}" for one in page.evaluate(LOOSE)]
    found += [f"not reached by keyboard: {one}" for one in _unreached(page)]
    return [f"{route.key}: {one}" for one in found]


def test_every_page_can_be_used_by_everyone_and_is_not_moved_by_what_people_write(
    app: Flask,
    world: AccessWorld,
    everything: Patient,
    window: tuple[Page, str, list[str]],
    sessions: sessionmaker[Session],
) -> None:
    page, base, broken = window
    with sessions() as session:
        flag_id = session.query(Flag.id).filter(Flag.treatment_id == everything.treatment_id).scalar()
    faults, seen = [], 0
    for route in routes(app):
        if route.method != "GET":
            continue
        ids = {name: str(PLACES[name](world, world.clinic, everything)) for name in route.names}
        if "flag_id" in ids:
            ids["flag_id"] = str(flag_id)
        address = f"{base}{route.at(ids)}"
        answer = page.context.request.get(address)
        kind = answer.headers.get("content-type", "")
        assert answer.status == 200, (route.key, answer.status)
        assert answer.headers["x-content-type-options"] == "nosniff", route.key
        if kind.startswith("text/csv"):
            faults += _sheet_is_plain(answer.text(), key=route.key)
        if not kind.startswith("text/html"):
            continue
        if answer.headers.get("content-disposition", "").startswith("attachment"):
            # A file to keep is opened where no policy of ours guards it.
            page.goto("about:blank")
            page.set_content(answer.text())
        else:
            page.goto(address)
        faults += _faults_of(page, route)
        seen += 1
    assert faults == [], "\n".join(faults)
    assert broken == []
    assert seen >= 15


@pytest.mark.parametrize("form", ["html", "json"])
def test_what_a_patient_takes_along_is_as_inert(
    browser: Browser, live_server: str, everything: Patient, form: str
) -> None:
    context = browser.new_context(extra_http_headers=everything.headers)
    context.add_init_script(f"({BROKEN})()")
    page, faults = watched(context)
    answer = page.goto(f"{live_server}/api/v1/me/export?format={form}")
    assert answer is not None
    assert answer.status == 200
    assert HOSTILE[:50] in page.locator("body").inner_text().replace("\\n", "\n").replace('\\"', '"')
    state = page.evaluate(INERT)
    assert (state["hacked"], state["broken"]) == (None, [])
    assert page.locator("script, img[src='x'], svg[onload]").count() == 0
    if form == "html":
        assert page.evaluate(LOOSE) == []
    else:
        assert HOSTILE in {
            one["note"]
            for treatment in answer.json()["treatments"]
            for report in treatment["reports"]
            for one in report["revisions"]
        }
    context.close()
    assert faults == []
