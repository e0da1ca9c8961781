"""A lost second factor is removed by somebody else, with a code of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.access import recovery_codes
from recovery.models.clinic.clinics import Staff
from recovery.models.clinic.role_proposals import RoleProposal
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.services.access import authentication
from recovery.services.access.authentication import NotSignedIn, StaffCaller
from recovery.services.access.second_factor import WrongTotpCode
from recovery.services.clinic import clinics, factor_removal, role_proposals, staff_members, staff_onboarding
from recovery.services.clinic.role_proposals import OwnProposal
from recovery.services.clinic.staff_members import AboveOwnRole
from recovery.services.clinic.staff_onboarding import StaffInvitationEnded
from tests.support.data import audit_trail
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Nurse
from tests.support.data.reporting import staff_caller

OWN = "+12025550171"


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> Nurse:
    """Somebody who sets up the clinic, with an app of their own."""
    return clinic.add_nurse(now=now, role=Role.MANAGER)


def caller(clinic: Clinic, member: Nurse, role: Role = Role.MANAGER) -> StaffCaller:
    return staff_caller(clinic, member, role=role)


def test_everything_of_the_old_factor_ends_and_a_new_one_is_set_up(
    clinic: Clinic, manager: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        member = session.get_one(Staff, (clinic.id, clinic.nurse.id))
        recovery_codes.replace(session, member, [b"a code on paper"], now=now)
        link = staff_onboarding.invite_again(session, staff_id=member.id, by=caller(clinic, manager), now=now)
        factor_removal.remove_factor(
            session, staff_id=member.id, code=manager.code(now=now), by=caller(clinic, manager), now=now
        )
        assert (member.totp_secret, member.totp_used_step) == (None, None)
        assert recovery_codes.count_unspent(session, clinic.id, member.id) == 0
        with pytest.raises(NotSignedIn):
            authentication.staff_caller(session, bearer=clinic.nurse.token, now=now)
        with pytest.raises(StaffInvitationEnded):
            staff_onboarding.member_of_link(session, token=link.token, now=now)
        (noted,) = audit_trail.entries(session, clinic.id, factor_removal.ACTION)
        assert (noted.actor_id, noted.subject_id) == (manager.id, member.id)


def test_it_takes_a_code_of_the_caller_s_own(
    clinic: Clinic, manager: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    for code in ("000000", clinic.nurse.code(now=now), None):
        with sessions.begin() as session, pytest.raises(WrongTotpCode):
            factor_removal.remove_factor(
                session, staff_id=clinic.nurse.id, code=code, by=caller(clinic, manager), now=now
            )
    with sessions() as session:
        assert session.get_one(Staff, (clinic.id, clinic.nurse.id)).totp_secret is not None


def test_a_director_s_is_a_director_s_to_remove_and_nobody_removes_their_own(
    clinic: Clinic, manager: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    first, second = (clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR) for _ in range(2))
    by = caller(clinic, second, Role.MEDICAL_DIRECTOR)
    with sessions.begin() as session:
        with pytest.raises(AboveOwnRole):
            factor_removal.remove_factor(
                session, staff_id=first.id, code=manager.code(now=now), by=caller(clinic, manager), now=now
            )
        with pytest.raises(factor_removal.OwnFactor):
            factor_removal.remove_factor(
                session, staff_id=second.id, code=second.code(now=now), by=by, now=now
            )
        removed = factor_removal.remove_factor(
            session, staff_id=first.id, code=second.code(now=now), by=by, now=now
        )
        assert removed.totp_secret is None


@pytest.mark.parametrize("operator", [True, False])
def test_the_person_is_texted_where_they_proved_a_phone(
    clinic: Clinic, manager: Nurse, sessions: sessionmaker[Session], texting: Texting, now: datetime,
    operator: bool,
) -> None:  # fmt: skip
    member = clinic.add_nurse(now=now)
    with sessions.begin() as session:
        session.add(StaffPhone(clinic_id=clinic.id, staff_id=member.id, phone=OWN, proved_at=now))
        session.add(StaffPhone(clinic_id=clinic.id, staff_id=clinic.nurse.id, phone="+12025550172"))
    with sessions.begin() as session:
        if operator:
            email = session.get_one(Staff, (clinic.id, member.id)).email
            clinics.set_totp(session, email=email, now=now)
        else:
            for place, someone in enumerate((member, clinic.nurse)):
                at = now + timedelta(minutes=place)
                factor_removal.remove_factor(
                    session,
                    staff_id=someone.id,
                    code=manager.code(now=at),
                    by=caller(clinic, manager),
                    now=at,
                )
    (text,) = texting.claim(now=now + timedelta(minutes=2))
    assert text.to == OWN
    assert "changed your second factor" in text.body


def test_whose_factor_the_proposer_took_away_is_no_second_person(
    clinic: Clinic, manager: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    second = clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions.begin() as session:
        staff_members.change_member(
            session,
            staff_id=clinic.nurse.id,
            changes={"role": Role.MEDICAL_DIRECTOR},
            by=caller(clinic, manager),
            now=now,
        )
        factor_removal.remove_factor(
            session, staff_id=second.id, code=manager.code(now=now), by=caller(clinic, manager), now=now
        )
        (waiting,) = session.scalars(select(RoleProposal))
        with pytest.raises(OwnProposal):
            role_proposals.decide(
                session, proposal_id=waiting.id, accepted=True, by=caller(clinic, second), now=now
            )
