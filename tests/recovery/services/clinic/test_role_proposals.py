"""A role above one's own, and the medical director's, takes two persons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic import role_proposals as rows
from recovery.models.clinic.clinics import Staff
from recovery.services.access import authentication
from recovery.services.access.authentication import NotSignedIn, StaffCaller
from recovery.services.clinic import clinics, role_proposals, staff_members, staff_onboarding
from recovery.services.clinic.role_proposals import NoDirectorYet, OwnProposal, UnknownProposal
from recovery.services.clinic.staff_members import AboveOwnRole
from recovery.services.clinic.staff_onboarding import StaffInvitationEnded
from recovery.services.core import audit
from tests.support.data import audit_trail
from tests.support.data.people import PASSWORD, Clinic, Nurse
from tests.support.data.reporting import staff_caller

Hire = Callable[[Role], StaffCaller]


@pytest.fixture
def hire(clinic: Clinic, now: datetime) -> Hire:
    """Somebody with a role, whom the operator took on."""
    return lambda role: staff_caller(clinic, clinic.add_nurse(now=now, role=role), role=role)


@pytest.fixture
def director(hire: Hire) -> StaffCaller:
    """The clinic's first director."""
    return hire(Role.MEDICAL_DIRECTOR)


def role_of(session: Session, clinic: Clinic, nurse: Nurse) -> Role:
    return session.get_one(Staff, (clinic.id, nurse.id), populate_existing=True).role


def ask(session: Session, clinic: Clinic, role: Role, *, by: StaffCaller, now: datetime) -> None:
    staff_members.change_member(session, staff_id=clinic.nurse.id, changes={"role": role}, by=by, now=now)


@pytest.mark.usefixtures("director")
@pytest.mark.parametrize("by_role", [Role.MANAGER, Role.MEDICAL_DIRECTOR])
def test_a_director_is_made_by_two_whoever_begins(
    clinic: Clinic, hire: Hire, sessions: sessionmaker[Session], now: datetime, by_role: Role
) -> None:
    first, second = hire(by_role), hire(Role.MANAGER)
    with sessions() as session:
        ask(session, clinic, Role.MEDICAL_DIRECTOR, by=first, now=now)
        assert role_of(session, clinic, clinic.nurse) is Role.NURSE
        (waiting,) = rows.list_open(session, clinic.id)
        with pytest.raises(OwnProposal):
            role_proposals.decide(session, proposal_id=waiting.id, accepted=True, by=first, now=now)
        made = role_proposals.decide(session, proposal_id=waiting.id, accepted=True, by=second, now=now)
        assert (made.decided_by, made.decided_at, made.accepted) == (second.staff_id, now, True)
        assert role_of(session, clinic, clinic.nurse) is Role.MEDICAL_DIRECTOR
        with pytest.raises(NotSignedIn):
            authentication.staff_caller(session, bearer=clinic.nurse.token, now=now)
        with pytest.raises(UnknownProposal):
            role_proposals.decide(session, proposal_id=waiting.id, accepted=True, by=second, now=now)
        trail = {
            action: audit_trail.entries(session, clinic.id, action)
            for action in ("staff.propose_role", "staff.confirm_role", "staff.change")
        }
    assert {action: [entry.actor_id for entry in kept] for action, kept in trail.items()} == {
        "staff.propose_role": [first.staff_id],
        "staff.confirm_role": [second.staff_id],
        "staff.change": [second.staff_id],
    }
    assert {entry.detail["role"] for kept in trail.values() for entry in kept} == {"medical_director"}


@pytest.mark.usefixtures("director")
def test_nobody_confirms_their_own_role_nor_one_whom_the_first_took_on(
    clinic: Clinic, other_clinic: Clinic, hire: Hire, sessions: sessionmaker[Session], now: datetime
) -> None:
    manager = hire(Role.MANAGER)
    with sessions() as session:
        made_up = staff_members.add_member(
            session, email="second@clinic.example", name="Second", role=Role.MANAGER, password=PASSWORD,
            by=manager, now=now,
        )  # fmt: skip
        assert made_up.role is Role.MANAGER
        for member in (session.get_one(Staff, (clinic.id, manager.staff_id)), made_up):
            proposal = role_proposals.propose(
                session, member, role=Role.MEDICAL_DIRECTOR, by=manager, now=now
            )
            second = StaffCaller(clinic_id=clinic.id, staff_id=made_up.id, name="Second", role=Role.MANAGER)
            for by in (manager, second):
                with pytest.raises(OwnProposal):
                    role_proposals.decide(session, proposal_id=proposal.id, accepted=True, by=by, now=now)
            stranger = staff_caller(other_clinic, role=Role.MANAGER)
            with pytest.raises(UnknownProposal):
                role_proposals.decide(session, proposal_id=proposal.id, accepted=True, by=stranger, now=now)
        assert session.get_one(Staff, (clinic.id, manager.staff_id)).role is Role.MANAGER


def test_the_first_director_comes_from_whoever_runs_the_installation(
    clinic: Clinic, hire: Hire, sessions: sessionmaker[Session], now: datetime
) -> None:
    manager = hire(Role.MANAGER)
    with sessions() as session:
        with pytest.raises(NoDirectorYet):
            ask(session, clinic, Role.MEDICAL_DIRECTOR, by=manager, now=now)
        with pytest.raises(NoDirectorYet):
            staff_onboarding.invite_new(
                session, email="new@clinic.example", name="New", role=Role.MEDICAL_DIRECTOR, by=manager,
                now=now,
            )  # fmt: skip
        assert rows.list_open(session, clinic.id) == []
        named = clinics.set_role(
            session, email=clinic.nurse.email, role=Role.MEDICAL_DIRECTOR, because="our doctor", now=now
        )
        assert (named.id, named.role) == (clinic.nurse.id, Role.MEDICAL_DIRECTOR)
        (entry,) = audit_trail.entries(session, clinic.id, "staff.change")
        assert (entry.actor_kind, entry.detail["because"]) == (audit.OPERATOR.kind, "our doctor")
        with pytest.raises(clinics.UnknownStaff):
            clinics.set_role(session, email="x@clinic.example", role=Role.NURSE, because="nobody", now=now)


@pytest.mark.usefixtures("director")
def test_somebody_new_is_a_nurse_until_the_role_is_confirmed_and_links_of_before_end(
    clinic: Clinic, hire: Hire, sessions: sessionmaker[Session], now: datetime
) -> None:
    first, second = hire(Role.MANAGER), hire(Role.MANAGER)
    with sessions() as session:
        invited = staff_onboarding.invite_new(
            session, email="new@clinic.example", name="New", role=Role.MEDICAL_DIRECTOR, by=first, now=now
        )
        assert invited.member.role is Role.NURSE
        waiting = rows.get_open(session, clinic.id, invited.member.id)
        assert waiting is not None
        role_proposals.decide(session, proposal_id=waiting.id, accepted=True, by=second, now=now)
        given = session.get_one(Staff, (clinic.id, invited.member.id), populate_existing=True)
        assert given.role is Role.MEDICAL_DIRECTOR
        with pytest.raises(StaffInvitationEnded):
            staff_onboarding.member_of_link(session, token=invited.token, now=now)
        with pytest.raises(AboveOwnRole):
            staff_onboarding.invite_again(session, staff_id=invited.member.id, by=first, now=now)
        link = staff_onboarding.invite_by_operator(session, email="new@clinic.example", now=now)
        assert staff_onboarding.member_of_link(session, token=link.token, now=now) is invited.member
        with pytest.raises(clinics.UnknownStaff):
            staff_onboarding.invite_by_operator(session, email="x@clinic.example", now=now)


@pytest.mark.usefixtures("director")
def test_a_proposal_is_taken_back_refused_or_gives_way_to_another(
    clinic: Clinic, hire: Hire, sessions: sessionmaker[Session], now: datetime
) -> None:
    manager, later = hire(Role.MANAGER), now + timedelta(minutes=1)
    with sessions() as session:
        for _ in range(2):
            ask(session, clinic, Role.MEDICAL_DIRECTOR, by=manager, now=now)
        (waiting,) = rows.list_open(session, clinic.id)
        role_proposals.decide(session, proposal_id=waiting.id, accepted=False, by=manager, now=later)
        assert rows.list_open(session, clinic.id) == []
        assert [row.accepted for row in rows.list_news(session, since=now, limit=9)] == [False]
        assert rows.list_news(session, since=later + timedelta(seconds=1), limit=9) == []
        assert role_of(session, clinic, clinic.nurse) is Role.NURSE
        ask(session, clinic, Role.MEDICAL_DIRECTOR, by=manager, now=later)
        session.get_one(Staff, (clinic.id, clinic.nurse.id)).disabled_at = later
        (again,) = rows.list_open(session, clinic.id)
        with pytest.raises(UnknownProposal):
            role_proposals.decide(
                session, proposal_id=again.id, accepted=True, by=hire(Role.MANAGER), now=later
            )


def test_roles_that_are_not_above_ones_own_are_given_at_once(
    clinic: Clinic, hire: Hire, sessions: sessionmaker[Session], now: datetime
) -> None:
    manager = hire(Role.MANAGER)
    with sessions() as session:
        for role in (Role.PRACTITIONER, Role.MANAGER, Role.NURSE):
            ask(session, clinic, role, by=manager, now=now)
            assert role_of(session, clinic, clinic.nurse) is role
        assert rows.list_open(session, clinic.id) == []
