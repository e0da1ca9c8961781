"""Which leased texts of this worker a stop switch now forbids, asked of the database at most once in some
seconds."""

from __future__ import annotations

import threading

from recovery.services.messaging import outbox
from worker.clock import boot_time
from worker.context import WorkerContext

STOP_SECONDS = 1.0
"""How old the knowledge of stop switches may be when a text is submitted."""


class StopSwitchCache:
    """Which of this worker's leased texts are not to leave because a stop switch was set meanwhile.

    Asks the database at most once in STOP_SECONDS, for all threads together.
    """

    def __init__(self, duties: WorkerContext) -> None:
        self._duties = duties
        self._asking = threading.Lock()
        self._known: tuple[float, frozenset[str]] = (boot_time(), frozenset())

    def mark_fresh(self, at: float) -> None:
        """Everything held was leased since then (boot time), and the lease has looked."""
        self._known = at, frozenset()

    def is_held_back(self, reference: str) -> bool:
        """Whether this text must not leave now."""
        asked_at, stopped = self._known
        if boot_time() >= asked_at + STOP_SECONDS:
            with self._asking:
                asked_at, stopped = self._known
                if boot_time() >= asked_at + STOP_SECONDS:
                    asked_at, stopped = self._known = boot_time(), self._ask()
        return reference in stopped

    def _ask(self) -> frozenset[str]:
        with self._duties.sessions.begin() as session:
            return outbox.leased_for_stopped_clinics(
                session, worker_id=self._duties.worker_id, content=self._duties.wording.content
            )
