"""One's own account: the password, and where one is signed in."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import StaffSession
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.access.staff_links import PEOPLE
from tests.support.browser.pages import StrictPage
from tests.support.data.people import PASSWORD, Clinic

NEW_PASSWORD = "wet paint under seven lamps"


def test_one_own_password_is_changed_with_the_old_one(
    browser_of: BrowserOf, clinic: Clinic, stranger: Browser, now: datetime, app: Flask
) -> None:
    nurse = clinic.add_nurse(now=now)
    browser = browser_of(nurse)
    path = "/console/account/password"
    for wrong in (
        {"old": "not it", "new": NEW_PASSWORD, "again": NEW_PASSWORD},
        {"old": PASSWORD, "new": "password1234", "again": "password1234"},
        {"old": PASSWORD, "new": NEW_PASSWORD, "again": f"{NEW_PASSWORD}s"},
    ):
        answer = browser.post(path, wrong)
        assert answer.status_code == 422
        assert len(StrictPage(answer.text).every("input", **{"aria-invalid": "true"})) == 1
    elsewhere = app.test_client().post(
        "/api/v1/staff/sessions",
        json={"email": nurse.email, "password": PASSWORD, "totp": nurse.code(now=now)},
    )
    right = {"old": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert browser.post(path, right).status_code == 303
    assert browser.get("/console/account").status_code == 200
    bearer = {"Authorization": f"Bearer {elsewhere.get_json()['access_token']}"}
    assert app.test_client().get("/api/v1/flags", headers=bearer).status_code == 401


def test_one_sees_where_one_is_signed_in_and_ends_it(
    browser_of: BrowserOf, browser: Browser, clinic: Clinic, now: datetime, sessions: sessionmaker[Session]
) -> None:
    away = browser_of(None)
    form = {"email": clinic.nurse.email, "password": PASSWORD, "code": clinic.nurse.code(now=now)}
    sent = away.client.post(
        "/console/sign-in",
        data=form,
        headers={
            "Origin": "http://localhost",
            "User-Agent": "Mozilla/5.0 (iPad) <script> Version/17 Safari/605",
        },
    )
    assert sent.status_code == 303
    page = browser.page("/console/account")
    assert "Safari on iPad" in page.said
    assert "<script>" not in page.said
    (end,) = [
        str(form.attributes["action"])
        for form in page.every("form")
        if str(form.attributes["action"]).endswith("/end")
        and "sessions/end" not in str(form.attributes["action"])
    ]
    stranger = browser_of(clinic.add_nurse(now=now))
    assert stranger.post(end).status_code == 404
    assert away.get("/console").status_code == 200
    assert browser.post(end).status_code == 303
    assert away.get("/console").status_code == 303
    assert browser.post(end).status_code == 404
    assert "Safari on iPad" not in browser.page("/console/account").said


def test_everywhere_else_is_signed_out_at_once(
    browser: Browser, manager: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        own = session.scalars(select(StaffSession).where(StaffSession.staff_id == clinic.nurse.id)).one()
        session.add(
            StaffSession(
                clinic_id=clinic.id,
                token_hash=b"another",
                staff_id=clinic.nurse.id,
                second_factor=True,
                created_at=now,
                last_seen_at=now,
                expires_at=own.expires_at,
            )
        )
    assert "Sign out everywhere else" in browser.page("/console/account").said
    assert browser.post("/console/account/sessions/end").status_code == 303
    assert "Sign out everywhere else" not in browser.page("/console/account").said
    assert manager.post(f"{PEOPLE}/{clinic.nurse.id}/sign-out").status_code == 303
    assert browser.get("/console/account").status_code == 303
