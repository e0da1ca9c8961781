from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from api import database as api_database
from api.app import create_app
from api.database import db
from config.settings import Settings
from postgres_launcher.launcher import Endpoints
from tests.support.data.people import Clinic
from tests.support.machine.databases import connect

RENAME = text("UPDATE clinic SET name = :name")


@pytest.fixture
def app(database: Endpoints, settings: Settings) -> Iterator[Flask]:
    """An application of this test's own, which may get routes, with the time-outs of service."""
    made = create_app(settings, database_url=database.api_url)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def plain(app: Flask) -> FlaskClient:
    """A client of routes that are documented nowhere."""
    return FlaskClient(app)


@pytest.fixture
def name_of(clinic: Clinic, sessions: sessionmaker[Session]) -> Callable[[], str]:
    """What is on disk."""

    def read() -> str:
        with sessions() as session:
            return str(session.scalar(text("SELECT name FROM clinic")))

    return read


@pytest.mark.parametrize(
    ("status", "keep", "kept"),
    [(200, False, True), (304, False, True), (400, False, False), (422, True, True), (500, False, False)],
)
def test_what_an_error_wrote_is_taken_back_unless_it_counts(
    app: Flask, plain: FlaskClient, name_of: Callable[[], str], status: int, keep: bool, kept: bool
) -> None:
    @app.post("/write")
    def write() -> Response:
        api_database.current().execute(RENAME, {"name": "Written"})
        if keep:
            api_database.commit_despite_error()
        return Response(status=status)

    assert plain.post("/write").status_code == status
    assert name_of() == ("Written" if kept else "Test Clinic")


def test_what_was_committed_before_waiting_stays_although_an_error_follows(
    app: Flask, plain: FlaskClient, name_of: Callable[[], str]
) -> None:
    @app.post("/write")
    def write() -> Response:
        api_database.current().execute(RENAME, {"name": "First"})
        api_database.commit_before_waiting()
        assert api_database.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        api_database.current().execute(RENAME, {"name": "Second"})
        return Response(status=500)

    assert plain.post("/write").status_code == 500
    assert name_of() == "First"


def test_a_request_has_one_moment_and_the_next_a_later_one(app: Flask) -> None:
    with app.test_request_context():
        first = api_database.request_time()
        assert api_database.request_time() is first
        assert first.utcoffset() is not None
    with app.test_request_context():
        assert api_database.request_time() > first


def test_every_wait_on_the_database_has_an_end_and_what_is_answered_is_on_disk(app: Flask) -> None:
    wanted = {
        "TimeZone": "UTC",
        "statement_timeout": "8s",
        "lock_timeout": "4s",
        "idle_in_transaction_session_timeout": "15s",
        "synchronous_commit": "on",
        "application_name": "afterglow-api",
    }
    with app.test_request_context():
        session = api_database.current()
        assert {name: session.scalar(text(f"SHOW {name}")) for name in wanted} == wanted
        session.rollback()


def test_each_statement_on_the_driver_s_connection_stands_by_itself(
    app: Flask, name_of: Callable[[], str]
) -> None:
    with app.app_context():
        with api_database.driver_connection() as connection:
            assert connection.autocommit
            connection.execute("UPDATE clinic SET name = 'Direct'")
            assert name_of() == "Direct"
        with pytest.raises(ZeroDivisionError), api_database.driver_connection() as connection:
            raise ZeroDivisionError
        # The session that gets it next begins transactions again.
        api_database.current().execute(RENAME, {"name": "Undone"})
        api_database.current().rollback()
    assert name_of() == "Direct"


def test_a_driver_s_connection_that_broke_is_not_used_again(app: Flask) -> None:
    with app.app_context():
        with api_database.driver_connection() as connection:
            connection.close()
        with api_database.driver_connection() as another:
            assert another is not connection
            assert another.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_that_lost_its_server_while_idle_is_replaced(
    app: Flask, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_database, "IDLE_SECONDS", 0.0)
    number = text("SELECT pg_backend_pid()")
    with app.app_context():
        before = api_database.current().scalar(number)
        api_database.current().rollback()
        assert api_database.current().scalar(number) == before
        api_database.current().rollback()
        url = str(sessions.kw["bind"].url.set(username="afterglow_bootstrap"))
        with connect(url) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", [before])
        assert api_database.current().scalar(number) != before
        api_database.current().rollback()


def test_the_values_of_a_statement_stay_out_of_its_errors(app: Flask) -> None:
    with app.test_request_context():
        with pytest.raises(Exception, match="parameters hidden") as refused:
            api_database.current().execute(text("SELECT CAST(:words AS integer)"), {"words": "private words"})
        assert isinstance(refused.value.__cause__, psycopg.DataError)
        api_database.current().rollback()
