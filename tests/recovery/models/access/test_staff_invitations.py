from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery.models.access import staff_invitations
from recovery.models.access.staff_invitations import StaffInvitation
from recovery.models.clinic.clinics import Staff
from tests.support.data.people import Clinic

DAY = timedelta(days=1)


@pytest.fixture
def member(session: Session, clinic: Clinic) -> Staff:
    """Somebody of the staff."""
    return session.get_one(Staff, (clinic.id, clinic.nurse.id))


def _invite(
    session: Session, member: Staff, token_hash: bytes, *, now: datetime, **values: Any
) -> StaffInvitation:
    filled: dict[str, Any] = {"created_at": now, "expires_at": now + DAY}
    link = StaffInvitation(
        clinic_id=member.clinic_id, staff_id=member.id, token_hash=token_hash, **(filled | values)
    )
    session.add(link)
    session.flush()
    return link


def test_a_link_is_found_with_whose_it_is(session: Session, member: Staff, now: datetime) -> None:
    link = _invite(session, member, b"1", now=now)
    assert staff_invitations.get_for_update(session, b"1") == (link, member)
    assert staff_invitations.get_for_update(session, b"2") is None
    session.refresh(link)
    assert link.signs_in is False
    with pytest.raises(IntegrityError, match="token_hash"):
        _invite(session, member, b"1", now=now)


def test_all_links_of_one_member_end_and_nobody_else_s(
    session: Session, member: Staff, clinic: Clinic, now: datetime
) -> None:
    colleague = session.get_one(Staff, (clinic.id, clinic.add_nurse(now=now).id))
    first, second = (_invite(session, member, place, now=now) for place in (b"1", b"2"))
    spent = _invite(session, member, b"3", now=now, spent_at=now - DAY)
    other = _invite(session, colleague, b"4", now=now)
    staff_invitations.end_unspent(session, member, now=now)
    session.expire_all()
    assert [link.spent_at for link in (first, second, spent, other)] == [now, now, now - DAY, None]


def test_a_member_is_invited_while_a_link_is_open(
    session: Session, member: Staff, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    colleague = session.get_one(Staff, (clinic.id, clinic.add_nurse(now=now).id))
    _invite(session, member, b"1", now=now)
    _invite(session, colleague, b"2", now=now, spent_at=now)
    _invite(session, colleague, b"3", now=now, expires_at=now)
    open_links = {member.id: now + DAY}
    assert staff_invitations.open_until_by_member(session, clinic.id, now=now) == open_links
    assert staff_invitations.open_until_by_member(session, clinic.id, now=now + DAY) == {}
    assert staff_invitations.open_until_by_member(session, other_clinic.id, now=now) == {}
