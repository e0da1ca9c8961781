"""What tests of the embedded PostgreSQL share: processes that use it, and looking at its server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from postgres_launcher import folders as postgres_folders
from tests.support.machine import databases

PROJECT = Path(__file__).resolve().parents[3]
ORDINARY = "daemon"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as several accounts")
# The interpreter may lie in a closed home folder: everything is loaded before the account is given up.
BECOME = """
import os, pwd, sys
from pathlib import Path
import psycopg
from postgres_launcher import binaries
from postgres_launcher.launcher import CannotStart, LocalPostgres
binaries.find_binaries(environ=os.environ)
if account := sys.argv[1]:
    entry = pwd.getpwnam(account)
    os.environ["HOME"] = "/"
    os.chdir("/")
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
folder = Path(sys.argv[2])
"""
USER = """
try:
    with LocalPostgres(data_dir=folder, durable=False) as endpoints:
        print(endpoints.owner_url, flush=True)
        sys.stdin.readline()
except CannotStart as error:
    sys.exit(f"cannot start: {error}")
"""
ENTER = """
try:
    psycopg.connect(host=str(folder), port=5432, user=sys.argv[3], dbname="afterglow")
except psycopg.OperationalError as error:
    sys.exit(str(error))
"""


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script as an account, the data folder as its second argument."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", BECOME + script, *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def url_of(process: subprocess.Popen[str]) -> str:
    """The owner's URL that a process using the database prints once it can."""
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline().strip()
    assert line, process.stderr.read()
    return line


def finish(process: subprocess.Popen[str]) -> None:
    """Let such a process end, which it must do well."""
    _, errors = process.communicate("\n", timeout=30)
    assert process.returncode == 0, errors


def one(url: str, query: str) -> object:
    """The first value of a query's first row."""
    with databases.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def postmaster(data_dir: Path) -> int:
    """The process number of the server of this folder."""
    return int((data_dir / "database" / "postmaster.pid").read_text().splitlines()[0])


def served(data_dir: Path) -> bool:
    """Whether any process of a server is alive, as the system tells by the lock they share."""
    lock = postgres_folders.Lock(data_dir / "server.lock")
    try:
        return not lock.alone()
    finally:
        lock.close()


def kill_server(data_dir: Path) -> None:
    """Kill the server and wait until nothing of it is left."""
    os.kill(postmaster(data_dir), signal.SIGKILL)
    wait_until(lambda: not served(data_dir))


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "did not come true"
        time.sleep(0.005)
