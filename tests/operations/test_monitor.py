"""How an installation stands, read from its database, and which flags somebody outside has to hear of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from operations import monitor, worker_registry
from operations.rules.installation_status import InstallationStatus
from operations.rules.operator_alerts import Incident
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review.escalation import EscalationStep
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, Staff
from recovery.models.clinic.role_proposals import RoleProposal
from recovery.models.content.follow_ups import ContentFollowUp, FollowUpKind
from recovery.models.content.withdrawals import ContentWithdrawal
from recovery.models.flags.flags import Flag
from recovery.models.inbound.stray_texts import StrayText
from recovery.models.messaging.circuit_breakers import CarrierCircuit
from recovery.models.messaging.messages import Message
from recovery.models.operations.alerts import IncidentKind
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.services.tasks import tasks
from recovery.services.tasks.tasks import TaskSubject
from tests.support.data.people import Clinic
from tests.support.data.planned_texts import clear_texts, plan_text

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    """Monday noon."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def status(sessions: sessionmaker[Session], *, now: datetime, counts: bool = False) -> InstallationStatus:
    with sessions() as session:
        return monitor.read_status(session, now=now, counts=counts)


def incidents(sessions: sessionmaker[Session], *, now: datetime) -> list[Incident]:
    with sessions() as session:
        return monitor.list_flag_incidents(session, now=now)


def add_text(sessions: sessionmaker[Session], clinic: Clinic, *, due_at: datetime, **values: Any) -> None:
    with sessions.begin() as session:
        text_id = plan_text(
            session, clinic_id=clinic.id, patient_id=None, template="staff_alert", due_at=due_at
        )
        if values:
            session.execute(update(Message).where(Message.id == text_id).values(values))


def add_flag(sessions: sessionmaker[Session], clinic: Clinic, *, now: datetime, **values: Any) -> str:
    """A same-day flag due a minute ago, but for what is named; its reference."""
    patient = clinic.add_patient(now=now)
    clear_texts(sessions)
    flag: dict[str, Any] = {
        "clinic_id": clinic.id,
        "treatment_id": patient.treatment_id,
        "urgency": Urgency.SAME_DAY,
        "urgency_rank": 1,
        "opened_at": now - timedelta(hours=3),
        "due_at": now - MINUTE,
        "state": FlagState.OPEN,
    }
    with sessions.begin() as session:
        row = Flag(**flag | values)
        session.add(row)
        session.flush()
        return row.id.hex[-6:]


def test_an_empty_installation_has_nothing_that_waits(sessions: sessionmaker[Session], now: datetime) -> None:
    empty = status(sessions, now=now, counts=True)
    assert (empty.at, empty.worker_seen_at, empty.workers_alive) == (now, None, 0)
    assert (empty.texts_due, empty.text_due_since, empty.doubt_since) == (0, None, None)
    assert (empty.unreviewed, empty.review_since, empty.flags_open, empty.flags_overdue) == (0, None, 0, 0)
    assert set(empty.texts.values()) == {0}
    assert (empty.texts_last_day, empty.circuits, empty.refused_by) == ({}, {}, {})


def test_texts_that_are_due_count_from_the_oldest_and_not_those_to_come(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    for minutes in (3, 9, 0, -1):
        add_text(sessions, clinic, due_at=now - minutes * MINUTE)
    add_text(sessions, clinic, due_at=now - 60 * MINUTE, state=MessageState.SENT)
    read = status(sessions, now=now)
    assert (read.texts_due, read.text_due_since) == (3, now - 9 * MINUTE)


def test_texts_by_state_are_counted_only_where_they_are_asked_for(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    day = timedelta(days=1)
    add_text(sessions, clinic, due_at=now, state=MessageState.DELIVERED, claimed_at=now - day)
    add_text(sessions, clinic, due_at=now, state=MessageState.FAILED, claimed_at=now - day - MINUTE)
    add_text(sessions, clinic, due_at=now, state=MessageState.IN_DOUBT, claimed_at=now - 2 * MINUTE)
    with sessions.begin() as session:
        worker_registry.register(session, worker_id=uuid4(), host="here", pid=1, now=now)
    counted = status(sessions, now=now, counts=True)
    assert counted.texts[MessageState.IN_DOUBT] == 1
    assert counted.texts_last_day == {MessageState.DELIVERED: 1, MessageState.IN_DOUBT: 1}
    assert counted.workers_alive == 0, "nobody holds its lock"
    plain = status(sessions, now=now)
    assert (plain.texts, plain.texts_last_day, plain.workers_alive) == ({}, {}, 0)
    assert plain.doubt_since == counted.doubt_since == now - 2 * MINUTE
    assert plain.worker_seen_at == now


def test_every_account_of_a_carrier_is_known_and_who_refuses_us(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.add(CarrierCircuit(account="AC1", faults=2, wait_seconds=0, refused_code="20003"))
        session.add(CarrierCircuit(account="AC2", faults=0, wait_seconds=0, paused_until=now))
    read = status(sessions, now=now)
    assert {account: circuit.faults for account, circuit in read.circuits.items()} == {"AC1": 2, "AC2": 0}
    assert read.circuits["AC2"].paused_until == now
    assert read.refused_by == {"AC1": "20003"}


def test_flags_of_live_clinics_count_and_those_nobody_answered_in_time(
    sessions: sessionmaker[Session], clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    add_flag(sessions, clinic, now=now)
    add_flag(sessions, clinic, now=now, state=FlagState.CONTACTED, held_by=clinic.nurse.id)
    add_flag(sessions, clinic, now=now, due_at=now + MINUTE)
    add_flag(sessions, clinic, now=now, state=FlagState.RESOLVED)
    add_flag(sessions, other_clinic, now=now)
    with sessions.begin() as session:
        session.get_one(ClinicRow, other_clinic.id).mode = ClinicMode.TRAINING
    read = status(sessions, now=now)
    assert (read.flags_open, read.flags_overdue) == (3, 1)


def test_an_emergency_nobody_took_by_its_due_time_concerns_the_managers(
    sessions: sessionmaker[Session], clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    first, second = (clinic.add_nurse(now=now, role=Role.MANAGER) for _ in range(2))
    gone = clinic.add_nurse(now=now, role=Role.MANAGER)
    other_clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions.begin() as session:
        session.execute(update(Staff).where(Staff.id == gone.id).values(disabled_at=now))
    reference = add_flag(sessions, clinic, now=now, urgency=Urgency.EMERGENCY, urgency_rank=0)
    assert incidents(sessions, now=now) == [
        Incident(trouble=IncidentKind.FLAG_UNSEEN, subject=reference, emails=(first.email, second.email))
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, []),
        ({"escalated": EscalationStep.ON_CALL}, []),
        ({"escalated": EscalationStep.MANAGER}, [IncidentKind.FLAG_UNSEEN]),
        ({"escalated": EscalationStep.MANAGER, "state": FlagState.CONTACTED}, []),
        ({"urgency": Urgency.EMERGENCY}, [IncidentKind.FLAG_UNSEEN]),
        ({"urgency": Urgency.EMERGENCY, "state": FlagState.CLAIMED}, []),
        ({"urgency": Urgency.EMERGENCY, "due_at": datetime(2026, 11, 23, 12, 1, tzinfo=UTC)}, []),
    ],
)
def test_which_flags_somebody_outside_hears_of(
    sessions: sessionmaker[Session],
    clinic: Clinic,
    now: datetime,
    values: dict[str, Any],
    told: list[IncidentKind],
) -> None:
    add_flag(sessions, clinic, now=now, **values)
    assert [one.trouble for one in incidents(sessions, now=now)] == told


def test_a_flag_held_too_long_concerns_its_holder_alone(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    held: dict[str, UUID | FlagState | EscalationStep] = {
        "held_by": clinic.nurse.id,
        "state": FlagState.CLAIMED,
    }
    reference = add_flag(sessions, clinic, now=now, escalated=EscalationStep.HOLDER, **held)
    (incident,) = incidents(sessions, now=now)
    assert incident == Incident(
        trouble=IncidentKind.FLAG_HELD_LATE, subject=reference, emails=(clinic.nurse.email,), exclusive=True
    )
    add_flag(sessions, clinic, now=now, escalated=EscalationStep.MANAGER, **held)
    assert sorted(one.trouble for one in incidents(sessions, now=now)) == [
        IncidentKind.FLAG_HELD_LATE,
        IncidentKind.FLAG_HELD_LATE,
        IncidentKind.FLAG_UNSEEN,
    ]


def test_what_was_taken_back_and_who_gets_which_role_is_told_to_managers_and_directors_for_a_day(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    manager, director = (
        clinic.add_nurse(now=now, role=role) for role in (Role.MANAGER, Role.MEDICAL_DIRECTOR)
    )
    other_clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions.begin() as session:
        taken_back = ContentWithdrawal(
            clinic_id=clinic.id, part="own wording en seen", because="It frightens.", withdrawn_at=now,
            withdrawn_by=manager.id,
        )  # fmt: skip
        proposal = RoleProposal(
            clinic_id=clinic.id, staff_id=clinic.nurse.id, role=Role.MEDICAL_DIRECTOR, proposed_at=now,
            proposed_by=manager.id,
        )  # fmt: skip
        followed = ContentFollowUp(
            clinic_id=clinic.id, kind=FollowUpKind.JUDGEMENTS, version="own-1", asked_at=now, finished_at=now
        )
        others = [
            ContentFollowUp(clinic_id=clinic.id, kind=FollowUpKind.JUDGEMENTS, version="own-2", asked_at=now),
            ContentFollowUp(clinic_id=clinic.id, kind=FollowUpKind.PLANS, asked_at=now, finished_at=now),
        ]
        session.add_all([taken_back, proposal, followed, *others])

    def told(at: datetime) -> list[tuple[IncidentKind, str]]:
        with sessions() as session:
            found = monitor.list_clinic_news(session, now=at)
        assert all(one.exclusive for one in found)
        assert {one.emails for one in found} <= {(manager.email, director.email)}
        return [(one.trouble, one.subject) for one in found]

    withdrawn = (IncidentKind.CONTENT_WITHDRAWN, taken_back.id.hex[-6:])
    judged = (IncidentKind.CONTENT_FOLLOWED, followed.id.hex[-6:])
    assert told(now) == [withdrawn, judged, (IncidentKind.ROLE_PROPOSED, proposal.id.hex[-6:])]
    later = now + timedelta(days=2)
    assert told(later) == [(IncidentKind.ROLE_PROPOSED, proposal.id.hex[-6:])]
    with sessions.begin() as session:
        row = session.get_one(RoleProposal, (clinic.id, proposal.id))
        row.decided_at, row.decided_by, row.accepted = later, director.id, True
    assert told(later) == [(IncidentKind.ROLE_GIVEN, proposal.id.hex[-6:])]
    assert told(later + timedelta(days=2)) == []
    with sessions.begin() as session:
        session.get_one(RoleProposal, (clinic.id, proposal.id)).accepted = False
    assert told(later) == []


def add_task(
    sessions: sessionmaker[Session], clinic: Clinic, *, now: datetime, urgency: Urgency, **values: Any
) -> str:
    with sessions.begin() as session:
        task_id = tasks.open_task(
            session, TaskSubject(clinic_id=clinic.id), kind=TaskKind.UNMATCHED_TEXT, urgency=urgency,
            due_at=now - MINUTE, now=now - 2 * MINUTE,
        )  # fmt: skip
        session.execute(update(Task).where(Task.id == task_id).values(**values or {"held_by": None}))
        return task_id.hex[-6:]


def test_words_of_danger_that_nobody_takes_are_told_and_the_rest_as_one(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    urgent = add_task(sessions, clinic, now=now, urgency=Urgency.EMERGENCY)
    add_task(sessions, clinic, now=now, urgency=Urgency.EMERGENCY, done_at=now)
    for _ in range(3):
        add_task(
            sessions, clinic, now=now, urgency=Urgency.NEXT_BUSINESS_DAY, escalated=EscalationStep.MANAGER
        )
    held = add_task(
        sessions, clinic, now=now, urgency=Urgency.EMERGENCY, escalated=EscalationStep.HOLDER,
        held_by=clinic.nurse.id,
    )  # fmt: skip
    found = {(one.trouble, one.subject) for one in incidents(sessions, now=now)}
    assert found == {
        (IncidentKind.FLAG_UNSEEN, urgent),
        (IncidentKind.FLAG_UNSEEN, clinic.id.hex[-6:]),
        (IncidentKind.FLAG_HELD_LATE, held),
    }


def test_danger_of_no_clinics_is_told_until_somebody_has_seen_to_it(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.add(
            StrayText(
                carrier_id="SM00abcdef", phone="+12025559997", body="words", received_at=now,
                meaning=TextMeaning.EMERGENCY, urgency=Urgency.EMERGENCY,
            )
        )  # fmt: skip
        session.flush()
        told = [Incident(trouble=IncidentKind.STRAY_DANGER, subject="abcdef")]
        assert monitor.list_stray_incidents(session, now=now) == told
        session.execute(update(StrayText).values(seen_to_at=now))
        assert monitor.list_stray_incidents(session, now=now) == []
