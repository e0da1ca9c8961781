"""One life of a worker, in this process: what wakes it, what it leaves, how it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, NullPool, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from operations import worker_registry
from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.flags.flags import Flag
from recovery.models.operations.workers import Worker
from recovery.services.content.content import Content
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import Accepted, Answer, OutgoingText
from tests.support.data import texts
from tests.support.data.people import Clinic, Patient
from tests.support.machine.processes import eventually
from worker import lifecycle
from worker.context import LookupDelays, WorkerContext
from worker.lifecycle import TickIntervals
from worker.sender import Sender

SELDOM = TickIntervals(review=3600, send=3600, heartbeat=3600, doubt=3600, sweep=3600, listen=0.2)


class Carrier:
    """Takes every text, and keeps it in memory."""

    def __init__(self) -> None:
        self.taken: list[OutgoingText] = []

    def submit(self, outgoing: OutgoingText) -> Answer:
        self.taken.append(outgoing)
        return Accepted(carrier_id=f"sid-{outgoing.reference}")

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def engine(database: Endpoints) -> Iterator[Engine]:
    made = create_engine(database.worker_url)
    yield made
    made.dispose()


@pytest.fixture
def wording(content: Content) -> RenderContext:
    return RenderContext(content=content, links_at="https://c.example")


@pytest.fixture
def duties(engine: Engine, wording: RenderContext) -> WorkerContext:
    return WorkerContext(
        sessions=sessionmaker(engine, expire_on_commit=False),
        gateway=Carrier(),
        ledger=None,
        account="test",
        wording=wording,
        worker_id=uuid4(),
        rate=50,
    )


def register(duties: WorkerContext) -> int:
    with duties.sessions.begin() as session:
        return worker_registry.register(
            session, worker_id=duties.worker_id, host="here", pid=1, now=datetime.now(UTC)
        )


def send_due(duties: WorkerContext) -> int:
    """One tick of sending."""
    sender = Sender(duties)
    try:
        return sender.send_due()
    finally:
        sender.close()


class Living:
    """A worker's life in a thread of its own."""

    def __init__(self, engine: Engine, wording: RenderContext, *, pace: TickIntervals = SELDOM) -> None:
        self.carrier = Carrier()
        self.stopping = threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self.ended: Future[None] = self._pool.submit(
            lifecycle.run_lifecycle,
            engine,
            gateway=self.carrier,
            ledger=None,
            account="test",
            wording=wording,
            rate=50,
            waits=LookupDelays(),
            stopping=self.stopping,
            pace=pace,
        )

    def __enter__(self) -> Living:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._pool.shutdown(wait=True)


@pytest.fixture
def superuser(database: Endpoints) -> Iterator[Engine]:
    """Sees and ends the sessions of others."""
    made = create_engine(database.superuser_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    yield made
    made.dispose()


LIFE = """
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
    AND query IN ('SELECT 1', 'LISTEN afterglow_review')
"""


def at_work(superuser: Engine) -> bool:
    with superuser.connect() as connection:
        found: int = connection.execute(text(f"SELECT count(*) {LIFE}")).scalar_one()
        return found == 1


def flags(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalars(select(func.count()).select_from(Flag)).one()


def report(client: FlaskClient, patient: Patient, *, now: datetime) -> None:
    """One with pus."""
    body = {
        "seen_at": now.isoformat(),
        "scores": {"redness": 2, "swelling": 2, "peeling": 0},
        "warning_signs": ["pus"],
    }
    answer = client.put(patient.report_path(), json=body, headers=patient.headers)
    assert answer.status_code == 201


def test_a_report_wakes_the_review_and_the_review_the_sending(
    engine: Engine, wording: RenderContext, client: FlaskClient, clinic: Clinic,
    sessions: sessionmaker[Session], superuser: Engine, now: datetime,
) -> None:  # fmt: skip
    patients = [clinic.add_patient(now=now, time_zone=texts.zone_at_noon(now)) for _ in range(2)]

    report(client, patients[0], now=now)
    with Living(engine, wording) as living:
        eventually(lambda: flags(sessions) == 1, what="the first ticks to be over")
        eventually(lambda: at_work(superuser), what="the worker to listen")
        report(client, patients[1], now=now)
        # Without the notification an hour would pass.
        eventually(lambda: flags(sessions) == 2, what="the flag")
        told = (patients[1].phone, "Thank you")
        eventually(
            lambda: told in {(one.to, one.body[13:22]) for one in living.carrier.taken}, what="the text"
        )


def test_told_to_stop_it_says_goodbye_and_its_lock_is_free(
    engine: Engine, wording: RenderContext, sessions: sessionmaker[Session], superuser: Engine
) -> None:
    with Living(engine, wording) as living:
        eventually(lambda: at_work(superuser), what="the worker to listen")
        living.stopping.set()
        living.ended.result(30)
    with sessions.begin() as session:
        (row,) = session.scalars(select(Worker))
        assert row.stopped_at is not None
        # Ending the session takes the server a moment; waiting for the lock has an end.
        session.execute(text("SET LOCAL lock_timeout = '20s'"))
        session.execute(select(func.pg_advisory_xact_lock(row.lock_key)))


def test_a_lost_session_ends_the_life_and_another_worker_buries_it(
    engine: Engine, wording: RenderContext, sessions: sessionmaker[Session], superuser: Engine, now: datetime
) -> None:
    with Living(engine, wording) as living:
        eventually(lambda: at_work(superuser), what="the worker to listen")
        with superuser.connect() as connection:
            ended = connection.execute(text(f"SELECT pg_terminate_backend(pid, 20000) {LIFE}"))
            assert ended.scalars().all() == [True]
        with pytest.raises((DBAPIError, psycopg.OperationalError)):
            living.ended.result(30)
    with sessions.begin() as session:
        # Its own last heartbeat may have buried it already.
        assert [one.alive for one in worker_registry.list_statuses(session)] in ([False], [])
        worker_registry.recover_from_dead(session, now=now)
        assert worker_registry.list_statuses(session) == []


def test_a_claim_that_is_still_open_keeps_its_worker_from_being_buried_without_it(
    duties: WorkerContext, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    register(duties)
    clinic.add_patient(now=now, hours_ago=0, time_zone=texts.zone_at_noon(now))
    with sessions.begin() as dying:
        # The process is gone, and nobody holds its lock; the database has yet to end its last transaction.
        assert worker_registry.may_lease(dying, worker_id=duties.worker_id, now=now)
        claimed = outbox.lease_due_texts(
            dying, wording=duties.wording, worker_id=duties.worker_id, now=now, limit=10
        )
        assert claimed
        with sessions.begin() as session:
            assert worker_registry.recover_from_dead(session, now=now) == 0
            assert len(worker_registry.list_statuses(session)) == 1
    with sessions.begin() as session:
        assert worker_registry.recover_from_dead(session, now=now) == len(claimed)
    assert texts.count(sessions)[MessageState.CLAIMED] == 0


def test_a_worker_that_was_buried_claims_nothing(
    duties: WorkerContext, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    register(duties)
    clinic.add_patient(now=now, hours_ago=0, time_zone=texts.zone_at_noon(now))
    with sessions.begin() as session:
        worker_registry.recover_from_dead(session, now=now)
    assert send_due(duties) == 0
    assert texts.count(sessions)[MessageState.CLAIMED] == 0


@pytest.mark.parametrize("polite", [True, False])
def test_what_a_failed_hand_over_left_in_hand_is_in_doubt(
    polite: bool, duties: WorkerContext, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    register(duties)
    clinic.add_patient(now=now, hours_ago=0, time_zone=texts.zone_at_noon(now))
    with duties.sessions.begin() as session:
        left = outbox.lease_due_texts(
            session, wording=duties.wording, worker_id=duties.worker_id, now=datetime.now(UTC), limit=10
        )
        assert left
    if polite:
        with duties.sessions.begin() as session:
            worker_registry.mark_stopped(session, worker_id=duties.worker_id, now=now)
    else:
        send_due(duties)
    assert texts.count(sessions)[MessageState.IN_DOUBT] == len(left)


def test_told_to_stop_with_a_batch_in_hand_it_gives_back_what_has_not_left(
    duties: WorkerContext, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    register(duties)
    for _ in range(40):
        clinic.add_patient(now=now, hours_ago=0, time_zone=texts.zone_at_noon(now))

    class Last(Carrier):
        def submit(self, outgoing: OutgoingText) -> Answer:
            duties.stopping.set()
            return super().submit(outgoing)

    carrier = Last()
    duties.gateway = carrier
    claimed = send_due(duties)
    rows = {row.reference: row for row in texts.all_rows(sessions) if row.reference is not None}
    left = {one.reference for one in carrier.taken}
    assert len(rows) == claimed
    assert 1 <= len(left) < claimed
    for reference, row in rows.items():
        accepted = reference in left
        assert row.state is (MessageState.ACCEPTED if accepted else MessageState.PLANNED)
        assert row.attempts == (1 if accepted else 0)
