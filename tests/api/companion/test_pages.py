from __future__ import annotations

import gzip
import json
import re
import secrets
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients.patients import Invitation, Patient
from recovery.services.access import credentials
from recovery.services.patients import enrolment
from tests.support.data.people import YEAR_OF_BIRTH, Clinic

PROJECT = Path(__file__).resolve().parents[3]
LARGEST_SCRIPT = 80_000
"""Bytes, compressed."""


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
    assert known.data == unknown.data == client.get("/check-in").data == client.get("/").data
    assert dict(known.headers) == dict(unknown.headers)
    assert token.encode() not in known.data


@pytest.mark.parametrize("cut", ["r2F3ULOJ9MYbVICRTDd", "x", "r2F3ULOJ9MYbVICRTDdr2F3ULOJ9MYbVICRTDd"])
def test_a_link_that_was_cut_leads_a_person_to_the_page(client: FlaskClient, cut: str) -> None:
    opened = client.get(f"/{cut}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (opened.status_code, opened.data) == (200, client.get("/").data)
    for program in ({}, {"Accept": "application/json"}, {"Accept": "*/*"}):
        answer = client.get(f"/{cut}", headers=program)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_opening_the_page_spends_nothing(
    client: FlaskClient, token: str, sessions: sessionmaker[Session]
) -> None:
    for _ in range(3):
        client.get(f"/{token}")
        client.head(f"/{token}")
    with sessions() as session:
        fingerprint = credentials.hash_token(token)
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
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_nothing_in_the_page_needs_more_than_the_policy_allows(client: FlaskClient) -> None:
    text = client.get("/check-in").text
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|https?://", text)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", text))
    assets = re.findall(r'(?:src|href)="(/companion/[^"]+)"', text)
    assert len(assets) == 5
    for asset in assets:
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


def test_the_app_is_installable(client: FlaskClient) -> None:
    with client.get("/companion/static/manifest.webmanifest") as served:
        manifest: dict[str, Any] = json.loads(served.data)
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/check-in", "/", "standalone")
    sizes = set()
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as served:
            assert (served.status_code, served.mimetype) == (200, icon["type"])
        sizes.add(icon["sizes"])
    assert {"192x192", "512x512"} <= sizes
    assert client.get(manifest["start_url"]).status_code == 200
    with client.get("/sw.js") as worker:
        assert (worker.status_code, worker.mimetype) == (200, "text/javascript")


def test_without_a_script_the_page_says_to_call_in_every_language(client: FlaskClient) -> None:
    text = client.get("/check-in").text
    (without,) = re.findall(r"<noscript>(.*?)</noscript>", text, re.DOTALL)
    assert re.findall(r'lang="(\w+)"', without) == ["en", "es", "fr"]
    assert "call the number in your text" in without


def test_the_script_stays_small(client: FlaskClient) -> None:
    total = 0
    for path in ("/companion/static/app.js", "/sw.js"):
        with client.get(path) as response:
            total += len(gzip.compress(response.data, mtime=0))
    assert 10_000 < total <= LARGEST_SCRIPT


def _texts(table: dict[str, Any], at: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _texts(value, f"{at}{name}.")
        else:
            yield at + name, value


def test_every_language_says_everything_with_the_same_places() -> None:
    words = {
        path.parent.name: dict(_texts(tomllib.loads(path.read_text("utf-8"))))
        for path in (PROJECT / "config/messages").glob("*/companion.toml")
    }
    assert set(words) == {"en", "es", "fr"}
    for language, texts in words.items():
        assert texts.keys() == words["en"].keys(), language
        for key, text in texts.items():
            assert sorted(re.findall(r"\{(\w+)\}", text)) == sorted(
                re.findall(r"\{(\w+)\}", words["en"][key])
            ), (language, key)
            assert (
                language == "en"
                or key.endswith(("phone", "photos_one", "photos_several"))
                or text != words["en"][key]
            ), key


def test_the_page_says_nothing_that_is_not_in_its_words() -> None:
    english = dict(_texts(tomllib.loads((PROJECT / "config/messages/en/companion.toml").read_text("utf-8"))))
    sources = sorted((PROJECT / "api/companion/source/src").rglob("*.js*"))
    assert len(sources) > 15
    asked = set()
    for path in sources:
        asked |= set(re.findall(r'[^\w]t\("([\w.]+)"', path.read_text("utf-8")))
    assert asked <= english.keys()
    assert len(asked) > 80


def test_it_never_says_that_all_is_clear() -> None:
    for path in (PROJECT / "config/messages").glob("*/companion.toml"):
        text = path.read_text("utf-8").lower()
        for promise in ("all clear", "all good", "todo bien", "todo está bien", "tout va bien", "healed"):
            assert promise not in text, path
