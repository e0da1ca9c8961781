from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.reports import Report, ReportRevision
from tests.support.people import YEAR_OF_BIRTH

pytestmark = pytest.mark.browser

Link = Callable[[], str]
Sessions = sessionmaker[Session]


def sign_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Year of birth or PIN").fill(str(YEAR_OF_BIRTH))
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name="Hello Pat")).to_be_focused()


def answer(page: Page, *, redness: str = "Mild", swelling: str = "Barely", peeling: str = "None") -> None:
    for group, band in (("Redness", redness), ("Swelling", swelling), ("Peeling", peeling)):
        page.get_by_role("group", name=group).first.get_by_role("radio", name=band).check(force=True)


def begin(page: Page) -> None:
    page.get_by_role("button", name="Start a check-in").click()
    expect(page.get_by_role("heading", name="How is your skin now?")).to_be_focused()


def review(page: Page) -> None:
    page.get_by_role("button", name="Check my answers").click()
    expect(page.get_by_role("heading", name="Is that right?")).to_be_focused()


def send(page: Page) -> None:
    page.get_by_role("button", name="Yes, send to my clinic").click()


def revisions(sessions: Sessions) -> list[ReportRevision]:
    with sessions() as session:
        return list(session.scalars(select(ReportRevision).order_by(ReportRevision.revision)))


def test_check_in_with_pus_is_answered_and_listed(phone: Page, link: Link, sessions: Sessions) -> None:
    sign_in(phone, link())
    assert phone.url.endswith("/check-in"), "the token has left the address bar"
    expect(phone.get_by_text("Day 2 after your treatment")).to_be_visible()
    expect(phone.get_by_role("link", name="Call clinic")).to_have_attribute("href", "tel:+12025550190")
    begin(phone)
    phone.get_by_role("button", name="Check my answers").click()
    expect(phone.get_by_role("group", name="Redness").get_by_text("Please choose one")).to_be_visible()
    answer(phone)
    phone.get_by_label("Pus, or yellow or green fluid").check()
    phone.get_by_label("Anything else for the nurse?").fill("Left cheek.")
    review(phone)
    expect(phone.get_by_text("Pus, or yellow or green fluid").last).to_be_visible()
    send(phone)
    expect(phone.get_by_role("heading", name="A nurse needs to look at this")).to_be_focused()
    expect(phone.get_by_text("You told us about pus")).to_be_visible()
    expect(phone.get_by_text("A nurse will look at this by")).to_be_visible()
    phone.get_by_role("button", name="Done").click()
    listed = phone.get_by_role("listitem").filter(has_text="You ticked: pus, or yellow or green fluid.")
    expect(listed).to_contain_text("Redness or color change mild, swelling barely, peeling none.")
    (stored,) = revisions(sessions)
    assert stored.scores == {"redness": 4, "swelling": 2, "peeling": 0}
    assert (stored.warning_signs, stored.note) == (["pus"], "Left cheek.")


def test_an_emergency_sign_says_whom_to_call_before_anything_is_sent(
    phone: Page, link: Link, sessions: Sessions
) -> None:
    sign_in(phone, link())
    begin(phone)
    breathing = phone.get_by_label("Trouble breathing", exact=True)
    breathing.check()
    panel = phone.get_by_role("dialog")
    expect(panel.get_by_role("heading", name="Get help now")).to_be_focused()
    expect(panel.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    expect(panel.get_by_role("link", name="Then call us")).to_have_attribute("href", "tel:+12025550190")
    panel.get_by_role("button", name="That was a mistake").click()
    expect(panel).to_be_hidden()
    expect(breathing).not_to_be_checked()
    breathing.check()
    panel.get_by_role("button", name="Send to my clinic").click()
    expect(phone.get_by_text("Please choose one").first).to_be_visible()
    assert revisions(sessions) == []
    answer(phone)
    breathing.uncheck()
    breathing.check()
    panel.get_by_role("button", name="Send to my clinic").click()
    expect(phone.get_by_role("heading", name="Call the emergency number now")).to_be_focused()
    expect(phone.get_by_role("link", name="Call 911")).to_be_visible()
    assert [one.warning_signs for one in revisions(sessions)] == [["breathing"]]


def test_signs_that_are_an_emergency_together_open_the_panel(phone: Page, link: Link) -> None:
    sign_in(phone, link())
    begin(phone)
    phone.get_by_label("A fever").check()
    expect(phone.get_by_role("dialog")).to_be_hidden()
    phone.get_by_label("Skin that is hot and spreading").check()
    expect(phone.get_by_role("dialog")).to_be_visible()


def test_a_doubtful_answer_is_asked_about_and_confirmed(phone: Page, link: Link, sessions: Sessions) -> None:
    sign_in(phone, link())
    begin(phone)
    answer(phone, swelling="Strong")
    review(phone)
    send(phone)
    expect(phone.get_by_text("You chose strong for swelling.")).to_be_visible()
    phone.get_by_role("button", name="Yes, that is right").click()
    expect(phone.get_by_role("button", name="Yes, that is right")).to_be_hidden()
    expect(phone.get_by_text("Your swelling is stronger than we expect")).to_be_visible()
    first, second = revisions(sessions)
    assert (first.confirmed, second.confirmed) == ([], ["swelling"])
    assert first.scores == second.scores


def test_a_doubtful_answer_can_be_changed(phone: Page, link: Link, sessions: Sessions) -> None:
    sign_in(phone, link())
    begin(phone)
    answer(phone, swelling="Strong")
    review(phone)
    send(phone)
    phone.get_by_role("button", name="No, change it").click()
    answer(phone, swelling="Barely")
    review(phone)
    send(phone)
    expect(phone.get_by_role("heading", name="As expected for day 2")).to_be_focused()
    assert [one.scores["swelling"] for one in revisions(sessions)] == [9, 2]


def test_a_lost_answer_is_tried_again_and_stored_once(phone: Page, link: Link, sessions: Sessions) -> None:
    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    sign_in(phone, link())
    begin(phone)
    answer(phone)
    review(phone)
    phone.route("**/reports/*", lose_the_answer)
    send(phone)
    expect(phone.get_by_role("heading", name="Not sent yet")).to_be_focused()
    phone.unroute("**/reports/*")
    phone.reload()
    phone.get_by_role("button", name="Send now").click()
    expect(phone.get_by_role("heading", name="As expected for day 2")).to_be_focused()
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 1
    assert len(revisions(sessions)) == 1


def test_a_refused_report_leads_back_to_the_answers(phone: Page, link: Link, sessions: Sessions) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(
            status=422,
            content_type="application/problem+json",
            body='{"type": "urn:afterglow:problem:impossible-time", "status": 422}',
        )

    sign_in(phone, link())
    begin(phone)
    answer(phone)
    review(phone)
    phone.route("**/reports/*", refuse)
    send(phone)
    expect(phone.get_by_role("heading", name="Your clinic did not get this")).to_be_focused()
    phone.unroute("**/reports/*")
    phone.get_by_role("button", name="Back to my answers").click()
    answer(phone, redness="Barely")
    review(phone)
    send(phone)
    expect(phone.get_by_role("heading", name="As expected for day 2")).to_be_focused()
    assert [one.scores["redness"] for one in revisions(sessions)] == [2]


def test_a_sign_in_that_ended_elsewhere_says_how_to_go_on(phone: Page, link: Link) -> None:
    sign_in(phone, link())
    token = phone.evaluate("JSON.parse(sessionStorage.token)")
    ended = phone.request.delete(
        phone.url.replace("/check-in", "/api/v1/patient/sessions/current"),
        headers={"Authorization": f"Bearer {token}"},
    )
    assert ended.status == 204
    phone.reload()
    expect(phone.get_by_role("heading", name="You are signed out")).to_be_focused()
    assert phone.evaluate("sessionStorage.getItem('token')") is None


def test_signing_in_says_what_went_wrong_and_signing_out_leaves_nothing(phone: Page, link: Link) -> None:
    address = link()
    phone.goto(address)
    secret = phone.get_by_label("Year of birth or PIN")
    secret.fill("1901")
    phone.get_by_role("button", name="Open", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("Check the year of birth or PIN")
    expect(secret).to_be_focused()
    sign_in(phone, address)
    begin(phone)
    phone.get_by_label("Chills or feeling feverish").check()
    phone.get_by_role("button", name="Sign out").click()
    expect(phone.get_by_role("heading", name="we stay with you")).to_be_visible()
    assert phone.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]
    phone.goto(address)
    secret.fill(str(YEAR_OF_BIRTH))
    phone.get_by_role("button", name="Open", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("This link has ended. Call your clinic for a new one")


def test_only_an_own_phone_stays_signed_in(phone: Page, link: Link) -> None:
    address = link()
    sign_in(phone, address)
    tab = phone.context.new_page()
    tab.goto(phone.url)
    expect(tab.get_by_role("heading", name="Open the link in your text")).to_be_visible()
    phone.goto(link())
    phone.get_by_label("Year of birth or PIN").fill(str(YEAR_OF_BIRTH))
    phone.get_by_label("This is my own phone").check()
    phone.get_by_role("button", name="Open", exact=True).click()
    expect(phone.get_by_role("heading", name="Hello Pat")).to_be_visible()
    tab.goto(address)
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("heading", name="Hello Pat")).to_be_visible()


def test_the_smallest_phone_never_scrolls_sideways(phone: Page, link: Link) -> None:
    phone.set_viewport_size({"width": 320, "height": 568})
    sign_in(phone, link())
    begin(phone)
    phone.get_by_text("More: pain").click()
    answer(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 320
    review(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 320
