from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.access import sign_in_codes
from recovery.models.access.sign_in_codes import SignInCode

MINUTE = timedelta(minutes=1)
PHONE, OTHER_PHONE = "+12025550111", "+12025550112"


def _code(session: Session, phone: str, now: datetime) -> SignInCode:
    """A code that the worker has made."""
    sign_in_codes.request_code(session, phone, now=now)
    code = session.get_one(SignInCode, phone, populate_existing=True)
    code.code_hash, code.expires_at, code.waiting = f"hash of {phone}", now + MINUTE, False
    session.flush()
    return code


def test_asking_anew_ends_the_code_before_and_gives_its_tries_back(session: Session, now: datetime) -> None:
    code = _code(session, PHONE, now)
    code.tries = 3
    session.flush()
    sign_in_codes.request_code(session, PHONE, now=now + MINUTE)
    session.expire_all()
    assert (code.code_hash, code.expires_at, code.tries) == (None, None, 0)
    assert (code.waiting, code.asked_at) == (True, now + MINUTE)
    assert sign_in_codes.count_try(session, PHONE, most=9, now=now) is None


def test_waiting_codes_are_taken_in_the_order_they_were_asked_by_one_worker_each(
    session: Session, sessions: sessionmaker[Session], now: datetime
) -> None:
    for place, number in enumerate((3, 1, 2)):
        sign_in_codes.request_code(session, f"+1202555012{place}", now=now + number * MINUTE)
    _code(session, PHONE, now)
    session.commit()
    with sessions() as one, sessions() as other:
        taken = sign_in_codes.list_waiting_for_update(one, limit=2)
        assert [row.asked_at for row in taken] == [now + MINUTE, now + 2 * MINUTE]
        rest = sign_in_codes.list_waiting_for_update(other, limit=9)
        assert [row.asked_at for row in rest] == [now + 3 * MINUTE]


def test_a_code_bears_so_many_tries_and_the_right_one_can_be_given_back(
    session: Session, now: datetime
) -> None:
    _code(session, PHONE, now)
    other = _code(session, OTHER_PHONE, now)
    own = f"hash of {PHONE}"
    tries = [sign_in_codes.count_try(session, PHONE, most=2, now=now) for _ in range(3)]
    assert tries == [own, own, None]
    sign_in_codes.uncount_try(session, PHONE)
    assert sign_in_codes.count_try(session, PHONE, most=2, now=now) == own
    assert sign_in_codes.count_try(session, PHONE, most=2, now=now) is None
    session.expire_all()
    assert other.tries == 0


@pytest.mark.parametrize("minutes", [1, 2])
def test_a_code_ends_at_its_time(session: Session, now: datetime, minutes: int) -> None:
    _code(session, PHONE, now)
    just_before = now + MINUTE - timedelta(microseconds=1)
    assert sign_in_codes.count_try(session, PHONE, most=9, now=just_before) is not None
    assert sign_in_codes.count_try(session, PHONE, most=9, now=now + minutes * MINUTE) is None


def test_an_invalid_code_opens_nothing_and_another_number_s_stands(session: Session, now: datetime) -> None:
    for phone in (PHONE, OTHER_PHONE):
        _code(session, phone, now)
    sign_in_codes.end_code(session, PHONE)
    assert sign_in_codes.count_try(session, PHONE, most=9, now=now) is None
    assert sign_in_codes.count_try(session, OTHER_PHONE, most=9, now=now) is not None


def test_old_rows_are_cleared_a_few_at_a_time(session: Session, now: datetime) -> None:
    old = now - sign_in_codes.FORGOTTEN_AFTER - MINUTE
    for place in range(sign_in_codes.FORGOTTEN_AT_ONCE + 1):
        sign_in_codes.request_code(session, f"+1202555{place:04d}", now=old)
    sign_in_codes.request_code(session, PHONE, now=now - sign_in_codes.FORGOTTEN_AFTER)
    sign_in_codes.delete_expired(session, now=now)
    left = session.scalars(select(SignInCode.asked_at)).all()
    assert sorted(left) == [old, now - sign_in_codes.FORGOTTEN_AFTER]
    sign_in_codes.delete_expired(session, now=now)
    assert session.scalars(select(SignInCode.phone)).all() == [PHONE]
