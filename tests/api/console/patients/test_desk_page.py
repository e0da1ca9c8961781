"""What the patient sees at the desk: the code to scan, and how the first text stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from api.console.patients import desk_page
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Invitation, Patient
from tests.api.console.conftest import Browser
from tests.support.data.people import Clinic


def test_the_desk_shows_a_code_to_scan_until_it_is_opened_and_how_the_text_stands(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    patient, desk = enrolled()
    page = browser.page(desk)
    assert "Enrolled." in page.said
    assert len(page.every("svg", class_="qr")) == 1
    assert "On its way" in page.said
    cookie = browser.client.get_cookie(desk_page.COOKIE, path=desk.partition("?")[0])
    assert cookie is not None
    assert cookie.http_only
    assert cookie.value not in page.said
    with sessions.begin() as session:
        session.scalars(select(Message)).one().state = MessageState.UNDELIVERED
        session.scalars(select(Invitation)).one().spent_at = patient.created_at
    again = browser.page(desk)
    assert again.every("svg", class_="qr") == []
    assert "Opened on the patient's phone." in again.said
    assert "Not delivered" in again.said
    assert "Check the number with the patient" in again.said


def test_a_code_is_shown_on_its_own_patients_page_only(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], clinic: Clinic, now: datetime
) -> None:
    _, desk = enrolled()
    other = clinic.add_patient(now=now)
    cookie = browser.client.get_cookie(desk_page.COOKIE, path=desk.partition("?")[0])
    assert cookie is not None
    theirs = f"/console/patients/{other.id}/desk"
    browser.client.set_cookie(desk_page.COOKIE, cookie.value, path=theirs)
    assert browser.page(theirs).every("svg", class_="qr") == []
    assert browser.post(theirs).headers["Location"] == theirs
    assert len(browser.page(theirs).every("svg", class_="qr")) == 1


def test_without_consent_no_text_is_promised(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    _, desk = enrolled(recovery_texts="")
    assert "there is no consent to recovery texts" in browser.page(desk).said
    with sessions() as session:
        assert session.scalars(select(Message)).all() == []


def test_the_code_ends_with_its_invitation_and_another_is_shown(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    _, desk = enrolled()
    page = desk.partition("?")[0]
    cookie = browser.client.get_cookie(desk_page.COOKIE, path=page)
    assert cookie is not None
    assert (cookie.max_age, cookie.same_site) == (15 * 60, "Strict")
    with sessions.begin() as session:
        invited = session.scalars(select(Invitation)).one()
        invited.expires_at = invited.created_at
    ended = browser.page(page)
    assert ended.every("svg", class_="qr") == []
    assert "No code is shown at the moment." in ended.said
    assert browser.post(page).headers["Location"] == page
    assert len(browser.page(page).every("svg", class_="qr")) == 1
    fresh = browser.client.get_cookie(desk_page.COOKIE, path=page)
    assert fresh is not None
    assert fresh.value != cookie.value


def test_the_first_text_is_followed_until_it_has_arrived(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    patient, _ = enrolled()
    page = f"/console/patients/{patient.id}/desk"
    for state, said in (
        (MessageState.PLANNED, "On its way"),
        (MessageState.ACCEPTED, "On its way"),
        (MessageState.DELIVERED, "Delivered"),
        (MessageState.FAILED, "Not delivered"),
        (MessageState.QUARANTINED, "Not delivered"),
    ):
        with sessions.begin() as session:
            session.scalars(select(Message)).one().state = state
        assert said in [word.text for word in browser.page(page).every("strong")], state
