from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from recovery.models.clinic import staff_phones
from recovery.models.clinic.staff_phones import StaffPhone
from tests.support.data.people import Clinic

MINUTE = timedelta(minutes=1)
PHONE = "+12025550111"


def _phone(session: Session, clinic: Clinic, **values: Any) -> StaffPhone:
    row = StaffPhone(clinic_id=clinic.id, staff_id=clinic.nurse.id, **({"phone": PHONE} | values))
    session.add(row)
    session.flush()
    return row


def test_a_number_is_staff_s_only_once_it_is_proved(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    own = _phone(session, clinic)
    _phone(session, other_clinic, phone="+12025550112", proved_at=now)
    assert staff_phones.proved_numbers(session, clinic.id) == frozenset()
    own.proved_at = now
    session.flush()
    assert staff_phones.proved_numbers(session, clinic.id) == {PHONE}
    assert staff_phones.proved_numbers(session, other_clinic.id) == {"+12025550112"}


def test_a_phone_is_one_member_s(session: Session, clinic: Clinic, other_clinic: Clinic) -> None:
    own = _phone(session, clinic)
    for read in (staff_phones.get_for_member, staff_phones.get_for_update):
        assert read(session, clinic.id, clinic.nurse.id) is own
        assert read(session, clinic.id, other_clinic.nurse.id) is None
        assert read(session, other_clinic.id, clinic.nurse.id) is None


def test_each_guess_takes_a_try_and_after_the_last_none_is_left(
    session: Session, clinic: Clinic, now: datetime
) -> None:
    own = _phone(session, clinic, code_hash="h", code_until=now + MINUTE)
    who = clinic.id, clinic.nurse.id
    guesses = [staff_phones.count_try(session, *who, most=2, now=now) for _ in range(3)]
    assert guesses == ["h", "h", None]
    session.expire_all()
    assert own.tries == 2


@pytest.mark.parametrize("values", [{"code_hash": None}, {"code_until": None}, {"late": 1}])
def test_where_no_code_stands_none_is_tried(
    session: Session, clinic: Clinic, now: datetime, values: dict[str, Any]
) -> None:
    late = values.pop("late", 0)
    own = _phone(session, clinic, **({"code_hash": "h", "code_until": now + MINUTE} | values))
    moment = now + late * MINUTE
    assert staff_phones.count_try(session, clinic.id, clinic.nurse.id, most=9, now=moment) is None
    session.expire_all()
    assert own.tries == 0
