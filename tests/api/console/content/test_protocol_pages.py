"""The expected course: read and signed, a draft kept, replayed and published."""

from __future__ import annotations

from recovery.services.content.content import Content
from tests.api.console.conftest import Browser


def test_the_director_reads_signs_and_a_change_takes_it_off(director: Browser, browser: Browser) -> None:
    page = director.page("/console/course/sign")
    assert "Not signed yet" in page.said
    (digest,) = (one for one in page.every("input") if one.attributes.get("name") == "digest")
    sent = director.post("/console/course/sign", {"digest": str(digest.attributes["value"])})
    assert sent.headers["Location"].endswith("done=signed")
    assert "Signed" in browser.page("/console/course/sign").said
    assert "signed" in browser.page("/console/course").said
    stale = director.post("/console/course/sign", {"digest": "0" * 64})
    assert stale.status_code == 409


def test_a_draft_is_kept_replayed_and_published(
    director: Browser, browser: Browser, content: Content
) -> None:
    newest = max(content.protocols)
    text = content.protocol_sources[newest].replace(newest, "own-1", 1)
    broken = director.post("/console/course/drafts", {"text": text.replace("[", "[[", 1)})
    assert broken.status_code == 422
    assert "line" in broken.text
    kept = director.post("/console/course/drafts", {"text": text.replace("\n", "\r\n")})
    assert kept.headers["Location"].startswith("/console/course/versions/own-1")
    assert "Publish for treatments from now on" in director.page("/console/course/versions/own-1").said
    assert "Publish for treatments from now on" not in browser.page("/console/course/versions/own-1").said
    assert director.post("/console/course/versions/own-1/publish").status_code == 303
    assert "own-1 signed" not in browser.page("/console/course").said
    assert "In force: own-1" in browser.page("/console/course").said
    assert director.post("/console/course/versions/own-1/publish").status_code == 409


def test_only_the_director_signs_and_publishes(manager: Browser, browser: Browser) -> None:
    for one in (manager, browser):
        assert one.post("/console/course/sign", {"digest": "0" * 64}).status_code == 403
        assert one.post("/console/course/drafts", {"text": "x"}).status_code == 403
        assert one.post("/console/course/versions/x/publish").status_code == 403
        assert "I have read it and sign" not in one.page("/console/course/sign").said


def test_a_version_nobody_has(browser: Browser) -> None:
    assert browser.get("/console/course/versions/nothing").status_code == 404
