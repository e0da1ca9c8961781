"""A new clinic from nothing to live, by docs/operations.md and the pages alone, step by step."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pydantic import SecretStr
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from config.settings import PROJECT, Settings, SmsGateway
from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.services.training import training_week
from tests.support.browser import axe
from tests.support.browser.browser_window import CONSOLE_SCREENS, watched
from tests.support.data.inbound_texting import Texting

pytestmark = pytest.mark.browser

PASSWORD = "wet paint under seven lamps"
OWN = "+12025550171"
SECTION = "## A new clinic, from nothing to live"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Step 1: an installation that texts through a carrier."""
    texts = {
        "sms_gateway": SmsGateway.TWILIO,
        "public_url": "https://a.example",
        "link_url": "https://a.example",
        "alert_webhook": SecretStr("https://alerts.example"),
    }
    return settings.model_copy(update=texts)


def told() -> str:
    """What docs/operations.md says of it."""
    page = (PROJECT / "docs" / "operations.md").read_text("utf-8")
    return page.split(SECTION)[1].split("\n## ")[0]


def told_steps() -> list[str]:
    """The name of each step, in order."""
    return [name.strip(" .,") for name in re.findall(r"^\d+\. \*\*(.+?)\*\*", told(), re.MULTILINE)]


@pytest.fixture
def at_terminal(database: Endpoints) -> Callable[[str], str]:
    """Runs a command as it stands in the docs."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "PASSWORD": PASSWORD,
        "DATABASE_URL": database.owner_url,
        "DATABASE_API_URL": database.api_url,
        "DATABASE_WORKER_URL": database.worker_url,
    }

    def run(command: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", command.replace("python ", f"{sys.executable} ", 1)],
            cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


class Walk:
    """Counts the steps, which have to be those of the docs, in their order."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, name: str) -> None:
        """Begin a step."""
        self.steps.append(name)
        assert self.steps == told_steps()[: len(self.steps)]


@pytest.fixture
def window(browser: Browser, live_server: str) -> Iterator[Callable[[int, int, str], Page]]:
    """Opens windows in which nobody is signed in; the test fails where a script does."""
    contexts: list[BrowserContext] = []
    faults: list[list[str]] = []

    def opened(width: int, height: int, scheme: str) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            base_url=live_server,
        )
        contexts.append(context)
        page, seen = watched(context)
        faults.append(seen)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [one for seen in faults for one in seen] == []


def sign_in(page: Page, email: str) -> None:
    """With the password alone, as at the first time."""
    page.goto("/console")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def set_up_second_factor(page: Page, name: str) -> Sequence[str]:
    """By way of one's own name; the recovery codes."""
    page.get_by_role("link", name=name).click()
    page.get_by_role("link", name="Set it up").click()
    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.get_by_label("The six digits").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Confirm").click()
    codes = page.locator(".codes code")
    expect(codes.first).to_be_visible()
    written = codes.all_inner_texts()
    page.get_by_role("link", name="I have them").click()
    return written


def to_clinic(page: Page) -> None:
    """The page Clinic, over the navigation."""
    page.get_by_role("navigation").get_by_role("link", name="Clinic", exact=True).first.click()


def done(page: Page, need: str) -> None:
    """The list of what is missing says that this is there."""
    to_clinic(page)
    expect(page.locator(".step.is-met", has_text=need)).to_be_visible()


@pytest.mark.parametrize(("width", "height", "scheme"), [*CONSOLE_SCREENS, (390, 844, "light")])
def test_a_new_clinic_goes_live_by_the_docs_and_the_pages_alone(
    at_terminal: Callable[[str], str],
    window: Callable[[int, int, str], Page],
    sessions: sessionmaker[Session],
    texting: Texting,
    width: int,
    height: int,
    scheme: str,
) -> None:
    walk = Walk()
    (commands,) = re.findall(r"```sh\n(.+?)```", told(), re.DOTALL)
    add, director_of, manager_of = re.sub(r"\\\n\s*", "", commands).strip().split("\n")
    walk.step("Say how texts leave")
    walk.step("Add the clinic")
    clinic_id = json.loads(at_terminal(add))["id"]
    walk.step("Name its medical director")
    at_terminal(director_of.replace("CLINIC_ID", clinic_id))
    walk.step("Name its manager")
    at_terminal(manager_of.replace("CLINIC_ID", clinic_id))

    manager, director = window(width, height, scheme), window(width, height, scheme)
    walk.step("Sign in and set up a second factor")
    sign_in(manager, "manager@clinic.example")
    set_up_second_factor(manager, "Max Example")
    to_clinic(manager)
    expect(manager.get_by_role("heading", name="things are missing")).to_be_visible()
    axe.check(manager)

    walk.step("Set hours and numbers")
    manager.get_by_role("link", name="Hours, holidays and numbers").click()
    manager.get_by_label("Saturday").fill("9:00-12:00")
    manager.get_by_role("button", name="Save").click()
    done(manager, "Weekly opening hours are set")
    done(manager, "differ from the clinic's own phone")

    walk.step("The director sets up a second factor")
    sign_in(director, "doctor@clinic.example")
    codes = set_up_second_factor(director, "Dana Example")
    done(manager, "sign in with a second factor (2 so far)")

    walk.step("Read and sign")
    to_clinic(director)
    director.get_by_role("link", name="The expected course").first.click()
    director.get_by_role("link", name="Read and sign").first.click()
    director.get_by_label("Code of your authenticator").fill(codes[0])
    director.get_by_role("button", name="I have read it and sign").click()
    expect(director.get_by_role("heading", name="Signed", exact=True)).to_be_visible()
    done(manager, "The medical director has signed")

    walk.step("Prove a phone")
    manager.get_by_role("link", name="Your phone").first.click()
    manager.get_by_label("Your number").fill("202-555-0171")
    manager.get_by_role("button", name="Text me a code").click()
    (text,) = texting.claim(now=datetime.now(UTC) + timedelta(seconds=1))
    assert text.to == OWN
    manager.get_by_label("The six digits").fill(re.findall(r"\d{6}", text.body)[0])
    manager.get_by_role("button", name="That is my phone").click()
    expect(manager.get_by_text("Proved", exact=True)).to_be_visible()

    walk.step("Let a nurse in")
    to_clinic(manager)
    manager.get_by_role("link", name="People").first.click()
    manager.get_by_label("Name", exact=True).fill("Robin Example")
    manager.get_by_label("E-mail address").fill("robin@clinic.example")
    manager.get_by_label("Role", exact=True).select_option("nurse")
    manager.get_by_role("button", name="Make a link").click()
    way_in = manager.locator("#join-link").input_value()
    nurse = window(width, height, scheme)
    nurse.goto(way_in.removeprefix("https://a.example"))
    nurse.locator("input[name=password]").fill(PASSWORD)
    nurse.locator("input[name=again]").fill(PASSWORD)
    nurse.get_by_role("button", name="Keep this password").click()
    expect(nurse.get_by_text("robin@clinic.example").first).to_be_visible()
    sign_in(nurse, "robin@clinic.example")
    expect(nurse.get_by_role("heading", level=1)).to_be_visible()

    walk.step("Live a practice week")
    to_clinic(manager)
    manager.get_by_role("link", name="A practice week").click()
    manager.get_by_role("button", name="Begin the week").click()
    expect(manager.get_by_role("heading", name="Day 0 of 7")).to_be_visible()
    lived(sessions, texting)

    walk.step("Send STOP")
    texting.send(OWN, "STOP", now=datetime.now(UTC))
    done(manager, "STOP, sent from the phone")

    walk.step("Go live")
    axe.check(manager)
    manager.get_by_role("button", name="Go live").click()
    expect(manager.get_by_text("The clinic is live: patients are texted from now on.")).to_be_visible()
    assert walk.steps == told_steps()
    assert f"In {len(walk.steps)} steps" in told()


def lived(sessions: sessionmaker[Session], texting: Texting) -> None:
    """A minute of the week passes; what is due leaves and arrives."""
    at = datetime.now(UTC) + timedelta(minutes=1)
    with sessions.begin() as session:
        assert training_week.advance_weeks(session, now=at, limit=10) == 1
    assert {text.to for text in texting.claim(now=at)} == {OWN}
    with sessions.begin() as session:
        arrived = {"state": MessageState.DELIVERED, "settled_at": at}
        session.execute(update(Message).where(Message.state == MessageState.CLAIMED).values(arrived))
