"""Who works in a clinic changes at once for every session, and somebody is always left to set it up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Staff
from recovery.services.access import authentication
from recovery.services.access.authentication import NotSignedIn
from recovery.services.clinic import staff_members
from recovery.services.clinic.staff_members import LastManager, MemberChanges, UnknownMember
from recovery.services.core import audit
from tests.support.data import audit_trail
from tests.support.data.people import Clinic, Nurse


def update(
    session: Session, clinic: Clinic, staff_id: UUID, changes: MemberChanges, *, now: datetime
) -> Staff:
    return staff_members.update_member(
        session, clinic_id=clinic.id, staff_id=staff_id, changes=changes, actor=audit.OPERATOR, now=now
    )


def signed_in(session: Session, nurse: Nurse, *, now: datetime) -> bool:
    session.expire_all()
    try:
        authentication.staff_caller(session, bearer=nurse.token, now=now)
    except NotSignedIn:
        return False
    return True


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> Nurse:
    """The only one who sets up the clinic."""
    return clinic.add_nurse(now=now, role=Role.MANAGER)


@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({"name": "Robin"}, True),
        ({"role": Role.NURSE, "active": True}, True),
        ({"role": Role.PRACTITIONER}, False),
        ({"active": False}, False),
    ],
)
@pytest.mark.usefixtures("manager")
def test_another_role_and_an_end_sign_out_and_a_name_does_not(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, changes: MemberChanges, stays: bool
) -> None:
    with sessions() as session:
        member = update(session, clinic, clinic.nurse.id, changes, now=now)
        assert member.name == changes.get("name", f"Nurse {clinic.nurse.email}")
        assert member.role is changes.get("role", Role.NURSE)
        assert member.disabled_at == (now if changes.get("active") is False else None)
        assert signed_in(session, clinic.nurse, now=now) is stays


def test_what_changed_is_written_down_and_nothing_where_nothing_did(
    clinic: Clinic, manager: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    changes: MemberChanges = {"name": "Robin", "role": Role.PRACTITIONER, "active": True}
    with sessions() as session:
        for _ in range(2):
            update(session, clinic, clinic.nurse.id, changes, now=now)
        (entry,) = audit_trail.entries(session, clinic.id, "staff.change")
        assert entry.subject_id == clinic.nurse.id
        assert entry.detail == {"changed": "name, role", "role": "practitioner"}
        assert signed_in(session, manager, now=now)


def test_somebody_comes_back_and_has_to_sign_in_anew(
    clinic: Clinic, manager: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        update(session, clinic, clinic.nurse.id, {"active": False}, now=now)
        member = update(session, clinic, clinic.nurse.id, {"active": True}, now=now)
        assert member.disabled_at is None
        assert not signed_in(session, clinic.nurse, now=now)


@pytest.mark.parametrize("changes", [{"active": False}, {"role": Role.NURSE}, {"role": Role.PRACTITIONER}])
def test_the_last_who_can_set_up_stays_until_somebody_else_can(
    clinic: Clinic,
    other_clinic: Clinic,
    manager: Nurse,
    sessions: sessionmaker[Session],
    now: datetime,
    changes: MemberChanges,
) -> None:
    other_clinic.add_nurse(now=now, role=Role.MANAGER)
    left = clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions.begin() as session:
        update(session, clinic, left.id, {"active": False}, now=now)
    with sessions() as session, pytest.raises(LastManager):
        update(session, clinic, manager.id, changes, now=now)
    with sessions() as session:
        assert signed_in(session, manager, now=now)
        assert update(session, clinic, manager.id, {"role": Role.MEDICAL_DIRECTOR}, now=now).id == manager.id
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    with sessions() as session:
        update(session, clinic, manager.id, changes, now=now)
        assert not signed_in(session, manager, now=now)
        assert signed_in(session, director, now=now)


def test_somebody_is_signed_out_everywhere_and_their_colleagues_are_not(
    clinic: Clinic, manager: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        staff_members.sign_out(
            session, clinic_id=clinic.id, staff_id=clinic.nurse.id, actor=audit.staff(manager.id), now=now
        )
        assert not signed_in(session, clinic.nurse, now=now)
        assert signed_in(session, manager, now=now)
        (entry,) = audit_trail.entries(session, clinic.id, "staff.sign_out")
        assert (entry.actor_id, entry.subject_id) == (manager.id, clinic.nurse.id)


def test_nobody_of_another_clinic_is_changed(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        with pytest.raises(UnknownMember):
            update(session, other_clinic, clinic.nurse.id, {"active": False}, now=now)
        with pytest.raises(UnknownMember):
            staff_members.sign_out(
                session, clinic_id=other_clinic.id, staff_id=clinic.nurse.id, actor=audit.OPERATOR, now=now
            )
        assert signed_in(session, clinic.nurse, now=now)
