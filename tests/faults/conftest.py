from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from postgres_launcher.launcher import Endpoints
from tests.support.machine.processes import Processes


@pytest.fixture
def console_file(tmp_path: Path) -> Path:
    """Where the texts that reached the terminal stand whole."""
    return tmp_path / "texts.ndjson"


@pytest.fixture
def processes(database: Endpoints, tmp_path: Path, console_file: Path) -> Iterator[Processes]:
    """The product's processes on this test's database, sending to a file."""
    with Processes(database, folder=tmp_path, SMS_CONSOLE_FILE=str(console_file)) as started:
        yield started


@pytest.fixture
def processes_on(tmp_path: Path) -> Iterator[Callable[..., Processes]]:
    """The product's processes on a database and an environment of the test's choice."""
    with ExitStack() as stack:
        yield lambda database, **environment: stack.enter_context(
            Processes(database, folder=tmp_path, **environment)
        )
