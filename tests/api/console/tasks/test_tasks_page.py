"""Follow-up tasks and what there is to read, each on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from api.console.tasks import inbox_page, tasks_page
from operations import worker_registry
from recovery.domain.inbound.text_meaning import ParsedText
from recovery.models.core.audit import AuditEntry
from recovery.models.messaging import opt_outs
from recovery.models.tasks.tasks import TaskKind
from recovery.services.tasks import tasks
from recovery.services.tasks.tasks import TaskSubject
from tests.api.console.conftest import Browser
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

FOLLOW_UP, TO_READ = "/console/follow-up", "/console/to-read"


@pytest.fixture
def silent(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Callable[..., Patient]:
    """A patient nobody has heard from, whose task is due so many hours from now."""

    def make(due: float = 3) -> Patient:
        patient = clinic.add_patient(now=now, hours_ago=70)
        with sessions.begin() as session:
            about = TaskSubject(clinic_id=clinic.id, patient_id=patient.id, treatment_id=patient.treatment_id)
            due_at = now + timedelta(hours=due)
            tasks.open_task(session, about, kind=TaskKind.SILENCE, due_at=due_at, now=now)
        return patient

    return make


def test_each_lane_shows_its_own_and_counts_at_the_top(
    browser: Browser, silent: Callable[..., Patient], clinic: Clinic, texting: Texting, now: datetime
) -> None:
    silent(due=-2)
    patient = clinic.add_patient(now=now)
    texting.send(patient.phone, "When can I use <b>makeup</b>?", now=now)
    texting.send("+12025559997", "who is this", now=now)
    page = browser.page(FOLLOW_UP)
    assert "2 patients to follow up 1 overdue" in page.said
    for told in (
        "No answer to check-ins: call",
        "Day 3 after pen 1.2 mm, face",
        "who is this",
        "Overdue 2 h",
    ):
        assert told in page.said
    assert "makeup" not in page.said
    assert "Queue Follow-up 2, some overdue To read 1" in page.said
    read = browser.page(TO_READ)
    assert "One message to read" in read.said
    assert "When can I use <b>makeup</b>?" in read.said
    assert "who is this" not in read.said
    assert [link.text for link in read.every("a", aria_current="page")] == ["To read 1"]
    assert "makeup" not in browser.page("/console").said


def test_whose_text_got_no_answer_and_who_named_a_sign_show(
    browser: Browser, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    texting.send(patient.phone, "STOP", now=now)
    assert "Nothing abnormal is known." not in browser.page(FOLLOW_UP).said, "no worker reviews what comes"
    with texting.sessions.begin() as session:
        worker_registry.register(session, worker_id=uuid4(), host="here", pid=1, now=now)
    calm = browser.page(FOLLOW_UP).said
    assert "Nothing abnormal is known." in calm
    assert "Named a warning sign" not in calm
    texting.send(patient.phone, "there is pus", now=now)
    assert "Named a warning sign: call now." in browser.page("/console").said, "it stands in the queue"
    assert "Nothing abnormal is known." not in browser.page(FOLLOW_UP).said
    most = texting.content.schedule.limits.answers_per_hour
    for number in range(most + 1):
        texting.send("+12025559997", f"hello {number}", now=now)
    assert "The patient got no answer" not in browser.page(FOLLOW_UP).said, (
        "nobody's number is never answered"
    )
    shared = clinic.add_patient(now=now)
    clinic.add_patient(now=now, phone=shared.phone, pin="2846")
    for number in range(most + 1):
        texting.send(shared.phone, f"hello {number}", now=now)
    page = browser.page(FOLLOW_UP)
    assert page.said.count("The patient got no answer: too many texts within an hour.") == 1
    loops = clinic.add_patient(now=now)
    for number in range(most + 1):
        texting.send(loops.phone, f"hello {number}", now=now)
    assert "The patient got no answer: too many texts" in browser.page(TO_READ).said


def test_a_task_is_done_with_what_came_of_it(
    browser: Browser, silent: Callable[..., Patient], clinic: Clinic, texting: Texting
) -> None:
    silent()
    actions = [str(form.attributes["action"]) for form in browser.page(FOLLOW_UP).every("form")]
    (done,) = [action for action in actions if action.endswith("/done")]
    answer = browser.post(done, {"comment": "Spoke to her; all well."})
    (closed,) = texting.tasks()
    assert answer.headers["Location"] == f"{FOLLOW_UP}?done=task_done&task={closed.id}"
    page = browser.page(answer.headers["Location"])
    assert "The task is done." in page.said
    assert "Everyone has answered" in page.said
    (task,) = texting.tasks()
    assert (task.done_by, task.comment) == (clinic.nurse.id, "Spoke to her; all well.")
    assert browser.get(done).headers["Location"] == FOLLOW_UP


def test_what_is_another_clinics_stays_theirs(
    browser: Browser, clinic: Clinic, other_clinic: Clinic, texting: Texting, now: datetime
) -> None:
    texting.send(other_clinic.add_patient(now=now).phone, "hello", now=now)
    (foreign,), (entry,) = texting.tasks(), texting.entries()
    assert "Nothing to read" in browser.page(TO_READ).said
    assert browser.post(f"/console/tasks/{foreign.id}/done").status_code == 404
    assert browser.post(TO_READ, {"entry": [str(entry.id)]}).status_code == 303
    assert texting.tasks()[0].done_at is None
    assert texting.entries()[0].read_at is None


def test_long_lists_have_pages(
    browser: Browser,
    silent: Callable[..., Patient],
    clinic: Clinic,
    texting: Texting,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks_page, "ROWS", 2)
    monkeypatch.setattr(inbox_page, "ROWS", 2)
    for number in range(3):
        silent(due=number)
        texting.send(
            clinic.add_patient(now=now).phone, f"question {number}", now=now + timedelta(seconds=number)
        )
    for path in (FOLLOW_UP, TO_READ):
        page = browser.page(path)
        (more,) = [str(link.attributes["href"]) for link in page.every("a", rel="next")]
        rest = browser.page(more)
        assert len(page.rows()) + len(rest.rows()) == 3
        assert rest.every("a", rel="next") == []
        assert browser.get(f"{path}?after=rubbish").status_code == 404


def test_every_reading_of_a_list_is_written_down_once(
    browser: Browser, silent: Callable[..., Patient], sessions: sessionmaker[Session]
) -> None:
    silent()

    def reads() -> dict[str, int]:
        with sessions() as session:
            rows = session.query(AuditEntry).filter(AuditEntry.action.like("%.list"))
            actions = [row.action for row in rows]
            return {action: actions.count(action) for action in actions}

    for path in ("/console", FOLLOW_UP, TO_READ):
        browser.page(path)
    assert reads() == {"flag.list": 1, "task.list": 1, "inbox.list": 1}
    again = browser.client.get(FOLLOW_UP, headers={"Afterglow-Live": "none"})
    assert again.status_code == 200
    assert "No answer to check-ins" in again.text
    assert "nonce" not in again.text
    assert reads()["task.list"] == 2
    tag = again.headers["Afterglow-Live"]
    unchanged = browser.client.get(FOLLOW_UP, headers={"Afterglow-Live": tag})
    assert (unchanged.status_code, unchanged.data) == (204, b"")
    assert reads()["task.list"] == 2


@pytest.mark.parametrize("goes_on", [True, False])
def test_whether_texts_are_wanted_is_decided_from_the_list(
    browser: Browser,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    texting: Texting,
    now: datetime,
    goes_on: bool,
) -> None:
    patient = clinic.add_patient(now=now)
    meaning = ParsedText(may_stop=True, more=True)
    texting.act(patient.phone, "enough of this", meaning, now=now)
    (task,) = texting.tasks()
    page = browser.page(FOLLOW_UP)
    for told in ("May want no more texts", "enough of this", "Texts go on", "No more texts"):
        assert told in page.said
    if goes_on:
        assert browser.post(f"/console/tasks/{task.id}/done").status_code == 303
    else:
        decided = {"ending": "texts", "because": "asked", "back": "follow-up"}
        ended = browser.post(f"/console/patients/{patient.id}/end", decided)
        assert ended.location.endswith("/console/follow-up?done=ended")
    assert texting.tasks()[0].done_at is not None
    assert texting.entries()[0].read_at is not None
    with sessions() as session:
        stopped = opt_outs.get_opt_out(session, clinic_id=clinic.id, phone=patient.phone)
    assert (stopped is None) is goes_on
