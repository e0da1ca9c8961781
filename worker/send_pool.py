"""The threads that submit texts, with those that wait, those in hand, and the results to collect."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from recovery.sms.gateway_interface import Answer, OutgoingText

Post = Callable[[OutgoingText, float], Answer | None]
"""Submits one text before a deadline (boot time); None where it was not submitted."""


class SendPool:
    """The texts it holds: those that wait, those a thread is submitting, and results not collected yet.

    One thread gives and collects; the others only post. A text counts as held until it is released.
    """

    def __init__(self, post: Post, *, threads: int) -> None:
        self.threads = threads
        self._post = post
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="send")
        self._waiting: deque[tuple[OutgoingText, float]] = deque()
        self._answered: deque[tuple[str, Answer | None]] = deque()
        self._in_hand: set[str] = set()
        self._open = 0
        self._all_back = threading.Event()

    @property
    def in_hand(self) -> Collection[str]:
        """References of all texts it holds."""
        return self._in_hand

    @property
    def waiting(self) -> int:
        """How many texts no thread has begun with."""
        return len(self._waiting)

    @property
    def idle(self) -> int:
        """How many threads have nothing to do, about."""
        return max(0, self.threads - (self._open - len(self._answered)))

    def enqueue(self, texts: Sequence[OutgoingText], *, deadline: float) -> None:
        """Hand these over, in this order as far as threads run in order."""
        self._in_hand.update(outgoing.reference for outgoing in texts)
        self._open += len(texts)
        self._all_back.clear()
        self._waiting.extend((outgoing, deadline) for outgoing in texts)
        for _ in range(min(self.threads, len(texts))):
            self._pool.submit(self._run)

    def collect(self, *, within: float) -> dict[str, Answer | None]:
        """The answers that came, once all are there or this many seconds have passed."""
        self._all_back.wait(within)
        batch = dict(self._answered.popleft() for _ in range(len(self._answered)))
        self._open -= len(batch)
        return batch

    def requeue(self, batch: Mapping[str, Answer | None]) -> None:
        """Requeue results that could not be recorded."""
        self._open += len(batch)
        self._answered.extendleft(batch.items())

    def release(self, references: Collection[str]) -> None:
        """Release these texts."""
        self._in_hand.difference_update(references)

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        while True:
            try:
                outgoing, deadline = self._waiting.popleft()
            except IndexError:
                return
            self._answered.append((outgoing.reference, self._post(outgoing, deadline)))
            if len(self._answered) >= self._open:
                self._all_back.set()
