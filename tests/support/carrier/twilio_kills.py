"""Killing a sender at a chosen moment of its exchange with the fake Twilio: only the carrier knows it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from dataclasses import dataclass
from enum import StrEnum


class KillPoint(StrEnum):
    """How far the exchange has come when the sender dies."""

    WRITTEN = "written"  # the request has come whole, nothing was decided yet
    TAKEN = "taken"  # the text is in the ledger, the answer was not written
    ANSWERED = "answered"  # the answer was written


ANSWER_SECONDS = 0.004
"""How long an answer has to be read in before its reader is killed; a worker settles later than that."""


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One that was carried out: whom, over which text, and when (epoch seconds)."""

    pid: int
    point: KillPoint
    reference: str
    time: float


class Kills:
    """At most one is armed for each sender, told apart by the API key it signs in with."""

    def __init__(self) -> None:
        self.done: list[Kill] = []
        self._armed: dict[str, tuple[int, KillPoint]] = {}
        self._lock = threading.Lock()

    def arm(self, *, key: str, pid: int, point: KillPoint | None) -> None:
        """From here on the first exchange of `key` that reaches `point` kills `pid`; None disarms."""
        with self._lock:
            self._armed.pop(key, None)
            if point is not None:
                self._armed[key] = (pid, point)

    def reached(self, point: KillPoint, *, key: str, reference: str) -> None:
        """An exchange of `key` about the text of this reference has come so far."""
        with self._lock:
            pid, wanted = self._armed.get(key, (0, None))
            if wanted is not point:
                return
            del self._armed[key]
        if point is KillPoint.ANSWERED:
            time.sleep(ANSWER_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with self._lock:
            self.done.append(Kill(pid=pid, point=point, reference=reference, time=time.time()))
