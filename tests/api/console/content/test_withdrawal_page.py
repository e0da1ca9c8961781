"""What is the clinic's own goes back at once from a page: texts, pages, hours and versions."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.domain.treatments.avoidance_rules import AvoidItem
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.services.content import avoidance, knowledge_pages, running_content, wordings
from recovery.services.content.content import Content
from recovery.services.core import audit
from tests.api.console.conftest import Browser
from tests.support.access.signing import sign
from tests.support.data.people import Clinic

BACK = "/console/course/back"
KEY = "tried_to_call"
WORDS = "{clinic}: You can wait. Or call {phone}. Ref {ref}"
FIRST_PAGE = "# Our care\n\nCall us <b>any</b> time.\n\n- ice\n- rest\n"
SECOND_PAGE = "# Our care\n\nAll fine. You are healed.\n"
PARTS = {
    "own wording en tried_to_call": WORDS,
    "own page en aftercare": SECOND_PAGE,
    "own hours to avoid sun": "1",
}


@pytest.fixture
def own(clinic: Clinic, now: datetime) -> None:
    """A clinic that runs on words, a page and hours of its own, the page signed in two forms."""
    for page, at in ((FIRST_PAGE, now), (SECOND_PAGE, now + timedelta(seconds=1))):
        with clinic.sessions.begin() as session:
            knowledge_pages.save_page(
                session, clinic_id=clinic.id, language=Language.ENGLISH, topic=KnowledgeTopic.AFTERCARE,
                source=page, content=clinic.content, actor=audit.OPERATOR, now=at,
            )  # fmt: skip
            wordings.save(
                session, clinic_id=clinic.id, language=Language.ENGLISH, key=KEY, template=WORDS,
                content=clinic.content, actor=audit.OPERATOR, now=at,
            )  # fmt: skip
            avoidance.save(
                session, clinic_id=clinic.id, what=AvoidItem.SUN, hours=1, content=clinic.content,
                actor=audit.OPERATOR, now=at,
            )  # fmt: skip
        sign(clinic, now=at)


def runs(sessions: sessionmaker[Session], clinic: Clinic, content: Content) -> Content:
    with sessions() as session:
        return running_content.of_clinic(session, session.get_one(ClinicRow, clinic.id), newest=content)


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("part", PARTS)
def test_what_is_dangerous_goes_back_to_what_ships_and_was_signed(
    client: FlaskClient, manager: Browser, clinic: Clinic, sessions: sessionmaker[Session], content: Content,
    now: datetime, part: str,
) -> None:  # fmt: skip
    address = f"{BACK}/{quote(part)}"
    assert address in [one.attributes.get("href") for one in manager.page(BACK).every("a")]
    page = manager.page(address)
    assert PARTS[part].splitlines()[-1] in page.said
    assert "What ships, as it was signed" in page.said
    without = manager.post(address, {"to": "shipped", "because": " "})
    assert (without.status_code, "Say why" in without.text) == (422, True)
    never = manager.post(address, {"to": "0" * 64, "because": "It calms."})
    assert (never.status_code, "signed before" in never.text, "It calms." in never.text) == (409, True, True)
    back = manager.post(address, {"to": "shipped", "because": "It <i>calms</i> too much."})
    assert back.headers["Location"] == f"{BACK}?done=taken_back"
    now_runs = runs(sessions, clinic, content)
    found = {
        "own wording en tried_to_call": now_runs.catalogue_for(Language.ENGLISH).text(KEY).template,
        "own page en aftercare": now_runs.pages_for(Language.ENGLISH)[KnowledgeTopic.AFTERCARE].source,
        "own hours to avoid sun": next(str(one.hours) for one in now_runs.avoidance if one.what == "sun"),
    }
    shipped = {
        "own wording en tried_to_call": content.catalogue_for(Language.ENGLISH).text(KEY).template,
        "own page en aftercare": content.pages_for(Language.ENGLISH)[KnowledgeTopic.AFTERCARE].source,
        "own hours to avoid sun": next(str(one.hours) for one in content.avoidance if one.what == "sun"),
    }
    assert found == PARTS | {part: shipped[part]}
    assert "It <i>calms</i> too much." in manager.page(BACK).said
    if part == "own page en aftercare":
        patient = clinic.add_patient(now=now)
        assert "You are healed" not in client.get("/api/v1/knowledge", headers=patient.headers).text


@pytest.mark.usefixtures("own")
def test_a_page_goes_back_to_the_clinic_s_own_of_before_line_by_line(
    manager: Browser, clinic: Clinic, sessions: sessionmaker[Session], content: Content
) -> None:
    address = f"{BACK}/{quote('own page en aftercare')}"
    page = manager.page(address)
    values = [
        str(one.attributes["value"]) for one in page.every("input") if one.attributes.get("name") == "to"
    ]
    assert len(values) == 2
    assert "Call us <b>any</b> time." in page.said
    assert manager.post(address, {"to": values[1], "because": "It calms."}).status_code == 303
    now_runs = runs(sessions, clinic, content)
    assert now_runs.pages_for(Language.ENGLISH)[KnowledgeTopic.AFTERCARE].source == FIRST_PAGE


@pytest.mark.usefixtures("own")
def test_where_the_way_back_is_found_and_whose_it_is(
    manager: Browser, director: Browser, browser: Browser
) -> None:
    for page in ("/console/course/sign", "/console/clinic/wordings"):
        for may in (manager, director):
            assert BACK in [one.attributes.get("href") for one in may.page(page).every("a")]
        assert BACK not in [one.attributes.get("href") for one in browser.page(page).every("a")]
    address = f"{BACK}/{quote('own hours to avoid sun')}"
    assert [browser.get(one).status_code for one in (BACK, address)] == [403, 403]
    assert browser.post(address, {"to": "shipped", "because": "so"}).status_code == 403


def test_nothing_to_take_back(manager: Browser, clinic: Clinic, now: datetime) -> None:
    assert "Nothing of your clinic's own was signed" in manager.page(BACK).said
    sign(clinic, now=now)
    assert "Nothing of your clinic's own was signed" in manager.page(BACK).said
    for part in ("own page en aftercare", "own hours to avoid nothing", "own wording xx nothing"):
        assert "There is nothing else" in manager.page(f"{BACK}/{quote(part)}").said
        assert manager.post(f"{BACK}/{quote(part)}", {"to": "shipped", "because": "so"}).status_code == 409
    for part in ("texts en", "course", "nothing"):
        assert manager.get(f"{BACK}/{quote(part)}").status_code == 404
