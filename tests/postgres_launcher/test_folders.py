from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from postgres_launcher import folders as postgres_folders
from postgres_launcher.binaries import Account
from postgres_launcher.folders import Folders, Lock
from postgres_launcher.launcher import CannotStart, LocalPostgres, default_data_dir
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


def test_every_file_lies_below_the_data_folder_and_only_one_below_the_server_s() -> None:
    folders = Folders(top=Path("/srv/data"))
    ours = (folders.log, folders.configuration, folders.access, folders.names, folders.lock_file("use"))
    assert {path.parent for path in ours} == {folders.top}
    assert len(set(ours)) == len(ours)
    assert folders.pid_file == folders.database / "postmaster.pid"


def test_a_lock_is_shared_by_many_or_held_by_one(tmp_path: Path) -> None:
    first, second = (Lock(tmp_path / "a.lock") for _ in range(2))
    assert first.share()
    assert second.share()
    assert not first.alone()
    second.close()
    assert first.alone()
    third = Lock(tmp_path / "a.lock")
    assert not third.share()
    first.close()
    assert third.alone()
    third.close()


def test_a_lock_is_no_link_to_somewhere_else(tmp_path: Path) -> None:
    (tmp_path / "a.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        Lock(tmp_path / "a.lock")
    assert not (tmp_path / "elsewhere").exists()


def test_only_one_at_a_time_has_its_turn(tmp_path: Path) -> None:
    folders = Folders(top=tmp_path)
    with (
        postgres_folders.exclusive_turn(folders, seconds=0),
        pytest.raises(CannotStart, match="starting or stopping the database"),
        postgres_folders.exclusive_turn(folders, seconds=0),
    ):
        pytest.fail("two had their turn")
    with pytest.raises(ZeroDivisionError), postgres_folders.exclusive_turn(folders, seconds=0):
        raise ZeroDivisionError
    with postgres_folders.exclusive_turn(folders, seconds=0):
        assert folders.lock_file("turn").exists()


def test_a_file_is_replaced_whole_and_closed_to_others(tmp_path: Path) -> None:
    path, leftover = tmp_path / "a.conf", tmp_path / "a.conf.new"
    leftover.symlink_to(tmp_path / "elsewhere")
    for text in ("first\n", "näxt\n"):
        postgres_folders.replace_file(path, text=text, account=ME)
        assert path.read_text("utf-8") == text
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not (tmp_path / "elsewhere").exists()
    assert list(tmp_path.iterdir()) == [path]


@as_root
def test_the_server_s_account_reads_a_file_that_it_cannot_change(tmp_path: Path) -> None:
    entry = pwd.getpwnam(ORDINARY)
    account = Account(name=ORDINARY, uid=entry.pw_uid, gid=entry.pw_gid, launcher="root", switch=True)
    postgres_folders.replace_file(tmp_path / "a.conf", text="x", account=account)
    state = (tmp_path / "a.conf").stat()
    assert (state.st_uid, state.st_gid, stat.S_IMODE(state.st_mode)) == (0, entry.pw_gid, 0o640)


def test_a_missing_data_folder_is_made_closed_and_one_that_is_there_left_as_it_is(place: Path) -> None:
    made = postgres_folders.prepare(place / "a" / "b", account=ME)
    assert made.top == (place / "a" / "b").resolve()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (made.top, made.top.parent)} == {0o700}
    made.top.chmod(0o750)
    assert postgres_folders.prepare(made.top, account=ME) == made
    assert stat.S_IMODE(made.top.stat().st_mode) == 0o750


def test_a_link_to_the_data_folder_is_the_same_folder(place: Path) -> None:
    made = postgres_folders.prepare(place / "data", account=ME)
    (place / "link").symlink_to(place / "data")
    assert postgres_folders.prepare(place / "link", account=ME) == made


def test_a_file_is_no_data_folder(place: Path) -> None:
    (place / "data").touch()
    with pytest.raises(CannotStart, match="is not a folder"):
        postgres_folders.prepare(place / "data", account=ME)


def test_data_of_another_account_are_refused(tmp_path: Path) -> None:
    folders = Folders(top=tmp_path)
    stranger = Account(name="stranger", uid=ME.uid + 1, gid=ME.gid, launcher="stranger", switch=False)
    postgres_folders.check_owner(folders, account=stranger)
    folders.database.mkdir()
    postgres_folders.check_owner(folders, account=ME)
    with pytest.raises(CannotStart, match="would run as stranger"):
        postgres_folders.check_owner(folders, account=stranger)


def test_the_socket_lies_in_a_closed_folder_that_is_the_same_each_time(place: Path) -> None:
    folders = postgres_folders.prepare(place / "data", account=ME)
    socket = postgres_folders.socket_folder(folders, account=ME)
    assert socket == folders.top / "socket"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert postgres_folders.socket_folder(folders, account=ME) == socket


def test_two_data_folders_with_long_paths_have_two_sockets(place: Path) -> None:
    sockets = []
    for name in ("a" * 100, "b" * 100):
        folders = postgres_folders.prepare(place / name, account=ME)
        sockets.append(postgres_folders.socket_folder(folders, account=ME))
    try:
        assert len(set(sockets)) == 2
        for socket in sockets:
            length = len(os.fsencode(socket / postgres_folders.SOCKET_NAME))
            assert length <= postgres_folders.LONGEST_SOCKET_PATH
    finally:
        for socket in sockets:
            socket.rmdir()


def test_where_the_data_go(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = place / "clinic"
    assert default_data_dir(project, {"DATA_DIR": "/srv/data"}) == Path("/srv/data")
    assert default_data_dir(project, {"DATA_DIR": "here"}) == project.resolve() / "here"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    folder = default_data_dir(project, {})
    assert folder.parent == Path("/var/lib/afterglow")
    assert folder.name.startswith("clinic-")
    assert folder != default_data_dir(place / "other" / "clinic", {})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert default_data_dir(project, {"DATA_DIR": ""}) == project.resolve() / ".data"


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


@as_root
def test_root_is_refused_below_a_closed_folder_and_leaves_it_closed(place: Path) -> None:
    closed = place / "home"
    closed.mkdir(mode=0o700)
    with pytest.raises(CannotStart, match=rf"nobody, who cannot enter {closed}\."):
        LocalPostgres(data_dir=closed / "data").start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
