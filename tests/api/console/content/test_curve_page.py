"""A curve as numbers: checked as the text of a protocol is, drawn, tried, and kept as a draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from api.console.content import curve_page
from recovery.domain.clinical import protocol
from recovery.domain.clinical.symptoms import Symptom
from recovery.models.content.protocols import ProtocolVersion
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from tests.api.console.conftest import Browser
from tests.support.access.signing import sign
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic

SHIPPED = "standard-2026-12"
REDNESS = f"/console/course/versions/{SHIPPED}/curves/reference/redness"
DRAFT = "/console/course/versions/own-1/curves/reference/redness"
NEW = {"name": "own-1", "title": "Our course"}


def fields(page: StrictPage) -> dict[str, str]:
    """The form as it stands, without what belongs to every form."""
    found = {
        str(one.attributes["name"]): str(one.attributes.get("value") or "")
        for one in page.every("input")
        if "name" in one.attributes and one.attributes["name"] not in ("csrf", "once")
    }
    (source,) = page.every("textarea", id="source")
    return {**found, "source": source.text.strip()}


def faults(text: str) -> dict[str, str]:
    """What stands beside the cells."""
    page = StrictPage(text)
    wrong = {str(one.attributes["id"]) for one in page.every("input") if one.attributes.get("aria-invalid")}
    said = {
        str(one.attributes["id"]).removesuffix("-said"): one.text
        for one in page.every("span", class_="curve-said")
    }
    return {name: said[name].strip() for name in wrong if name in said}


def bodies(sessions: sessionmaker[Session]) -> Mapping[str, str]:
    with sessions() as session:
        return {row.version: row.body for row in session.scalars(select(ProtocolVersion))}


def test_a_curve_is_changed_kept_as_a_draft_and_reaches_nobody_before_it_is_signed(
    manager: Browser, director: Browser, clinic: Clinic, sessions: sessionmaker[Session], content: Content,
    now: datetime,
) -> None:  # fmt: skip
    sign(clinic, now=now)
    before = fields(manager.page(REDNESS))
    assert (before["p90_2"], before["title"], len(before["name"])) == (
        "3", content.protocols[SHIPPED].title, len("own-2026-12-01"),
    )  # fmt: skip
    kept = manager.post(REDNESS, before | NEW | {"p90_2": "3,5", "source": "Our first year.", "do": "save"})
    assert kept.headers["Location"] == f"{DRAFT}?done=curve_kept"
    draft = protocol.parse(bodies(sessions)["own-1"], asked=content.answers)
    (curve,) = (one for one in draft.curves.curves if one.name == "reference")
    assert (draft.version, draft.title, curve.bands[Symptom.REDNESS][2].p90) == ("own-1", "Our course", 3.5)
    page = manager.page(DRAFT)
    assert "runs: 3" in page.said
    assert "day 2: 3 → 3.5" in page.said
    assert "pen or roller, above 1.5 and below 2.0 mm" in page.said, "a curve that follows from it"
    assert "What it would have flagged" in page.said
    again = manager.post(DRAFT, fields(page) | {"p90_2": "4", "do": "save"})
    assert again.headers["Location"] == f"{DRAFT}?done=curve_kept"
    assert list(bodies(sessions)) == ["own-1"]
    assert "p90 = [7, 5, 4, 2, 1, 1, 0, 0, 0, 0]" in bodies(sessions)["own-1"]
    version = director.page("/console/course/versions/own-1")
    assert "curves · reference · redness · p90" in version.said
    assert "Publish for treatments from now on" in version.said
    assert f"In force: {SHIPPED}" in director.page("/console/course").said
    assert director.post("/console/course/versions/own-1/publish").status_code == 303
    assert f"In force: {SHIPPED}" in director.page("/console/course").said
    assert "curves · reference · redness · p90" in director.page("/console/course/sign").said
    sign(clinic, now=now)
    assert "In force: own-1" in director.page("/console/course").said


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"p90_2": "0.5"}, {"p90_2": "Is below p50."}),
        (
            {"p50_0": "-1", "p97_5_0": "11"},
            dict.fromkeys(("p50_0", "p97_5_0"), "Must lie between 0 and 10."),
        ),
        ({"p50_9": "x", "p90_0": ""}, dict.fromkeys(("p50_9", "p90_0"), "A number like 3 or 2.5.")),
    ],
)
def test_what_is_wrong_stands_beside_its_cell_and_nothing_typed_is_lost(
    manager: Browser, sessions: sessionmaker[Session], typed: dict[str, str], wrong: dict[str, str]
) -> None:
    form = fields(manager.page(REDNESS)) | NEW | typed | {"source": "Ours, <b>estimated</b>."}
    for do, status in (("check", 200), ("try", 200), ("save", 422)):
        answer = manager.post(REDNESS, form | {"do": do})
        assert (answer.status_code, faults(answer.text)) == (status, wrong)
        shown = fields(StrictPage(answer.text))
        assert {name: shown[name] for name in (*typed, "source", "name")} == {
            **typed, "source": "Ours, <b>estimated</b>.", "name": "own-1",
        }  # fmt: skip
        assert f"{len(wrong)} to put right." in answer.text
        assert "What it would have flagged" not in answer.text
    assert bodies(sessions) == {}


def test_a_change_is_tried_on_the_clinic_s_last_courses_without_being_kept(
    client: FlaskClient, manager: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    body = {
        "seen_at": (now - timedelta(minutes=1)).isoformat(),
        "scores": {"redness": 10, "swelling": 1, "peeling": 0},
        "confirmed": ["redness"],
    }
    assert client.put(patient.report_path(uuid4()), json=body, headers=patient.headers).status_code == 201
    form = fields(manager.page(REDNESS)) | NEW
    strict = manager.post(REDNESS, form | {"do": "try"})
    raised = {f"{share}_{day}": "10" for share in ("p90", "p97_5") for day in (2, 3)}
    calm = manager.post(REDNESS, form | raised | {"do": "try"})
    rows = [
        [cell.text for cell in StrictPage(answer.text).every("td", class_="figure")][:3]
        for answer in (strict, calm)
    ]
    assert rows == [["1", "100.0", "100.0"], ["1", "100.0", "0.0"]]
    checked = manager.post(REDNESS, form | {"p90_2": "3.5", "do": "check"})
    assert "What it would have flagged" not in checked.text
    assert "Dashed: what runs now." in checked.text
    assert "curve-before" in checked.text
    assert bodies(sessions) == {}


def test_two_people_on_one_draft_see_each_other_and_lose_nothing(
    manager: Browser, director: Browser, sessions: sessionmaker[Session]
) -> None:
    form = fields(manager.page(REDNESS)) | NEW | {"p90_2": "3.5", "do": "save"}
    assert manager.post(REDNESS, form).status_code == 303
    first, second = fields(manager.page(DRAFT)), fields(director.page(DRAFT))
    assert manager.post(DRAFT, first | {"p90_2": "4", "p90_1": "5.5", "do": "save"}).status_code == 303
    late = director.post(DRAFT, second | {"p90_2": "3.2", "p97_5_1": "7", "do": "save"})
    assert late.status_code == 409
    assert "Somebody else has changed this while you were writing." in late.text
    assert "Day 2, 9 in 10" in late.text
    shown = fields(StrictPage(late.text))
    assert (shown["p90_2"], shown["p90_1"], shown["p97_5_1"]) == ("3.2", "5.5", "7")
    assert "p90 = [7, 5.5, 4," in bodies(sessions)["own-1"]
    assert director.post(DRAFT, shown | {"do": "save"}).status_code == 303
    assert "p90 = [7, 5.5, 3.2," in bodies(sessions)["own-1"]
    assert "p97_5 = [9, 7, 4," in bodies(sessions)["own-1"]


def test_two_people_with_one_name_for_their_drafts(
    manager: Browser, director: Browser, sessions: sessionmaker[Session]
) -> None:
    form = fields(manager.page(REDNESS)) | NEW | {"do": "save"}
    assert manager.post(REDNESS, form | {"p90_2": "3.5"}).status_code == 303
    late = director.post(REDNESS, form | {"p90_2": "4"})
    assert (late.status_code, curve_page._TAKEN in late.text) == (409, True)
    assert fields(StrictPage(late.text))["p90_2"] == "4"
    assert fields(director.page(REDNESS))["name"] != "own-1"
    for name in ("", "a b", "-", "x" * 61, "own/1"):
        refused = director.post(REDNESS, form | {"p90_2": "4", "name": name})
        assert (refused.status_code, "like own-2026-12" in refused.text) == (422, True), name
    for part in ("title", "source"):
        assert director.post(REDNESS, form | {"p90_2": "4", "name": "own-2", part: " "}).status_code == 422
    assert list(bodies(sessions)) == ["own-1"]


def test_a_draft_that_was_published_meanwhile_stays_and_what_was_typed_can_be_kept(
    manager: Browser, director: Browser, sessions: sessionmaker[Session]
) -> None:
    form = fields(manager.page(REDNESS)) | NEW | {"p90_2": "3.5", "do": "save"}
    assert manager.post(REDNESS, form).status_code == 303
    typed = fields(manager.page(DRAFT)) | {"p90_2": "4", "do": "save"}
    assert director.post("/console/course/versions/own-1/publish").status_code == 303
    late = manager.post(DRAFT, typed)
    assert (late.status_code, "can be kept as a new draft" in late.text) == (409, True)
    shown = fields(StrictPage(late.text))
    assert shown["p90_2"] == "4"
    assert manager.post(DRAFT, shown | {"do": "save"}).status_code == 303
    kept = bodies(sessions)
    assert "p90 = [7, 5, 3.5," in kept["own-1"]
    assert "p90 = [7, 5, 4," in kept[shown["name"]]


def test_nothing_is_kept_that_is_not_changed(manager: Browser, sessions: sessionmaker[Session]) -> None:
    form = fields(manager.page(REDNESS)) | NEW | {"do": "save"}
    same = manager.post(REDNESS, form)
    assert (same.status_code, "Nothing is changed yet." in same.text) == (422, True)
    assert bodies(sessions) == {}


def test_a_draft_that_a_treatment_is_held_to_goes_on_as_a_new_one(
    manager: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    form = fields(manager.page(REDNESS)) | NEW | {"p90_2": "3.5", "do": "save"}
    assert manager.post(REDNESS, form).status_code == 303
    assert "name" not in fields(manager.page(DRAFT))
    clinic.add_patient(now=now)
    with sessions.begin() as session:
        session.execute(update(Treatment).values(protocol="own-1"))
    assert fields(manager.page(DRAFT))["name"]


def test_whose_page_it_is_and_what_is_nobody_s(manager: Browser, browser: Browser) -> None:
    assert browser.get(REDNESS).status_code == 403
    assert browser.post(REDNESS, {"do": "check"}).status_code == 403
    for path in (
        "nothing/curves/reference/redness",
        f"{SHIPPED}/curves/nothing/redness",
        f"{SHIPPED}/curves/reference/nothing",
    ):
        assert manager.get(f"/console/course/versions/{path}").status_code == 404
    assert "Change redness" in manager.get("/console/course").text
    assert "Change redness" not in browser.get("/console/course").text
