from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from postgres_launcher import binaries as postgres_binaries
from postgres_launcher import cluster as postgres_cluster
from postgres_launcher import folders as postgres_folders
from postgres_launcher.binaries import Account, Binaries
from postgres_launcher.cluster import PostgresCluster
from postgres_launcher.folders import Lock
from postgres_launcher.launcher import CannotStart, LocalPostgres
from tests.support.machine.postgres import (
    kill_server,
    one,
    url_of,
)  # fmt: skip

ME = Account(
    name=pwd.getpwuid(os.geteuid()).pw_name,
    uid=os.geteuid(),
    gid=os.getegid(),
    launcher=pwd.getpwuid(os.geteuid()).pw_name,
    switch=False,
)
"""Whoever runs the tests, for whom nothing is switched."""

HERE = Binaries(folder=Path("/usr/lib/postgresql/18/bin"), major=18, version="18.1", release=None)


@pytest.fixture
def cluster(place: Path) -> PostgresCluster:
    """A cluster of which nothing is on disk yet."""
    folders = postgres_folders.prepare(place / "data", account=ME)
    return PostgresCluster(folders=folders, socket=folders.top / "socket", account=ME)


def ended(child: int) -> int:
    """The same child, once it has ended and before anybody asked how."""
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    return child


def child(script: str, *, reads: int = 0) -> int:
    from_there = [(os.POSIX_SPAWN_DUP2, reads, 0)]
    return os.posix_spawn("/bin/sh", ["/bin/sh", "-c", script], {}, file_actions=from_there)


def settings_of(cluster: PostgresCluster) -> dict[str, str]:
    """What the server's configuration sets, where it comes last."""
    lines = cluster.folders.configuration.read_text("utf-8").splitlines()
    assert lines[0] == f"include '{cluster.folders.database / 'postgresql.conf'}'"
    return dict(line.split(" = ", 1) for line in lines[1:])


def test_how_a_child_ended_is_told_once() -> None:
    for script, code in (("exit 0", 0), ("exit 3", 3), ("kill -KILL $$", -9)):
        started = ended(child(script))
        assert postgres_cluster.exit_code(started) == code
        assert postgres_cluster.exit_code(started) == 1


def test_a_child_that_runs_has_not_ended() -> None:
    reader, writer = os.pipe()
    started = child("read line", reads=reader)
    os.close(reader)
    try:
        assert postgres_cluster.exit_code(started) is None
    finally:
        os.write(writer, b"go\n")
        os.close(writer)
        assert postgres_cluster.exit_code(ended(started)) == 0


def test_data_of_this_major_version_are_served_and_no_other(cluster: PostgresCluster) -> None:
    cluster.folders.database.mkdir()
    with pytest.raises(CannotStart, match="has no PG_VERSION"):
        cluster.check(binaries=HERE)
    (cluster.folders.database / "PG_VERSION").write_text("18\n")
    cluster.check(binaries=HERE)
    for other in ("17", "19", "1"):
        (cluster.folders.database / "PG_VERSION").write_text(f"{other}\n")
        with pytest.raises(CannotStart, match=f"were made by PostgreSQL {other}"):
            cluster.check(binaries=HERE)


def test_a_server_listens_on_its_socket_alone_whatever_is_asked_for(cluster: PostgresCluster) -> None:
    asked = {"listen_addresses": "*", "unix_socket_permissions": "0777", "work_mem": "7MB"}
    cluster.configure(durable=True, settings=asked)
    settings = settings_of(cluster)
    assert settings["listen_addresses"] == "''"
    assert settings["unix_socket_permissions"] == "'0700'"
    assert settings["unix_socket_directories"] == f"'{cluster.socket}'"
    assert settings["work_mem"] == "'7MB'"
    assert not {"fsync", "full_page_writes", "synchronous_commit"} & set(settings)


def test_only_a_server_for_tests_trades_safety_for_speed(cluster: PostgresCluster) -> None:
    cluster.configure(durable=False, settings={"fsync": "on"})
    settings = settings_of(cluster)
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert settings[name] == "'off'"


def test_a_value_cannot_end_its_quotes(cluster: PostgresCluster) -> None:
    cluster.configure(durable=True, settings={"application_name": "a'b\\c"})
    assert settings_of(cluster)["application_name"] == "'a''b\\\\c'"


def test_only_the_launching_account_enters_and_as_our_roles_only(cluster: PostgresCluster) -> None:
    cluster.configure(durable=True, settings={})
    assert cluster.folders.access.read_text("utf-8") == "local all all peer map=afterglow\n"
    roles = [line.split() for line in cluster.folders.names.read_text("utf-8").splitlines()]
    assert roles == [
        ["afterglow", f'"{ME.launcher}"', role]
        for role in ("afterglow_bootstrap", "afterglow_owner", "afterglow_api", "afterglow_worker")
    ]


def test_leftovers_of_a_first_start_are_removed_and_nothing_else(cluster: PostgresCluster) -> None:
    top = cluster.folders.top
    for name in ("database.partial-x/base", "database/base", "postgresql-18.1"):
        (top / name).mkdir(parents=True)
    cluster.remove_leftovers()
    assert {path.name for path in top.iterdir()} == {"database", "postgresql-18.1"}


def test_where_no_server_runs_there_is_none_to_join_or_to_halt(cluster: PostgresCluster) -> None:
    use = Lock(cluster.folders.lock_file("use"))
    assert use.share()
    assert not cluster.join(use=use, programs=Path("/nowhere"))
    cluster.halt(programs=Path("/nowhere"))
    use.close()


def test_a_socket_s_folder_is_forgotten_where_it_lies_outside_the_data(
    cluster: PostgresCluster, place: Path
) -> None:
    cluster.socket.mkdir()
    cluster.forget_socket()
    assert cluster.socket.exists()
    outside = place / "outside"
    elsewhere = PostgresCluster(folders=cluster.folders, socket=outside, account=ME)
    elsewhere.forget_socket()
    outside.mkdir()
    (outside / "used").touch()
    elsewhere.forget_socket()
    assert outside.exists()
    (outside / "used").unlink()
    elsewhere.forget_socket()
    assert not outside.exists()


def test_a_large_log_is_put_aside(data_dir: Path) -> None:
    with LocalPostgres(data_dir=data_dir, durable=False):
        pass
    log = data_dir / "postgresql.log"
    os.truncate(log, 11 * 1024 * 1024)
    with LocalPostgres(data_dir=data_dir, durable=False):
        assert log.stat().st_size < 10_000
        assert log.with_name("postgresql.log.1").stat().st_size == 11 * 1024 * 1024


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


def test_a_swept_away_socket_is_made_again(data_dir: Path, use: Callable[..., subprocess.Popen[str]]) -> None:
    starter = use()
    url_of(starter)
    starter.kill()
    starter.wait()
    shutil.rmtree(data_dir / "socket")
    with LocalPostgres(data_dir=data_dir, durable=False) as endpoints:
        assert one(endpoints.owner_url, "SELECT 1") == 1


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
