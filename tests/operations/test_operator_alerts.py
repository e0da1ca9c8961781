"""Incidents begin, are told to whom they concern, and end, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from operations import operator_alerts
from operations.operator_alerts import IN_HAND, AlertAddresses, Notification
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.review.escalation import EscalationStep
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.operations.alerts import (
    Alert,
    AlertChannel,
    AlertNotice,
    IncidentChange,
    IncidentKind,
    try_lock_monitoring,
)
from recovery.models.operations.workers import Worker
from tests.support.data.people import Clinic
from tests.support.data.planned_texts import clear_texts, plan_text

Update = Callable[..., int]
EVERYWHERE = AlertAddresses(webhook=True, emails=("ops@c.example",), mail_configured=True)
SECOND = timedelta(seconds=1)


@pytest.fixture
def now() -> datetime:
    """Monday noon."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def worker(sessions: sessionmaker[Session], clinic: Clinic, now: datetime) -> None:
    """One that is heard of until tomorrow, so that its silence is no incident here."""
    with sessions.begin() as session:
        later = now + timedelta(days=1)
        session.add(Worker(id=clinic.id, host="here", pid=7, started_at=now, beat_at=later))


@pytest.fixture
def look(sessions: sessionmaker[Session], now: datetime) -> Update:
    """One look at how everything stands, committed."""

    def update_incidents(*, at: datetime = now, addresses: AlertAddresses = EVERYWHERE) -> int:
        with sessions.begin() as session:
            return operator_alerts.update_incidents(session, addresses=addresses, now=at)

    return update_incidents


@pytest.fixture
def late_text(sessions: sessionmaker[Session], clinic: Clinic, now: datetime) -> None:
    """A text that should have left ten minutes ago."""
    with sessions.begin() as session:
        due_at = now - timedelta(minutes=10)
        plan_text(session, clinic_id=clinic.id, patient_id=None, template="staff_alert", due_at=due_at)


def late_flag(sessions: sessionmaker[Session], clinic: Clinic, *, now: datetime, held: bool) -> str:
    """An emergency past its due time; its reference."""
    patient = clinic.add_patient(now=now)
    clear_texts(sessions)
    with sessions.begin() as session:
        flag = Flag(
            clinic_id=clinic.id,
            treatment_id=patient.treatment_id,
            urgency=Urgency.EMERGENCY,
            urgency_rank=0,
            opened_at=now - timedelta(hours=1),
            due_at=now - timedelta(minutes=1),
            state=FlagState.CLAIMED if held else FlagState.OPEN,
            held_by=clinic.nurse.id if held else None,
            escalated=EscalationStep.HOLDER if held else None,
        )
        session.add(flag)
        session.flush()
        return flag.id.hex[-6:]


def alerts(sessions: sessionmaker[Session]) -> list[Alert]:
    with sessions() as session:
        return list(session.scalars(select(Alert).order_by(Alert.id)))


def notices(sessions: sessionmaker[Session]) -> list[tuple[IncidentChange, AlertChannel, str]]:
    with sessions() as session:
        rows = session.scalars(select(AlertNotice).order_by(AlertNotice.id))
        return [(row.news, row.channel, row.recipient) for row in rows]


def lease(sessions: sessionmaker[Session], *, at: datetime, limit: int = 10) -> list[Notification]:
    with sessions.begin() as session:
        return operator_alerts.lease_notifications(session, now=at, limit=limit)


def settle(sessions: sessionmaker[Session], notice: Notification, *, told: bool, at: datetime) -> AlertNotice:
    with sessions.begin() as session:
        operator_alerts.record_result(session, notice_id=notice.id, told=told, now=at)
    with sessions() as session:
        return session.get_one(AlertNotice, notice.id)


def test_where_all_is_well_there_is_no_incident(look: Update, sessions: sessionmaker[Session]) -> None:
    assert look() == 0
    assert (alerts(sessions), notices(sessions)) == ([], [])


def test_an_incident_begins_once_and_is_told_to_every_address(
    look: Update, late_text: None, sessions: sessionmaker[Session], now: datetime
) -> None:
    assert [look(), look(at=now + SECOND)] == [1, 0]
    (alert,) = alerts(sessions)
    assert (alert.trouble, alert.subject, alert.since) == (IncidentKind.TEXTS_LATE, "", now)
    assert (alert.told_at, alert.ended_at) == (now, None)
    assert notices(sessions) == [
        (IncidentChange.RAISED, AlertChannel.WEBHOOK, ""),
        (IncidentChange.RAISED, AlertChannel.MAIL, "ops@c.example"),
    ]


def test_what_may_be_over_by_itself_is_told_only_once_it_held(
    look: Update, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.execute(update(Worker).values(beat_at=now - timedelta(hours=1)))
    assert look() == 1
    look(at=now + 14 * SECOND)
    assert notices(sessions) == []
    look(at=now + 15 * SECOND)
    assert len(notices(sessions)) == 2


def test_the_end_is_told_to_whoever_was_told_of_the_beginning(
    look: Update, late_text: None, sessions: sessionmaker[Session], now: datetime
) -> None:
    look(addresses=AlertAddresses(webhook=False, emails=("ops@c.example",), mail_configured=True))
    clear_texts(sessions)
    assert look(at=now + SECOND) == 1
    assert alerts(sessions)[0].ended_at == now + SECOND
    assert notices(sessions) == [
        (IncidentChange.RAISED, AlertChannel.MAIL, "ops@c.example"),
        (IncidentChange.RECOVERED, AlertChannel.MAIL, "ops@c.example"),
    ]


def test_what_ended_before_anybody_was_told_is_told_to_nobody(
    look: Update, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.execute(update(Worker).values(beat_at=now - timedelta(hours=1)))
    look()
    with sessions.begin() as session:
        session.execute(update(Worker).values(beat_at=now))
    assert look(at=now + SECOND) == 1
    assert notices(sessions) == []


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (
            AlertAddresses(webhook=True, emails=("ops@c.example",), mail_configured=False),
            [AlertChannel.WEBHOOK],
        ),
        (
            AlertAddresses(webhook=False, emails=("a@c.example",) * 2, mail_configured=True),
            [AlertChannel.MAIL],
        ),
        (AlertAddresses(webhook=False, emails=(), mail_configured=True), []),
    ],
)  # fmt: skip
def test_only_ways_that_work_are_used_and_nobody_hears_twice(
    look: Update, late_text: None, sessions: sessionmaker[Session],
    addresses: AlertAddresses, expected: list[AlertChannel],
) -> None:  # fmt: skip
    look(addresses=addresses)
    assert [channel for _, channel, _ in notices(sessions)] == expected


def test_an_unseen_flag_is_told_to_its_clinics_managers_too(
    look: Update, sessions: sessionmaker[Session], clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    other_clinic.add_nurse(now=now, role=Role.MANAGER)
    reference = late_flag(sessions, clinic, now=now, held=False)
    look()
    assert [(one.trouble, one.subject) for one in alerts(sessions)] == [(IncidentKind.FLAG_UNSEEN, reference)]
    assert {recipient for _, _, recipient in notices(sessions)} == {"", "ops@c.example", manager.email}


def test_who_holds_a_late_flag_hears_alone_and_not_that_it_is_over(
    look: Update, sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    late_flag(sessions, clinic, now=now, held=True)
    look()
    told = [(IncidentChange.RAISED, AlertChannel.MAIL, clinic.nurse.email)]
    assert notices(sessions) == told
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.CONTACTED))
    assert look(at=now + SECOND) == 1
    assert notices(sessions) == told


def test_while_another_watcher_looks_nothing_is_done(
    look: Update, late_text: None, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as other:
        assert try_lock_monitoring(other)
        assert look() == 0
    assert look() == 1


def test_a_telling_in_hand_is_nobody_elses_until_whoever_has_it_is_given_up(
    look: Update, late_text: None, sessions: sessionmaker[Session], now: datetime
) -> None:
    look()
    assert [len(lease(sessions, at=now, limit=1)) for _ in range(3)] == [1, 1, 0]
    assert lease(sessions, at=now + IN_HAND - SECOND) == []
    again = lease(sessions, at=now + IN_HAND)
    assert {one.channel for one in again} == {AlertChannel.WEBHOOK, AlertChannel.MAIL}
    assert {one.alert_id for one in again} == {alerts(sessions)[0].id}


def test_what_arrived_is_told_and_what_did_not_is_tried_again_and_given_up_in_the_end(
    look: Update, late_text: None, sessions: sessionmaker[Session], now: datetime
) -> None:
    look()
    webhook, mail = sorted(lease(sessions, at=now), key=lambda one: one.recipient)
    assert settle(sessions, webhook, told=True, at=now).told_at == now
    waits, at = [], now
    while (row := settle(sessions, mail, told=False, at=at)).given_up_at is None:
        waits.append(row.next_at - at)
        at = row.next_at
        assert [one.id for one in lease(sessions, at=at)] == [mail.id]
    assert [wait.total_seconds() for wait in waits] == [10, 20, 40, 120, 300, 600]
    assert (row.attempts, row.told_at, row.given_up_at) == (7, None, at)
    assert lease(sessions, at=at + timedelta(days=1)) == []


def test_texts_are_no_incident_where_they_left(
    look: Update, late_text: None, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(update(Message).values(state="sent"))
    assert look() == 0
