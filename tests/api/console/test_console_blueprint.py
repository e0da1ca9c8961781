"""The headers of every page, and the assets."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from pathlib import Path

from flask import Flask

from api.console import console_blueprint
from recovery.domain.clinic.staff_roles import Role
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.browser.pages import StrictPage

STATIC = Path(console_blueprint.__file__).parent / "static"


def test_every_page_carries_headers_that_keep_it_to_itself(browser: Browser, browser_of: BrowserOf) -> None:
    nonces = set()
    for answer in (
        browser.get("/console"),
        browser.get("/console/x"),
        browser_of(None).get("/console/sign-in"),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        (nonce,) = re.findall(r"script-src 'nonce-([\w-]{22})';", policy)
        assert {tag.attributes["nonce"] for tag in StrictPage(answer.text).every("script")} == {nonce}
        nonces.add(nonce)
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.content_type == "text/html; charset=utf-8"
    assert len(nonces) == 3


def test_assets_need_no_session_load_nothing_from_elsewhere_and_may_be_kept(browser_of: BrowserOf) -> None:
    stranger = browser_of(None)
    page = StrictPage(stranger.get("/console/sign-in").text)
    kept = [str(link.attributes["href"]) for link in page.every("link")]
    kept += [str(script.attributes["src"]) for script in page.every("script")]
    assert len(kept) == 3
    for path in [*kept, *(f"/console/static/{name}.css" for name in ("queue", "flag", "course"))]:
        with stranger.get(path) as answer:
            assert answer.status_code == 200
            assert ("immutable" in answer.headers["Cache-Control"]) is ("?v=" in path)
            for foreign in ("url(", "@import", "https:"):
                assert foreign not in answer.get_data(as_text=True)


def test_another_content_of_an_asset_has_another_address_and_only_its_own_is_kept(app: Flask) -> None:
    browser = app.test_client()
    with app.test_request_context():
        styles, script = console_blueprint.asset("console.css"), console_blueprint.asset("console.js")
    digest = hashlib.sha256((STATIC / "console.css").read_bytes()).hexdigest()
    assert styles == f"/console/static/console.css?v={digest[:12]}"
    assert script.partition("?")[2] != styles.partition("?")[2]
    with browser.get("/console/static/nothing.css?v=1") as missing:
        assert missing.status_code == 404
        assert "immutable" not in missing.headers["Cache-Control"]


def test_one_answer_has_one_nonce_and_the_policy_names_it(app: Flask) -> None:
    with app.test_request_context():
        first = console_blueprint.nonce()
        assert console_blueprint.nonce() == first
        assert f"script-src 'nonce-{first}'" in console_blueprint.content_security_policy()
    with app.test_request_context():
        assert console_blueprint.nonce() != first


def test_the_words_of_an_enum_are_offered_in_their_order_with_a_capital() -> None:
    words: dict[StrEnum, str] = {Role.MANAGER: "runs the clinic", Role.NURSE: "élan"}
    assert console_blueprint.enum_choices(words) == [("manager", "Runs the clinic"), ("nurse", "Élan")]


def test_every_template_can_be_read(app: Flask) -> None:
    names = [name for name in app.jinja_env.list_templates() if name.startswith("console/")]
    assert len(names) > 30
    for name in names:
        # A filter or a template that does not exist is found here, also where no page is tried.
        app.jinja_env.get_template(name)
