"""Forms that come twice are kept once; what comes after a session has ended is not lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from api.console import guard
from recovery.domain.clinic.staff_roles import Role
from recovery.models.access.held_forms import HeldForm
from recovery.models.access.kept_answers import KeptAnswer
from recovery.models.clinic.clinics import StaffSession
from recovery.models.patients.patients import Patient as PatientRow
from tests.api.console.conftest import ORIGIN, Browser, BrowserOf
from tests.api.console.patients.conftest import FORM, NEW
from tests.support.data.people import Clinic, Nurse


def _count(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalars(select(func.count()).select_from(PatientRow)).one()


def _end(sessions: sessionmaker[Session], nurse: Nurse, *, ago: timedelta, now: datetime) -> None:
    with sessions.begin() as session:
        session.execute(
            update(StaffSession)
            .where(StaffSession.staff_id == nurse.id)
            .values(last_seen_at=now - ago, expires_at=now - ago)
        )


def test_every_form_carries_a_key_of_its_own(browser: Browser) -> None:
    keys = [browser.page(NEW).every("input", name="once")[0].attributes["value"] for _ in range(2)]
    assert len(set(keys)) == 2


def test_a_form_sent_twice_is_kept_once_and_leads_to_the_same_place(
    browser: Browser, sessions: sessionmaker[Session]
) -> None:
    sent = {**FORM, "once": "k1"}
    first, second = browser.post(NEW, sent), browser.post(NEW, sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert _count(sessions) == 1


def test_two_clicks_at_the_same_moment_are_one(
    browser_of: BrowserOf, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    browsers = [browser_of(clinic.nurse) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda one: one.post(NEW, {**FORM, "once": "k2"}), browsers))
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert _count(sessions) == 1


def test_a_form_written_on_after_going_back_is_another(
    browser: Browser, sessions: sessionmaker[Session]
) -> None:
    browser.post(NEW, {**FORM, "once": "k3"})
    other = {"first_name": "Bea", "phone": "+12025550899", "once": "k3"}
    assert browser.post(NEW, {**FORM, **other}).status_code == 303
    assert _count(sessions) == 2


def test_a_form_that_was_refused_may_be_sent_again_with_its_key(
    browser: Browser, sessions: sessionmaker[Session]
) -> None:
    assert browser.post(NEW, {**FORM, "phone": "12", "once": "k4"}).status_code == 422
    with sessions() as session:
        assert session.scalars(select(KeptAnswer)).all() == []
    assert browser.post(NEW, {**FORM, "once": "k4"}).status_code == 303


def test_the_same_key_of_somebody_else_is_another(
    browser_of: BrowserOf, clinic: Clinic, now: datetime, sessions: sessionmaker[Session]
) -> None:
    browser_of(clinic.nurse).post(NEW, {**FORM, "once": "k5"})
    other = browser_of(clinic.add_nurse(now=now, role=Role.NURSE))
    assert other.post(NEW, {**FORM, "once": "k5"}).status_code == 409, "asked about the namesake"


def _late(browser: Browser, **more: str) -> TestResponse:
    sent = {guard.CSRF_FIELD: guard.csrf_token_for(browser.token or ""), **FORM, "once": "k", **more}
    return browser.client.post(
        NEW, data=sent, headers={"Origin": ORIGIN, "Referer": f"{ORIGIN}/console/patients/new"}
    )


def test_what_is_sent_after_the_session_has_ended_is_held_for_who_wrote_it(
    browser_of: BrowserOf, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    late = browser_of(clinic.nurse)
    _end(sessions, clinic.nurse, ago=timedelta(hours=2), now=now)
    answer = _late(late, pin="4711")
    assert answer.status_code == 303
    way_back = "/console/patients/new?held%3Dyes"
    assert answer.headers["Location"].endswith(f"next={way_back}") or "held" in answer.headers["Location"]
    assert "what you were writing is as it was" in late.get(answer.headers["Location"]).text
    with sessions.begin() as session:
        held = session.scalars(select(HeldForm)).one()
        assert (held.address, held.fields["first_name"]) == (NEW, FORM["first_name"])
        assert not {"pin", "csrf", "once"} & set(held.fields)
        session.execute(
            update(StaffSession)
            .where(StaffSession.staff_id == clinic.nurse.id)
            .values(last_seen_at=now, expires_at=now + timedelta(hours=1))
        )
    page = late.page(f"{NEW}?held=yes")
    (section,) = page.every("section", id="held")
    assert json.loads(section.attributes["data-fields"] or "")["phone"] == FORM["phone"]
    assert late.page(NEW).every("section", id="held") == []
    other = browser_of(clinic.add_nurse(now=now, role=Role.NURSE))
    assert other.page(f"{NEW}?held=yes").every("section", id="held") == []
    assert late.post(NEW, FORM).status_code == 303
    with sessions() as session:
        assert session.scalars(select(HeldForm)).all() == []


def test_nothing_is_held_of_a_stranger_or_of_a_session_long_gone(
    browser_of: BrowserOf,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    late: Callable[..., TestResponse] = lambda **more: _late(browser_of(clinic.nurse), **more)  # noqa: E731
    _end(sessions, clinic.nurse, ago=timedelta(hours=13), now=now)
    assert "held" not in late().headers["Location"]
    _end(sessions, clinic.nurse, ago=timedelta(hours=2), now=now)
    assert "held" not in late(csrf="forged").headers["Location"]
    assert "held" not in late(first_name="x" * 70_000).headers.get("Location", "")
    with sessions() as session:
        assert session.scalars(select(HeldForm)).all() == []
