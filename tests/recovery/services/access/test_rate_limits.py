"""So many tries until a window is over, and no way to lock somebody out of their own desk."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.access.rate_limits import TryCount
from recovery.services.access import rate_limits
from recovery.services.access.rate_limits import RateLimit, TooManyTries

NARROW = RateLimit(what="narrow", most=2, window=timedelta(minutes=15))
WIDE = RateLimit(what="wide", most=5, window=timedelta(hours=1))
SECOND = timedelta(seconds=1)
EMAIL, DESK, ELSEWHERE = "nurse@clinic.example", "10.0.0.1", "10.9.9.9"


def tries(session: Session, limit: RateLimit, who: str) -> int | None:
    session.expire_all()
    key = rate_limits.key_of(limit, who)
    counted = session.get(TryCount, (key.what, key.who))
    return None if counted is None else counted.tries


def staff_try(session: Session, *, address: str, now: datetime, email: str = EMAIL) -> None:
    rate_limits.enforce_for_staff(session, email=email, address=address, now=now)


def test_the_try_after_the_last_one_allowed_waits_for_the_end_of_the_window(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        for _ in range(NARROW.most):
            rate_limits.enforce(session, {NARROW: "me"}, now=now)
        rate_limits.enforce(session, {NARROW: "you"}, now=now)
        with pytest.raises(TooManyTries) as refused:
            rate_limits.enforce(session, {NARROW: "me"}, now=now + timedelta(minutes=5))
        assert refused.value.wait == timedelta(minutes=10)
        with pytest.raises(TooManyTries):
            rate_limits.enforce(session, {NARROW: "me"}, now=now + NARROW.window - SECOND)
        rate_limits.enforce(session, {NARROW: "me"}, now=now + NARROW.window)


def test_of_two_limits_the_longer_wait_is_told_and_both_are_counted(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        for _ in range(WIDE.most):
            rate_limits.enforce(session, {WIDE: "me"}, now=now)
        for _ in range(NARROW.most):
            rate_limits.enforce(session, {NARROW: "me"}, now=now)
        with pytest.raises(TooManyTries) as refused:
            rate_limits.enforce(session, {NARROW: "me", WIDE: "me"}, now=now)
        assert refused.value.wait == WIDE.window
        assert (tries(session, NARROW, "me"), tries(session, WIDE, "me")) == (3, 6)


def test_a_try_that_was_right_does_not_count(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions() as session:
        rate_limits.enforce(session, {NARROW: "me"}, now=now)
        rate_limits.uncount(session, NARROW, "me")
        rate_limits.uncount(session, NARROW, "me")
        assert tries(session, NARROW, "me") == 0
        rate_limits.uncount(session, NARROW, "nobody")
        assert tries(session, NARROW, "nobody") is None


def test_who_tries_is_kept_as_no_more_than_a_hash(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions() as session:
        rate_limits.enforce(session, {NARROW: "+12025550171"}, now=now)
        (who,) = session.scalars(select(TryCount.who))
        assert len(who) == 32
        assert b"2025550171" not in who


def test_counts_whose_window_is_over_are_cleared_away(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions() as session:
        rate_limits.enforce(session, {NARROW: "me", WIDE: "me"}, now=now)
        rate_limits.enforce(session, {NARROW: "you"}, now=now + NARROW.window)
        assert (tries(session, NARROW, "me"), tries(session, WIDE, "me")) == (None, 1)


def test_guesses_from_many_places_slow_each_other_down(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        for place in range(rate_limits.STAFF_OF_ACCOUNT.most):
            staff_try(session, address=f"10.1.0.{place}", now=now, email=f" {EMAIL.upper()} ")
        with pytest.raises(TooManyTries) as refused:
            staff_try(session, address=ELSEWHERE, now=now)
        assert refused.value.wait == rate_limits.STAFF_OF_ACCOUNT.window
        staff_try(session, address=ELSEWHERE, now=now, email="other@clinic.example")


def test_guesses_from_one_place_are_bounded_there(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions() as session:
        for _ in range(rate_limits.STAFF_OF_ACCOUNT_THERE.most):
            staff_try(session, address=ELSEWHERE, now=now)
        with pytest.raises(TooManyTries) as refused:
            staff_try(session, address=ELSEWHERE, now=now)
        assert refused.value.wait == rate_limits.STAFF_OF_ACCOUNT_THERE.window
        staff_try(session, address=DESK, now=now)


def test_whoever_signed_in_from_a_desk_before_is_not_locked_out_by_guesses_from_elsewhere(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        staff_try(session, address=DESK, now=now)
        rate_limits.record_staff_sign_in(session, email=EMAIL, address=DESK, now=now)
        for place in range(rate_limits.STAFF_OF_ACCOUNT.most):
            staff_try(session, address=f"10.1.0.{place}", now=now)
        with pytest.raises(TooManyTries):
            staff_try(session, address=ELSEWHERE, now=now)
        staff_try(session, address=DESK, now=now)
        forgotten = now + rate_limits.STAFF_KNOWN_THERE.window
        for place in range(rate_limits.STAFF_OF_ACCOUNT.most):
            staff_try(session, address=f"10.2.0.{place}", now=forgotten)
        with pytest.raises(TooManyTries):
            staff_try(session, address=DESK, now=forgotten)


def test_a_sign_in_that_worked_gives_every_count_of_its_own_back(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    there = f"{EMAIL} {DESK}"
    counts = [
        (rate_limits.STAFF_OF_ADDRESS, DESK),
        (rate_limits.STAFF_OF_ACCOUNT_THERE, there),
        (rate_limits.STAFF_OF_ACCOUNT, EMAIL),
    ]
    with sessions() as session:
        staff_try(session, address=DESK, now=now)
        assert [tries(session, limit, who) for limit, who in counts] == [1, 1, 1]
        rate_limits.record_staff_sign_in(session, email=EMAIL, address=DESK, now=now)
        assert [tries(session, limit, who) for limit, who in counts] == [0, 0, 0]
        staff_try(session, address=ELSEWHERE, now=now)
        staff_try(session, address=DESK, now=now)
        rate_limits.record_staff_sign_in(session, email=EMAIL, address=DESK, now=now)
        assert [tries(session, limit, who) for limit, who in counts] == [0, 0, 1], "what others tried stands"
