"""Real parts for every test: PostgreSQL 18, a migrated database of its own, the application, people."""

from __future__ import annotations

import io
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

import config.logging
from commands.shipped_content import shipped
from config.settings import Settings
from postgres_launcher.launcher import Endpoints, LocalPostgres
from recovery.services.content.content import Content
from tests.support import longest_first
from tests.support.access.access_world import AccessWorld
from tests.support.access.app_cache import AppCache
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, found_clinic
from tests.support.machine import databases
from tests.support.machine.reused_database import ReusedDatabase

TEMPLATE = "afterglow_template"
# Commit times, so that a test can ask the database what was committed first. A database lives too short to
# be tidied up, and no plan shall depend on when it came.
SERVER = {"max_connections": "300", "track_commit_timestamp": "on", "autovacuum": "off"}
SERVER_FOLDER = pytest.StashKey[Path]()
TEST_LASTS = timedelta(seconds=30)
"""Longer than nearly every test takes."""


def pytest_configure(config: pytest.Config) -> None:
    """The one folder of the database server, for all processes of this run."""
    given = getattr(config, "workerinput", {}).get("server_folder")
    folder = Path(given or tempfile.mkdtemp(prefix="afterglow-"))
    folder.chmod(0o711)
    config.stash[SERVER_FOLDER] = folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each process of pytest-xdist where the server is."""
    node.workerinput["server_folder"] = str(node.config.stash[SERVER_FOLDER])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long are first; a file's tests stay together."""
    items.sort(key=lambda item: longest_first.place(item.nodeid))


def pytest_unconfigure(config: pytest.Config) -> None:
    """The server's data are gone afterwards; the last process that used it has stopped it."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[SERVER_FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[Endpoints]:
    """One PostgreSQL for the whole run: the first process that asks starts it, the others join."""
    folder = pytestconfig.stash[SERVER_FOLDER]
    with LocalPostgres(data_dir=folder, durable=False, settings=SERVER) as ends:
        yield ends


@pytest.fixture(scope="session")
def reused_database(server: Endpoints) -> Iterator[ReusedDatabase]:
    """This process's own database, handed from test to test."""
    template = databases.migrated_template(server, TEMPLATE)
    reused = ReusedDatabase(server, template=template, name=f"test_{os.getpid()}")
    yield reused
    reused.drop()


@pytest.fixture
def database(reused_database: ReusedDatabase) -> Endpoints:
    """A migrated database without a row, as a fresh copy of the migrated one is."""
    return reused_database.empty()


@pytest.fixture
def sessions(database: Endpoints) -> Iterator[sessionmaker[Session]]:
    """Sessions as the owner: tests look at and prepare what neither the API nor the worker may."""
    # To open a connection costs more than most of what is asked through it. One without a server is not used.
    engine = create_engine(database.owner_url, max_overflow=-1, pool_pre_ping=True)
    yield sessionmaker(engine, expire_on_commit=False)
    engine.dispose()


@pytest.fixture(scope="session")
def content() -> Content:
    """The shipped curves, wordings and schedule."""
    return shipped()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings that owe nothing to the machine's environment."""
    unset = {name: None for name in os.environ if name.startswith(("TWILIO_", "DATABASE_", "SMS_"))}
    assert not unset, "run the tests without the product's own settings in the environment"
    photos = (tmp_path_factory.getbasetemp() / "photos").as_uri()
    return Settings(_env_file=None, photo_store=photos)  # type: ignore[call-arg]


@pytest.fixture(scope="session")
def made_apps() -> AppCache:
    """The applications that this process's tests have made."""
    return AppCache()


@pytest.fixture
def app_of(made_apps: AppCache, database: Endpoints) -> Iterator[Callable[[Settings], Flask]]:
    """The application with settings of the test's choice, as the API's role."""
    yield lambda settings: made_apps.get(settings, database_url=database.api_url)
    made_apps.close_connections()


@pytest.fixture
def app(app_of: Callable[[Settings], Flask], settings: Settings) -> Flask:
    """The application as the API's role."""
    return app_of(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Calls the application without a network."""
    return app.test_client()


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """What this process logs, in the form in which it does so in service."""
    written, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    with monkeypatch.context() as patched:
        patched.setattr("sys.stderr", written)
        config.logging.configure(level="DEBUG")
    yield written.getvalue
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.fixture
def now() -> datetime:
    """The moment of the test. At the very end of a day in UTC, the next day is waited for: tests of what
    counts by the day are on one day.
    """
    moment = datetime.now(UTC)
    midnight = datetime.combine(moment.date() + timedelta(days=1), datetime.min.time(), UTC)
    if midnight - moment < TEST_LASTS:
        time.sleep((midnight - moment).total_seconds())
        moment = datetime.now(UTC)
    return moment


@pytest.fixture
def clinic(sessions: sessionmaker[Session], content: Content, now: datetime) -> Clinic:
    """A live clinic, open round the clock, with a nurse."""
    return found_clinic(sessions, content=content, now=now)


@pytest.fixture
def other_clinic(sessions: sessionmaker[Session], content: Content, now: datetime) -> Clinic:
    """A second clinic, which must see nothing of the first."""
    return found_clinic(sessions, content=content, now=now, name="Other Clinic")


@pytest.fixture
def texting(sessions: sessionmaker[Session], content: Content) -> Texting:
    """Texts from patients' phones."""
    return Texting(sessions=sessions, content=content)


@pytest.fixture
def world(
    client: FlaskClient,
    sessions: sessionmaker[Session],
    texting: Texting,
    clinic: Clinic,
    other_clinic: Clinic,
    now: datetime,
) -> AccessWorld:
    """Two clinics and whatever an address may name in them, made as it is asked for."""
    return AccessWorld(
        client=client, sessions=sessions, texting=texting, clinic=clinic, other_clinic=other_clinic, now=now
    )
