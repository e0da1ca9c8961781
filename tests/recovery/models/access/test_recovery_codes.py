from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery.models.access import recovery_codes
from recovery.models.access.recovery_codes import RecoveryCode
from recovery.models.clinic.clinics import Staff
from tests.support.data.people import Clinic

DAY = timedelta(days=1)


@pytest.fixture
def member(session: Session, clinic: Clinic) -> Staff:
    """Someone with a second factor."""
    return session.get_one(Staff, (clinic.id, clinic.nurse.id))


@pytest.fixture
def colleague(session: Session, clinic: Clinic, now: datetime) -> Staff:
    """Someone else of the same clinic."""
    return session.get_one(Staff, (clinic.id, clinic.add_nurse(now=now).id))


def test_a_code_is_used_once_by_whose_it_is(
    session: Session, member: Staff, colleague: Staff, now: datetime
) -> None:
    recovery_codes.replace(session, member, [b"one", b"two"], now=now)
    recovery_codes.replace(session, colleague, [b"three"], now=now)
    assert not recovery_codes.use_code(session, colleague, b"one", now=now)
    assert recovery_codes.use_code(session, member, b"one", now=now)
    assert not recovery_codes.use_code(session, member, b"one", now=now)
    assert not recovery_codes.use_code(session, member, b"four", now=now)
    assert recovery_codes.count_unspent(session, member.clinic_id, member.id) == 1
    assert recovery_codes.count_unspent(session, colleague.clinic_id, colleague.id) == 1


def test_new_codes_take_the_place_of_all_before_them(
    session: Session, member: Staff, colleague: Staff, now: datetime
) -> None:
    recovery_codes.replace(session, colleague, [b"three"], now=now)
    recovery_codes.replace(session, member, [b"one", b"two"], now=now)
    assert recovery_codes.use_code(session, member, b"one", now=now)
    recovery_codes.replace(session, member, [b"four"], now=now + DAY)
    assert not recovery_codes.use_code(session, member, b"two", now=now + DAY)
    assert recovery_codes.count_unspent(session, member.clinic_id, member.id) == 1
    assert recovery_codes.count_unspent(session, colleague.clinic_id, colleague.id) == 1
    session.expire_all()
    spent = {
        row.code_hash: row.spent_at
        for row in session.scalars(select(RecoveryCode).where(RecoveryCode.staff_id == member.id))
    }
    assert spent == {b"one": now, b"two": now + DAY, b"four": None}


def test_nobody_elses_codes_are_counted(session: Session, member: Staff, other_clinic: Clinic) -> None:
    assert recovery_codes.count_unspent(session, member.clinic_id, member.id) == 0
    assert recovery_codes.count_unspent(session, other_clinic.id, member.id) == 0
