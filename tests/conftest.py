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
from uuid import uuid4

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, pool
from sqlalchemy.orm import Session, sessionmaker

import config.logging
from api.app import create_app
from commands.shipped_content import shipped
from config.settings import Settings
from migrations import upgrade
from postgres_launcher.launcher import Endpoints, LocalPostgres
from recovery.services.content.content import Content
from tests.support.access.access_world import AccessWorld
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, found_clinic
from tests.support.machine import databases

TEMPLATE = "afterglow_template"
SERVER = {"max_connections": "200", "track_commit_timestamp": "on"}
"""Commit times, so that a test can ask the database what was committed first."""
TEST_LASTS = timedelta(seconds=30)
"""Longer than nearly every test takes."""


@pytest.fixture(scope="session")
def server() -> Iterator[Endpoints]:
    """One PostgreSQL for the whole run, its data gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-"))
    folder.chmod(0o711)
    with LocalPostgres(data_dir=folder, durable=False, settings=SERVER) as ends:
        yield ends
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: Endpoints) -> Endpoints:
    """A migrated database nobody is connected to, to be copied."""
    made = databases.fresh_database(server, TEMPLATE)
    upgrade.to_newest(owner_url=made.owner_url, api_url=made.api_url, worker_url=made.worker_url)
    return made


@pytest.fixture
def database(server: Endpoints, template: Endpoints) -> Iterator[Endpoints]:
    """A migrated, empty database for one test."""
    name = f"test_{uuid4().hex[:12]}"
    yield databases.fresh_database(server, name, template=TEMPLATE)
    databases.drop_database(server, name)


@pytest.fixture
def sessions(database: Endpoints) -> Iterator[sessionmaker[Session]]:
    """Sessions as the owner: tests look at and prepare what neither the API nor the worker may."""
    engine = create_engine(database.owner_url, poolclass=pool.NullPool)
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


@pytest.fixture
def app(database: Endpoints, settings: Settings) -> Iterator[Flask]:
    """The application as the API's role."""
    made = create_app(settings, database_url=database.api_url)
    yield made
    with made.app_context():
        from api.database import db

        db.engine.dispose()


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
