"""What the worker does at each tick: open a session, call one service, commit.

The time is read once a tick, from the database: a wrong clock on one machine decides nothing.
"""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.services import delivery, review, silence, workers
from recovery.services.delivery import Wording
from recovery.sms.port import Gateway, Outgoing

REVIEW_BATCH = 50
SILENCE_BATCH = 200
SENDERS = 8
"""Threads that hand over to the carrier side by side."""


@dataclass(frozen=True, kw_only=True)
class Duties:
    """Everything one life of a worker works with."""

    sessions: sessionmaker[Session]
    gateway: Gateway
    wording: Wording
    worker_id: UUID
    rate: float
    stopping: threading.Event = field(default_factory=threading.Event)


def database_now(session: Session) -> datetime:
    """The moment it is, as the database sees it."""
    moment: datetime = session.scalars(select(func.clock_timestamp())).one()
    return moment


def review_reports(duties: Duties) -> int:
    """Take up unreviewed assessments, a batch a transaction, until none waits; how many there were."""
    taken = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            reviewed = review.review(
                session,
                content=duties.wording.content,
                now=database_now(session),
                limit=REVIEW_BATCH,
            )
        taken += reviewed
        if reviewed < REVIEW_BATCH:
            break
    return taken


def follow_up_silence(duties: Duties) -> int:
    """Look at check-ins nobody answered, a batch a transaction, until none is due; how many there were."""
    looked = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            batch = silence.follow_up(
                session, content=duties.wording.content, now=database_now(session), limit=SILENCE_BATCH
            )
        looked += batch
        if batch < SILENCE_BATCH:
            break
    return looked


def send_due_texts(duties: Duties) -> int:
    """Claim what the sender's rate takes in one second, hand it over, settle it; how many were claimed.

    No session is open while the carrier answers. A text that was not handed over within five seconds
    of its claim, or when the worker is told to stop, goes back instead.
    """
    with duties.sessions.begin() as session:
        claimed = delivery.claim(
            session,
            wording=duties.wording,
            worker_id=duties.worker_id,
            now=database_now(session),
            limit=max(1, math.ceil(duties.rate)),
        )
    if not claimed:
        return 0
    deadline = boot_time() + delivery.POST_WITHIN.total_seconds()
    with ThreadPoolExecutor(max_workers=min(SENDERS, len(claimed)), thread_name_prefix="send") as pool:
        for future in [pool.submit(_send_one, duties, outgoing, deadline) for outgoing in claimed]:
            future.result()
    return len(claimed)


def heartbeat(duties: Duties) -> int:
    """Say that this worker lives, and take from dead ones what they held; how many texts that was."""
    with duties.sessions.begin() as session:
        now = database_now(session)
        workers.beat(session, worker_id=duties.worker_id, now=now)
        return workers.bury_dead(session, now=now)


def boot_time() -> float:
    """Seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


def _send_one(duties: Duties, outgoing: Outgoing, deadline: float) -> None:
    if duties.stopping.is_set() or boot_time() > deadline:
        with duties.sessions.begin() as session:
            delivery.give_back(session, references=[outgoing.reference], now=database_now(session))
        return
    answer = duties.gateway.send(outgoing)
    with duties.sessions.begin() as session:
        delivery.settle(session, reference=outgoing.reference, answer=answer, now=database_now(session))
