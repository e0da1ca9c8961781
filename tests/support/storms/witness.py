"""A witness inside the database: it writes down every move of every text, and calls out at their commit.

Workers know nothing of it; it stands in the storm's own database only.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from tests.support.machine import databases
from tests.support.storms.storm_plan import Event

WITNESS = """
CREATE TABLE storm_move (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL, reference text, before text NOT NULL, after text NOT NULL,
    evidence text, reason text, attempts int NOT NULL, due_at timestamptz NOT NULL,
    claimed_at timestamptz, at timestamptz NOT NULL, worker_id uuid
);
CREATE INDEX ON storm_move (reference);
CREATE INDEX ON storm_move (worker_id);
CREATE FUNCTION storm_witness() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO storm_move (message_id, reference, before, after, evidence, reason, attempts, due_at,
                            claimed_at, at, worker_id)
    VALUES (NEW.id, NEW.reference, OLD.state, NEW.state, NEW.evidence, NEW.reason, NEW.attempts, OLD.due_at,
            NEW.claimed_at, clock_timestamp(), NEW.worker_id);
    IF NEW.state = 'claimed' OR (OLD.state = 'claimed' AND NEW.state = 'accepted') THEN
        PERFORM pg_notify('storm', NEW.state || ' ' || pid) FROM worker WHERE id = NEW.worker_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER storm_witness AFTER UPDATE ON message FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION storm_witness();
"""

CALLED = {"claimed": Event.CLAIMED, "accepted": Event.SETTLED}
RECONNECT_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Move:
    """One committed move of one text. `due_at` is from before it, the rest from after it."""

    message_id: UUID
    reference: str | None
    before: str
    after: str
    evidence: str | None
    reason: str | None
    attempts: int
    due_at: datetime
    claimed_at: datetime | None
    at: datetime
    worker_id: UUID | None


class Witness:
    """Hears commits as they happen and acts on the first that somebody waits for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: dict[tuple[Event, int], Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._hearing = threading.Event()
        with databases.connect(url) as owner:
            owner.execute(WITNESS)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self._hearing.wait(10)

    def on(self, event: Event, pid: int, act: Callable[[], None]) -> None:
        """Act once, as soon as a worker's next claim or settlement is committed."""
        with self._lock:
            self._waiting[event, pid] = act

    def forget(self, pid: int) -> None:
        """Nobody waits for this worker any more."""
        with self._lock:
            for event in Event:
                self._waiting.pop((event, pid), None)

    def close(self) -> None:
        """Hear no more."""
        self._closed.set()
        self._thread.join(10)

    def _listen(self) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(psycopg.OperationalError), databases.connect(self._url) as hearing:
                hearing.execute("LISTEN storm")
                self._hearing.set()
                while not self._closed.is_set():
                    for heard in hearing.notifies(timeout=0.5, stop_after=1):
                        self._act(heard.payload)
            time.sleep(RECONNECT_SECONDS)

    def _act(self, payload: str) -> None:
        word, _, pid = payload.partition(" ")
        with self._lock:
            act = self._waiting.pop((CALLED[word], int(pid)), None)
        if act is not None:
            act()


def moves(sessions: sessionmaker[Session]) -> Sequence[Move]:
    """Everything that was witnessed, in order."""
    columns = ", ".join(Move.__dataclass_fields__)
    with sessions() as session:
        rows = session.execute(text(f"SELECT {columns} FROM storm_move ORDER BY number"))  # noqa: S608
        return [Move(**row) for row in rows.mappings()]
