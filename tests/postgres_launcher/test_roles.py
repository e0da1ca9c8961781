from __future__ import annotations

import stat
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from postgres_launcher import roles as postgres_roles
from postgres_launcher.launcher import Endpoints, LocalPostgres
from tests.support.machine import databases
from tests.support.machine.postgres import (
    ENTER,
    ORDINARY,
    as_root,
    one,
    run,
)  # fmt: skip


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


@pytest.mark.parametrize("folder", ["/run/afterglow", "/srv/a folder & more?x=1#y", "/tmp/100%/näme"])
def test_an_address_says_role_database_socket_and_port_whatever_the_folder_is_called(folder: str) -> None:
    made = postgres_roles.endpoints(Path(folder))
    for field, role in (
        ("owner_url", "afterglow_owner"),
        ("api_url", "afterglow_api"),
        ("worker_url", "afterglow_worker"),
        ("superuser_url", "afterglow_bootstrap"),
    ):
        url = sa.make_url(getattr(made, field))
        assert (url.username, url.password, url.database, url.host) == (role, None, "afterglow", None)
        assert dict(url.query) == {"host": folder, "port": "5432"}
        assert url.drivername == "postgresql+psycopg"


def test_the_three_roles_are_told_what_they_must_not_have() -> None:
    for right in ("SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS"):
        assert f"NO{right}" in postgres_roles.PLAIN.split()
    assert "PASSWORD NULL" in postgres_roles.PLAIN


def test_a_right_given_to_everybody_or_to_a_role_by_hand_is_taken_back(
    running: tuple[Path, Endpoints],
) -> None:
    data_dir, endpoints = running
    with databases.connect(endpoints.superuser_url) as server:
        server.execute("GRANT CONNECT ON DATABASE afterglow TO PUBLIC")
        server.execute("ALTER ROLE afterglow_api CREATEDB CREATEROLE")
    socket = Path(str(sa.make_url(endpoints.owner_url).query["host"]))
    for _ in range(2):
        postgres_roles.ensure_roles(socket)
    powerful = "SELECT rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = 'afterglow_api'"
    assert one(endpoints.owner_url, powerful) is False
    allowed = "SELECT has_database_privilege('public', 'afterglow', 'CONNECT')"
    assert one(endpoints.owner_url, allowed) is False
    assert data_dir.exists()
