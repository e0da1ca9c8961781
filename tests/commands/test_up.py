"""What `manage.py up` does before it starts anything; that it runs is tried by tests/journeys."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from commands import demo, up
from config.database_urls import DatabaseUrls
from config.settings import Settings
from postgres_launcher.launcher import Endpoints
from recovery.models.clinic import clinics
from tests.support.data.people import Clinic

AT = datetime(2026, 11, 12, 15, 0, tzinfo=UTC)


@pytest.fixture(params=["127.0.0.1", "::1"])
def listening(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """An address at which somebody else listens."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as other:
        other.bind((request.param, 0))
        other.listen()
        yield request.param, other.getsockname()[1]


def test_a_port_that_is_taken_is_named_before_anything_is_started(
    listening: tuple[str, int], settings: Settings, tmp_path: Path
) -> None:
    host, port = listening
    said: list[str] = []
    there = settings.model_copy(update={"host": host, "port": port, "data_dir": tmp_path / "data"})
    with pytest.raises(up.StartupFailed, match=f"Port {port} on {host} cannot be used.*PORT=8001"):
        up.run(there, say=said.append)
    assert said == []
    assert not (tmp_path / "data").exists()


def test_the_demonstration_is_loaded_as_the_owner_and_its_sign_ins_are_kept(
    database: Endpoints, sessions: sessionmaker[Session], settings: Settings, tmp_path: Path
) -> None:
    urls = DatabaseUrls(owner=database.owner_url, api=database.api_url, worker=database.worker_url)
    file = tmp_path / "new" / "folder" / "sign-ins.json"
    up.load_demonstration(settings, urls, file=file, now=AT)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = demo.read_sign_ins(file)
    assert [one.email for one in kept] == [email for email, _, _ in demo.STAFF]
    assert json.loads(file.read_text())[0]["role"] == "nurse"
    with sessions() as session:
        assert all(clinics.find_active_member(session, one.email) is not None for one in kept)


def test_where_a_clinic_is_no_sign_ins_are_written(
    database: Endpoints, clinic: Clinic, settings: Settings, tmp_path: Path
) -> None:
    urls = DatabaseUrls(owner=database.owner_url, api=database.api_url, worker=database.worker_url)
    with pytest.raises(demo.NotEmpty):
        up.load_demonstration(settings, urls, file=tmp_path / "sign-ins.json", now=AT)
    assert not (tmp_path / "sign-ins.json").exists()
