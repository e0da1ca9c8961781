"""A phone is a member's once the code texted to it has come back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic import staff_phones as phone_rows
from recovery.models.clinic.clinics import Staff
from recovery.models.messaging.messages import Message
from recovery.services.clinic import staff_phones
from recovery.services.clinic.staff_phones import WrongPhoneCode
from recovery.services.core.phone_numbers import NotAPhoneNumber
from tests.support.data import audit_trail
from tests.support.data.people import Clinic

PHONE, OTHER = "+12025550171", "+12025550172"
SECOND = timedelta(seconds=1)


def nurse_of(session: Session, clinic: Clinic) -> Staff:
    return session.get_one(Staff, (clinic.id, clinic.nurse.id))


def request(session: Session, clinic: Clinic, *, now: datetime, phone: str = PHONE) -> str:
    """The code that is texted."""
    staff_phones.request_code(session, member=nurse_of(session, clinic), phone=phone, now=now)
    wanted = select(Message).where(Message.staff_id == clinic.nurse.id, Message.due_at == now)
    return str(session.scalars(wanted).one().details["code"])


def prove(session: Session, clinic: Clinic, code: str, *, now: datetime) -> None:
    staff_phones.prove(session, member=nurse_of(session, clinic), code=code, now=now)
    session.expire_all()


def proved(session: Session, clinic: Clinic) -> set[str]:
    return set(phone_rows.proved_numbers(session, clinic.id))


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_that_comes_back_proves_the_phone_once(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        code = request(session, clinic, now=now, phone="+1 (202) 555-0171")
        text = session.scalars(select(Message)).one()
        assert (text.template, text.state, text.patient_id) == ("login_code", MessageState.PLANNED, None)
        assert text.useful_until == now + staff_phones.LIVES
        assert proved(session, clinic) == set()
        prove(session, clinic, code, now=now)
        assert proved(session, clinic) == {PHONE}
        kept = phone_rows.get_for_member(session, clinic.id, clinic.nurse.id)
        assert kept is not None
        assert (kept.proved_at, kept.code_hash, kept.code_until) == (now, None, None)
        with pytest.raises(WrongPhoneCode):
            prove(session, clinic, code, now=now)
        (entry,) = audit_trail.entries(session, clinic.id, "staff.phone")
        assert entry.subject_id == clinic.nurse.id


@pytest.mark.parametrize(("after", "good"), [(-SECOND, True), (timedelta(0), False)])
def test_a_code_ends_after_its_minutes(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, after: timedelta, good: bool
) -> None:
    with sessions() as session:
        code, then = request(session, clinic, now=now), now + staff_phones.LIVES + after
        if good:
            prove(session, clinic, code, now=then)
        else:
            with pytest.raises(WrongPhoneCode):
                prove(session, clinic, code, now=then)
        assert proved(session, clinic) == ({PHONE} if good else set())


def test_so_many_wrong_codes_end_it_and_a_new_one_begins_anew(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        code = request(session, clinic, now=now)
        for _ in range(staff_phones.TRIES - 1):
            with pytest.raises(WrongPhoneCode):
                prove(session, clinic, other_than(code), now=now)
        prove(session, clinic, code, now=now)
        code = request(session, clinic, now=now + SECOND)
        for _ in range(staff_phones.TRIES):
            with pytest.raises(WrongPhoneCode):
                prove(session, clinic, other_than(code), now=now + SECOND)
        with pytest.raises(WrongPhoneCode):
            prove(session, clinic, code, now=now + SECOND)


def test_another_number_is_not_proved_by_the_one_before(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        prove(session, clinic, request(session, clinic, now=now), now=now)
        request(session, clinic, now=now + SECOND)
        session.expire_all()
        assert proved(session, clinic) == {PHONE}, "asked again for the same number it stays theirs"
        code = request(session, clinic, now=now + 2 * SECOND, phone=OTHER)
        assert proved(session, clinic) == set()
        prove(session, clinic, code, now=now + 2 * SECOND)
        assert proved(session, clinic) == {OTHER}


def test_nobody_proves_a_phone_they_did_not_name_nor_a_colleague_s(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        code = request(session, clinic, now=now)
        with pytest.raises(WrongPhoneCode):
            prove(session, other_clinic, code, now=now)
        with pytest.raises(NotAPhoneNumber):
            request(session, clinic, now=now + SECOND, phone="12")
        prove(session, clinic, code, now=now)
        assert (proved(session, clinic), proved(session, other_clinic)) == ({PHONE}, set())
