"""Handing texts over: as fast as the sender's rate allows, many at a time, no session open meanwhile."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import structlog

from recovery.domain.circuit import Outcome
from recovery.services import carrier, delivery, workers
from recovery.sms.port import Answer, InDoubt, Outgoing
from worker.clock import boot_time, database_now
from worker.duties import Duties

log = structlog.get_logger()

MOST_THREADS = 32
SECONDS_A_SEND = 0.2
"""Roughly what one hand-over takes: decides how many threads keep a rate busy, nothing else."""
FLUSH_EVERY = 0.02
FLUSH_MOST = 200
LARGEST_CLAIM = 500
STOP_SECONDS = 1.0
"""How old the knowledge of stop switches may be when a text is handed over."""
FAULTS_IN_A_ROW = 5
"""After so many the rest of a batch is handed over one at a time, and given back when that fails too."""


class StopWatch:
    """Which texts in this worker's hands are not to leave because a stop switch was set meanwhile.

    Asks the database at most once in STOP_SECONDS, for all threads together.
    """

    def __init__(self, duties: Duties) -> None:
        self._duties = duties
        self._asking = threading.Lock()
        self._stopped: frozenset[str] = frozenset()
        self._asked_at = boot_time()

    def begin(self) -> None:
        """A batch was claimed just now: the claim has looked."""
        with self._asking:
            self._stopped, self._asked_at = frozenset(), boot_time()

    def holds_back(self, reference: str) -> bool:
        """Whether this text must not leave now."""
        with self._asking:
            if boot_time() >= self._asked_at + STOP_SECONDS:
                with self._duties.sessions.begin() as session:
                    self._stopped = delivery.in_hand_though_stopped(session, worker_id=self._duties.worker_id)
                self._asked_at = boot_time()
            return reference in self._stopped


class Sender:
    """Claims, hands over and settles; one for each life of a worker."""

    def __init__(self, duties: Duties) -> None:
        self._duties = duties
        threads = min(MOST_THREADS, 1 + math.ceil(duties.rate * SECONDS_A_SEND))
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="send")
        self._faults = 0
        self._one_at_a_time = threading.Lock()
        self._stops = StopWatch(duties)

    def send_due(self) -> int:
        """One tick: everything due, a second's worth at a time; how many were claimed."""
        total = 0
        while not self._duties.stopping.is_set():
            began = boot_time()
            rate = self._duties.rate / max(1, self._duties.workers_alive)
            limit = max(1, min(LARGEST_CLAIM, math.ceil(rate)))
            claimed = self._claim(limit)
            if not claimed:
                break
            total += len(claimed)
            self._hand_over(claimed)
            if len(claimed) < limit:
                break
            self._duties.stopping.wait(max(0.0, len(claimed) / rate - (boot_time() - began)))
        return total

    def close(self) -> None:
        """Let the threads end; nothing is in their hands between two ticks."""
        self._pool.shutdown(wait=True)

    def _claim(self, limit: int) -> list[Outgoing]:
        duties = self._duties
        with duties.sessions.begin() as session:
            now = database_now(session)
            if not workers.may_claim(session, worker_id=duties.worker_id, now=now):
                return []
            allowed = carrier.allowance(session, account=duties.account, wanted=limit, now=now)
            if not allowed:
                return []
            return delivery.claim(
                session, wording=duties.wording, worker_id=duties.worker_id, now=now, limit=allowed
            )

    def _hand_over(self, claimed: list[Outgoing]) -> None:
        """Hand over a batch and write the answers down as they come."""
        deadline = boot_time() + delivery.POST_WITHIN.total_seconds()
        self._faults = 0
        self._stops.begin()
        answered: queue.SimpleQueue[tuple[str, Answer | None]] = queue.SimpleQueue()
        for outgoing in claimed:
            self._pool.submit(self._post, outgoing, deadline, answered)
        left = len(claimed)
        while left:
            batch = self._collect(answered, most=left)
            left -= len(batch)
            self._settle(batch)

    def _collect(
        self, answered: queue.SimpleQueue[tuple[str, Answer | None]], *, most: int
    ) -> dict[str, Answer | None]:
        """Answers that came within a flush interval of the first."""
        reference, answer = answered.get()
        batch = {reference: answer}
        until = boot_time() + FLUSH_EVERY
        while len(batch) < min(most, FLUSH_MOST):
            try:
                reference, answer = answered.get(timeout=max(0.0, until - boot_time()))
            except queue.Empty:
                break
            batch[reference] = answer
        return batch

    def _settle(self, batch: Mapping[str, Answer | None]) -> None:
        answers = {reference: answer for reference, answer in batch.items() if answer is not None}
        unposted = [reference for reference, answer in batch.items() if answer is None]
        with self._duties.sessions.begin() as session:
            now = database_now(session)
            if answers:
                delivery.settle(session, answers=answers, now=now)
            if unposted:
                delivery.give_back(session, references=unposted, now=now)
        if answers:
            # In a transaction of its own: all workers share the row, and none waits for it long.
            with self._duties.sessions.begin() as session:
                carrier.note(
                    session,
                    account=self._duties.account,
                    answers=list(answers.values()),
                    now=database_now(session),
                )

    def _post(
        self,
        outgoing: Outgoing,
        deadline: float,
        answered: queue.SimpleQueue[tuple[str, Answer | None]],
    ) -> None:
        """Hand one text over; None stands for one that was not, because the world may have changed."""
        answer: Answer | None = None
        try:
            if self._faults >= FAULTS_IN_A_ROW:
                with self._one_at_a_time:
                    answer = self._post_unless_late(outgoing, deadline)
            else:
                answer = self._post_unless_late(outgoing, deadline)
        except Exception as error:
            # A gateway promises not to raise; one that does may have sent.
            log.error("hand-over failed", error_class=type(error).__name__)
            answer = InDoubt(code=delivery.CRASHED)
        answered.put((outgoing.reference, answer))

    def _post_unless_late(self, outgoing: Outgoing, deadline: float) -> Answer | None:
        if self._duties.stopping.is_set() or boot_time() > deadline or self._faults >= 2 * FAULTS_IN_A_ROW:
            return None
        if self._stops.holds_back(outgoing.reference):
            return None
        answer = self._duties.gateway.send(outgoing)
        worked = carrier.outcome_of(answer) is not Outcome.FAULT
        self._faults = 0 if worked else self._faults + 1
        return answer
