from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.operations import workers
from recovery.models.operations.workers import Worker

MINUTE = timedelta(minutes=1)


def _worker(session: Session, *, now: datetime, **values: Any) -> Worker:
    filled: dict[str, Any] = {"host": "a host", "pid": 1, "started_at": now, "beat_at": now}
    worker = Worker(id=uuid4(), **(filled | values))
    session.add(worker)
    session.flush()
    return worker


def test_unstopped_workers_come_in_the_order_they_started(session: Session, now: datetime) -> None:
    second, first = _worker(session, now=now), _worker(session, now=now, started_at=now - MINUTE)
    _worker(session, now=now, stopped_at=now)
    assert workers.list_unstopped(session) == [first, second]
    assert first.lock_key != second.lock_key


def test_workers_are_heard_of_by_their_beats(session: Session, now: datetime) -> None:
    assert workers.last_heartbeat_at(session) is None
    assert workers.count_heard_since(session, now) == 0
    _worker(session, now=now, beat_at=now - MINUTE)
    _worker(session, now=now)
    _worker(session, now=now, beat_at=now + MINUTE, stopped_at=now)
    assert workers.last_heartbeat_at(session) == now + MINUTE
    assert workers.count_heard_since(session, now) == 1
    assert workers.count_heard_since(session, now - MINUTE) == 2


def test_a_worker_lives_while_a_session_holds_its_lock(
    session: Session, sessions: sessionmaker[Session], now: datetime
) -> None:
    key = _worker(session, now=now).lock_key
    session.commit()
    with sessions() as own:
        own.execute(select(func.pg_advisory_xact_lock(key)))
        assert workers.is_alive(session, key)
        assert not workers.is_alive(session, key + 1)
        own.commit()
        assert not workers.is_alive(session, key)


def test_a_worker_at_work_cannot_be_buried_and_one_buried_cannot_go_on(
    session: Session, sessions: sessionmaker[Session], now: datetime
) -> None:
    worker_id = _worker(session, now=now).id
    session.commit()
    with sessions() as own, sessions() as other:
        assert workers.guard_from_cleanup(own, worker_id)
        assert workers.get_dead_for_update(other, worker_id) is None
        own.commit()
        dead = workers.get_dead_for_update(other, worker_id)
        assert dead is not None
        assert dead.id == worker_id
        dead.stopped_at = now
        other.commit()
        assert not workers.guard_from_cleanup(own, worker_id)
        assert workers.get_dead_for_update(other, worker_id) is None
    assert not workers.guard_from_cleanup(session, uuid4())
