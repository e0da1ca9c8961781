"""Who signs in for a clinic: somebody new comes in by a link, and whoever leaves is out."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message as Mail

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.console import sent_forms
from config.settings import Settings
from postgres_launcher.launcher import Endpoints
from recovery.domain.clinic.staff_roles import Role
from recovery.models.access.staff_invitations import StaffInvitation
from recovery.models.clinic.clinics import Staff
from recovery.services.tasks import task_work
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.access.staff_links import PASSWORD_OF_ROBIN, PEOPLE, ROBIN, invitation_path
from tests.support.browser.pages import StrictPage
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic
from tests.support.data.reporting import staff_caller
from tests.support.machine.ports import free_port


def test_a_newer_link_and_time_end_one(
    manager: Browser, stranger: Browser, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    first = invitation_path(StrictPage(manager.post(PEOPLE, ROBIN).text))
    with sessions() as session:
        staff_id = session.scalars(select(StaffInvitation.staff_id)).one()
    second = invitation_path(StrictPage(manager.post(f"{PEOPLE}/{staff_id}/link").text))
    assert stranger.get(first).status_code == 410
    assert stranger.get(second).status_code == 200
    with sessions.begin() as session:
        session.execute(update(StaffInvitation).values(expires_at=StaffInvitation.created_at))
    assert stranger.get(second).status_code == 410
    third = invitation_path(StrictPage(manager.post(f"{PEOPLE}/{staff_id}/link").text))
    assert manager.post(f"{PEOPLE}/{staff_id}", {"role": "nurse"}).status_code == 303
    chosen = {"password": PASSWORD_OF_ROBIN, "again": PASSWORD_OF_ROBIN}
    assert stranger.post(third, chosen).status_code == 410
    assert manager.post(f"{PEOPLE}/{staff_id}/link").status_code == 404


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


def test_who_left_is_out_with_the_next_page(manager: Browser, browser: Browser, clinic: Clinic) -> None:
    assert browser.get("/console").status_code == 200
    assert manager.post(f"/console/clinic/people/{clinic.nurse.id}", {"role": "nurse"}).status_code == 303
    assert browser.get("/console").headers["Location"].startswith("/console/sign-in")


def test_somebody_is_left_to_set_up(manager: Browser, clinic: Clinic) -> None:
    page = manager.page("/console/clinic/people")
    own = next(
        str(form.attributes["action"])
        for form in page.every("form")
        if "Manager" in form.text and "people/" in str(form.attributes.get("action"))
        and clinic.nurse.id.hex not in str(form.attributes["action"]).replace("-", "")
    )  # fmt: skip
    refused = manager.post(own, {"role": "nurse", "active": "yes"})
    assert refused.status_code == 409
    assert "Somebody has to be left" in refused.text


@pytest.mark.parametrize(
    ("changed", "status", "message"),
    [
        ({"name": "  "}, 422, "The name is missing."),
        ({"name": "Ro\x00bin"}, 422, "The name holds a line break or another control character (U+0000)"),
        ({"name": "Ro\u202ebin"}, 422, "The name holds a sign that turns the direction of text (U+202E)"),
        ({"role": "king"}, 422, "Choose the role."),
        ({"name": "", "email": "robin", "role": ""}, 422, "The name is missing."),
        ({"name": "", "email": "robin", "role": ""}, 422, "An e-mail address, like name@clinic.example."),
        ({"name": "", "email": "robin", "role": ""}, 422, "Choose the role."),
        ({"email": "NURSE"}, 409, "Somebody signs in with this e-mail address already."),
    ],
)
def test_nobody_comes_in_half_named_or_twice(
    manager: Browser,
    clinic: Clinic,
    changed: dict[str, str],
    status: int,
    message: str,
    sessions: sessionmaker[Session],
) -> None:
    if changed.get("email") == "NURSE":
        changed = {"email": clinic.nurse.email.upper()}
    answer = manager.post(PEOPLE, ROBIN | changed)
    assert answer.status_code == status
    assert message in StrictPage(answer.text).said
    with sessions() as session:
        assert session.scalars(select(StaffInvitation)).all() == []


def test_another_role_signs_out_and_one_that_does_not_exist_changes_nothing(
    manager: Browser, browser: Browser, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    def role() -> Role:
        with sessions() as session:
            return session.scalars(select(Staff.role).where(Staff.id == clinic.nurse.id)).one()

    path = f"{PEOPLE}/{clinic.nurse.id}"
    assert manager.post(path, {"role": "king", "active": "yes"}).status_code == 303
    assert role() is Role.NURSE
    assert browser.get("/console").status_code == 200
    changed = manager.post(path, {"role": "practitioner", "active": "yes"})
    assert changed.headers["Location"] == f"{PEOPLE}?done=saved"
    assert role() is Role.PRACTITIONER
    assert browser.get("/console").headers["Location"].startswith("/console/sign-in")


def test_a_forms_address_opened_as_a_page_leads_to_the_list(manager: Browser, clinic: Clinic) -> None:
    for way in ("link", "second-factor", "sign-out"):
        assert manager.get(f"{PEOPLE}/{clinic.nurse.id}/{way}").headers["Location"] == PEOPLE


def proposals(page: StrictPage) -> list[str]:
    """The addresses at which a role is given or not."""
    actions = [str(one.attributes["action"]) for one in page.every("form")]
    return [action for action in actions if "/proposals/" in action]


def test_a_role_waits_for_a_second_person_who_gives_it_on_the_page(
    manager: Browser, director: Browser, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    form = {"role": "medical_director", "active": "yes"}
    asked = manager.post(f"{PEOPLE}/{clinic.nurse.id}", form)
    assert asked.headers["Location"].endswith("done=role_proposed")
    page = manager.page(PEOPLE)
    (address,) = proposals(page)
    assert "Take it back" in page.said
    assert "Give the role" not in page.said
    assert manager.post(address, {"do": "accept"}).status_code == 409
    assert "Give the role" in director.page(PEOPLE).said
    assert director.post(address, {"do": "accept"}).headers["Location"].endswith("done=role_given")
    assert director.post(address, {"do": "accept"}).status_code == 404
    with sessions() as session:
        assert session.get_one(Staff, (clinic.id, clinic.nurse.id)).role is Role.MEDICAL_DIRECTOR
    assert proposals(director.page(PEOPLE)) == []
    assert manager.post(f"{PEOPLE}/{clinic.nurse.id}/link").status_code == 403


def test_the_first_director_is_named_by_whoever_runs_it(manager: Browser, clinic: Clinic) -> None:
    form = {"role": "medical_director", "active": "yes"}
    for path, fields in ((f"{PEOPLE}/{clinic.nurse.id}", form), (PEOPLE, {**ROBIN, **form})):
        refused = manager.post(path, fields)
        assert (refused.status_code, "The first medical director is named by" in refused.text) == (409, True)
    assert proposals(manager.page(PEOPLE)) == []


def test_who_still_holds_something_is_warned_of_before_they_are_out(
    manager: Browser, clinic: Clinic, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(clinic.add_patient(now=now).phone, "When may I swim?", now=now)
    (task,) = texting.tasks()
    with sessions.begin() as session:
        task_work.claim(session, caller=staff_caller(clinic), task_id=task.id, now=now)
    path = f"{PEOPLE}/{clinic.nurse.id}"
    assert "holds 1" in manager.page(PEOPLE).said
    warned = manager.post(path, {"role": "nurse"})
    assert warned.status_code == 409
    assert "still holds 1 flag or task" in StrictPage(warned.text).said
    assert texting.tasks()[0].held_by == clinic.nurse.id, "nothing was changed yet"
    assert manager.post(path, {"role": "nurse", "release": "yes"}).status_code == 303
    assert texting.tasks()[0].held_by is None
    with sessions() as session:
        assert session.get_one(Staff, (clinic.id, clinic.nurse.id)).disabled_at is not None


def test_a_lost_second_factor_is_removed_and_the_person_is_mailed(
    mails: tuple[int, list[Mail]], database: Endpoints, settings: Settings, clinic: Clinic, now: datetime
) -> None:
    port, arrived = mails
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    path = f"{PEOPLE}/{clinic.nurse.id}/second-factor"
    changed = {"smtp_url": f"smtp://127.0.0.1:{port}", "mail_from": "afterglow@clinic.example"}
    app = create_app(Settings(**(settings.model_dump() | changed)), database_url=database.api_url)
    browser = Browser(app.test_client(), manager.token)
    wrong = browser.post(path, {"code": "000 000"})
    assert (wrong.status_code, "not the code your own app shows" in wrong.text) == (422, True)
    own = browser.post(f"{PEOPLE}/{manager.id}/second-factor", {"code": manager.code(now=datetime.now(UTC))})
    assert own.status_code == 409
    assert arrived == []
    done = browser.post(path, {"code": manager.code(now=datetime.now(UTC))})
    assert done.headers["Location"].endswith("done=factor_removed")
    with app.app_context():
        from api.database import db

        db.engine.dispose()
    (mail,) = arrived
    assert "second factor was changed" in str(mail["Subject"])


def test_without_mail_the_page_says_to_tell_them(
    browser_of: BrowserOf, clinic: Clinic, now: datetime
) -> None:
    member = clinic.add_nurse(now=now, role=Role.MANAGER)
    browser = browser_of(member)
    assert "Their phone is lost" in browser.page(PEOPLE).said
    code = member.code(now=datetime.now(UTC))
    done = browser.post(f"{PEOPLE}/{clinic.nurse.id}/second-factor", {"code": code})
    assert "tell them yourself" in browser.page(done.headers["Location"]).said


def test_a_double_click_makes_one_person_and_shows_one_link(
    manager: Browser, stranger: Browser, sessions: sessionmaker[Session]
) -> None:
    form = ROBIN | {sent_forms.ONCE_FIELD: sent_forms.once_key()}
    first, second = (StrictPage(manager.post(PEOPLE, form).text) for _ in range(2))
    assert invitation_path(first) == invitation_path(second)
    assert stranger.get(invitation_path(first)).status_code == 200
    with sessions() as session:
        assert session.scalar(select(func.count()).where(Staff.email == ROBIN["email"])) == 1
        assert len(session.scalars(select(StaffInvitation)).all()) == 1
    other = form | {sent_forms.ONCE_FIELD: sent_forms.once_key()}
    assert manager.post(PEOPLE, other).status_code == 409
