"""Handing over: what a slow carrier does not hold up, and an answer that cannot be kept does not lose."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from operations import worker_registry
from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.services.content.content import Content
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import Accepted, Answer, Gateway, OutgoingText
from tests.support.data import texts
from tests.support.data.people import Clinic
from tests.support.data.planned_texts import LINKS_AT, plan_text
from worker.context import WorkerContext
from worker.sender import Sender


class Patiently:
    """Answers for the first text only once a second one was handed over."""

    def __init__(self) -> None:
        self.first = threading.Event()
        self.second = threading.Event()

    def submit(self, outgoing: OutgoingText) -> Answer:
        """Take one text."""
        if self.first.is_set():
            self.second.set()
        else:
            self.first.set()
            assert self.second.wait(20), "no second text came while the first was under way"
        return Accepted(carrier_id=f"SM{outgoing.reference}")

    def close(self) -> None:
        """Nothing is open."""


class OnceUnkept:
    """Gives the first text an id that no database keeps."""

    def __init__(self) -> None:
        self._first = threading.Lock()

    def submit(self, outgoing: OutgoingText) -> Answer:
        """Take one text."""
        bad = self._first.acquire(blocking=False)
        return Accepted(carrier_id="SM\x00" if bad else f"SM{outgoing.reference}")

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def worker_sessions(database: Endpoints) -> Iterator[sessionmaker[Session]]:
    """Sessions as the worker's role."""
    engine = create_engine(database.worker_url, pool_size=8)
    yield sessionmaker(engine, expire_on_commit=False)
    engine.dispose()


def sender_through(
    gateway: Gateway, worker_sessions: sessionmaker[Session], content: Content, *, now: datetime
) -> Sender:
    duties = WorkerContext(
        sessions=worker_sessions,
        gateway=gateway,
        ledger=None,
        account="test",
        wording=RenderContext(content=content, links_at=LINKS_AT),
        worker_id=uuid4(),
        rate=50.0,
    )
    with worker_sessions.begin() as session:
        worker_registry.register(session, worker_id=duties.worker_id, host="here", pid=1, now=now)
    return Sender(duties)


def alert(sessions: sessionmaker[Session], clinic: Clinic, *, number: int, now: datetime) -> None:
    """A text to staff, due now."""
    with sessions.begin() as session:
        plan_text(
            session,
            clinic_id=clinic.id,
            patient_id=None,
            template="staff_alert",
            due_at=now,
            details={"by": "9 AM", "ref": f"{number:06d}"},
        )


def test_what_becomes_due_while_a_text_is_under_way_does_not_wait_for_it(
    clinic: Clinic, sessions: sessionmaker[Session], worker_sessions: sessionmaker[Session],
    content: Content, now: datetime,
) -> None:  # fmt: skip
    gateway = Patiently()
    sender = sender_through(gateway, worker_sessions, content, now=now)
    alert(sessions, clinic, number=1, now=now)
    with ThreadPoolExecutor(1) as pool:
        tick = pool.submit(sender.send_due)
        assert gateway.first.wait(20)
        alert(sessions, clinic, number=2, now=now)
        sender.wake()
        assert tick.result(40) == 2
    sender.close()
    assert texts.count(sessions) == {MessageState.ACCEPTED: 2}


def test_an_answer_that_cannot_be_kept_puts_its_own_text_in_doubt_and_no_other(
    clinic: Clinic, sessions: sessionmaker[Session], worker_sessions: sessionmaker[Session],
    content: Content, now: datetime,
) -> None:  # fmt: skip
    sender = sender_through(OnceUnkept(), worker_sessions, content, now=now)
    for number in range(5):
        alert(sessions, clinic, number=number, now=now)
    assert sender.send_due() == 5
    assert sender.send_due() == 0
    sender.close()
    assert texts.count(sessions) == {MessageState.ACCEPTED: 4, MessageState.IN_DOUBT: 1}
