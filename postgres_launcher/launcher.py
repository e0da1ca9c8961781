"""`LocalPostgres`, the embedded database: started or joined by whoever needs it first, stopped by the last.

Each process that uses the database shares a lock, and so does the server itself with all its children. The
system lets go of both when their holders die, whichever way, so no process number on disk has to be believed:
a free server lock means that nothing of a server is left, and the last user out stops the server.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType

import psycopg

from postgres_launcher import binaries as postgres_binaries
from postgres_launcher import cluster as postgres_cluster
from postgres_launcher import folders as postgres_folders
from postgres_launcher import roles as postgres_roles
from postgres_launcher.binaries import Binaries, CannotStart
from postgres_launcher.cluster import PostgresCluster
from postgres_launcher.folders import Lock, default_data_dir
from postgres_launcher.roles import Endpoints

__all__ = ["CannotStart", "Endpoints", "LocalPostgres", "default_data_dir"]

TURN_SECONDS = 180
END_SECONDS = 5


class LocalPostgres:
    """A PostgreSQL on a Unix socket, its data below `data_dir`, for this operating system user only.

    `durable=False` trades safety against power loss for speed (tests). `settings` are further server
    settings. Both count for a server this object starts; one that is joined goes on as it is. Also a context
    manager. Not to be shared between threads.
    """

    def __init__(
        self, *, data_dir: Path, durable: bool = True, settings: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._data_dir = data_dir
        self._durable = durable
        self._settings = dict(settings)
        self._use: Lock | None = None
        self._user_pid = 0
        self._child: int | None = None
        self._cluster: PostgresCluster | None = None
        self._programs = Path()

    def __enter__(self) -> Endpoints:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Endpoints:
        """Start the database or join the one that runs, and return how to reach it; may be called again.

        The first time makes the cluster, the roles and the database. Raises CannotStart.
        """
        try:
            return self._start()
        except psycopg.Error as error:
            raise CannotStart(
                f"The roles of the database in {self._data_dir} cannot be made: {error}"
            ) from error
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            raise CannotStart(
                f"The embedded database in {self._data_dir} cannot start: {error.strerror or error}{where}."
            ) from error

    def stop(self) -> None:
        """Stop the server if no other process uses it; else the last of those will.

        Does nothing if not started. Open transactions are rolled back; if that takes too long the server is
        cut off, which loses nothing that was committed.
        """
        use, self._use = self._use, None
        if use is None or self._cluster is None:
            return
        try:
            # A forked child unwinding its parent's `with` must not take the database away from the parent.
            if os.getpid() != self._user_pid:
                return
            with postgres_folders.exclusive_turn(self._cluster.folders, seconds=TURN_SECONDS):
                if use.alone():
                    self._cluster.halt(programs=self._programs)
                    self._cluster.forget_socket()
                    self._forget_child()
        finally:
            use.close()

    def _start(self) -> Endpoints:
        account = postgres_binaries.server_account(environ=os.environ)
        binaries = postgres_binaries.find_binaries(environ=os.environ)
        folders = postgres_folders.prepare(self._data_dir, account=account)
        with postgres_folders.exclusive_turn(folders, seconds=TURN_SECONDS):
            use = self._use or Lock(folders.lock_file("use"))
            try:
                use.share()
                postgres_folders.check_owner(folders, account=account)
                socket = postgres_folders.socket_folder(folders, account=account)
                cluster = PostgresCluster(folders=folders, socket=socket, account=account)
                self._start_or_join(cluster, use=use, binaries=binaries)
            except BaseException:
                if use is not self._use:
                    use.close()
                raise
            self._use, self._user_pid, self._cluster = use, os.getpid(), cluster
        return postgres_roles.endpoints(socket)

    def _start_or_join(self, cluster: PostgresCluster, *, use: Lock, binaries: Binaries) -> None:
        self._programs = postgres_binaries.runnable_programs(
            binaries, data_dir=cluster.folders.top, account=cluster.account, durable=self._durable
        )
        try:
            try:
                self._bring_up(cluster, use=use, binaries=binaries)
            except (postgres_cluster.ServerKilled, psycopg.OperationalError):
                # Killed during its start, as where memory ran out; try once more.
                self._bring_up(cluster, use=use, binaries=binaries)
        except BaseException as error:
            # Interrupted half-way, nobody would be left to stop the server; one that repairs itself goes on.
            if not isinstance(error, Exception) and use.alone():
                cluster.halt(programs=self._programs)
            cluster.forget_socket()
            raise

    def _bring_up(self, cluster: PostgresCluster, *, use: Lock, binaries: Binaries) -> None:
        if not cluster.join(use=use, programs=self._programs):
            self._launch(cluster, binaries=binaries)
        postgres_roles.ensure_roles(cluster.socket)

    def _launch(self, cluster: PostgresCluster, *, binaries: Binaries) -> None:
        self._forget_child()
        postgres_binaries.delete_other_copies(self._programs, data_dir=cluster.folders.top)
        cluster.remove_leftovers()
        if not cluster.folders.database.exists():
            cluster.make(programs=self._programs, durable=self._durable)
        cluster.check(binaries=binaries)
        cluster.configure(durable=self._durable, settings=self._settings)
        self._child = cluster.launch(programs=self._programs)

    def _forget_child(self) -> None:
        """Take note of the end of a server that was our child, lest it stay behind as a zombie."""
        end = time.monotonic() + END_SECONDS
        while self._child is not None and time.monotonic() < end:
            if postgres_cluster.exit_code(self._child) is not None:
                self._child = None
            else:
                time.sleep(postgres_folders.POLL_SECONDS)
