"""A real browser on a real server."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import WSGIRequestHandler, make_server

from api.console import guard
from recovery.services.patients import enrolment
from tests.support.browser.browser_window import PATIENCE_MS, watched
from tests.support.browser.companion import Companion
from tests.support.browser.way_in import SignIn, way_in
from tests.support.data import people

PHONE_SCREEN: ViewportSize = {"width": 390, "height": 844}


class Quiet(WSGIRequestHandler):
    """Says nothing about each request, and lets go of connections a browser opened only in case."""

    timeout = 5

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, the one of `CHROMIUM` or of this machine."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.fail("install chromium: apt-get install chromium", pytrace=False)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield started
        started.close()


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The application on a port of this machine; its address without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    # Closing waits for the requests still being answered, so that none outlives the database.
    server.daemon_threads = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def phone(browser: Browser, live_server: str) -> Iterator[Page]:
    """A phone's screen, gone before the server is; the test fails where the page's script does."""
    context = browser.new_context(viewport=PHONE_SCREEN, has_touch=True, locale="en-US")
    page, faults = watched(context)
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def signed_in(phone: Page, live_server: str, sessions: sessionmaker[Session], now: datetime) -> SignIn:
    """Signs a patient in on the phone by a new link."""

    def sign_in(person: people.Patient) -> Companion:
        patient = Companion(phone)
        patient.sign_in(way_in(live_server, sessions, person, now=now))
        return patient

    return sign_in


@pytest.fixture
def page_of(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Opens windows of the console with a member of staff signed in; the test fails where a policy is broken
    or a script fails.
    """
    contexts, faults = [], list[list[str]]()

    def opened(member: people.Nurse, width: int = 1280, height: int = 900, scheme: Any = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            base_url=live_server,
        )
        contexts.append(context)
        context.add_cookies([{"name": guard.COOKIE, "value": member.token, "url": f"{live_server}/console"}])
        page, seen = watched(context)
        faults.append(seen)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [one for seen in faults for one in seen] == []


@pytest.fixture
def link(
    live_server: str, clinic: people.Clinic, sessions: sessionmaker[Session], now: datetime
) -> Callable[[], str]:
    """Makes links as texts carry them, for one patient in the second day after the treatment."""
    added = clinic.add_patient(now=now, hours_ago=44)

    def make() -> str:
        with sessions.begin() as session:
            patient = enrolment.get_patient(session, clinic_id=clinic.id, patient_id=added.id)
            return f"{live_server}/{enrolment.invite(session, patient=patient, now=now).token}"

    return make
