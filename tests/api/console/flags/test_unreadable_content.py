"""What was signed cannot be read: who waits is seen to all the same, and every page says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from operations import worker_registry
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.core.signed_content import ContentBundle
from recovery.models.messaging.messages import Message
from tests.api.console.conftest import Browser
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

ON_CALL = "+12025550192"
UNKNOWN = "+12025559997"
SAID = "What your medical director signed cannot be read."
CALM = "Nothing abnormal is known."


@pytest.fixture
def unreadable(clinic: Clinic, sessions: sessionmaker[Session]) -> Callable[[], None]:
    """From now on nobody can read what was signed."""

    def make() -> None:
        with sessions.begin() as session:
            session.add(ContentBundle(digest=b"\1" * 32, parts={}))
            session.flush()
            session.get_one(ClinicRow, clinic.id).running_content = b"\1" * 32

    return make


def test_danger_is_in_the_queue_and_a_flag_is_worked_to_its_end(
    browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], unreadable: Callable[[], None],
    texting: Texting, sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    flag = f"/console/flags/{flagged(clinic.add_patient(now=now))}"
    unreadable()
    texting.send(UNKNOWN, "I can't breathe", now=now)
    texting.send(clinic.add_patient(now=now).phone, "my throat is closing", now=now)
    texting.review(now=now + timedelta(seconds=2))
    queue = browser.page("/console")
    for told in (SAID, "3 patients need a nurse", "I can't breathe", "throat"):
        assert told in queue.said
    (stray,) = texting.tasks()
    task = f"/console/tasks/{stray.id}"
    assert "I can't breathe" in browser.page(task).said
    assert browser.post(f"{task}/claim").status_code == 303
    assert browser.post(f"{task}/done", {"comment": "Called."}).status_code == 303
    assert SAID in browser.page(flag).said
    for step, form in (
        ("claim", {}), ("text", {"template": "seen"}), ("contact", {"result": "reached"}),
        ("resolve", {"outcome": "irritation", "comment": "Spoke to her."}), ("reopen", {}),
    ):  # fmt: skip
        assert browser.post(f"{flag}/{step}", form).status_code == 303, step
    # What the nurse chose waits for words that were signed.
    left = texting.claim(now=now + timedelta(minutes=2))
    assert {text.to for text in left} == {ON_CALL}
    with sessions() as session:
        assert "seen" in set(session.scalars(select(Message.template)))


def test_what_a_patient_says_on_the_phone_becomes_a_flag(
    browser: Browser, patient: Patient, unreadable: Callable[[], None], texting: Texting, now: datetime
) -> None:
    unreadable()
    page = f"/console/patients/{patient.id}"
    assert SAID in browser.page(page).said
    told = {"treatment": str(patient.treatment_id), "told": "Cannot breathe.", "urgency": "emergency"}
    assert browser.post(f"{page}/flags", told).status_code == 303
    texting.review(now=now + timedelta(seconds=2))
    assert "One patient needs a nurse" in browser.page("/console").said


def test_nobody_is_told_that_all_is_calm_while_the_app_is_refused(
    browser: Browser, unreadable: Callable[[], None], sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        worker_registry.register(session, worker_id=UUID(int=1), host="here", pid=1, now=now)
    assert CALM in browser.page("/console").said
    unreadable()
    queue = browser.page("/console").said
    assert CALM not in queue
    assert "That says nothing now: the app takes no report" in queue
    assert CALM not in browser.page("/console/follow-up").said


def test_what_goes_by_signed_words_alone_says_so_and_the_director_is_led_to_sign(
    browser: Browser, director: Browser, patient: Patient, unreadable: Callable[[], None]
) -> None:
    unreadable()
    refused = browser.get("/console/patients/new")
    assert refused.status_code == 503
    assert "Nothing was changed." in refused.text
    home = director.page("/console")
    assert any(link.attributes["href"] == "/console/course/sign" for link in home.every("a"))
    assert not any(
        link.attributes["href"] == "/console/course/sign" for link in browser.page("/console").every("a")
    )
