"""A proposal waits once for a person, and the database itself asks for two."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic import role_proposals
from recovery.models.clinic.role_proposals import RoleProposal
from tests.support.data.people import Clinic, Nurse


def proposed(clinic: Clinic, by: Nurse, *, now: datetime) -> RoleProposal:
    return RoleProposal(
        clinic_id=clinic.id, staff_id=clinic.nurse.id, role=Role.MEDICAL_DIRECTOR, proposed_at=now,
        proposed_by=by.id,
    )  # fmt: skip


def test_what_waits_is_found_for_the_person_and_the_clinic_and_is_news_until_a_while_after(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    by = clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions() as session:
        one = proposed(clinic, by, now=now)
        session.add(one)
        session.flush()
        assert role_proposals.get_open(session, clinic.id, clinic.nurse.id) is one
        assert role_proposals.get_open(session, other_clinic.id, clinic.nurse.id) is None
        assert role_proposals.list_open(session, clinic.id) == [one]
        assert role_proposals.list_open(session, other_clinic.id) == []
        assert role_proposals.get_for_update(session, other_clinic.id, one.id) is None
        later = now + timedelta(days=3)
        assert role_proposals.list_news(session, since=later, limit=9) == [one]
        one.decided_at, one.decided_by, one.accepted = later, clinic.nurse.id, True
        session.flush()
        assert role_proposals.list_open(session, clinic.id) == []
        assert role_proposals.list_news(session, since=later, limit=9) == [one]
        assert role_proposals.list_news(session, since=later + timedelta(seconds=1), limit=9) == []
        assert role_proposals.get_for_update(session, clinic.id, one.id) is one


def test_one_person_cannot_do_both_nor_wait_twice(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    by = clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions() as session:
        one = proposed(clinic, by, now=now)
        session.add(one)
        session.flush()
        one.decided_at, one.decided_by, one.accepted = now, by.id, True
        with pytest.raises(IntegrityError, match="two_persons"):
            session.flush()
    with sessions() as session:
        session.add_all([proposed(clinic, by, now=now), proposed(clinic, by, now=now)])
        with pytest.raises(IntegrityError, match="uq_role_proposal_open"):
            session.flush()
