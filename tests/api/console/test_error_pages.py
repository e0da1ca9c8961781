"""What goes wrong, said on a page."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import MethodNotAllowed, RequestEntityTooLarge

from api.console import guard
from api.errors import problems
from recovery.services.clinic import staff_members
from recovery.services.flags import flag_work
from recovery.services.patients import enrolment
from tests.api.console.conftest import Browser
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic


def test_unknown_addresses_are_answered_with_a_page(browser: Browser) -> None:
    for path in ("/console/nowhere", "/console/flags/not-an-id", "/console?after=rubbish", "/console?after="):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert "To the queue" in StrictPage(answer.text).said
    assert browser.get("/console/").headers["Location"] == "/console"


def test_an_error_of_ours_is_a_page_and_says_nothing_of_its_cause(app: Flask, clinic: Clinic) -> None:
    def broken() -> str:
        raise RuntimeError("patient said: secret")

    app.view_functions["console.home"] = broken
    client = app.test_client()
    client.set_cookie(guard.COOKIE, clinic.nurse.token, path="/console")
    answer = client.get("/console")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "on our side" in StrictPage(answer.text).said


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (problems.WrongRole(), 403, "Not allowed"),
        (guard.ForeignForm(), 403, "This form is out of date"),
        (flag_work.UnknownFlag(), 404, "Nothing here"),
        (enrolment.UnknownPatient(), 404, "Nothing here"),
        (staff_members.UnknownMember(), 404, "Nothing here"),
        (RequestEntityTooLarge(), 413, "Too long"),
        (MethodNotAllowed(), 405, "Method Not Allowed"),
        (OperationalError("SELECT 1", {}, RuntimeError("the password is secret")), 503, "One moment"),
        (PoolTimeout("the password is secret"), 503, "One moment"),
    ],
)
def test_each_error_has_its_page(
    error: Exception, status: int, title: str, app: Flask, clinic: Clinic, logged: Callable[[], str]
) -> None:
    def broken() -> str:
        raise error

    app.view_functions["console.home"] = broken
    answer = Browser(app.test_client(), clinic.nurse.token).get("/console")
    assert answer.status_code == status
    page = StrictPage(answer.text)
    assert [heading.text for heading in page.every("h1")] == [title]
    assert "To the queue" in page.said
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)
    assert ("database away" in logged()) is (status == 503)
    assert "secret" not in answer.text + logged()


def test_of_an_error_of_ours_only_its_class_and_place_are_logged(
    app: Flask, clinic: Clinic, logged: Callable[[], str]
) -> None:
    def broken() -> str:
        raise RuntimeError("patient said: secret")

    app.view_functions["console.home"] = broken
    Browser(app.test_client(), clinic.nurse.token).get("/console")
    (line,) = [json.loads(line) for line in logged().splitlines() if "unexpected error" in line]
    assert (line["error_class"], line["path"]) == ("RuntimeError", "/console")
    assert "test_error_pages.py:" in line["where"]
    assert "secret" not in logged()


def test_what_the_console_does_not_have_is_no_page_for_any_method(browser: Browser) -> None:
    assert browser.post("/console/nowhere").status_code == 404
    for method in ("PUT", "PATCH", "DELETE"):
        answer = browser.client.open("/console/nowhere", method=method)
        assert answer.status_code == 403, "a form from elsewhere is refused before anything is looked up"
