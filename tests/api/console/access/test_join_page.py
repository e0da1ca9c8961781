"""Behind the link of an invitation: a password of one's own; in a demonstration, a way in."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.access.staff_invitations import StaffInvitation
from recovery.models.clinic.clinics import Staff
from recovery.services.clinic import staff_onboarding
from tests.api.console.conftest import Browser
from tests.support.access.staff_links import PASSWORD_OF_ROBIN, PEOPLE, ROBIN, invitation_path
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic


def choose_password(
    stranger: Browser, link: str, password: str = PASSWORD_OF_ROBIN, again: str | None = None
) -> int:
    form = {"password": password, "again": password if again is None else again}
    return stranger.post(link, form).status_code


def signs_in(browser: Browser, address: str, password: str) -> bool:
    answer = browser.post("/console/sign-in", {"email": address, "password": password})
    return answer.status_code == 303


def test_somebody_new_comes_in_by_a_link_that_is_shown_once(
    manager: Browser, stranger: Browser, sessions: sessionmaker[Session]
) -> None:
    answer = manager.post(PEOPLE, ROBIN)
    assert answer.status_code == 200
    assert "<b>Robin" not in answer.text
    link = invitation_path(StrictPage(answer.text))
    assert link.rpartition("/")[2] not in manager.get(PEOPLE).text
    assert "link open until" in manager.page(PEOPLE).said
    for _ in range(2):
        assert stranger.page(link).every("input", id="password") != []
    assert choose_password(stranger, link) == 200
    assert signs_in(stranger, ROBIN["email"], PASSWORD_OF_ROBIN)
    assert stranger.get(link).status_code == 410
    assert choose_password(stranger, link, "another one of four words") == 410
    with sessions() as session:
        kept = session.scalars(select(StaffInvitation)).one()
    assert link.rpartition("/")[2].encode() not in kept.token_hash


def test_who_forgot_their_password_keeps_the_second_factor(
    manager: Browser, stranger: Browser, browser: Browser, clinic: Clinic, now: datetime
) -> None:
    link = invitation_path(StrictPage(manager.post(f"{PEOPLE}/{clinic.nurse.id}/link").text))
    assert browser.get("/console").status_code == 200
    assert choose_password(stranger, link) == 200
    assert browser.get("/console").status_code == 303
    assert not signs_in(stranger, clinic.nurse.email, PASSWORD_OF_ROBIN)
    form = {"email": clinic.nurse.email, "password": PASSWORD_OF_ROBIN, "code": clinic.nurse.code(now=now)}
    assert stranger.post("/console/sign-in", form).status_code == 303


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password1234",
        "qwertyuiop1",
        "Summer2026!",
        "robin12345",
        "testclinic1",
        "1234567890",
        "x" * 501,
    ],
)
def test_what_somebody_would_guess_is_refused_and_the_link_stays(
    manager: Browser, stranger: Browser, password: str
) -> None:
    link = invitation_path(StrictPage(manager.post(PEOPLE, ROBIN).text))
    assert choose_password(stranger, link, password) == 422
    assert choose_password(stranger, link, PASSWORD_OF_ROBIN, again="something else") == 422
    assert choose_password(stranger, link) == 200


def test_a_demonstrations_link_signs_in_once_and_chooses_no_password(
    stranger: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        member = session.get_one(Staff, (clinic.id, clinic.nurse.id))
        token = staff_onboarding.create_demo_link(session, member=member, now=now).token
    assert stranger.get(f"/console/join/{token}").status_code == 410
    assert choose_password(stranger, f"/console/join/{token}") == 410
    for _ in range(2):
        assert clinic.nurse.email in stranger.page(f"/console/enter/{token}").said
    assert stranger.get("/console").status_code == 303
    assert stranger.post(f"/console/enter/{token}").status_code == 303
    assert stranger.get("/console").status_code == 200
    assert stranger.post(f"/console/enter/{token}").status_code == 410


def test_a_link_for_a_password_signs_nobody_in(manager: Browser, stranger: Browser) -> None:
    token = invitation_path(StrictPage(manager.post(PEOPLE, ROBIN).text)).rpartition("/")[2]
    assert stranger.get(f"/console/enter/{token}").status_code == 410
    assert stranger.post(f"/console/enter/{token}").status_code == 410
    assert stranger.get("/console").status_code == 303
