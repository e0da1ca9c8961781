"""Who lives, who is dead, and what becomes of the texts that a dead worker held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, NullPool, create_engine, update
from sqlalchemy.orm import Session, sessionmaker

from operations import worker_registry
from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.operations.workers import Worker
from tests.support.data.people import Clinic
from tests.support.data.planned_texts import plan_text, standing

SECOND = timedelta(seconds=1)


@pytest.fixture
def now() -> datetime:
    """Monday noon."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(database: Endpoints) -> Iterator[Engine]:
    """Sessions as the worker's role."""
    made = create_engine(database.worker_url, poolclass=NullPool)
    yield made
    made.dispose()


def register(sessions: sessionmaker[Session], *, now: datetime) -> tuple[UUID, int]:
    """A worker's id and the key of its lock."""
    worker_id = uuid4()
    with sessions.begin() as session:
        return worker_id, worker_registry.register(session, worker_id=worker_id, host="here", pid=7, now=now)


@contextmanager
def alive(engine: Engine, lock_key: int) -> Iterator[Connection]:
    """The worker's own session, which holds its lock."""
    with engine.connect() as connection:
        worker_registry.hold_liveness_lock(connection, lock_key)
        connection.commit()
        yield connection


def held(
    sessions: sessionmaker[Session], clinic: Clinic, worker_id: UUID, *, now: datetime, reference: str
) -> UUID:
    """A text that this worker has taken in hand."""
    with sessions.begin() as session:
        text_id = plan_text(session, clinic_id=clinic.id, patient_id=None, template="staff_alert", due_at=now)
        claimed = {
            "state": MessageState.CLAIMED,
            "worker_id": worker_id,
            "claimed_at": now,
            "reference": reference,
        }
        session.execute(update(Message).where(Message.id == text_id).values(claimed))
        return text_id


def state(sessions: sessionmaker[Session], text_id: UUID) -> tuple[MessageState, str | None]:
    row = standing(sessions, text_id)
    return row.state, row.reason


def test_a_worker_is_listed_alive_while_its_session_lasts(
    sessions: sessionmaker[Session], engine: Engine, now: datetime
) -> None:
    worker_id, lock_key = register(sessions, now=now)
    with alive(engine, lock_key), sessions() as session:
        (listed,) = worker_registry.list_statuses(session)
        assert (listed.id, listed.host, listed.pid) == (worker_id, "here", 7)
        assert (listed.started_at, listed.beat_at, listed.alive) == (now, now, True)


def test_two_workers_have_locks_of_their_own(
    sessions: sessionmaker[Session], engine: Engine, now: datetime
) -> None:
    first, key = register(sessions, now=now)
    second, other_key = register(sessions, now=now + SECOND)
    assert key != other_key
    with alive(engine, key), sessions() as session:
        assert {one.id: one.alive for one in worker_registry.list_statuses(session)} == {
            first: True,
            second: False,
        }


def test_a_heartbeat_moves_its_own_worker_only(sessions: sessionmaker[Session], now: datetime) -> None:
    first, _ = register(sessions, now=now)
    second, _ = register(sessions, now=now)
    with sessions.begin() as session:
        worker_registry.record_heartbeat(session, worker_id=first, now=now + SECOND)
    with sessions() as session:
        assert session.get_one(Worker, first).beat_at == now + SECOND
        assert session.get_one(Worker, second).beat_at == now


def test_what_a_dead_worker_held_is_in_doubt_and_what_a_living_one_holds_is_not(
    sessions: sessionmaker[Session], engine: Engine, clinic: Clinic, now: datetime
) -> None:
    dead, _ = register(sessions, now=now)
    living, lock_key = register(sessions, now=now)
    lost = [held(sessions, clinic, dead, now=now, reference=f"dead-{number}") for number in range(2)]
    kept = held(sessions, clinic, living, now=now, reference="living")
    with alive(engine, lock_key):
        # No clock decides: the living one was not heard of for a day.
        later = now + timedelta(days=1)
        with sessions.begin() as session:
            assert worker_registry.recover_from_dead(session, now=later) == 2
        with sessions.begin() as session:
            assert worker_registry.recover_from_dead(session, now=later) == 0
    for text_id in lost:
        assert state(sessions, text_id) == (MessageState.IN_DOUBT, worker_registry.WORKER_DIED)
    assert state(sessions, kept) == (MessageState.CLAIMED, None)
    with sessions() as session:
        assert session.get_one(Worker, dead).stopped_at == later
        assert session.get_one(Worker, living).stopped_at is None


def test_a_worker_that_was_taken_for_dead_takes_nothing_more(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    worker_id, _ = register(sessions, now=now)
    with sessions.begin() as session:
        assert worker_registry.may_lease(session, worker_id=worker_id, now=now)
    with sessions.begin() as session:
        worker_registry.recover_from_dead(session, now=now)
    with sessions.begin() as session:
        assert not worker_registry.may_lease(session, worker_id=worker_id, now=now)
        assert not worker_registry.may_lease(session, worker_id=uuid4(), now=now)


def test_what_a_worker_no_longer_has_in_hand_is_in_doubt_at_its_next_claim(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    worker_id, _ = register(sessions, now=now)
    left = held(sessions, clinic, worker_id, now=now, reference="left")
    in_hand = held(sessions, clinic, worker_id, now=now, reference="in hand")
    with sessions.begin() as session:
        assert worker_registry.may_lease(session, worker_id=worker_id, now=now, in_hand=["in hand"])
    assert state(sessions, left) == (MessageState.IN_DOUBT, worker_registry.LEFT_IN_HAND)
    assert state(sessions, in_hand) == (MessageState.CLAIMED, None)


def test_a_worker_that_stops_holds_nothing_and_is_listed_no_more(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    worker_id, _ = register(sessions, now=now)
    left = held(sessions, clinic, worker_id, now=now, reference="left")
    with sessions.begin() as session:
        worker_registry.mark_stopped(session, worker_id=worker_id, now=now)
    assert state(sessions, left) == (MessageState.IN_DOUBT, worker_registry.LEFT_IN_HAND)
    with sessions() as session:
        assert worker_registry.list_statuses(session) == []


def test_the_rate_is_shared_by_workers_heard_of_in_the_last_quarter_minute(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    for seconds in (0, 15, 16):
        register(sessions, now=now - seconds * SECOND)
    stopped, _ = register(sessions, now=now)
    with sessions.begin() as session:
        worker_registry.mark_stopped(session, worker_id=stopped, now=now)
    with sessions() as session:
        assert worker_registry.count_alive(session, now=now) == 2
