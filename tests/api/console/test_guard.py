from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, sessionmaker

from api.console import guard
from recovery.models.flags.flags import Flag
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic


def test_pages_without_a_session_lead_to_the_sign_in_and_back(browser_of: BrowserOf) -> None:
    stranger = browser_of(None)
    assert stranger.get("/console").headers["Location"] == "/console/sign-in"
    answer = stranger.get("/console/flags/0198c1c2-0000-7000-8000-000000000000?done=claimed")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(
        "/console/sign-in?next=/console/flags/0198c1c2-0000-7000-8000-000000000000"
    )
    assert stranger.get("/console/nowhere").status_code == 303


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(browser_of: BrowserOf) -> None:
    path = "/console/flags/0198c1c2-0000-7000-8000-000000000000"
    answer = browser_of(None).post(f"{path}/claim")
    assert answer.headers["Location"] == f"/console/sign-in?next={path}"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Referer": "http://localhost/console"},
        {"Referer": "https://evil.example/http://localhost"},
    ],
)
def test_a_form_from_elsewhere_changes_nothing(
    headers: dict[str, str],
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    form = {"csrf": guard.csrf_token_for(clinic.nurse.token)}
    answer = browser.client.post(f"/console/flags/{flag_id}/claim", data=form, headers=headers)
    assert answer.status_code == 403
    assert "nothing was changed" in StrictPage(answer.text).said
    with sessions() as session:
        assert session.get_one(Flag, (clinic.id, flag_id)).held_by is None
    foreign = browser.client.post("/console/sign-in", data={"email": "a", "password": "b"}, headers=headers)
    assert foreign.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost"},
        {"Origin": "http://localhost:8000"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": "http://localhost/console"},
    ],
)
def test_a_form_from_our_own_pages_passes(
    headers: dict[str, str], browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    form = {"csrf": guard.csrf_token_for(clinic.nurse.token)}
    answer = browser.client.post(f"/console/flags/{flag_id}/claim", data=form, headers=headers)
    assert answer.headers["Location"] == f"/console/flags/{flag_id}?done=claimed"


def test_a_form_without_its_own_field_or_with_anothers_changes_nothing(
    browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    others = guard.csrf_token_for(clinic.add_nurse(now=now).token)
    for value in ("", others, "é"):
        answer = browser.post(f"/console/flags/{flag_id}/claim", {"csrf": value})
        assert answer.status_code == 403
    assert "With you" not in browser.page(f"/console/flags/{flag_id}").said


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/console", "/console"),
        ("/console/flags/1?done=claimed", "/console/flags/1?done=claimed"),
        ("/console?after=abc", "/console?after=abc"),
        ("https://evil.example/console", "/console"),
        ("//evil.example/console", "/console"),
        ("/console//evil.example", "/console"),
        ("/console\\evil", "/console"),
        ("/consoles", "/console"),
        ("/console/\nSet-Cookie: x", "/console"),
        ("/api/v1/flags", "/console"),
        ("javascript:alert(1)", "/console"),
        ("", "/console"),
    ],
)
def test_the_way_back_never_leaves_the_console(path: str, leads_to: str) -> None:
    assert guard.own_path(path) == leads_to
