"""The database goes away at once and comes back; the worker lives on as another one."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, pool, select
from sqlalchemy.orm import Session, sessionmaker

from migrations import upgrade
from postgres_launcher.launcher import LocalPostgres
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.operations.workers import Worker
from recovery.services.content.content import Content
from tests.support.data import texts
from tests.support.data.people import found_clinic
from tests.support.machine.processes import Processes, eventually, said_by

pytestmark = pytest.mark.faults


@pytest.fixture
def own_server() -> Iterator[tuple[LocalPostgres, Path]]:
    """A PostgreSQL for this test alone, which it may stop."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-"))
    folder.chmod(0o711)
    server = LocalPostgres(data_dir=folder, durable=False)
    yield server, folder
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_worker_goes_on_after_the_database_was_cut_off(
    own_server: tuple[LocalPostgres, Path],
    processes_on: Callable[..., Processes],
    content: Content,
    tmp_path: Path,
) -> None:
    server, folder = own_server
    ends = server.start()
    upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
    engine = create_engine(ends.owner_url, poolclass=pool.NullPool)
    sessions = sessionmaker(engine, expire_on_commit=False)
    now = datetime.now(UTC)
    clinic = found_clinic(sessions, content=content, now=now)
    texts.treated(clinic, now=now, patients=20)
    texts.leave_due(sessions, now=now, count=150)
    file = tmp_path / "texts.ndjson"
    worker = processes_on(ends, SMS_CONSOLE_FILE=str(file), SMS_RATE="50").worker_at_work()
    eventually(lambda: texts.written(file), what="the first text")

    (number_file,) = folder.rglob("postmaster.pid")
    os.kill(int(number_file.read_text().split()[0]), signal.SIGQUIT)
    eventually(lambda: "database away" in said_by(worker), what="the worker to notice")
    assert server.start() == ends

    eventually(lambda: said_by(worker).count("worker started") == 2, what="the worker's next life")
    eventually(lambda: _settled(sessions), what="the texts to be settled")
    states = texts.count(sessions)
    assert states.keys() <= {MessageState.ACCEPTED, MessageState.IN_DOUBT}
    left = [one.reference for one in texts.written(file)]
    rows = {row.reference: row.state for row in texts.all_rows(sessions)}
    assert len(left) == len(set(left))
    assert set(left) <= rows.keys()
    assert {reference for reference, state in rows.items() if state is MessageState.ACCEPTED} <= set(left)
    with sessions() as session:
        stopped = [row.stopped_at is not None for row in session.scalars(select(Worker))]
    assert sorted(stopped) == [False, True]
    engine.dispose()


def _settled(sessions: sessionmaker[Session]) -> bool:
    return texts.none_waits(sessions, now=datetime.now(UTC))
