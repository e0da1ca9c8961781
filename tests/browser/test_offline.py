"""The patient's page without a network, killed, signed out and shared."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical import symptoms
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.patients.patients import PatientSession
from recovery.models.reports.photos import Photo
from recovery.models.reports.reports import Report, ReportRevision
from tests.support.browser.browser_window import PATIENCE_MS
from tests.support.browser.companion import MILD, Companion, picture
from tests.support.browser.way_in import way_in
from tests.support.data.people import Clinic, Patient

pytestmark = pytest.mark.browser

Sessions = sessionmaker[Session]
CALMING = {"Redness": "Barely", "Swelling": "None", "Peeling": "Hardly any"}
SEEN_HOURS = (12.5, 59.5, 60.5, 96, 125, 155.5, 169)
"""One moment in each of the recovery days 1 to 7, some at the very edge of theirs."""
PHOTO_DAYS = (2, 4, 6)
KILLS = 20

WORKS_OFFLINE = "navigator.serviceWorker.ready.then(() => null)"
STORAGE = """async () => {
  const told = [location.href, document.title, JSON.stringify(history.state), document.cookie,
    JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
  const records = [], cached = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) cached.push([url, await (await cache.match(url)).text()]);
  }
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done, fail) => {
      const asked = indexedDB.open(name);
      [asked.onsuccess, asked.onerror] = [() => done(asked.result), fail];
    });
    for (const store of db.objectStoreNames) {
      const asked = db.transaction(store).objectStore(store).getAll();
      records.push(...await new Promise((done, fail) => {
        [asked.onsuccess, asked.onerror] = [() => done(asked.result), fail];
      }));
    }
    db.close();
  }
  const readable = (one) => one instanceof CryptoKey ? `key, extractable: ${one.extractable}`
    : one instanceof ArrayBuffer || ArrayBuffer.isView(one) ? new TextDecoder("latin1").decode(one)
    : one && typeof one === "object"
      ? Object.entries(one).map(([name, each]) => name + readable(each)).join(" ")
    : String(one);
  return { told: told.join(" "), cached, records: records.map(readable) };
}"""
"""All that script of this origin can read in the browser."""


def stored(sessions: Sessions, patient: Patient) -> list[ReportRevision]:
    own = select(Report.id).where(Report.treatment_id == patient.treatment_id)
    with sessions() as session:
        found = select(ReportRevision).where(ReportRevision.report_id.in_(own))
        return list(session.scalars(found.order_by(ReportRevision.seen_at)))


class MidReplay:
    """Holds each item on its way twice: before the server has it, and when only its answer is missing."""

    def __init__(self) -> None:
        self.tries: Counter[str] = Counter()
        self.held: list[Route] = []

    def take(self, route: Route) -> None:
        """Let a request go on, or keep it for good."""
        if route.request.method != "PUT":
            route.continue_()
            return
        self.tries[route.request.url] += 1
        tried = self.tries[route.request.url]
        if tried > 2:
            route.continue_()
            return
        if tried == 2:
            route.fetch()
        self.held.append(route)


def kill(browser: Browser, page: Page) -> None:
    """As a phone does with a page it has no memory for: its process ends at once."""
    control = browser.new_browser_cdp_session()
    for process in control.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] == "renderer":
            with suppress(ProcessLookupError):
                os.kill(process["id"], signal.SIGKILL)
    control.detach()
    with suppress(Error):
        page.close()


def test_a_week_without_a_network_is_stored_once_on_its_days_however_often_the_page_is_killed(
    browser: Browser, live_server: str, clinic: Clinic, sessions: Sessions, now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=170)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    Companion(page).sign_in(way_in(live_server, sessions, person, now=now))
    page.evaluate(WORKS_OFFLINE)
    context.set_offline(True)
    context.clock.install()
    for day, hours in enumerate(SEEN_HOURS, start=1):
        page.close()
        page = context.new_page()
        context.clock.set_system_time(person.performed_at + timedelta(hours=hours))
        page.goto(f"{live_server}/check-in")
        expect(page.locator(".day-number strong")).to_have_text(str(day))
        patient = Companion(page)
        patient.check_in(CALMING, note=f"Day {day}.", photo=picture() if day in PHOTO_DAYS else None)
        patient.reads("Saved on this phone")
    assert stored(sessions, person) == []
    replay = MidReplay()
    context.route("**/reports/**", replay.take)
    context.clock.set_system_time(now)
    page.close()
    context.set_offline(False)
    for kills in range(1, KILLS + 1):
        page = context.new_page()
        page.goto(f"{live_server}/check-in")
        while len(replay.held) < kills:
            page.wait_for_timeout(20)
        kill(browser, page)
        with suppress(Error):
            replay.held[-1].abort()
    page = context.new_page()
    page.goto(f"{live_server}/check-in")
    expect(page.get_by_role("button", name="Start a check-in")).to_be_visible()
    expect(page.get_by_text("Not sent yet")).to_be_hidden()
    context.close()
    assert len(replay.tries) == len(SEEN_HOURS) + len(PHOTO_DAYS)
    assert set(replay.tries.values()) == {3}
    reports = stored(sessions, person)
    days = [symptoms.recovery_day(one.hours_since(person.performed_at)) for one in reports]
    assert (days, [one.note for one in reports]) == (
        list(range(1, 8)),
        [f"Day {day}." for day in range(1, 8)],
    )
    with sessions() as session:
        photos = session.scalars(select(Photo)).all()
        assert {one.report_id for one in photos} == {reports[day - 1].report_id for day in PHOTO_DAYS}
        assert len(photos) == len(PHOTO_DAYS)


def test_signing_out_asks_about_what_is_unsent_and_leaves_nothing_to_read(
    phone: Page, live_server: str, clinic: Clinic, sessions: Sessions, now: datetime
) -> None:
    person, patient = clinic.add_patient(now=now, hours_ago=44), Companion(phone)
    link = way_in(live_server, sessions, person, now=now)
    patient.sign_in(link)
    phone.evaluate(WORKS_OFFLINE)
    patient.check_in(signs=["Pus, yellow or green fluid, or a bad smell"], note="Near the ear.")
    patient.reads("A nurse needs to look at this")
    patient.tap("Done")
    patient.away()
    patient.check_in(note="Behind the right ear.", photo=picture())
    patient.reads("Saved on this phone")
    secrets = [
        "Pat",
        "Sample",
        "Behind",
        "pus",
        link.rsplit("/", 1)[1],
        str(person.treatment_id),
        person.phone,
        "ag_",
    ]
    kept = phone.evaluate(STORAGE)
    assert len(kept["records"]) == 4, "the key, the account, the check-in and its photo"
    assert [one for one in kept["records"] if one.startswith("key")] == ["key, extractable: false"]
    for secret in secrets:
        assert not [one for one in kept["records"] if secret in one], secret
    patient.tap("Done")
    patient.tap("More")
    patient.tap("Sign out")
    expect(phone.get_by_role("alertdialog")).to_contain_text("Not sent yet: 2")
    patient.tap("Stay signed in")
    patient.tap("Sign out")
    patient.tap("Sign out and remove")
    patient.reads("Open your check-in")
    left = phone.evaluate(STORAGE)
    assert left["records"] == []
    seen = phone.context.new_cdp_session(phone).send("Page.getNavigationHistory")["entries"]
    told = [left["told"], *(f"{one['url']} {one['title']}" for one in seen)]
    for secret in [*secrets, "nurse needs"]:
        assert not [one for one in told if secret in one], secret
    assert len(left["cached"]) == 4
    for address, text in left["cached"]:
        assert text == phone.request.get(address).text(), "kept is what everybody is served"
    assert phone.context.cookies() == []
    phone.go_back()
    patient.reads("Open your check-in")
    assert len(stored(sessions, person)) == 1


def test_what_is_still_on_its_way_is_not_kept_after_signing_out(
    phone: Page, live_server: str, clinic: Clinic, sessions: Sessions, now: datetime
) -> None:
    patient, knowledge, ending = Companion(phone), list[Route](), list[Route]()
    person = clinic.add_patient(now=now, hours_ago=44)
    patient.sign_in(way_in(live_server, sessions, person, now=now))
    patient.reads("Hello Pat")
    phone.route("**/api/v1/patient/sessions/current", hold_in(ending))
    phone.route("**/api/v1/knowledge", hold_in(knowledge))
    phone.reload()
    patient.reads("Hello Pat")
    wait_for(phone, lambda: bool(knowledge))
    patient.tap("More")
    patient.tap("Sign out")
    wait_for(phone, lambda: bool(ending))
    # The patient's data was wiped, and only now comes an answer that would have been kept with it.
    with phone.expect_response("**/api/v1/knowledge"):
        knowledge[0].continue_()
    phone.wait_for_timeout(300)
    assert phone.evaluate(STORAGE)["records"] == []
    ending[0].continue_()
    patient.reads("Open your check-in")
    assert phone.evaluate(STORAGE)["records"] == []


def hold_in(held: list[Route]) -> Callable[[Route], None]:
    def hold(route: Route) -> None:
        held.append(route)

    return hold


def wait_for(page: Page, true: Callable[[], bool]) -> None:
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come to this")


def test_an_ended_sign_in_keeps_what_is_unsent_for_its_patient_alone(
    phone: Page, live_server: str, clinic: Clinic, sessions: Sessions, now: datetime
) -> None:
    person, other = clinic.add_patient(now=now, hours_ago=44), clinic.add_patient(now=now, hours_ago=60)
    with sessions.begin() as session:
        session.scalars(select(PatientRow).where(PatientRow.id == other.id)).one().first_name = "Bea"
    patient = Companion(phone)
    patient.sign_in(way_in(live_server, sessions, person, now=now))
    patient.away()
    patient.check_in(note="Mine.")
    patient.reads("Saved on this phone")
    with sessions.begin() as session:
        ended = update(PatientSession).where(PatientSession.patient_id == person.id)
        session.execute(ended.values(expires_at=now))
    patient.back()
    patient.reads("Sign in again")
    expect(phone.get_by_text("Your unsent answers are kept safe here.")).to_be_visible()
    patient.sign_in(way_in(live_server, sessions, other, now=now))
    patient.reads("Hello Bea")
    expect(phone.get_by_text("Not sent yet")).to_be_hidden()
    patient.check_in(CALMING, note="Hers.")
    patient.reads("As expected for day")
    assert ([one.note for one in stored(sessions, other)], stored(sessions, person)) == (["Hers."], [])
    patient.sign_in(way_in(live_server, sessions, person, now=now))
    patient.reads("Hello Pat")
    expect(phone.get_by_text("Not sent yet")).to_be_hidden()
    assert [one.note for one in stored(sessions, person)] == ["Mine."]
    assert [one.note for one in stored(sessions, other)] == ["Hers."]
    patient.tap("More")
    patient.tap("Switch to Bea")
    patient.reads("Hello Bea")
    patient.tap("More")
    patient.tap("Sign out")
    patient.reads("Hello Pat")


def test_a_shared_phone_forgets_who_was_there_and_keeps_what_is_unsent_for_them(
    phone: Page, live_server: str, clinic: Clinic, sessions: Sessions, now: datetime
) -> None:
    person = clinic.add_patient(now=now, hours_ago=44)
    patient = Companion(phone)
    patient.sign_in(way_in(live_server, sessions, person, now=now), own=False)
    phone.evaluate(WORKS_OFFLINE)
    patient.away()
    patient.check_in(note="Said on a shared phone.")
    patient.reads("Saved on this phone")
    later = phone.context.new_page()
    phone.close()
    later.goto(f"{live_server}/check-in")
    patient = Companion(later)
    patient.reads("Open your check-in")
    expect(later.get_by_text("Pat")).to_have_count(0)
    kept = later.evaluate(STORAGE)
    assert len(kept["records"]) == 2, "the key and the check-in"
    assert not [one for one in [kept["told"], *kept["records"]] if "shared" in one or "ag_" in one]
    patient.back()
    patient.sign_in(way_in(live_server, sessions, person, now=now), own=False)
    expect(later.get_by_text("Not sent yet")).to_be_hidden()
    assert [one.note for one in stored(sessions, person)] == ["Said on a shared phone."]
    assert len(later.evaluate(STORAGE)["records"]) == 1, "the key alone"


def test_an_emergency_needs_no_network(phone: Page, link: Callable[[], str], sessions: Sessions) -> None:
    patient = Companion(phone)
    patient.sign_in(link())
    phone.evaluate(WORKS_OFFLINE)
    patient.away()
    phone.reload()
    patient.begin()
    phone.get_by_label("Trouble breathing or trouble swallowing", exact=True).check()
    panel = phone.get_by_role("dialog")
    expect(panel.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    expect(panel.get_by_role("link", name="Then call us")).to_have_attribute("href", "tel:+12025550190")
    patient.tap("Go on with the check-in")
    phone.get_by_label("Trouble breathing or trouble swallowing", exact=True).uncheck()
    patient.tap("None of these")
    patient.look(MILD)
    patient.tap("Next")
    patient.tap("Skip")
    phone.get_by_label("A fever").check()
    expect(panel).to_be_hidden()
    phone.get_by_label("Skin that is hot in one place").check()
    expect(panel).to_be_visible()
    patient.send()
    patient.reads("Saved on this phone")
    expect(phone.get_by_role("link", name="Call 911")).to_be_visible()
    expect(phone.get_by_text("No one at your clinic has seen this yet.")).to_be_visible()
    patient.back()
    patient.reads("Call the emergency number now")
    with sessions() as session:
        (sent,) = session.scalars(select(ReportRevision)).all()
        assert sorted(sent.warning_signs) == ["fever", "spreading_heat"]
