from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from postgres_launcher.launcher import Endpoints, LocalPostgres
from tests.support.machine.postgres import BECOME, PROJECT, USER


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's account may pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(place: Path) -> Path:
    return place / "data"


@pytest.fixture
def use(data_dir: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts processes that use the database until they get a line."""
    running: list[subprocess.Popen[str]] = []

    def start(*, account: str = "", folder: Path = data_dir) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", BECOME + USER, account, folder],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()
    if (data_dir / "database").exists():
        with LocalPostgres(data_dir=data_dir, durable=False):
            pass


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Path, Endpoints]]:
    """A server for tests that leave it as they found it, and its data folder."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-test-"))
    folder.chmod(0o711)
    with LocalPostgres(data_dir=folder / "data", durable=False) as endpoints:
        yield folder / "data", endpoints
    shutil.rmtree(folder)
