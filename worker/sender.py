"""The sender: leases, submits and records due texts as fast as the rate allows, many at a time, no session
open meanwhile.

One thread claims, collects and settles; others post. It claims again while texts are under way, so that
the carrier never waits for the database, and never more than is submitted in a moment: what a killed
worker leaves in doubt is no more than that.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from operations import worker_registry
from recovery.domain.messaging.circuit_breaker import CallOutcome
from recovery.services.messaging import circuit_breaker, outbox
from recovery.sms.gateway_interface import Answer, OutgoingText, Unconfirmed
from worker.clock import boot_time, database_now
from worker.context import WorkerContext
from worker.send_pool import SendPool
from worker.stop_switch_cache import StopSwitchCache

log = structlog.get_logger()

MOST_THREADS = 32
SECONDS_A_SEND = 0.2
"""Roughly what one hand-over takes: decides how many threads keep a rate busy, nothing else."""
FLUSH_SECONDS = 0.05
"""How long an answer waits for others to be written down with it."""
CLAIM_SECONDS = 0.25
"""A lease takes at most what is submitted in this time."""
LARGEST_CLAIM = 500
LOOK_AGAIN_SECONDS = 1.0
"""While texts are under way: how soon to see whether more have become due."""
FAULTS_IN_A_ROW = 5
"""After so many the rest is submitted one at a time, and given back when that fails too."""


class Sender:
    """Leases, submits and records; one for each worker lifecycle."""

    def __init__(self, duties: WorkerContext) -> None:
        self._duties = duties
        threads = min(MOST_THREADS, 1 + math.ceil(duties.rate * SECONDS_A_SEND))
        self._hands = SendPool(self._post, threads=threads)
        self._stops = StopSwitchCache(duties)
        self._wanted = threading.Event()
        self._faults = 0
        self._faultless = False
        self._one_at_a_time = threading.Lock()
        self._answered = 0
        self._speed = 0.0
        self._claimed_at = boot_time()
        self._claim_after = 0.0

    def send_due(self) -> int:
        """One tick: until nothing is due and none is held; returns how many texts were leased."""
        total, more = 0, True
        while True:
            if self._duties.stopping.is_set():
                more = False
            elif more or self._wanted.is_set() or boot_time() >= self._claimed_at + LOOK_AGAIN_SECONDS:
                limit = self._room()
                if limit:
                    claimed = self._claim_and_give(limit)
                    total += claimed
                    more = claimed == limit
            if self._hands.in_hand:
                self._settle(self._hands.collect(within=FLUSH_SECONDS))
            elif not more:
                return total
            else:
                self._duties.stopping.wait(max(0.0, min(FLUSH_SECONDS, self._claim_after - boot_time())))

    def wake(self) -> None:
        """There may be more to send: a tick that is under way looks once more."""
        self._wanted.set()

    def close(self) -> None:
        """Let the threads end; they hold nothing between two ticks."""
        self._hands.close()

    @property
    def _rate(self) -> float:
        return self._duties.rate / max(1, self._duties.workers_alive)

    def _room(self) -> int:
        """How many texts to claim now: what the threads will have begun with in a moment, less what waits."""
        if boot_time() < self._claim_after:
            return 0
        if self._hands.in_hand and self._faults >= FAULTS_IN_A_ROW:
            return 0
        soon = max(self._hands.idle, math.ceil(self._speed * CLAIM_SECONDS), 1)
        most = min(soon, math.ceil(self._rate * CLAIM_SECONDS), LARGEST_CLAIM)
        # Fewer, larger leases.
        return most - self._hands.waiting if 2 * self._hands.waiting <= most else 0

    def _claim_and_give(self, limit: int) -> int:
        began = boot_time()
        self._wanted.clear()
        # Without the time of the claim itself, in which nobody collects.
        self._speed = self._answered / max(0.001, began - self._claimed_at)
        claimed = self._claim(limit)
        self._claim_after = began + len(claimed) / self._rate
        if claimed:
            if not self._hands.in_hand:
                self._faults = 0
                self._stops.mark_fresh(began)
            # Time before the lease read the stop switch: the cache counts its age from here.
            self._hands.enqueue(claimed, deadline=began + outbox.POST_WITHIN.total_seconds())
        self._answered, self._claimed_at = 0, boot_time()
        return len(claimed)

    def _claim(self, limit: int) -> list[OutgoingText]:
        duties = self._duties
        with duties.sessions.begin() as session:
            now = database_now(session)
            if not worker_registry.may_lease(
                session, worker_id=duties.worker_id, in_hand=self._hands.in_hand, now=now
            ):
                return []
            allowed = circuit_breaker.allowed_sends(session, account=duties.account, wanted=limit, now=now)
            self._faultless = circuit_breaker.is_healthy(session, account=duties.account)
            if not allowed:
                return []
            return outbox.lease_due_texts(
                session, wording=duties.wording, worker_id=duties.worker_id, now=now, limit=allowed
            )

    def _settle(self, batch: Mapping[str, Answer | None]) -> None:
        """Record results. One that cannot be recorded even alone is dropped: its text becomes unconfirmed."""
        if not batch:
            return
        self._answered += len(batch)
        try:
            self._write(batch)
        except DBAPIError as error:
            if error.connection_invalidated:
                self._hands.requeue(batch)
                raise
            log.error("answers not settled together", error_class=type(error).__name__)
            for reference, answer in batch.items():
                self._settle_alone(reference, answer)
        self._hands.release(batch.keys())

    def _settle_alone(self, reference: str, answer: Answer | None) -> None:
        try:
            self._write({reference: answer})
        except DBAPIError as error:
            log.error("answer not settled", error_class=type(error).__name__)

    def _write(self, batch: Mapping[str, Answer | None]) -> None:
        answers = {reference: answer for reference, answer in batch.items() if answer is not None}
        unposted = [reference for reference, answer in batch.items() if answer is None]
        with self._duties.sessions.begin() as session:
            outbox.record_results(session, answers=answers, unposted=unposted, now=database_now(session))
        worked = all(
            circuit_breaker.classify_result(answer) is CallOutcome.WORKED for answer in answers.values()
        )
        if answers and not (worked and self._faultless):
            # In a transaction of its own: all workers share the row, and none waits for it long.
            with self._duties.sessions.begin() as session:
                circuit_breaker.record_results(
                    session,
                    account=self._duties.account,
                    answers=list(answers.values()),
                    now=database_now(session),
                )

    def _post(self, outgoing: OutgoingText, deadline: float) -> Answer | None:
        """Hand one text over; None stands for one that was not, because the world may have changed."""
        try:
            if self._faults >= FAULTS_IN_A_ROW:
                with self._one_at_a_time:
                    return self._post_unless_late(outgoing, deadline)
            return self._post_unless_late(outgoing, deadline)
        except Exception as error:
            # A gateway promises not to raise; one that does may have sent.
            log.error("hand-over failed", error_class=type(error).__name__)
            return Unconfirmed(code=outbox.CRASHED)

    def _post_unless_late(self, outgoing: OutgoingText, deadline: float) -> Answer | None:
        if self._duties.stopping.is_set() or boot_time() > deadline or self._faults >= 2 * FAULTS_IN_A_ROW:
            return None
        if self._held_back(outgoing):
            return None
        answer = self._duties.gateway.submit(outgoing)
        worked = circuit_breaker.classify_result(answer) is not CallOutcome.FAULT
        self._faults = 0 if worked else self._faults + 1
        return answer

    def _held_back(self, outgoing: OutgoingText) -> bool:
        try:
            return self._stops.is_held_back(outgoing.reference)
        except SQLAlchemyError as error:
            # Nobody can say whether it may leave, and it has not.
            log.error("stop switch unknown", error_class=type(error).__name__)
            return True
