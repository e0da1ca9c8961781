"""The page of one task: what was written, what can be done about it, and why something cannot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.tasks.tasks import Task
from recovery.services.messaging import put_aside
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

UNKNOWN = "+12025559997"


@pytest.fixture
def danger(texting: Texting, now: datetime) -> Task:
    """The task of an unknown number's danger."""
    texting.send(UNKNOWN, "I can't <b>breathe</b>", now=now)
    (task,) = texting.tasks()
    return task


def test_it_stands_in_the_queue_and_leads_to_its_page(browser: Browser, danger: Task) -> None:
    queue = browser.page("/console")
    for told in ("One patient needs a nurse", "Needs someone now", "Not known", "I can't <b>breathe</b>"):
        assert told in queue.said
    assert any(link.attributes["href"] == f"/console/tasks/{danger.id}" for link in queue.every("a"))
    page = browser.page(f"/console/tasks/{danger.id}")
    for told in ("I can't <b>breathe</b>", "Due in 1", "Nobody has this yet", "Give it to a patient"):
        assert told in page.said


def test_claimed_by_one_it_is_refused_to_another_with_the_name(
    browser: Browser, browser_of: BrowserOf, clinic: Clinic, danger: Task, now: datetime
) -> None:
    path = f"/console/tasks/{danger.id}"
    assert browser.post(f"{path}/claim").location == f"{path}?done=task_claimed"
    other = browser_of(clinic.add_nurse(now=now))
    for step, form in (("claim", {}), ("release", {}), ("done", {"comment": "x"}), ("undo", {})):
        refused = other.post(f"{path}/{step}", form)
        assert refused.status_code == 409, step
        assert "Nothing was changed." in refused.text
    assert f"Nurse {clinic.nurse.email} sees to this" in other.post(f"{path}/claim").text
    assert browser.post(f"{path}/release").status_code == 303
    assert other.post(f"{path}/claim").status_code == 303


def test_done_leads_back_to_its_lane_and_is_taken_back(
    browser: Browser, danger: Task, texting: Texting
) -> None:
    path = f"/console/tasks/{danger.id}"
    done = browser.post(f"{path}/done", {"comment": "Called; it was a slip."})
    assert done.location == f"/console?done=task_done&task={danger.id}"
    queue = browser.page(done.location)
    assert any(str(form.attributes["action"]) == f"{path}/undo" for form in queue.every("form"))
    assert browser.post(f"{path}/undo").location == f"{path}?done=undone"
    assert texting.tasks()[0].done_at is None
    assert browser.get(f"{path}/undo").location == path


def test_a_reply_and_a_patient_are_chosen_from_what_there_is(
    browser: Browser, clinic: Clinic, patient_asks: Callable[[], Task], danger: Task, now: datetime
) -> None:
    asks = patient_asks()
    assert browser.post(f"/console/tasks/{asks.id}/text", {"template": "emergency"}).status_code == 422
    assert browser.post(f"/console/tasks/{asks.id}/text", {"template": "seen"}).status_code == 303
    assert browser.post(f"/console/tasks/{danger.id}/text", {"template": "seen"}).status_code == 409
    assert browser.post(f"/console/tasks/{danger.id}/give", {"patient": "x"}).status_code == 422
    page = browser.page(f"/console/tasks/{danger.id}?q=Sample")
    assert "Pat Sample, 1990" in page.said
    assert "Nobody is found." in browser.page(f"/console/tasks/{danger.id}?q=Nobody").said
    given = browser.post(f"/console/tasks/{danger.id}/give", {"patient": str(asks.patient_id)})
    assert given.location == f"/console/tasks/{danger.id}?done=given"


@pytest.fixture
def patient_asks(clinic: Clinic, texting: Texting, now: datetime) -> Callable[[], Task]:
    """The task of reading what a patient asked."""

    def ask() -> Task:
        made: Patient = clinic.add_patient(now=now)
        texting.send(made.phone, "When may I swim?", now=now)
        (task,) = (one for one in texting.tasks() if one.patient_id == made.id)
        return task

    return ask


def test_what_was_put_aside_is_sent_again(
    browser: Browser, clinic: Clinic, sessions: sessionmaker[Session], texting: Texting, now: datetime
) -> None:
    clinic.add_patient(now=now)
    with sessions.begin() as session:
        text = session.query(Message).order_by(Message.id).first()
        assert text is not None
        session.execute(
            update(Message)
            .where(Message.id == text.id)
            .values(state=MessageState.QUARANTINED, reason="too long", settled_at=now)
        )
        put_aside.bring_to_staff(session, content=clinic.content, now=now, limit=5)
    (task,) = texting.tasks()
    page = browser.page(f"/console/tasks/{task.id}")
    assert "What was not sent" in page.said
    assert "too long" in page.said
    assert "A text could not be sent and was put aside" in browser.page("/console/follow-up").said
    assert browser.post(f"/console/tasks/{task.id}/send-again").status_code == 303
    assert texting.tasks()[0].done_at is not None
    assert browser.post(f"/console/tasks/{task.id}/send-again").status_code == 409


def test_another_clinics_task_is_not_there(
    browser_of: BrowserOf, other_clinic: Clinic, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    texting.send(clinic.add_patient(now=now).phone, "hello", now=now)
    (task,) = texting.tasks()
    stranger = browser_of(other_clinic.nurse)
    assert stranger.get(f"/console/tasks/{task.id}").status_code == 404
    for step in ("claim", "release", "undo", "text", "give", "send-again"):
        form = {"template": "seen", "patient": str(task.patient_id)}
        assert stranger.post(f"/console/tasks/{task.id}/{step}", form).status_code == 404, step
