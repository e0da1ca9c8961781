"""How somebody of the staff comes in: a link, a password of their own, and where they are signed in."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime
from email.message import Message as Mail
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from config.settings import Settings
from postgres_launcher.launcher import Endpoints
from recovery.domain.clinic.staff_roles import Role
from recovery.models.access.staff_invitations import StaffInvitation
from recovery.models.clinic.clinics import Staff, StaffSession
from recovery.services.clinic import staff_onboarding
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.browser.pages import StrictPage
from tests.support.data.people import PASSWORD, Clinic
from tests.support.machine.ports import free_port

PEOPLE = "/console/clinic/people"
ROBIN = {"name": "<b>Robin</b>", "email": "robin@clinic.example", "role": "nurse"}
GOOD = "wet paint under seven lamps"


@pytest.fixture
def manager(browser_of: BrowserOf, clinic: Clinic, now: datetime) -> Browser:
    """The browser of whoever sets up the clinic."""
    return browser_of(clinic.add_nurse(now=now, role=Role.MANAGER))


@pytest.fixture
def stranger(browser_of: BrowserOf) -> Browser:
    """A browser in which nobody is signed in."""
    return browser_of(None)


def link_of(page: StrictPage) -> str:
    (field,) = page.every("input", id="join-link")
    return urlsplit(str(field.attributes["value"])).path


def chosen(stranger: Browser, link: str, password: str = GOOD, again: str | None = None) -> int:
    return stranger.post(
        link, {"password": password, "again": password if again is None else again}
    ).status_code


def signs_in(browser: Browser, address: str, password: str) -> bool:
    answer = browser.post("/console/sign-in", {"email": address, "password": password})
    return answer.status_code == 303


def test_somebody_new_comes_in_by_a_link_that_is_shown_once(
    manager: Browser, stranger: Browser, sessions: sessionmaker[Session]
) -> None:
    answer = manager.post(PEOPLE, ROBIN)
    assert answer.status_code == 200
    assert "<b>Robin" not in answer.text
    link = link_of(StrictPage(answer.text))
    assert link.rpartition("/")[2] not in manager.get(PEOPLE).text
    assert "link open until" in manager.page(PEOPLE).said
    for _ in range(2):
        assert stranger.page(link).every("input", id="password") != []
    assert chosen(stranger, link) == 200
    assert signs_in(stranger, ROBIN["email"], GOOD)
    assert stranger.get(link).status_code == 410
    assert chosen(stranger, link, "another one of four words") == 410
    with sessions() as session:
        kept = session.scalars(select(StaffInvitation)).one()
    assert link.rpartition("/")[2].encode() not in kept.token_hash


def test_a_newer_link_and_time_end_one(
    manager: Browser, stranger: Browser, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    first = link_of(StrictPage(manager.post(PEOPLE, ROBIN).text))
    with sessions() as session:
        staff_id = session.scalars(select(StaffInvitation.staff_id)).one()
    second = link_of(StrictPage(manager.post(f"{PEOPLE}/{staff_id}/link").text))
    assert stranger.get(first).status_code == 410
    assert stranger.get(second).status_code == 200
    with sessions.begin() as session:
        session.execute(update(StaffInvitation).values(expires_at=StaffInvitation.created_at))
    assert stranger.get(second).status_code == 410
    third = link_of(StrictPage(manager.post(f"{PEOPLE}/{staff_id}/link").text))
    assert manager.post(f"{PEOPLE}/{staff_id}", {"role": "nurse"}).status_code == 303
    assert chosen(stranger, third) == 410
    assert manager.post(f"{PEOPLE}/{staff_id}/link").status_code == 404


def test_who_forgot_their_password_keeps_the_second_factor(
    manager: Browser, stranger: Browser, browser: Browser, clinic: Clinic, now: datetime
) -> None:
    link = link_of(StrictPage(manager.post(f"{PEOPLE}/{clinic.nurse.id}/link").text))
    assert browser.get("/console").status_code == 200
    assert chosen(stranger, link) == 200
    assert browser.get("/console").status_code == 303
    assert not signs_in(stranger, clinic.nurse.email, GOOD)
    form = {"email": clinic.nurse.email, "password": GOOD, "code": clinic.nurse.code(now=now)}
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
    link = link_of(StrictPage(manager.post(PEOPLE, ROBIN).text))
    assert chosen(stranger, link, password) == 422
    assert chosen(stranger, link, GOOD, again="something else") == 422
    assert chosen(stranger, link) == 200


def test_one_own_password_is_changed_with_the_old_one(
    browser_of: BrowserOf, clinic: Clinic, stranger: Browser, now: datetime, app: Flask
) -> None:
    nurse = clinic.add_nurse(now=now)
    browser = browser_of(nurse)
    path = "/console/account/password"
    for wrong in (
        {"old": "not it", "new": GOOD, "again": GOOD},
        {"old": PASSWORD, "new": "password1234", "again": "password1234"},
        {"old": PASSWORD, "new": GOOD, "again": f"{GOOD}s"},
    ):
        answer = browser.post(path, wrong)
        assert answer.status_code == 422
        assert len(StrictPage(answer.text).every("input", **{"aria-invalid": "true"})) == 1
    elsewhere = app.test_client().post(
        "/api/v1/staff/sessions",
        json={"email": nurse.email, "password": PASSWORD, "totp": nurse.code(now=now)},
    )
    assert browser.post(path, {"old": PASSWORD, "new": GOOD, "again": GOOD}).status_code == 303
    assert browser.get("/console/account").status_code == 200
    bearer = {"Authorization": f"Bearer {elsewhere.get_json()['access_token']}"}
    assert app.test_client().get("/api/v1/flags", headers=bearer).status_code == 401


def test_one_sees_where_one_is_signed_in_and_ends_it(
    browser_of: BrowserOf, browser: Browser, clinic: Clinic, now: datetime, sessions: sessionmaker[Session]
) -> None:
    away = browser_of(None)
    form = {"email": clinic.nurse.email, "password": PASSWORD, "code": clinic.nurse.code(now=now)}
    sent = away.client.post(
        "/console/sign-in",
        data=form,
        headers={
            "Origin": "http://localhost",
            "User-Agent": "Mozilla/5.0 (iPad) <script> Version/17 Safari/605",
        },
    )
    assert sent.status_code == 303
    page = browser.page("/console/account")
    assert "Safari on iPad" in page.said
    assert "<script>" not in page.said
    (end,) = [
        str(form.attributes["action"])
        for form in page.every("form")
        if str(form.attributes["action"]).endswith("/end")
        and "sessions/end" not in str(form.attributes["action"])
    ]
    stranger = browser_of(clinic.add_nurse(now=now))
    assert stranger.post(end).status_code == 404
    assert away.get("/console").status_code == 200
    assert browser.post(end).status_code == 303
    assert away.get("/console").status_code == 303
    assert browser.post(end).status_code == 404
    assert "Safari on iPad" not in browser.page("/console/account").said


def test_everywhere_else_is_signed_out_at_once(
    browser: Browser, manager: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        own = session.scalars(select(StaffSession).where(StaffSession.staff_id == clinic.nurse.id)).one()
        session.add(
            StaffSession(
                clinic_id=clinic.id,
                token_hash=b"another",
                staff_id=clinic.nurse.id,
                second_factor=True,
                created_at=now,
                last_seen_at=now,
                expires_at=own.expires_at,
            )
        )
    assert "Sign out everywhere else" in browser.page("/console/account").said
    assert browser.post("/console/account/sessions/end").status_code == 303
    assert "Sign out everywhere else" not in browser.page("/console/account").said
    assert manager.post(f"{PEOPLE}/{clinic.nurse.id}/sign-out").status_code == 303
    assert browser.get("/console/account").status_code == 303


def test_a_demonstrations_link_signs_in_once_and_chooses_no_password(
    stranger: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        member = session.get_one(Staff, (clinic.id, clinic.nurse.id))
        token = staff_onboarding.create_demo_link(session, member=member, now=now).token
    assert stranger.get(f"/console/join/{token}").status_code == 410
    assert chosen(stranger, f"/console/join/{token}") == 410
    for _ in range(2):
        assert clinic.nurse.email in stranger.page(f"/console/enter/{token}").said
    assert stranger.get("/console").status_code == 303
    assert stranger.post(f"/console/enter/{token}").status_code == 303
    assert stranger.get("/console").status_code == 200
    assert stranger.post(f"/console/enter/{token}").status_code == 410


def test_a_link_for_a_password_signs_nobody_in(manager: Browser, stranger: Browser) -> None:
    token = link_of(StrictPage(manager.post(PEOPLE, ROBIN).text)).rpartition("/")[2]
    assert stranger.get(f"/console/enter/{token}").status_code == 410
    assert stranger.post(f"/console/enter/{token}").status_code == 410
    assert stranger.get("/console").status_code == 303


class _MailServer(socketserver.ThreadingTCPServer):
    """What came to a port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Delivery)
        self.mails: list[Mail] = []


class _Delivery(socketserver.StreamRequestHandler):
    """As much of SMTP as a mail needs."""

    server: _MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (more := self.rfile.readline()) not in (b".\r\n", b""):
                    body += more
                self.server.mails.append(email.message_from_bytes(body))
            if word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 yes\r\n")


@pytest.fixture
def mails() -> Iterator[tuple[int, list[Mail]]]:
    """The port of a mail server, and what came to it."""
    port = free_port()
    with _MailServer(port) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield port, server.mails
        server.shutdown()
        thread.join()


def test_the_link_is_mailed_where_mail_is_set_up(
    mails: tuple[int, list[Mail]], database: Endpoints, settings: Settings, clinic: Clinic, now: datetime
) -> None:
    port, arrived = mails
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    for at, told in ((port, "A mail with this link is on its way"), (free_port(), "The mail did not leave")):
        changed = {"smtp_url": f"smtp://127.0.0.1:{at}", "mail_from": "afterglow@clinic.example"}
        app = create_app(Settings(**(settings.model_dump() | changed)), database_url=database.api_url)
        form = ROBIN | {"email": f"robin{at}@clinic.example"}
        answer = Browser(app.test_client(), manager.token).post(PEOPLE, form)
        assert answer.status_code == 200
        assert told in StrictPage(answer.text).said
        with app.app_context():
            from api.database import db

            db.engine.dispose()
    (mail,) = arrived
    assert mail["To"] == f"robin{port}@clinic.example"
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    written = payload.decode()
    assert "/console/join/" in written
    assert "Robin" not in written


@pytest.mark.parametrize(
    "address", ["robin", "a@b.example\nBcc: x@y.example", "a b@c.example", "@clinic.example"]
)
def test_no_address_becomes_a_header(manager: Browser, address: str) -> None:
    assert manager.post(PEOPLE, ROBIN | {"email": address}).status_code == 422
