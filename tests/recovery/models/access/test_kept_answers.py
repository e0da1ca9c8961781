from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from recovery.models.access import kept_answers
from recovery.models.access.kept_answers import KeptAnswer
from tests.support.data.people import Clinic


def _answer(clinic: Clinic, *, at: datetime, key: bytes = b"k" * 32, status: int = 201) -> KeptAnswer:
    return KeptAnswer(
        clinic_id=clinic.id,
        staff_id=clinic.nurse.id,
        key_hash=key,
        request_hash=b"r" * 32,
        status=status,
        location=None,
        body=b"{}",
        kept_at=at,
    )


def test_the_first_answer_under_a_key_stays(session: Session, clinic: Clinic, now: datetime) -> None:
    for status in (201, 303):
        kept_answers.insert_answer(session, _answer(clinic, at=now, status=status))
    kept = kept_answers.get_answer(session, clinic.id, clinic.nurse.id, key_hash=b"k" * 32)
    assert kept is not None
    assert (kept.status, kept.body) == (201, b"{}")


def test_older_answers_of_the_clinic_are_forgotten(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    day = timedelta(days=1)
    kept_answers.insert_answer(session, _answer(clinic, at=now - 2 * day))
    kept_answers.insert_answer(session, _answer(other_clinic, at=now - 2 * day))
    kept_answers.insert_answer(session, _answer(clinic, at=now, key=b"n" * 32))
    kept_answers.delete_older(session, clinic.id, before=now - day)
    left = [
        kept_answers.get_answer(session, one.id, one.nurse.id, key_hash=key) is not None
        for one, key in ((clinic, b"k" * 32), (clinic, b"n" * 32), (other_clinic, b"k" * 32))
    ]
    assert left == [False, True, True]


def test_a_key_is_held_by_one_transaction_at_a_time(sessions: sessionmaker[Session]) -> None:
    with sessions() as first, sessions() as second:
        assert kept_answers.lock_key(first, b"k" * 32, wait=True)
        assert not kept_answers.lock_key(second, b"k" * 32, wait=False)
        assert kept_answers.lock_key(second, b"n" * 32, wait=False)
        first.rollback()
        assert kept_answers.lock_key(second, b"k" * 32, wait=False)
