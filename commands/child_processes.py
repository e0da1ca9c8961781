"""Child processes that `up` keeps running, starts anew, and ends together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STOP_SECONDS = 15.0
QUICK_DEATH_SECONDS = 5.0
QUICK_DEATHS = 5


class KeepsDying(RuntimeError):
    """A process ended again and again right after its start."""


@dataclass
class Child:
    """One process, started anew when it dies; given up when it keeps dying at once."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _quick_deaths: int = field(default=0, init=False)

    def start(self) -> None:
        """Run it in a session of its own, so that Ctrl-C reaches it only through us."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            list(self.command), env=dict(self.environment), start_new_session=True
        )

    def restart_if_dead(self) -> bool:
        """Start it again if it has died; whether it had. Raises KeepsDying."""
        if self._process is None or self._process.poll() is None:
            return False
        if time.monotonic() - self._started < QUICK_DEATH_SECONDS:
            self._quick_deaths += 1
        else:
            self._quick_deaths = 0
        if self._quick_deaths >= QUICK_DEATHS:
            raise KeepsDying(f"the {self.name} ended {QUICK_DEATHS} times right after its start")
        self.start()
        return True

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_or_kill(self, *, deadline: float) -> None:
        """Wait until the deadline on the monotonic clock, then kill it with all it started."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait(5)


def stop_all(children: Sequence[Child]) -> None:
    """End all of them, politely first, within a bounded time."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.wait_or_kill(deadline=deadline)


def python(*arguments: str) -> list[str]:
    """A command run by this interpreter."""
    return [sys.executable, *arguments]
