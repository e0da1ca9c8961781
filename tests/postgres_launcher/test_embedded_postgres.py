from __future__ import annotations

import os
import pwd
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from postgres_launcher import launcher as local_postgres
from postgres_launcher.launcher import CannotStart, Endpoints, LocalPostgres
from tests.support.machine import databases
from tests.support.machine.postgres import ENTER, ORDINARY, as_root, finish, one, run, served, url_of


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


def test_roles_locale_and_closed_network(running: tuple[Path, Endpoints]) -> None:
    data_dir, endpoints = running
    powerful = (
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication "
        "FROM pg_roles WHERE rolname = current_user"
    )
    for url in (endpoints.owner_url, endpoints.api_url, endpoints.worker_url):
        role = sa.make_url(url).username
        assert one(url, "SELECT current_user") == role
        assert one(url, powerful) is False
    assert one(endpoints.superuser_url, powerful) is True
    for query, value in (
        ("datdba::regrole::text FROM pg_database WHERE datname = 'afterglow'", "afterglow_owner"),
        ("datlocale FROM pg_database WHERE datname = 'afterglow'", "C.UTF-8"),
        ("nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'", "afterglow_owner"),
    ):
        assert one(endpoints.owner_url, f"SELECT {query}") == value
    assert one(endpoints.owner_url, "SELECT has_schema_privilege('public', 'public', 'USAGE')") is False
    for name in ("afterglow", "postgres", "template1"):
        allowed = f"SELECT has_database_privilege('public', '{name}', 'CONNECT')"
        assert one(endpoints.owner_url, allowed) is False
    for setting, value in (("TimeZone", "UTC"), ("data_checksums", "on"), ("listen_addresses", "")):
        assert one(endpoints.owner_url, f"SHOW {setting}") == value
    with pytest.raises(psycopg.errors.InsufficientPrivilege), databases.connect(endpoints.api_url) as api:
        api.execute("CREATE TABLE mine ()")
    folder = Path(str(sa.make_url(endpoints.owner_url).query["host"]))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / ".s.PGSQL.5432").stat().st_mode) == 0o700
    listening = (data_dir / "database" / "postmaster.pid").read_text().splitlines()[5]
    assert listening == ""


def test_refused_values_stay_out_of_the_log(running: tuple[Path, Endpoints]) -> None:
    data_dir, endpoints = running
    for url in (endpoints.owner_url, endpoints.api_url, endpoints.worker_url):
        with databases.connect(url) as connection, pytest.raises(psycopg.errors.DataError):
            connection.execute("SELECT 'private words'::int")
    assert "private words" not in (data_dir / "postgresql.log").read_text()


def test_the_environment_of_libpq_changes_nothing(
    running: tuple[Path, Endpoints], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGHOST": "/nowhere", "PGDATA": "/nowhere", "PGUSER": "x"}.items():
        monkeypatch.setenv(name, value)
    _, endpoints = running
    engine = sa.create_engine(endpoints.api_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT current_user")) == "afterglow_api"
    engine.dispose()


@as_root
def test_other_accounts_are_kept_out(running: tuple[Path, Endpoints]) -> None:
    _, endpoints = running
    folder = str(sa.make_url(endpoints.owner_url).query["host"])
    # daemon cannot pass the folder; nobody, whose server it is, can, and is refused by name.
    for account, reason in ((ORDINARY, "Permission denied"), ("nobody", "Peer authentication failed")):
        for role in ("afterglow_owner", "afterglow_api", "afterglow_bootstrap"):
            attempt = run(ENTER, account, folder, role)
            assert attempt.returncode == 1
            assert reason in attempt.stderr
    assert run(ENTER, "", folder, "afterglow_api").returncode == 0


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


@as_root
def test_root_may_name_the_account(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOSUSER", ORDINARY)
    with LocalPostgres(data_dir=data_dir, durable=False):
        assert (data_dir / "database").stat().st_uid == pwd.getpwnam(ORDINARY).pw_uid
        assert data_dir.stat().st_uid == 0
    monkeypatch.delenv("PGOSUSER")
    with pytest.raises(CannotStart, match="PGOSUSER"):
        LocalPostgres(data_dir=data_dir).start()
    for name, word in (("no-such-account", "does not exist"), ("root", "does not run as root")):
        monkeypatch.setenv("PGOSUSER", name)
        with pytest.raises(CannotStart, match=word):
            LocalPostgres(data_dir=data_dir).start()


def test_a_long_and_odd_path_gets_a_short_socket(place: Path) -> None:
    data_dir = place / ("a 'quoted' näme, " * 6)
    postgres = LocalPostgres(data_dir=data_dir, durable=False)
    endpoints = postgres.start()
    folder = Path(str(sa.make_url(endpoints.owner_url).query["host"]))
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) < 100
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    engine = sa.create_engine(endpoints.api_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT current_user")) == "afterglow_api"
    engine.dispose()
    postgres.stop()
    assert not folder.exists()


def test_a_large_log_is_put_aside(data_dir: Path) -> None:
    with LocalPostgres(data_dir=data_dir, durable=False):
        pass
    log = data_dir / "postgresql.log"
    os.truncate(log, 11 * 1024 * 1024)
    with LocalPostgres(data_dir=data_dir, durable=False):
        assert log.stat().st_size < 10_000
        assert log.with_name("postgresql.log.1").stat().st_size == 11 * 1024 * 1024


def test_databases_for_tests_carry_the_rights(running: tuple[Path, Endpoints]) -> None:
    _, endpoints = running
    with databases.connect(endpoints.owner_url) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS n")
    copy = databases.fresh_database(endpoints, "copy")
    with databases.connect(endpoints.owner_url) as owner:
        owner.execute("DROP TABLE kept")
    assert isinstance(copy, Endpoints)
    assert one(copy.owner_url, "SELECT n FROM kept") == 7
    assert one(copy.api_url, "SELECT current_database()") == "copy"
    assert one(copy.owner_url, "SELECT has_database_privilege('public', 'copy', 'CONNECT')") is False
    with databases.connect(copy.worker_url):
        databases.drop_database(endpoints, "copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        databases.connect(copy.owner_url)


def test_where_the_data_go(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = place / "clinic"
    assert local_postgres.default_data_dir(project, {"DATA_DIR": "/srv/data"}) == Path("/srv/data")
    assert local_postgres.default_data_dir(project, {"DATA_DIR": "here"}) == project.resolve() / "here"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    folder = local_postgres.default_data_dir(project, {})
    assert folder.parent == Path("/var/lib/afterglow")
    assert folder.name.startswith("clinic-")
    assert folder != local_postgres.default_data_dir(place / "other" / "clinic", {})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert local_postgres.default_data_dir(project, {"DATA_DIR": ""}) == project.resolve() / ".data"
