from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery.models.access import rate_limits
from recovery.models.access.rate_limits import CounterKey, TryCount

HOUR = timedelta(hours=1)
ADDRESS = CounterKey(what="address", who=b"a")
NUMBER = CounterKey(what="number", who=b"a")


def test_each_kind_of_try_is_counted_by_itself(session: Session, now: datetime) -> None:
    both = {ADDRESS: now + HOUR, NUMBER: now + 2 * HOUR}
    first = rate_limits.count_tries(session, both, now=now)
    assert {key: (row.tries, row.ends_at) for key, row in first.items()} == {
        ADDRESS: (1, now + HOUR),
        NUMBER: (1, now + 2 * HOUR),
    }
    again = rate_limits.count_tries(session, {NUMBER: now + 9 * HOUR}, now=now)
    assert {key: (row.tries, row.ends_at) for key, row in again.items()} == {NUMBER: (2, now + 2 * HOUR)}
    assert rate_limits.current_count(session, ADDRESS, now=now) == 1
    assert rate_limits.current_count(session, CounterKey(what="number", who=b"b"), now=now) == 0


def test_a_window_that_is_over_begins_anew(session: Session, now: datetime) -> None:
    for _ in range(3):
        rate_limits.count_tries(session, {ADDRESS: now + HOUR}, now=now)
    just_before = now + HOUR - timedelta(microseconds=1)
    assert rate_limits.current_count(session, ADDRESS, now=just_before) == 3
    assert rate_limits.current_count(session, ADDRESS, now=now + HOUR) == 0
    anew = rate_limits.count_tries(session, {ADDRESS: now + 2 * HOUR}, now=now + HOUR)
    assert (anew[ADDRESS].tries, anew[ADDRESS].ends_at) == (1, now + 2 * HOUR)


def test_a_try_is_given_back_but_never_more_than_were_counted(session: Session, now: datetime) -> None:
    for _ in range(2):
        rate_limits.count_tries(session, {ADDRESS: now + HOUR, NUMBER: now + HOUR}, now=now)
    rate_limits.uncount_tries(session, [ADDRESS])
    assert rate_limits.current_count(session, ADDRESS, now=now) == 1
    assert rate_limits.current_count(session, NUMBER, now=now) == 2
    for _ in range(2):
        rate_limits.uncount_tries(session, [ADDRESS, NUMBER])
    assert rate_limits.current_count(session, ADDRESS, now=now) == 0
    assert rate_limits.current_count(session, NUMBER, now=now) == 0


def test_counts_whose_window_is_over_are_cleared_a_few_at_a_time(session: Session, now: datetime) -> None:
    over = {CounterKey(what="address", who=bytes([place])): now for place in range(1, 22)}
    assert len(over) == rate_limits.FORGOTTEN_AT_ONCE + 1
    rate_limits.count_tries(session, over | {NUMBER: now + HOUR}, now=now - HOUR)
    rate_limits.delete_expired(session, now=now)
    assert session.scalar(select(func.count()).select_from(TryCount)) == 2
    rate_limits.delete_expired(session, now=now)
    assert session.scalars(select(TryCount.what)).all() == ["number"]
