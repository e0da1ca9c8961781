"""Texts in the hands of threads: what waits, what came back, and what is let go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from recovery.sms.gateway_interface import Accepted, Answer, OutgoingText, Unconfirmed
from worker.send_pool import Post, SendPool

LONG = 60.0
"""Seconds in which every answer of these tests has come."""
MakePool = Callable[..., SendPool]


def texts(*references: str) -> list[OutgoingText]:
    return [OutgoingText(reference=one, to="+12025550123", body="hello") for one in references]


def accepted(outgoing: OutgoingText, deadline: float) -> Answer:
    return Accepted(carrier_id=f"SM{outgoing.reference}")


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    """Pools that are closed at the end."""
    made: list[SendPool] = []

    def make(post: Post = accepted, *, threads: int = 2) -> SendPool:
        made.append(SendPool(post, threads=threads))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


class Held:
    """Answers for nothing before it is opened; says when the first text has come."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.opened = threading.Event()

    def post(self, outgoing: OutgoingText, deadline: float) -> Answer:
        self.began.set()
        assert self.opened.wait(LONG)
        return accepted(outgoing, deadline)


def test_every_text_given_is_answered_once(make_pool: MakePool) -> None:
    pool = make_pool()
    given = [str(number) for number in range(50)]
    pool.enqueue(texts(*given), deadline=7)
    answers = pool.collect(within=LONG)
    assert answers == {one: Accepted(carrier_id=f"SM{one}") for one in given}
    assert pool.collect(within=0) == {}


def test_a_text_is_in_hand_until_it_is_let_go(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.enqueue(texts("a", "b"), deadline=7)
    pool.collect(within=LONG)
    assert set(pool.in_hand) == {"a", "b"}
    pool.release(["a", "unknown"])
    assert set(pool.in_hand) == {"b"}


def test_each_text_is_posted_with_the_deadline_it_was_given_with_and_in_order(make_pool: MakePool) -> None:
    posted: list[tuple[str, float]] = []

    def post(outgoing: OutgoingText, deadline: float) -> None:
        posted.append((outgoing.reference, deadline))

    pool = make_pool(post, threads=1)
    pool.enqueue(texts("a", "b"), deadline=1)
    pool.enqueue(texts("c"), deadline=2)
    assert pool.collect(within=LONG) == {"a": None, "b": None, "c": None}
    assert posted == [("a", 1), ("b", 1), ("c", 2)]


def test_what_no_thread_has_begun_with_waits_and_no_thread_is_idle_meanwhile(make_pool: MakePool) -> None:
    held = Held()
    pool = make_pool(held.post, threads=1)
    assert (pool.idle, pool.waiting) == (1, 0)
    pool.enqueue(texts("a", "b", "c"), deadline=7)
    assert held.began.wait(LONG)
    assert (pool.idle, pool.waiting) == (0, 2)
    assert pool.collect(within=0) == {}
    held.opened.set()
    assert set(pool.collect(within=LONG)) == {"a", "b", "c"}
    assert (pool.idle, pool.waiting) == (1, 0)


def test_a_slow_text_keeps_no_other_answer_from_being_collected(make_pool: MakePool) -> None:
    held, second = Held(), threading.Event()

    def post(outgoing: OutgoingText, deadline: float) -> Answer:
        if outgoing.reference == "slow":
            return held.post(outgoing, deadline)
        second.set()
        return Unconfirmed(code="timeout")

    pool = make_pool(post)
    pool.enqueue(texts("slow", "quick"), deadline=7)
    assert second.wait(LONG)
    early: dict[str, Answer | None] = {}
    while not early:
        early = pool.collect(within=0.01)
    assert early == {"quick": Unconfirmed(code="timeout")}
    assert (pool.idle, set(pool.in_hand)) == (1, {"slow", "quick"})
    held.opened.set()
    assert set(pool.collect(within=LONG)) == {"slow"}


def test_what_could_not_be_written_down_is_collected_again(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.enqueue(texts("a", "b"), deadline=7)
    first = pool.collect(within=LONG)
    pool.requeue(first)
    assert pool.idle == 2, "no thread works on an answer that was put back"
    assert pool.collect(within=0) == first
    assert pool.collect(within=0) == {}


def test_closing_waits_for_what_is_under_way(make_pool: MakePool) -> None:
    posted: list[str] = []

    def post(outgoing: OutgoingText, deadline: float) -> None:
        posted.append(outgoing.reference)

    pool = make_pool(post, threads=1)
    pool.enqueue(texts("a", "b", "c"), deadline=7)
    pool.close()
    assert posted == ["a", "b", "c"]
    assert set(pool.collect(within=0)) == {"a", "b", "c"}
