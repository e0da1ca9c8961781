"""The expected course: read and signed, a draft kept, replayed and published."""

from __future__ import annotations

from api.console.content import protocol_pages
from recovery.domain.core.language import Language
from recovery.services.content.content import Content
from tests.api.console.conftest import Browser
from tests.support.browser.pages import StrictPage


def test_the_director_reads_signs_and_a_change_takes_it_off(director: Browser, browser: Browser) -> None:
    page = director.page("/console/course/sign")
    assert "It is not watched live." in page.said
    assert "It is not for emergencies." in page.said
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
    others = text.replace("most = 7", "most = 6", 1).replace("least = 8", "least = 7", 1)
    other = director.post("/console/course/drafts", {"text": others})
    assert other.status_code == 422
    assert "must be the five that patients are asked with" in other.text
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


def test_a_draft_needs_a_new_name_and_has_a_length(director: Browser, content: Content) -> None:
    text = content.protocol_sources[max(content.protocols)]
    own = text.replace(max(content.protocols), "own-1", 1)
    assert director.post("/console/course/drafts", {"text": own}).status_code == 303
    director.post("/console/course/versions/own-1/publish")
    for sent, status, message in (
        (own, 409, "There is a version of this name."),
        ("x" * (protocol_pages.LONGEST_TEXT + 1), 422, "longer than 60000 characters"),
    ):
        refused = director.post("/console/course/drafts", {"text": sent})
        assert refused.status_code == status
        page = StrictPage(refused.text)
        assert message in page.said
        (kept,) = page.every("textarea", id="text")
        assert kept.text.strip() == sent.strip(), "what was typed stays in the form"


def test_the_curve_of_most_patients_stands_first_and_every_symptom_is_drawn(
    browser: Browser, content: Content
) -> None:
    protocol = content.protocols[max(content.protocols)]
    titles = [curve.title for curve in protocol.curves.curves]
    page = browser.page(f"/console/course/versions/{protocol.version}")
    shown = [heading.text for heading in page.every("h3")]
    assert shown[: len(titles)] == [titles[-1], *titles[:-1]]
    bands = sum(len(curve.bands) for curve in protocol.curves.curves)
    assert len(page.every("td", class_="band-cell")) == bands


def test_the_signature_covers_every_text_in_every_language(browser: Browser, content: Content) -> None:
    page = browser.page("/console/course/sign")
    for language in Language:
        shown = {cell.text for cell in page.every("td", lang=language.value)}
        assert shown == {text.template for text in content.catalogue_for(language).texts.values()}
