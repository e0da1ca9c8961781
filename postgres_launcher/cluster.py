"""One PostgreSQL cluster on disk: made, configured, launched, joined, halted, and what its log says when it
does not start.

Every method is to be called within `postgres_folders.exclusive_turn`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from postgres_launcher import binaries as postgres_binaries
from postgres_launcher import folders as postgres_folders
from postgres_launcher import roles as postgres_roles
from postgres_launcher.binaries import Account, Binaries, CannotStart
from postgres_launcher.folders import Folders, Lock

MAP = "afterglow"
READY = "ready"

# After a crash the server first replays its log: seconds for a clinic, and cutting it short gains nothing.
READY_SECONDS = 120
DEAF_SECONDS = 30
INITDB_SECONDS = 180
FAST_STOP_SECONDS = 20
IMMEDIATE_STOP_SECONDS = 10
LARGEST_LOG_BYTES = 10 * 1024 * 1024
LOG_LINES_SHOWN = 12


class ServerKilled(CannotStart):
    """Someone killed the server while it started."""


@dataclass(frozen=True, kw_only=True)
class PostgresCluster:
    """The cluster in `folders.database`, reached through the folder `socket`, its server run by `account`."""

    folders: Folders
    socket: Path
    account: Account

    # Made once

    def remove_leftovers(self) -> None:
        """Remove what a killed first start left behind; nothing of a server may be running."""
        for folder in self.folders.top.glob("database.partial-*"):
            shutil.rmtree(folder, ignore_errors=True)

    def make(self, *, programs: Path, durable: bool) -> None:
        """Run initdb in a folder that gets its final name only when it is whole."""
        partial = Path(tempfile.mkdtemp(prefix="database.partial-", dir=self.folders.top))
        command: list[str | Path] = [programs / "initdb", "-D", partial, "-U", postgres_roles.SUPERUSER]
        # A locale of PostgreSQL's own: an update of the system never changes the order in an index.
        command += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--data-checksums", "--auth-local=peer", "--auth-host=reject", "--no-instructions"]
        command += [] if durable else ["--no-sync"]
        # A later start waits for an initdb that outlives its killed launcher, and then clears up after it.
        guard = self._shared_server_lock()
        try:
            if self.account.switch:
                os.chown(partial, self.account.uid, self.account.gid)
            done = postgres_binaries.run(
                command, account=self.account, timeout=INITDB_SECONDS, keep_open=[guard.descriptor]
            )
            if done.returncode != 0:
                said = _last_lines(done.stdout)
                raise CannotStart(f"No database can be made in {self.folders.top}. initdb says:\n{said}")
            partial.rename(self.folders.database)
            self._keep_name()
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        finally:
            guard.close()

    def check(self, *, binaries: Binaries) -> None:
        """Refuse data that these programs cannot serve."""
        database = self.folders.database
        try:
            major = (database / "PG_VERSION").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise CannotStart(
                f"{database} is not a PostgreSQL database (it has no PG_VERSION). If nothing in it is "
                "needed, move it away and start again; else restore it from a backup."
            ) from None
        if major != str(binaries.major):
            raise CannotStart(
                f"The data in {database} were made by PostgreSQL {major}, and {binaries.folder} holds "
                f"{binaries.version}. Start with PostgreSQL {major} (set PGBIN), dump the data, and load "
                "them into a new DATA_DIR."
            )

    # At each launch

    def configure(self, *, durable: bool, settings: Mapping[str, str]) -> None:
        """Write the server's settings and who may enter, outside the reach of the server's own account."""
        folders, account = self.folders, self.account
        chosen = dict(settings)
        if not durable:
            chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        chosen |= {
            "listen_addresses": "",
            "port": str(postgres_roles.PORT),
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "hba_file": str(folders.access),
            "ident_file": str(folders.names),
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        # initdb's file comes first: it holds the sizes that initdb found to work on this machine.
        lines = [f"include {_quoted(str(folders.database / 'postgresql.conf'))}"]
        lines += [f"{name} = {_quoted(value)}" for name, value in chosen.items()]
        roles = (postgres_roles.SUPERUSER, postgres_roles.OWNER, postgres_roles.API, postgres_roles.WORKER)
        texts = {
            folders.configuration: "\n".join(lines),
            folders.access: f"local all all peer map={MAP}",
            folders.names: "\n".join(f'{MAP} "{account.launcher}" {role}' for role in roles),
        }
        for path, text in texts.items():
            postgres_folders.replace_file(path, text=text + "\n", account=account)

    def launch(self, *, programs: Path) -> int:
        """Start the server in a session of its own, and return its process number when it lets us in."""
        self._clear_stale_files()
        handle = self._open_log()
        guard = self._shared_server_lock()
        try:
            log_start = os.fstat(handle).st_size
            command: list[str | Path] = [programs / "postgres", "-D", self.folders.database]
            child = postgres_binaries.spawn(
                [*command, "-c", f"config_file={self.folders.configuration}"],
                account=self.account,
                output=handle,
                keep_open=[guard.descriptor],
            )
        finally:
            guard.close()
            os.close(handle)
        end = time.monotonic() + READY_SECONDS
        while (code := exit_code(child)) is None:
            error = self._connection_error() if self._state() == READY else "it is not ready yet"
            if error is None:
                return child
            if time.monotonic() > end:
                raise CannotStart(
                    f"The server in {self.folders.top} does not let us in after {READY_SECONDS} seconds: "
                    f"{error}. It may be repairing itself after a crash and goes on; start again in a "
                    f"while. Its log:\n{self._log(log_start)}"
                )
            time.sleep(postgres_folders.POLL_SECONDS)
        kind = ServerKilled if code < 0 else CannotStart
        raise kind(f"The server in {self.folders.top} does not start. Its log:\n{self._log(log_start)}")

    # While it runs

    def join(self, *, use: Lock, programs: Path) -> bool:
        """True when a running server lets us in; False when nothing of a server is left.

        Waits for one that is starting or dying. `use` is this process's share in the users' lock.
        """
        start = time.monotonic()
        while self._server_alive():
            ready = self._state() == READY
            error = self._connection_error() if ready else "it is not ready"
            if error is None:
                return True
            waited = time.monotonic() - start
            if ready and not (self.socket / postgres_folders.SOCKET_NAME).exists() and use.alone():
                # Its socket was deleted: no process can reach it, and no other process uses it.
                self.halt(programs=programs)
                use.share()
            elif waited > (DEAF_SECONDS if ready else READY_SECONDS):
                raise CannotStart(
                    f"A server or remains of one run on {self.folders.top} and cannot be joined after "
                    f"{waited:.0f} seconds: {error}. End its postgres processes (account "
                    f"{self.account.name}) and start again. Its log:\n{self._log(0)}"
                )
            time.sleep(postgres_folders.POLL_SECONDS)
        return False

    def halt(self, *, programs: Path) -> None:
        """Stop the server if there is one: fast, and if that takes too long, at once."""
        for mode, seconds in (("fast", FAST_STOP_SECONDS), ("immediate", IMMEDIATE_STOP_SECONDS)):
            # pg_ctl believes the process number in the file; only the lock tells whether a server is alive.
            if not self._server_alive():
                return
            command: list[str | Path] = [programs / "pg_ctl", "stop", "-D", self.folders.database]
            command += ["-m", mode, "-w", "-t", str(seconds)]
            postgres_binaries.run(command, account=self.account, timeout=seconds + 10)
            end = time.monotonic() + 2
            while self._server_alive() and time.monotonic() < end:
                time.sleep(postgres_folders.POLL_SECONDS)

    def forget_socket(self) -> None:
        """Remove the socket's folder where it lies outside the data folder and is no longer used."""
        if not self.socket.is_relative_to(self.folders.top):
            with suppress(OSError):
                self.socket.rmdir()

    # Inside

    def _keep_name(self) -> None:
        # initdb has brought its files to the disk, but their folder's new name is not there yet.
        handle = os.open(self.folders.top, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _connection_error(self) -> str | None:
        try:
            with postgres_roles.connect(self.socket, database="postgres") as connection:
                connection.execute("SELECT 1")
        except psycopg.Error as error:
            return str(error).strip()
        return None

    def _shared_server_lock(self) -> Lock:
        lock = Lock(self.folders.lock_file("server"))
        lock.share()
        return lock

    def _server_alive(self) -> bool:
        lock = Lock(self.folders.lock_file("server"))
        try:
            return not lock.alone()
        finally:
            lock.close()

    def _state(self) -> str | None:
        """What the server says of itself in line 8 of its file, such as "starting" or "ready"."""
        try:
            lines = self.folders.pid_file.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return None
        return lines[7].strip() if len(lines) > 7 else "starting"

    def _clear_stale_files(self) -> None:
        """Remove the files of a dead server whose process number now belongs to another process.

        PostgreSQL would take that process, or its predecessor's unreaped remains, for a server and not start.
        """
        file = self.folders.pid_file
        try:
            number = int(file.read_text(encoding="utf-8", errors="replace").splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            number = 0
        if number > 0 and _runs_postgres(number):
            raise CannotStart(
                f"{file} names process {number}, a PostgreSQL that was not started from here. If it serves "
                "these data, stop it; if it serves others, remove that file. Then start again."
            )
        socket = self.socket / postgres_folders.SOCKET_NAME
        for stale in (file, socket, socket.with_name(f"{socket.name}.lock")):
            stale.unlink(missing_ok=True)

    def _open_log(self) -> int:
        log = self.folders.log
        if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.rename(log.with_name(f"{log.name}.1"))
        return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def _log(self, start: int) -> str:
        try:
            with self.folders.log.open("rb") as file:
                file.seek(max(start, file.seek(0, os.SEEK_END) - 20_000))
                return _last_lines(file.read().decode(errors="replace"))
        except FileNotFoundError:
            return "(there is none)"


def exit_code(child: int) -> int | None:
    """How this child process ended, minus the signal's number where one killed it; None while it runs.

    1 where someone else in this process has already asked. No trace of an ended child stays behind.
    """
    try:
        ended, status = os.waitpid(child, os.WNOHANG)
    except ChildProcessError:
        return 1
    return os.waitstatus_to_exitcode(status) if ended == child else None


def _quoted(value: str) -> str:
    doubled = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-LOG_LINES_SHOWN:]) or "(it is empty)"


def _runs_postgres(number: int) -> bool:
    """Whether this process is a live (not merely unreaped) postgres."""
    try:
        process = psutil.Process(number)
        return "postgres" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
