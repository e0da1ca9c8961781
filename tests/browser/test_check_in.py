from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import AnswerScale, Area
from recovery.models.flags.flags import Flag
from recovery.models.reports.reports import Report, ReportRevision
from recovery.services.access import sign_in_codes
from tests.support.browser.companion import MILD, Companion, picture
from tests.support.browser.way_in import SignIn, way_in
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import YEAR_OF_BIRTH, Clinic, Patient
from tests.support.data.planned_texts import clear_texts
from tests.support.data.reporting import review
from tests.support.data.texts import zone_at_noon
from tests.support.data.treatments import treat_again

pytestmark = pytest.mark.browser

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ABOUT_THE_FIRST = re.compile("This check-in is also about your treatment on .*: new bumps or lumps, dark")

TOO_WIDE = """width => [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > width + 1 && !one.closest(".unseen"))
    .map(one => `${one.tagName} ${one.className} ${one.textContent.slice(0, 40)}`)"""

Link = Callable[[], str]
Sessions = sessionmaker[Session]


def revisions(sessions: Sessions) -> list[ReportRevision]:
    with sessions() as session:
        return list(session.scalars(select(ReportRevision).order_by(ReportRevision.revision)))


def test_check_in_with_pus_is_answered_and_listed(phone: Page, link: Link, sessions: Sessions) -> None:
    patient = Companion(phone)
    patient.sign_in(link())
    assert phone.url.endswith("/check-in"), "the token has left the address bar"
    expect(phone.get_by_role("link", name="Call clinic")).to_have_attribute("href", "tel:+12025550190")
    patient.begin()
    patient.tap("None of these")
    patient.tap("Next")
    expect(phone.get_by_role("group", name="Redness").get_by_text("Please choose one")).to_be_visible()
    patient.tap("Back")
    patient.answer(signs=["Pus, yellow or green fluid, or a bad smell"], note="Left cheek.")
    patient.review()
    expect(phone.get_by_text("Pus, yellow or green fluid, or a bad smell")).to_be_visible()
    patient.send()
    patient.reads(re.compile("A nurse needs to look at this"))
    expect(phone.get_by_text("You told us about pus")).to_be_visible()
    expect(phone.get_by_text("A nurse will look at this by")).to_be_visible()
    patient.tap("Done")
    patient.tap("Course")
    ticked = "You ticked: pus, yellow or green fluid, or a bad smell."
    listed = phone.get_by_role("listitem").filter(has_text=ticked)
    expect(listed).to_contain_text(
        "Redness or color change: A little; swelling: Barely; peeling: No peeling."
    )
    (stored,) = revisions(sessions)
    assert (stored.scores, stored.scale) == ({"redness": 4, "swelling": 2, "peeling": 0}, AnswerScale.WORDS)
    assert (stored.warning_signs, stored.note) == (["pus"], "Left cheek.")


def test_an_emergency_sign_says_whom_to_call_before_anything_is_sent(
    phone: Page, link: Link, sessions: Sessions
) -> None:
    patient = Companion(phone)
    patient.sign_in(link())
    patient.begin()
    breathing = phone.get_by_label("Trouble breathing or trouble swallowing", exact=True)
    breathing.check()
    panel = phone.get_by_role("dialog")
    expect(panel.get_by_role("heading", name="Get help now")).to_be_focused()
    expect(panel.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    expect(panel.get_by_role("link", name="Then call us")).to_have_attribute("href", "tel:+12025550190")
    patient.tap("I ticked it by mistake: I do not have it")
    expect(panel).to_be_hidden()
    expect(breathing).not_to_be_checked()
    breathing.check()
    patient.tap("Go on with the check-in")
    assert revisions(sessions) == []
    expect(phone.get_by_role("link", name="Call 911")).to_be_visible()
    patient.tap("Next")
    patient.look(MILD)
    patient.tap("Back")
    breathing.uncheck()
    breathing.check()
    panel.get_by_role("button", name="Send to my clinic").click()
    patient.reads(re.compile("Call the emergency number now"))
    expect(phone.get_by_role("link", name="Call 911")).to_be_visible()
    assert [one.warning_signs for one in revisions(sessions)] == [["breathing"]]


def test_signs_that_are_an_emergency_together_open_the_panel(phone: Page, link: Link) -> None:
    patient = Companion(phone)
    patient.sign_in(link())
    patient.begin()
    patient.tap("None of these")
    patient.look(MILD)
    patient.tap("Next")
    patient.tap("Skip")
    phone.get_by_label("A fever").check()
    expect(phone.get_by_role("dialog")).to_be_hidden()
    phone.get_by_label("Skin that is hot in one place").check()
    expect(phone.get_by_role("dialog")).to_be_visible()


def test_a_slip_of_the_finger_is_asked_about_and_confirmed_or_changed(
    phone: Page, link: Link, sessions: Sessions
) -> None:
    patient = Companion(phone)
    patient.sign_in(link())
    patient.begin()
    patient.answer(MILD | {"Swelling": "Very strong"})
    patient.review()
    expect(phone.get_by_text("You chose “Very strong” for swelling.")).to_be_visible()
    expect(phone.get_by_role("button", name="Send to my clinic")).to_be_hidden()
    patient.tap("No, change it")
    patient.look({"Swelling": "Barely"})
    for _ in range(3):
        phone.get_by_role("button", name=re.compile("^(Next|Skip)$")).click()
    phone.get_by_role("button", name="Next").click()
    patient.reads("Ready to send")
    patient.send()
    patient.reads(re.compile("expect"))
    patient.tap("Change my answers")
    patient.look({"Swelling": "Very strong"})
    for _ in range(3):
        phone.get_by_role("button", name=re.compile("^(Next|Skip)$")).click()
    phone.get_by_role("button", name="Next").click()
    patient.tap("Yes, that is right")
    patient.send()
    patient.reads(re.compile("We ask you once more"))
    first, second = revisions(sessions)
    assert (first.scores["swelling"], second.scores["swelling"]) == (2, 9)
    assert (first.confirmed, second.confirmed) == ([], ["swelling"])


def test_numbers_from_elsewhere_that_are_changed_on_the_page_become_its_words(
    phone: Page, live_server: str, clinic: Clinic, sessions: Sessions, now: datetime
) -> None:
    person, patient = clinic.add_patient(now=now, hours_ago=30), Companion(phone)
    patient.sign_in(way_in(live_server, sessions, person, now=now))
    # As an app that says nothing of words, or an older page, has put it.
    scores = {"redness": 5, "swelling": 1, "peeling": 0}
    body = {"seen_at": (now - HOUR).isoformat(), "scores": scores, "note": "By number."}

    def send_numbers(route: Route) -> None:
        route.continue_(post_data=json.dumps(body))

    phone.context.route("**/reports/*", send_numbers)
    patient.check_in()
    patient.reads(re.compile("expect"))
    phone.context.unroute("**/reports/*")
    patient.tap("Change my answers")
    for _ in range(4):
        phone.get_by_role("button", name=re.compile("^(Next|Skip)$")).click()
    with phone.expect_response("**/reports/*"):
        patient.send()
    first, second = revisions(sessions)
    assert (first.scores, first.scale) == (scores, AnswerScale.NUMBERS)
    assert second.scores == {"redness": 6, "swelling": 2, "peeling": 0}
    assert (second.scale, second.note) == (AnswerScale.WORDS, "By number.")


def test_a_lost_answer_is_tried_again_and_stored_once(phone: Page, link: Link, sessions: Sessions) -> None:
    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    patient = Companion(phone)
    patient.sign_in(link())
    phone.context.route("**/reports/*", lose_the_answer)
    patient.check_in()
    patient.reads("Saved on this phone")
    phone.context.unroute("**/reports/*")
    phone.reload()
    expect(phone.get_by_text("Not sent yet")).to_be_hidden()
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 1
    assert len(revisions(sessions)) == 1


def test_a_refused_check_in_is_shown_and_kept_until_its_patient_decides(
    phone: Page, link: Link, sessions: Sessions
) -> None:
    def refuse(route: Route) -> None:
        kind = "urn:afterglow:problem:impossible-time"
        body = f'{{"type": "{kind}", "title": "x", "status": 422, "detail": "x"}}'
        route.fulfill(status=422, content_type="application/problem+json", body=body)

    patient = Companion(phone)
    patient.sign_in(link())
    phone.context.route("**/reports/*", refuse)
    patient.check_in(photo=picture())
    patient.reads("Your clinic did not get this")
    patient.tap("Done")
    expect(phone.get_by_text("The clock of this phone seems wrong")).to_be_visible()
    phone.context.unroute("**/reports/*")
    patient.tap("Try again")
    patient.reads("Ready to send")
    expect(phone.get_by_text("Photos: 1")).to_be_visible()
    with phone.expect_response(re.compile("/photos/")) as sent:
        patient.send()
    assert sent.value.status == 201
    patient.reads(re.compile("expect"))
    assert len(revisions(sessions)) == 1


def _names_the_number_that_answers(phone: Page) -> None:
    for place in ("banner", "main"):
        link = phone.get_by_role(place).get_by_role("link", name="Call +1 202 555 0190")
        expect(link).to_have_attribute("href", "tel:+12025550190")


def test_signing_in_says_what_went_wrong_and_an_ended_link_can_be_renewed(phone: Page, link: Link) -> None:
    address, patient = link(), Companion(phone)
    phone.goto(address)
    expect(phone.get_by_role("heading", name="Test Clinic")).to_be_visible()
    _names_the_number_that_answers(phone)
    phone.get_by_label("Year of birth or PIN").fill("1901")
    patient.tap("Open")
    expect(phone.get_by_role("alert")).to_contain_text("That did not open your check-in")
    patient.sign_in(address)
    phone.goto(address)
    expect(phone.get_by_role("button", name="Go on as Pat")).to_be_visible()
    phone.get_by_label("Year of birth or PIN").fill(str(YEAR_OF_BIRTH))
    patient.tap("Open")
    expect(phone.get_by_role("alert")).to_contain_text("This link has ended")
    _names_the_number_that_answers(phone)
    patient.tap("Send me a new link")
    expect(phone.get_by_role("status")).to_contain_text("We sent a new link")


def test_a_code_by_text_opens_the_page_too(
    phone: Page, live_server: str, clinic: Clinic, sessions: Sessions, texting: Texting, now: datetime
) -> None:
    person, patient = clinic.add_patient(now=now), Companion(phone)
    # Between nine and eight the link of the day is due as well.
    clear_texts(sessions)
    phone.goto(live_server)
    phone.get_by_label("Phone number").fill(person.phone)
    patient.tap("Text me a code")
    expect(phone.get_by_role("status")).to_contain_text("a code is on its way")
    asked = datetime.now(UTC)
    with sessions.begin() as session:
        sign_in_codes.create_requested_codes(session, now=asked, limit=10)
    # On a slow machine a text of the treatment may have fallen due meanwhile.
    sent = [re.findall(r"\b\d{6}\b", one.body) for one in texting.claim(now=asked) if one.to == person.phone]
    (code,) = [code for codes in sent for code in codes]
    phone.get_by_label("Code from the text").fill(code)
    phone.get_by_label("Year of birth or PIN").fill(str(YEAR_OF_BIRTH))
    patient.tap("Open")
    patient.reads("Hello Pat")


@pytest.mark.parametrize(("width", "letters"), [(320, 16), (390, 32)])
def test_no_screen_scrolls_sideways(phone: Page, link: Link, width: int, letters: int) -> None:
    phone.set_viewport_size({"width": width, "height": 568})
    sizes = {"standard": letters, "fixed": letters}
    phone.context.new_cdp_session(phone).send("Page.setFontSizes", {"fontSizes": sizes})
    patient = Companion(phone)

    def fits() -> None:
        wide = phone.evaluate(TOO_WIDE, width)
        assert (phone.evaluate("document.documentElement.scrollWidth"), wide) == (width, [])

    patient.sign_in(link())
    fits()
    for tab in ("Course", "Learn", "More", "Today"):
        patient.tap(tab)
        fits()
    patient.begin()
    fits()
    patient.tap("None of these")
    patient.look(MILD)
    fits()
    for button in ("Next", "Skip", "Next", "Next"):
        patient.tap(button)
        fits()


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
