"""The folders of the embedded database: where they may lie, who owns and can enter them, its socket, and
their locks."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from postgres_launcher import binaries as postgres_binaries
from postgres_launcher.binaries import Account, CannotStart

# sockaddr_un holds 104 bytes on macOS and 108 on Linux, the file's name and the closing zero included.
LONGEST_SOCKET_PATH = 99
SOCKET_NAME = ".s.PGSQL.5432"
POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Everything below one data folder; `top` belongs to the launching user, `database` to the server's."""

    top: Path

    @property
    def database(self) -> Path:
        return self.top / "database"

    @property
    def log(self) -> Path:
        return self.top / "postgresql.log"

    @property
    def configuration(self) -> Path:
        return self.top / "postgresql.conf"

    @property
    def access(self) -> Path:
        return self.top / "pg_hba.conf"

    @property
    def names(self) -> Path:
        return self.top / "pg_ident.conf"

    @property
    def pid_file(self) -> Path:
        return self.database / "postmaster.pid"

    def lock_file(self, name: str) -> Path:
        return self.top / f"{name}.lock"


def default_data_dir(project: Path, environ: Mapping[str, str]) -> Path:
    """Where the data go: `DATA_DIR`, else `<project>/.data`, for root a folder of its own below /var/lib.

    A relative `DATA_DIR` is meant from the project folder. Root's default lies elsewhere since the account
    the server runs as cannot enter a closed home folder.
    """
    project = project.resolve()
    if chosen := environ.get("DATA_DIR"):
        return project / Path(chosen).expanduser()
    if os.geteuid() != 0:
        return project / ".data"
    mark = hashlib.sha256(os.fsencode(project)).hexdigest()[:8]
    return Path("/var/lib/afterglow") / f"{project.name or 'project'}-{mark}"


def prepare(data_dir: Path, *, account: Account) -> Folders:
    """Make the data folder if need be, and check that it is ours to change and the server's to enter.

    The modes of folders that exist already are left as they are.
    """
    top = Path(os.path.realpath(data_dir))
    # initdb hands the path of its programs to a shell without escaping these.
    if re.search(r'[\x00-\x1f\x7f"$`\\]', str(top)):
        raise CannotStart(
            f'The path of the data folder {str(top)!r} holds one of the characters " $ ` \\ or a control '
            "character, which PostgreSQL's programs cannot handle. Choose another DATA_DIR."
        )
    missing = [folder for folder in (top, *top.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        folder.chmod(_mode(folder, top=top, account=account))
    state = top.stat()
    if not stat.S_ISDIR(state.st_mode):
        raise CannotStart(f"The data folder {top} is not a folder. Choose another DATA_DIR.")
    if state.st_uid != os.geteuid():
        raise CannotStart(
            f"The data folder {top} belongs to user id {state.st_uid}, and this is {account.launcher}. "
            "Run as its owner, or choose another DATA_DIR."
        )
    if state.st_mode & (0o022 if account.switch else 0o002):
        raise CannotStart(
            f"Others can change the data folder {top}. Take their write permission away (chmod go-w), or "
            "choose another DATA_DIR."
        )
    if not os.access(top, os.R_OK | os.W_OK | os.X_OK):
        raise CannotStart(f"The data folder {top} cannot be written. Permit it, or choose another DATA_DIR.")
    if account.switch and (closed := postgres_binaries.closed_folder(top, account=account)) is not None:
        raise CannotStart(
            f"As root, PostgreSQL runs as the account {account.name}, who cannot enter {closed}. Choose a "
            "DATA_DIR outside closed folders (the default below /var/lib is one), or run as an ordinary user."
        )
    return Folders(top=top)


def _mode(folder: Path, *, top: Path, account: Account) -> int:
    # The server's account has to pass through to its own folders; nobody gets to see what else is there.
    if not account.switch:
        return 0o700
    return 0o711 if folder == top else 0o755


def check_owner(folders: Folders, *, account: Account) -> None:
    """Refuse data that the server's account may not read."""
    if not folders.database.exists():
        return
    owner = folders.database.stat().st_uid
    if owner != account.uid:
        raise CannotStart(
            f"The data in {folders.database} belong to user id {owner}, and the server would run as "
            f"{account.name}. Run as the owner, or as root name the owner in PGOSUSER."
        )


def socket_folder(folders: Folders, *, account: Account) -> Path:
    """A 0700 folder of the server's account for the socket, always the same for the same data folder.

    Below the data folder, or where that path is too long or holds characters that would need quoting, a short
    one below /run (root) or /tmp. Raises CannotStart where someone else has made it before us.
    """
    place = folders.top / "socket"
    fits = len(os.fsencode(place / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    if not (fits and re.fullmatch(r"[A-Za-z0-9/._-]+", str(place))):
        mark = hashlib.sha256(os.fsencode(folders.top)).hexdigest()[:16]
        place = _system_folder() / f"afterglow-{os.geteuid()}-{mark}"
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
    # From here on by descriptor: the name could be exchanged for a link between a check and a change.
    try:
        handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        raise _foreign_socket_folder(place) from None
    try:
        state = os.fstat(handle)
        if account.switch and state.st_uid == os.geteuid():
            os.fchown(handle, account.uid, account.gid)
            state = os.fstat(handle)
        if state.st_uid != account.uid or stat.S_IMODE(state.st_mode) & 0o077:
            raise _foreign_socket_folder(place)
    finally:
        os.close(handle)
    return place


def _foreign_socket_folder(place: Path) -> CannotStart:
    return CannotStart(
        f"{place} should be a closed folder of our own for the database's socket, but someone else owns it, "
        "it is open to others, or it is no folder. Find out who made it, remove it and start again."
    )


def _system_folder() -> Path:
    """Root's own run folder, which others cannot write, else /tmp."""
    for place in (Path("/run"), Path("/var/run")):
        if os.geteuid() == 0 and place.is_dir():
            state = place.stat()
            if state.st_uid == 0 and not state.st_mode & 0o022 and os.access(place, os.W_OK):
                return Path(os.path.realpath(place))
    return Path(os.path.realpath("/tmp"))  # noqa: S108 - made and checked race-free above


class Lock:
    """A lock on a file; the system releases it when its last holder dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def share(self) -> bool:
        """Hold it together with others; False where one holds it alone."""
        return self._try(fcntl.LOCK_SH)

    def alone(self) -> bool:
        """Hold it alone; False where anyone else holds it."""
        return self._try(fcntl.LOCK_EX)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go of this handle; copies handed to other processes go on holding the lock."""
        os.close(self.descriptor)


@contextmanager
def exclusive_turn(folders: Folders, *, seconds: float) -> Iterator[None]:
    """Be the only one to start or stop this database, waiting up to `seconds` for another who does so now."""
    lock = Lock(folders.lock_file("turn"))
    try:
        end = time.monotonic() + seconds
        while not lock.alone():
            if time.monotonic() > end:
                raise CannotStart(
                    f"Another process has been starting or stopping the database in {folders.top} for more "
                    f"than {seconds:.0f} seconds. Look for another manage.py, end it and start again."
                )
            time.sleep(POLL_SECONDS)
        yield
    finally:
        lock.close()


def replace_file(path: Path, *, text: str, account: Account) -> None:
    """Write a file whole or not at all, readable by the launching user and the server's account only."""
    partial = path.with_name(f"{path.name}.new")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        if account.switch:
            os.fchown(handle, -1, account.gid)
            os.fchmod(handle, 0o640)
    partial.rename(path)
