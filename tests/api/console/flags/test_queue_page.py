from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from api.console.flags import queue_page
from api.database import db
from config.settings import PROJECT
from operations import worker_registry
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, StaffSession
from recovery.models.flags.flags import Flag
from recovery.models.reports.reports import StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.core import audit
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.data.people import Clinic


def test_an_empty_queue_is_friendly_and_says_that_no_worker_runs(browser: Browser, clinic: Clinic) -> None:
    page = browser.page("/console")
    assert "Nobody is in the queue" in page.said
    assert "The queue is empty" in page.said
    assert "Reviews and texts have never run" in page.said
    assert "Times in UTC." in page.said
    assert "put live without its readiness checks: a test" in page.said


def test_rows_are_ordered_by_urgency_then_due_and_say_why(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    later = flagged(
        clinic.add_patient(now=now, hours_ago=78),
        warning_signs=["bumps"],
        scores={"redness": 0, "swelling": 0, "peeling": 0},
    )
    same_day = flagged(clinic.add_patient(now=now, hours_ago=30))
    overdue = flagged(clinic.add_patient(now=now, hours_ago=31))
    in_need = clinic.add_patient(now=now, hours_ago=29)
    emergency = flagged(in_need, warning_signs=["breathing"])
    with sessions.begin() as session:
        session.execute(
            update(Flag).where(Flag.id == overdue).values(due_at=now - timedelta(hours=2, minutes=1))
        )
    page = browser.page("/console")
    links = [link.attributes["href"] for link in page.every("a") if "/flags/" in str(link.attributes["href"])]
    assert links == [f"/console/flags/{flag_id}" for flag_id in (emergency, overdue, same_day, later)]
    headings = [heading.text.split() for heading in page.every("h2")]
    assert headings[:3] == [
        ["Needs", "someone", "now", "1"],
        ["In", "the", "next", "opening", "hours", "2"],
        ["By", "the", "next", "working", "day", "1"],
    ]
    assert "Trouble breathing / trouble swallowing on day 1" in page.said
    numbers = [str(link.attributes["href"]) for link in page.every("a")]
    assert [one for one in numbers if one.startswith("tel:")] == [f"tel:{in_need.phone}"]
    assert "Day 1 after pen 1.2 mm, face" in page.said
    assert "Overdue 2 h" in page.said
    assert "4 patients need a nurse 1 overdue" in page.said
    assert "All 4 With nobody yet 4 Mine 0" in page.said
    assert len(page.every("svg", role="img")) == 4


def test_another_clinics_flags_are_not_there(
    browser_of: BrowserOf, clinic: Clinic, other_clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    said = browser_of(other_clinic.nurse).get("/console").text
    assert str(flag_id) not in said
    assert "Nobody is in the queue" in said


def test_the_state_and_the_holder_show(
    browser: Browser, browser_of: BrowserOf, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    browser.post(f"/console/flags/{flag_id}/claim")
    assert "With you claimed" in browser.page("/console").said
    second = browser_of(clinic.add_nurse(now=now))
    page = second.page("/console")
    assert f"Nurse {clinic.nurse.email} claimed" in page.said
    assert not [form for form in page.every("form") if str(form.attributes["action"]).endswith("/claim")]


def test_a_live_worker_is_named_and_a_late_one_warned_of(
    browser: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    worker_id = uuid4()
    with sessions.begin() as session:
        worker_registry.register(
            session, worker_id=worker_id, host="here", pid=1, now=now - timedelta(seconds=4)
        )
    page = browser.page("/console")
    assert re.search("Reviews and texts run, seen less than a minute ago", page.said)
    assert page.every("p", role="alert") == []
    with sessions.begin() as session:
        worker_registry.record_heartbeat(
            session, worker_id=worker_id, now=now - timedelta(minutes=4, seconds=1)
        )
    (warning,) = browser.page("/console").every("p", role="alert")
    assert "Reviews and texts stand still, last seen 4 min ago." in warning.text


def test_reports_the_worker_has_not_taken_up_are_listed_with_their_age(
    browser: Browser,
    clinic: Clinic,
    report: Callable[..., None],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now)
    report(patient, warning_signs=["pus"])
    expected = clinic.add_patient(now=now, hours_ago=30)
    report(expected, scores={"redness": 2, "swelling": 1, "peeling": 0})
    page = browser.page("/console")
    assert "Not yet reviewed 1" in page.said
    assert "Pus, or yellow or green fluid on day 1" in page.said
    (call,) = page.every("a", class_="tel")
    assert call.attributes["href"] == f"tel:{patient.phone}"


def test_an_entry_the_patient_was_asked_about_is_told_as_such(
    browser: Browser, clinic: Clinic, report: Callable[..., None], now: datetime
) -> None:
    report(
        clinic.add_patient(now=now, hours_ago=50),
        scores={"redness": 10, "swelling": 1, "peeling": 0},
        confirmed=[],
    )
    assert "the patient was asked again, until" in browser.page("/console").said


def test_training_and_stopped_texts_show_as_banners(
    browser: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        row.mode, row.live_because, row.texts_stopped_at = ClinicMode.TRAINING, None, now
    said = browser.page("/console").said
    assert "Training. No patient is texted" in said
    assert "Texts are stopped since" in said
    assert "readiness checks" not in said


def test_pages_follow_each_other_without_gap_or_repeat(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue_page, "ROWS", 2)
    made = {flagged(clinic.add_patient(now=now, hours_ago=30 + hour)) for hour in range(5)}
    seen: list[UUID] = []
    path: str | None = "/console"
    while path is not None:
        page = browser.page(path)
        seen += [
            UUID(str(link.attributes["href"])[-36:])
            for link in page.every("a")
            if "/flags/" in str(link.attributes["href"])
        ]
        (path,) = [link.attributes["href"] for link in page.every("a", rel="next")] or [None]
        assert "5 patients need a nurse" in page.said
    assert len(seen) == 5
    assert set(seen) == made


def test_the_number_of_queries_does_not_grow_with_the_queue(
    app: Flask, browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    counted: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *call: counted.append(call[2]))

    def queries() -> int:
        counted.clear()
        browser.page("/console")
        return len(counted)

    flagged(clinic.add_patient(now=now))
    few = queries()
    for hour in range(4):
        flagged(clinic.add_patient(now=now, hours_ago=30 + hour))
    assert queries() == few


def test_the_queue_narrows_to_whose_and_how_urgent(
    browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    mine, nobodys = (flagged(clinic.add_patient(now=now, hours_ago=30 + hour)) for hour in range(2))
    urgent = flagged(clinic.add_patient(now=now, hours_ago=29), warning_signs=["breathing"])
    browser.post(f"/console/flags/{mine}/claim")

    def shown(path: str) -> list[UUID]:
        rows = browser.page(path).rows()
        return [UUID(str(row.attributes["id"]).removeprefix("flag-")) for row in rows]

    assert shown("/console") == [urgent, mine, nobodys]
    assert shown("/console?whose=own") == [mine]
    assert shown("/console?whose=nobodys") == [urgent, nobodys]
    assert shown("/console?urgency=same_day") == [mine, nobodys]
    assert shown("/console?whose=own&urgency=emergency") == []
    assert (
        "None of these 3 wait in the whole queue."
        in browser.page("/console?whose=own&urgency=emergency").said
    )
    links = {str(link.attributes["href"]) for link in browser.page("/console?whose=own").every("a")}
    assert {"/console?whose=own&urgency=same_day", "/console?whose=nobodys", "/console"} <= links
    for path in ("/console?whose=hers", "/console?urgency=soon"):
        assert browser.get(path).status_code == 404


def test_a_list_that_keeps_itself_current_sends_only_what_changed_and_keeps_nobody_signed_in(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    def ask(tag: str) -> TestResponse:
        return browser.client.get("/console", headers={"Afterglow-Live": tag})

    first = ask("none")
    assert ask(first.headers["Afterglow-Live"]).status_code == 204
    flag_id = flagged(clinic.add_patient(now=now))
    second = ask(first.headers["Afterglow-Live"])
    assert str(flag_id) in second.text
    assert "(1) Queue" in second.text
    seen = now - timedelta(minutes=30)
    with sessions.begin() as session:
        session.execute(update(StaffSession).values(last_seen_at=seen))
    ask("none")
    with sessions() as session:
        assert {row.last_seen_at for row in session.query(StaffSession)} == {seen}
    browser.get("/console")
    with sessions() as session:
        assert max(row.last_seen_at for row in session.query(StaffSession)) >= now


def test_a_report_that_waits_too_long_for_its_review_is_warned_of(
    browser: Browser,
    clinic: Clinic,
    report: Callable[..., None],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    with sessions.begin() as session:
        worker_registry.register(session, worker_id=uuid4(), host="here", pid=1, now=now)
    report(clinic.add_patient(now=now), warning_signs=["pus"])
    assert browser.page("/console").every("p", role="alert") == []
    with sessions.begin() as session:
        session.execute(update(StoredAssessment).values(review_after=now - timedelta(minutes=5)))
    (warning,) = browser.page("/console").every("p", role="alert")
    assert "The oldest report has waited 5 min for its review." in warning.text


def test_a_clinics_own_protocol_is_drawn_too(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> None:
    shipped = (PROJECT / "config" / "protocols" / f"{max(content.protocols)}.toml").read_text()
    own = shipped.replace(max(content.protocols), "own-1")
    with sessions.begin() as session:
        protocols.save_draft(
            session, clinic_id=clinic.id, text=own, content=content, actor=audit.OPERATOR, now=now
        )
    patient = clinic.add_patient(now=now)
    with sessions.begin() as session:
        session.execute(update(Treatment).values(protocol="own-1"))
    flag_id = flagged(patient)
    assert len(browser.page("/console").every("svg", role="img")) == 1
    assert "Held against protocol own-1." in browser.page(f"/console/flags/{flag_id}").said
