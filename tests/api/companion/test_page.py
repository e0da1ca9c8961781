from __future__ import annotations

import re
import secrets
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.symptoms import Level, WarningSign
from recovery.models.patients import Invitation, Patient
from recovery.services import credentials, enrolment
from recovery.services.content import Content
from tests.support.people import YEAR_OF_BIRTH, Clinic

LARGEST_SCRIPTS = 20_480


@pytest.fixture
def token(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> str:
    """An invitation nobody has opened."""
    added = clinic.add_patient(now=now, hours_ago=30)
    with sessions.begin() as session:
        patient = session.scalars(select(Patient).where(Patient.id == added.id)).one()
        return enrolment.invite(session, patient=patient, now=now).token


def test_the_page_is_the_same_for_every_token_known_or_not(client: FlaskClient, token: str) -> None:
    known = client.get(f"/{token}")
    unknown = client.get(f"/{secrets.token_urlsafe(16)}")
    assert known.status_code == unknown.status_code == 200
    assert known.data == unknown.data == client.get("/check-in").data
    assert dict(known.headers) == dict(unknown.headers)
    assert token.encode() not in known.data


def test_opening_the_page_spends_nothing(
    client: FlaskClient, token: str, sessions: sessionmaker[Session]
) -> None:
    for _ in range(3):
        client.get(f"/{token}")
        client.head(f"/{token}")
    with sessions() as session:
        fingerprint = credentials.fingerprint(token)
        invited = session.scalars(select(Invitation).where(Invitation.token_hash == fingerprint)).one()
        assert (invited.spent_at, invited.wrong_secrets) == (None, 0)
    opened = client.post("/api/v1/patient/sessions", json={"invitation": token, "secret": str(YEAR_OF_BIRTH)})
    assert opened.status_code == 201, opened.json


def test_the_page_is_kept_by_nobody_and_leaks_no_address(client: FlaskClient, token: str) -> None:
    headers = client.get(f"/{token}").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/check-in"])
def test_nothing_in_the_page_needs_more_than_the_policy_allows(client: FlaskClient, path: str) -> None:
    text = client.get(path).text
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|https?://", text)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", text))
    for asset in re.findall(r'(?:src|href)="(/companion/[^"]+)"', text):
        with client.get(asset) as response:
            assert response.status_code == 200, asset


@pytest.mark.parametrize(
    "path",
    ["/short", f"/{'a' * 21}", f"/{'a' * 23}", f"/{'a' * 21}.", f"/{'a' * 22}/", f"/a/{'b' * 22}"],
)
def test_only_an_invitations_22_characters_open_the_page(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_other_addresses_at_the_root_stay_their_own(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_the_front_page_says_what_this_is(client: FlaskClient) -> None:
    text = client.get("/").text
    assert "link in the newest text from your clinic" in text
    assert 'href="/console"' in text
    assert "<script" not in text


def test_every_warning_sign_is_asked_once_under_its_urgency(client: FlaskClient, content: Content) -> None:
    text = client.get("/check-in").text
    groups = re.findall(r'<fieldset class="card signs">(.*?)</fieldset>', text, re.DOTALL)
    asked = [re.findall(r'name="sign" value="(\w+)"', group) for group in groups]
    (protocol,) = content.protocols.values()
    for level, signs in zip((Level.EMERGENCY, Level.ABNORMAL, Level.WATCH), asked, strict=True):
        assert signs == [sign for sign in WarningSign if protocol.urgency(sign) is level]


def test_without_a_script_the_page_says_to_call(client: FlaskClient) -> None:
    text = client.get("/check-in").text
    (without,) = re.findall(r"<noscript>(.*?)</noscript>", text, re.DOTALL)
    assert "call the number in your text" in without
    visible = re.findall(r'<section data-step="([\w-]+)">', text)
    assert visible == ["opening"]


def test_the_scripts_stay_small(client: FlaskClient) -> None:
    sizes = []
    for name in ("companion.js", "device.js", "page.js", "words.js"):
        with client.get(f"/companion/static/{name}") as response:
            sizes.append(len(response.data))
    assert all(sizes)
    assert sum(sizes) <= LARGEST_SCRIPTS
