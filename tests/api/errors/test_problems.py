from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, Response, abort
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from api import database
from api.app import LARGEST_BODY, create_app
from config.settings import Settings
from postgres_launcher.launcher import Endpoints
from tests.support.access.documented_client import PROBLEM, DocumentedClient
from tests.support.data.people import Clinic, Patient

CANARY = "Pat Sample scored redness 8"


@pytest.fixture
def scratch(database: Endpoints, settings: Settings) -> Iterator[Flask]:
    """An application to which a test adds failing routes."""
    made = create_app(settings, database_url=database.api_url)
    yield made
    _let_go(made)


@pytest.fixture
def without_database(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings, database_url="postgresql+psycopg://afterglow_api@/x?host=/nowhere&port=5432")
    yield made
    _let_go(made)


def _let_go(made: Flask) -> None:
    with made.app_context():
        database.db.engine.dispose()


def assert_problem(answer: TestResponse, status: int, slug: str) -> None:
    assert answer.status_code == status
    assert answer.content_type == PROBLEM
    body = json.loads(answer.get_data())
    assert body["type"] == f"urn:afterglow:problem:{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    for word in ("Traceback", "psycopg", "SELECT", ".py", CANARY):
        assert word not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1", "/api/v1/nothing", "/api/v2/me", "/%00", "/é"])
def test_unknown_paths(client: DocumentedClient, path: str) -> None:
    assert_problem(client.get(path), 404, "not-found")


@pytest.mark.parametrize("wrong", ["1", "not-a-uuid", "00000000-0000-0000-0000-00000000000g", "%00"])
def test_ids_that_are_none(client: DocumentedClient, clinic: Clinic, wrong: str) -> None:
    answer = client.get(f"/api/v1/patients/{wrong}", headers=clinic.nurse.headers)
    assert_problem(answer, 404, "not-found")


def test_other_methods_are_told_which_are_allowed(client: DocumentedClient) -> None:
    answer = client.delete("/api/v1/me")
    assert_problem(answer, 405, "method-not-allowed")
    allowed = {method.strip() for method in answer.headers["Allow"].split(",")}
    assert allowed == {"GET", "HEAD", "PATCH", "OPTIONS"}


def test_a_large_body(client: DocumentedClient, patient: Patient) -> None:
    answer = client.put(
        patient.report_path(),
        data=b'{"note": "' + b"x" * LARGEST_BODY + b'"}',
        content_type="application/json",
        headers=patient.headers,
    )
    assert_problem(answer, 413, "body-too-large")


def test_another_content_type(client: DocumentedClient, patient: Patient) -> None:
    answer = client.put(patient.report_path(), data={"redness": "3"}, headers=patient.headers)
    assert_problem(answer, 415, "wrong-content-type")


def test_a_database_that_is_away(without_database: Flask, clinic: Clinic) -> None:
    client = DocumentedClient(without_database)
    for path in ("/api/v1/flags", "/readyz"):
        answer = client.get(path, headers=clinic.nurse.headers)
        assert_problem(answer, 503, "try-later")
        assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200


def test_a_database_that_goes_away_before_the_commit(scratch: Flask, patient: Patient) -> None:
    @scratch.after_request
    def lose_the_connection(response: Response) -> Response:
        if response.status_code == 200:
            driver = database.current().connection().connection.driver_connection
            assert driver is not None
            driver.close()
        return response

    answer = scratch.test_client().get("/api/v1/me", headers=patient.headers)
    assert_problem(answer, 503, "try-later")


@pytest.mark.parametrize("when", ["view", "after the answer"])
def test_an_error_nobody_expected_says_nothing_of_itself(
    scratch: Flask, when: str, logged: Callable[[], str]
) -> None:
    @scratch.get("/fails")
    def fails() -> Response:
        if when == "view":
            raise RuntimeError(CANARY)
        return Response("fine")

    @scratch.after_request
    def fail_late(response: Response) -> Response:
        if response.get_data() == b"fine":
            raise RuntimeError(CANARY)
        return response

    assert_problem(scratch.test_client().get("/fails"), 500, "unexpected")
    assert "unexpected error" in (lines := logged())
    assert CANARY not in lines


def test_a_refusal_of_the_database_says_nothing_of_the_values(
    scratch: Flask, logged: Callable[[], str]
) -> None:
    @scratch.get("/fails")
    def fails() -> Response:
        database.current().execute(text("SELECT CAST(:words AS integer)"), {"words": CANARY})
        return Response()

    assert_problem(scratch.test_client().get("/fails"), 500, "unexpected")
    assert "unexpected error" in (lines := logged())
    assert CANARY not in lines


@pytest.mark.parametrize(("status", "slug"), [(403, "forbidden"), (418, "http-418"), (503, "try-later")])
def test_errors_of_the_framework_are_problems_too(scratch: Flask, status: int, slug: str) -> None:
    @scratch.get("/fails")
    def fails() -> Response:
        abort(status)

    assert_problem(scratch.test_client().get("/fails"), status, slug)


def test_a_broken_rule_of_the_database_is_an_error_of_ours(scratch: Flask) -> None:
    @scratch.get("/fails")
    def fails() -> Response:
        raise IntegrityError("INSERT", {}, Exception(CANARY))

    assert_problem(scratch.test_client().get("/fails"), 500, "unexpected")
