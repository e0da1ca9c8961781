"""The expected course: read and signed, a draft kept, replayed and published."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from api.console.content import protocol_pages
from evaluation import cohort, ground_truth, judges
from recovery.domain.clinical import protocol as parsed_protocols
from recovery.domain.clinical.symptoms import Observation, Symptom
from recovery.domain.core.language import Language
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.content.follow_ups import ContentFollowUp
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.core import audit
from tests.api.console.conftest import Browser
from tests.support.access.signing import sign
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic


def test_the_director_reads_signs_and_a_change_takes_it_off(
    director: Browser, browser: Browser, director_code: str
) -> None:
    page = director.page("/console/course/sign")
    assert "It is not watched live." in page.said
    assert "It is not for emergencies." in page.said
    assert "Not signed yet" in page.said
    (digest,) = (one for one in page.every("input") if one.attributes.get("name") == "digest")
    form = {"digest": str(digest.attributes["value"])}
    for code in ({}, {"code": "000000"}):
        refused = director.post("/console/course/sign", form | code)
        assert (refused.status_code, "This is not the code" in refused.text) == (422, True)
    assert "Not signed yet" in browser.page("/console/course/sign").said
    sent = director.post("/console/course/sign", form | {"code": director_code})
    assert sent.headers["Location"].endswith("done=signed")
    assert "Signed" in browser.page("/console/course/sign").said
    assert "signed" in browser.page("/console/course").said
    stale = director.post("/console/course/sign", {"digest": "0" * 64})
    assert stale.status_code == 409


def test_a_draft_is_kept_replayed_published_and_holds_once_it_is_signed(
    director: Browser, browser: Browser, content: Content, director_code: str
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
    assert f"In force: {newest}" in browser.page("/console/course").said
    page = director.page("/console/course/sign")
    (digest,) = (one for one in page.every("input") if one.attributes.get("name") == "digest")
    form = {"digest": str(digest.attributes["value"]), "code": director_code}
    assert director.post("/console/course/sign", form).status_code == 303
    assert "In force: own-1" in browser.page("/console/course").said
    assert director.post("/console/course/versions/own-1/publish").status_code == 409


def test_only_the_director_signs_and_publishes_and_a_nurse_drafts_nothing(
    manager: Browser, browser: Browser
) -> None:
    assert browser.post("/console/course/drafts", {"text": "x"}).status_code == 403
    assert manager.post("/console/course/drafts", {"text": "x"}).status_code == 422
    for one in (manager, browser):
        assert one.post("/console/course/sign", {"digest": "0" * 64}).status_code == 403
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


@pytest.mark.parametrize(
    ("bound", "changed", "hours", "scores", "sentence"),
    [
        (
            "scores = { redness = 4, swelling = 3, pain = 3 }",
            "scores = { redness = 4, swelling = 3, pain = 4 }",
            96,
            {"pain": 3},
            "swelling of 3 or more or pain of 4 or more",
        ),
        ("margin = 3\nleast = 6", "margin = 3\nleast = 7", 48, {"pain": 6}, "at least 7, raises"),
    ],
)
def test_one_bound_changed_holds_in_evaluation_in_production_and_on_the_page_that_is_signed(
    client: FlaskClient,
    browser: Browser,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
    bound: str,
    changed: str,
    hours: int,
    scores: dict[str, int],
    sentence: str,
) -> None:
    shipped, long_ago = max(content.protocols), now - timedelta(days=30)
    source = content.protocol_sources[shipped]
    own = source.replace(shipped, "own-1", 1).replace(bound, changed, 1)
    given = {"redness": 0, "swelling": 0, "peeling": 0, **scores}

    def in_evaluation(text: str) -> str:
        seen = Observation(
            hours=hours,
            scores={Symptom(name): score for name, score in given.items()},
            confirmed=frozenset(Symptom),
        )
        course = cohort.Course(
            kind=ground_truth.CourseKind.NORMAL,
            facts=cohort.REFERENCE_TREATMENT,
            reports=(),
            onset_hours=None,
            under_reporter=False,
            asked_days=(),
        )
        engine = judges.Engine(rules=parsed_protocols.parse(text))
        return engine(seen, history=(), course=course, earlier=()).level.value

    def in_production() -> str:
        patient = clinic.add_patient(now=now, hours_ago=hours)
        body = {"seen_at": now.isoformat(), "scores": given, "confirmed": list(scores)}
        answer = client.put(patient.report_path(uuid4()), json=body, headers=patient.headers)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["assessment"]["level"])

    assert (in_evaluation(source), in_production()) == ("watch", "watch")
    assert sentence not in browser.page("/console/course/sign").said
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        protocols.save_draft(
            session, clinic_id=clinic.id, text=own, content=content, actor=audit.OPERATOR, now=long_ago
        )
        protocols.publish(
            session,
            clinic=row,
            version="own-1",
            effective_from=long_ago,
            reason="tried",
            content=content,
            actor=audit.OPERATOR,
            now=long_ago,
        )
    assert (in_evaluation(own), in_production()) == ("expected", "expected")
    assert sentence in browser.page("/console/course/sign").said


def test_the_director_sees_what_changes_and_a_manager_takes_a_version_back(
    director: Browser,
    manager: Browser,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> None:
    sign(clinic, now=now)
    assert "Nothing: patients are judged by it" in director.page("/console/course/sign").said
    newest = max(content.protocols)
    text = content.protocol_sources[newest].replace(newest, "own-1", 1)
    head, curves = text.split("\n[curves]\n")
    own = f"{head}\n[curves]\n{curves.replace('first_hours = 6', 'first_hours = 5', 1)}"
    assert director.post("/console/course/drafts", {"text": own}).status_code == 303
    assert director.post("/console/course/versions/own-1/publish").status_code == 303
    page = director.page("/console/course/sign")
    cells = (
        [cell.text for cell in page.every("td", class_="was")],
        [cell.text for cell in page.every("td", class_="will")],
    )
    assert ("6" in cells[0], "5" in cells[1]) == (True, True)
    sign(clinic, now=now)
    address = "/console/course/versions/own-1"
    assert "Take it back at once" in manager.page(address).said
    assert manager.post(f"{address}/withdraw", {"because": " "}).status_code == 422
    back = manager.post(f"{address}/withdraw", {"because": "It misses too much."})
    assert "done=taken_back" in back.headers["Location"]
    assert f"In force: {newest}" in manager.page("/console/course").said
    assert "the stricter counts" in manager.page(address).said
    assert manager.post(f"{address}/withdraw", {"because": "again"}).status_code == 404
    for place in ("/console/course/sign", "/console/course/back"):
        said = manager.page(place).said
        assert "are judged anew: 0 courses so far." in said
        assert "Planned texts follow what was signed" in said
    with sessions.begin() as session:
        for one in session.scalars(select(ContentFollowUp)):
            one.done, one.failed, one.finished_at = 1, 2, now
    said = director.page("/console/course/sign").said
    assert "are judged anew: 1 course, done " in said
    assert "2 could not be done" in said
