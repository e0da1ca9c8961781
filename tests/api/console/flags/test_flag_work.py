"""What a nurse does to a flag beside claiming, calling and closing it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Staff
from recovery.models.core.audit import AuditEntry
from recovery.models.flags import flags
from recovery.models.flags.flags import Flag, FlagEvent
from recovery.models.messaging.messages import Message
from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.browser.pages import StrictPage
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic

CLOSING = {"outcome": "expected_healing", "comment": "Spoke to her."}


@pytest.fixture
def standing(clinic: Clinic, sessions: sessionmaker[Session]) -> Callable[[UUID], Flag]:
    def read(flag_id: UUID) -> Flag:
        with sessions() as session:
            found = flags.get(session, clinic.id, flag_id)
            assert found is not None
            return found

    return read


@pytest.fixture
def later(sessions: sessionmaker[Session]) -> Callable[[], None]:
    """Lets more than the minute for undoing pass."""

    def pass_on() -> None:
        with sessions.begin() as session:
            session.execute(update(FlagEvent).values(at=FlagEvent.at - timedelta(seconds=61)))

    return pass_on


def _texts(sessions: sessionmaker[Session], template: str) -> list[Message]:
    with sessions() as session:
        return list(session.scalars(select(Message).where(Message.template == template)))


def test_a_flag_is_handed_to_a_colleague_who_then_holds_it(
    browser: Browser,
    browser_of: BrowserOf,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    standing: Callable[[UUID], Flag],
    now: datetime,
) -> None:
    path = f"/console/flags/{(flag_id := flagged(clinic.add_patient(now=now)))}"
    colleague = clinic.add_nurse(now=now)
    browser.post(f"{path}/claim")
    browser.post(f"{path}/contact", {"result": "reached"})
    page = browser.page(path)
    assert f"Nurse {colleague.email}" in page.said
    for wrong in ("", "nonsense", str(uuid4())):
        assert browser.post(f"{path}/hand-over", {"to": wrong}).status_code == 422
    answer = browser.post(f"{path}/hand-over", {"to": str(colleague.id)})
    assert answer.headers["Location"] == f"{path}?done=handed_over"
    assert (standing(flag_id).held_by, standing(flag_id).state) == (colleague.id, FlagState.CONTACTED)
    assert f"Handed over to Nurse {colleague.email} Nurse {clinic.nurse.email}" in browser.page(path).said
    assert browser.post(f"{path}/release").status_code == 409
    assert "With you since" in browser_of(colleague).page(path).said


def test_only_a_manager_takes_a_flag_from_who_holds_it_and_nobody_gives_it_to_one_who_left(
    browser: Browser,
    browser_of: BrowserOf,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    standing: Callable[[UUID], Flag],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    path = f"/console/flags/{(flag_id := flagged(clinic.add_patient(now=now)))}"
    second, gone = clinic.add_nurse(now=now), clinic.add_nurse(now=now)
    with sessions.begin() as session:
        session.execute(update(Staff).where(Staff.id == gone.id).values(disabled_at=now))
    browser.post(f"{path}/claim")
    assert browser_of(second).post(f"{path}/hand-over", {"to": str(second.id)}).status_code == 409
    manager = browser_of(clinic.add_nurse(now=now, role=Role.MANAGER))
    assert manager.post(f"{path}/hand-over", {"to": str(gone.id)}).status_code == 422
    assert manager.post(f"{path}/hand-over", {"to": str(second.id)}).status_code == 303
    assert standing(flag_id).held_by == second.id


def test_anyone_notes_something_and_nobody_notes_nothing(
    browser: Browser, browser_of: BrowserOf, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    path = f"/console/flags/{flagged(clinic.add_patient(now=now))}"
    browser.post(f"{path}/claim")
    second = browser_of(clinic.add_nurse(now=now))
    assert second.post(f"{path}/note", {"text": "  "}).status_code == 422
    assert (
        second.post(f"{path}/note", {"text": "Her sister\r\nrang."}).headers["Location"].endswith("done=kept")
    )
    assert "Her sister rang." in browser.page(path).said


def test_closing_offers_a_text_that_leaves_after_a_minute_in_the_patients_language(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    path = f"/console/flags/{flagged(clinic.add_patient(now=now, language=Language.SPANISH))}"
    browser.post(f"{path}/claim")
    page = browser.page(path)
    offers = {str(one.attributes["value"]): one.attributes.get("data-offers") for one in page.every("option")}
    assert (offers["expected_healing"], offers["not_reached"]) == ("seen", "tried_to_call")
    assert offers["infection_suspected"] is None
    said = [one.text for one in page.every("p", lang="es")]
    assert len(said) == 2
    assert all("Test Clinic" in one and "+12025550190" in one for one in said)
    browser.post(f"{path}/resolve", CLOSING | {"tell": "seen"})
    (text,) = _texts(sessions, "seen")
    assert text.state is MessageState.PLANNED
    assert text.due_at >= now + timedelta(minutes=1)
    assert browser.post(f"{path}/resolve", CLOSING | {"tell": "hello"}).status_code == 422


def test_a_text_is_sent_from_the_flag_and_taken_back(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    path = f"/console/flags/{flagged(clinic.add_patient(now=now))}"
    assert browser.post(f"{path}/text", {"template": "seen"}).status_code == 409
    browser.post(f"{path}/claim")
    assert browser.post(f"{path}/text", {"template": "day0"}).status_code == 422
    browser.post(f"{path}/text", {"template": "tried_to_call"})
    assert "Text planned: we tried to call" in browser.page(path).said
    assert browser.post(f"{path}/undo").headers["Location"] == f"{path}?done=undone"
    (text,) = _texts(sessions, "tried_to_call")
    assert (text.state, text.reason) == (MessageState.CANCELLED, "the nurse took it back")
    assert "taken back" in browser.page(path).said


def test_nobody_is_texted_who_wants_no_texts(
    browser: Browser,
    client: FlaskClient,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    texting: Texting,
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now)
    path = f"/console/flags/{flagged(patient)}"
    texting.send(patient.phone, "STOP", now=now)
    browser.post(f"{path}/claim")
    page = browser.page(path)
    assert "Wants no more texts since" in page.said
    assert page.every("select", id="tell") == []
    for step, form in (("text", {"template": "seen"}), ("resolve", CLOSING | {"tell": "seen"})):
        answer = browser.post(f"{path}/{step}", form)
        assert answer.status_code == 409
        assert "this number asked for no more texts. Nothing was changed." in StrictPage(answer.text).said


def test_each_step_is_taken_back_within_a_minute_and_stays_in_the_history(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    standing: Callable[[UUID], Flag],
    now: datetime,
) -> None:
    path = f"/console/flags/{(flag_id := flagged(clinic.add_patient(now=now)))}"

    def undo() -> Flag:
        assert browser.post(f"{path}/undo").status_code == 303
        return standing(flag_id)

    browser.post(f"{path}/claim")
    assert (undo().state, standing(flag_id).held_by) == (FlagState.OPEN, None)
    browser.post(f"{path}/claim")
    browser.post(f"{path}/contact", {"result": "reached"})
    assert (undo().state, standing(flag_id).held_by) == (FlagState.CLAIMED, clinic.nurse.id)
    browser.post(f"{path}/release")
    assert undo().held_by == clinic.nurse.id
    answer = browser.post(f"{path}/resolve", CLOSING)
    queue = browser.page(answer.headers["Location"])
    assert f"{path}/undo" in [form.attributes["action"] for form in queue.every("form")]
    undone = undo()
    assert (undone.state, undone.outcome, undone.comment, undone.resolved_at) == (
        FlagState.CLAIMED, None, None, None,
    )  # fmt: skip
    assert browser.page(path).said.count("taken back") == 4
    assert browser.post(f"{path}/undo").status_code == 409


def test_nobody_takes_back_anothers_step_or_after_a_minute(
    browser: Browser,
    browser_of: BrowserOf,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    later: Callable[[], None],
    now: datetime,
) -> None:
    path = f"/console/flags/{flagged(clinic.add_patient(now=now))}"
    browser.post(f"{path}/claim")
    other = browser_of(clinic.add_nurse(now=now))
    assert other.post(f"{path}/undo").status_code == 409
    assert [
        form for form in other.page(path).every("form") if str(form.attributes["action"])[-5:] == "/undo"
    ] == []
    later()
    late = browser.post(f"{path}/undo")
    assert late.status_code == 409
    assert "A step can be taken back for one minute" in StrictPage(late.text).said


def test_a_closed_flag_is_opened_again_unless_the_treatment_has_another(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    standing: Callable[[UUID], Flag],
    later: Callable[[], None],
    report: Callable[..., None],
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now)
    path = f"/console/flags/{(flag_id := flagged(patient))}"
    browser.post(f"{path}/claim")
    assert browser.post(f"{path}/reopen").status_code == 409
    browser.post(f"{path}/resolve", CLOSING)
    assert browser.post(f"{path}/reopen").headers["Location"] == f"{path}?done=reopened"
    again = standing(flag_id)
    assert (again.state, again.held_by, again.outcome) == (FlagState.OPEN, None, None)
    assert again.escalate_at == again.due_at > now
    assert "Closed: expected healing" in browser.page(path).said
    assert "Spoke to her." in browser.page(path).said
    browser.post(f"{path}/claim")
    browser.post(f"{path}/resolve", CLOSING)
    report(patient, minutes=1, warning_signs=["breathing"])
    with sessions.begin() as session:
        report_review.review_due(session, content=content, now=now + timedelta(seconds=2), limit=10)
        newer = flags.get_unresolved(session, clinic.id, patient.treatment_id)
        assert newer is not None
    for step in ("undo", "reopen"):
        answer = browser.post(f"{path}/{step}")
        assert answer.status_code == 409
        page = StrictPage(answer.text)
        assert "has another open flag" in page.said
        assert f"/console/flags/{newer.id}" in [link.attributes["href"] for link in page.every("a")]


def test_every_step_leaves_an_entry_in_the_audit(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    path = f"/console/flags/{(flag_id := flagged(clinic.add_patient(now=now)))}"
    colleague = clinic.add_nurse(now=now)
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("claim", {}), ("note", {"text": "x"}), ("text", {"template": "seen"}), ("resolve", CLOSING),
        ("reopen", {}), ("undo", {}), ("reopen", {}), ("hand-over", {"to": str(colleague.id)}),
    )  # fmt: skip
    for step, form in steps:
        assert browser.post(f"{path}/{step}", form).status_code == 303, step
    with sessions() as session:
        entries = session.scalars(
            select(AuditEntry.action).where(
                AuditEntry.subject_id == flag_id, AuditEntry.actor_id == clinic.nurse.id
            )
        )
        done = "claimed handed_over note reopened reopened resolved text undone"
        assert sorted(entries) == [f"flag.{one}" for one in done.split()]
