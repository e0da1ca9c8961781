"""The words of all texts: looked at in every language, tried, kept and taken back."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from api.app_state import KEY
from recovery.domain.core.language import Language
from recovery.models.content.wordings import ClinicWording
from recovery.services.content.content import Content
from recovery.services.content.wordings import SAMPLE_ENDING
from tests.api.console.conftest import Browser
from tests.support.access.signing import sign
from tests.support.data.people import Clinic

LIST = "/console/clinic/wordings"
SEEN = f"{LIST}/en/seen"
GOOD = "{clinic}: A nurse looked at your report. Questions? Call {phone}. {ref}"


def test_every_text_is_shown_in_every_language(app: Flask, browser: Browser, content: Content) -> None:
    for language in Language:
        page = browser.page(f"{LIST}?language={language.value}")
        shown = {
            one.attributes["id"] for one in page.every("li") if one.attributes.get("class") == "card stack"
        }
        assert shown == set(content.catalogue_for(language).keys)
        assert page.said.count(" at its longest") == len(shown)
        bodies = [one.text for one in page.every("p", class_="bubble")]
        assert len(bodies) == len(shown)
        assert all(body.startswith("Test Clinic") for body in bodies)
        linked = [
            body for body in bodies if f"{app.extensions[KEY].settings.links_at}/{SAMPLE_ENDING}" in body
        ]
        with_link = [
            text for text in content.catalogue_for(language).texts.values() if "link" in text.placeholders
        ]
        assert len(linked) == len(with_link) > 5
    assert browser.get(f"{LIST}?language=xx").status_code == 404
    for unknown in ("en/nothing", "xx/seen"):
        assert browser.get(f"{LIST}/{unknown}").status_code == 404


def test_words_are_tried_kept_and_taken_back(manager: Browser, sessions: sessionmaker[Session]) -> None:
    def kept() -> list[str | None]:
        with sessions() as session:
            return list(session.scalars(select(ClinicWording.template)))

    tried = manager.post(SEEN, {"template": GOOD, "do": "try"})
    assert tried.status_code == 200
    assert "A nurse looked at your report. Questions? Call" in tried.text
    assert "reading grade" in tried.text
    assert "1 text as shown, " in tried.text
    assert kept() == []
    for bad in (
        "Your microneedling went well {clinic} {phone} {ref}",
        "{clinic}: {nothing}",
        "{clinic",
        "{clinic}: " + "long " * 60,
    ):
        refused = manager.post(SEEN, {"template": bad, "do": "save"})
        assert refused.status_code == 422, bad
        assert "It cannot be kept like this." in refused.text
        assert bad.strip() in refused.text
    assert manager.post(SEEN, {"template": "", "do": "save"}).status_code == 422
    assert kept() == []
    saved = manager.post(SEEN, {"template": GOOD, "do": "save"})
    assert saved.headers["Location"] == f"{LIST}?language=en&done=wording_saved#seen"
    assert kept() == [GOOD]
    assert "your words since" in manager.page(LIST).said
    assert "The shipped words:" in manager.page(SEEN).said
    assert manager.post(SEEN, {"do": "reset"}).status_code == 303
    assert kept() in ([], [None])
    assert "your words since" not in manager.page(LIST).said


def test_a_nurse_reads_words_and_changes_none(browser: Browser) -> None:
    assert "A manager changes it." in browser.page(SEEN).said
    assert browser.post(SEEN, {"template": GOOD, "do": "save"}).status_code == 403


def test_dangerous_words_go_back_at_once_with_a_reason(
    manager: Browser, browser: Browser, clinic: Clinic, now: datetime
) -> None:
    assert manager.post(SEEN, {"template": GOOD, "do": "save"}).status_code == 303
    assert "What leaves now" in manager.page(SEEN).said
    assert "Back at once" not in manager.page(SEEN).said
    sign(clinic, now=now)
    page = manager.page(SEEN)
    assert "What leaves now" not in page.said
    assert "Back at once" in page.said
    assert "Back at once" not in browser.page(SEEN).said
    without = manager.post(f"{SEEN}/withdraw", {"to": "", "because": " "})
    assert (without.status_code, "Say why" in without.text) == (422, True)
    never = manager.post(f"{SEEN}/withdraw", {"to": "All is well.", "because": "so"})
    assert (never.status_code, "signed before" in never.text) == (409, True)
    back = manager.post(f"{SEEN}/withdraw", {"to": "", "because": "It calms too much."})
    assert "done=taken_back" in back.headers["Location"]
    after = manager.page(SEEN)
    assert "Back at once" not in after.said.replace("Taken back at once", "")
    assert "It calms too much." in manager.page("/console/course/sign").said
