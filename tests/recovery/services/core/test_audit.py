"""Who did what to whom is one row with the act, and says nothing of anybody's health."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import Staff
from recovery.models.core.audit import ActorKind, AuditEntry
from recovery.services.core import audit
from recovery.services.core.audit import Actor
from tests.support.data import audit_trail
from tests.support.data.people import Clinic

SOMEBODY = uuid4()


@pytest.mark.parametrize(
    ("actor", "kind", "actor_id"),
    [
        (audit.staff(SOMEBODY), ActorKind.STAFF, SOMEBODY),
        (audit.patient(SOMEBODY), ActorKind.PATIENT, SOMEBODY),
        (audit.WORKER, ActorKind.WORKER, None),
        (audit.OPERATOR, ActorKind.OPERATOR, None),
    ],
)
def test_whoever_acts_is_named_by_kind_and_id(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, actor: Actor, kind: ActorKind,
    actor_id: object,
) -> None:  # fmt: skip
    subject = uuid4()
    with sessions() as session:
        audit.record(
            session, clinic_id=clinic.id, actor=actor, action="test.act", subject=("thing", subject), now=now,
            detail={"because": "a test"},
        )  # fmt: skip
        (entry,) = audit_trail.entries(session, clinic.id, "test.act")
        assert (entry.actor_kind, entry.actor_id, entry.at) == (kind, actor_id, now)
        assert (entry.subject_kind, entry.subject_id) == ("thing", subject)
        assert entry.detail == {"because": "a test"}


def test_what_is_written_down_goes_with_the_transaction_of_the_act(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        audit.read_list(session, clinic.id, clinic.nurse.id, action="test.list", now=now)
        session.flush()
        session.rollback()
        assert audit_trail.entries(session, clinic.id, "test.list") == []


def test_a_list_is_read_of_the_clinic_and_an_account_is_its_owner_s(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        audit.read_list(session, clinic.id, clinic.nurse.id, action="test.list", now=now)
        member = session.get_one(Staff, (other_clinic.id, other_clinic.nurse.id))
        audit.own_account(session, member, "test.account", now=now)
        wanted = select(AuditEntry).where(AuditEntry.action.startswith("test.")).order_by(AuditEntry.id)
        entries = [
            (entry.clinic_id, entry.actor_kind, entry.actor_id, entry.subject_kind, entry.subject_id)
            for entry in session.scalars(wanted)
        ]
    nurse, other = clinic.nurse.id, other_clinic.nurse.id
    assert entries == [
        (clinic.id, ActorKind.STAFF, nurse, "clinic", clinic.id),
        (other_clinic.id, ActorKind.STAFF, other, "staff", other),
    ]
