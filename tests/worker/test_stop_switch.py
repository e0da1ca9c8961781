"""The stop switch acts on texts a worker already has in its hands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from operations import worker_registry
from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.services.clinic import clinics
from recovery.services.content.content import Content
from recovery.services.core.audit import OPERATOR
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import Accepted, Answer, OutgoingText
from tests.support.data.people import Clinic
from tests.support.data.planned_texts import LINKS_AT, plan_text
from worker import sender, stop_switch_cache
from worker.context import WorkerContext
from worker.sender import Sender

TEXTS = 800
QUICK = 200
"""So many are taken at once, in which time the worker learns to claim more than it has threads."""
THREADS = 4
"""So few that even a slow machine claims more than they can begin with."""


class SlowingCarrier:
    """Takes every text. After the quick ones somebody sets the stop switch, and each takes longer than the
    worker's knowledge of the switch may be old.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._turns = count(1)
        self._stopping = threading.Lock()
        self.taken: list[str] = []

    def submit(self, outgoing: OutgoingText) -> Answer:
        """Take one text."""
        if next(self._turns) > QUICK:
            if self._stopping.acquire(blocking=False):
                self._stop()
            time.sleep(stop_switch_cache.STOP_SECONDS + 0.2)
        self.taken.append(outgoing.reference)
        return Accepted(carrier_id=f"SM{uuid4().hex}")

    def close(self) -> None:
        """Nothing is kept open."""


@pytest.fixture
def worker_sessions(database: Endpoints) -> Iterator[sessionmaker[Session]]:
    """Sessions as the worker's role."""
    engine = create_engine(database.worker_url, pool_size=8)
    yield sessionmaker(engine, expire_on_commit=False)
    engine.dispose()


def test_no_text_is_handed_over_once_the_switch_is_known(
    clinic: Clinic,
    sessions: sessionmaker[Session],
    worker_sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender, "MOST_THREADS", THREADS)
    with sessions.begin() as session:
        for number in range(TEXTS):
            plan_text(
                session,
                clinic_id=clinic.id,
                patient_id=None,
                template="seen",
                due_at=now,
                details={"by": "9 AM", "ref": f"{number:06d}"},
            )

    def stop() -> None:
        with sessions.begin() as session:
            clinics.set_text_stop(
                session, clinic_id=clinic.id, stopped=True, because="a test", actor=OPERATOR, now=now
            )

    carrier = SlowingCarrier(stop)
    duties = WorkerContext(
        sessions=worker_sessions,
        gateway=carrier,
        ledger=None,
        account="",
        wording=RenderContext(content=content, links_at=LINKS_AT),
        worker_id=uuid4(),
        rate=1000.0,
    )
    with worker_sessions.begin() as session:
        worker_registry.register(session, worker_id=duties.worker_id, host="here", pid=1, now=now)
    sending = Sender(duties)
    claimed = sending.send_due()
    # Those that were with the carrier when the switch was set, and none after them.
    assert QUICK < len(carrier.taken) <= QUICK + THREADS
    assert claimed > len(carrier.taken), "nothing waited in the worker's hands: the test shows nothing"
    with sessions() as session:
        rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
        stand = {row[0]: row[1] for row in rows}
    assert stand == {
        MessageState.ACCEPTED: len(carrier.taken),
        MessageState.PLANNED: TEXTS - len(carrier.taken),
    }
    assert sending.send_due() == 0
    sending.close()
