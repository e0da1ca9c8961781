"""Somebody outside is told what is wrong: once, in time, until it is over, and not for ever."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from api.server.watchdog import Watchdog
from operations import monitoring_round, worker_registry
from operations.notifiers import Notifiers
from postgres_launcher.launcher import Endpoints
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.models.flags.flags import Flag
from recovery.models.operations.alerts import Alert, AlertNotice, IncidentKind
from recovery.models.operations.workers import Worker
from recovery.services.messaging import circuit_breaker
from recovery.sms.gateway_interface import Accepted, Answer, NotAccepted, Unconfirmed
from tests.support.data.people import Clinic
from tests.support.data.planned_texts import clear_texts, plan_text
from tests.support.machine.alert_receivers import MailServer, Outside
from tests.support.machine.processes import eventually


@pytest.fixture
def engine(database: Endpoints) -> Iterator[Engine]:
    made = create_engine(database.worker_url, pool_size=8)
    yield made
    made.dispose()


@pytest.fixture
def ours(engine: Engine) -> sessionmaker[Session]:
    """Sessions as the worker's role."""
    return sessionmaker(engine, expire_on_commit=False)


@pytest.fixture
def alive(sessions: sessionmaker[Session], clinic: Clinic) -> None:
    """A worker was here just now."""
    with sessions.begin() as session:
        worker_registry.register(session, worker_id=uuid4(), host="here", pid=1, now=datetime.now(UTC))


def minutes_pass(sessions: sessionmaker[Session], minutes: int = 5) -> None:
    """Nobody is heard of meanwhile, and what waits has waited for as long."""
    with sessions.begin() as session:
        for statement in (
            "UPDATE worker SET beat_at = beat_at - :by",
            "UPDATE alert SET since = since - :by WHERE ended_at IS NULL",
            "UPDATE alert_notice SET next_at = next_at - :by WHERE told_at IS NULL",
        ):
            session.execute(text(statement), {"by": timedelta(minutes=minutes)})


def beats(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.execute(update(Worker).values(beat_at=datetime.now(UTC)))


def test_a_silent_worker_is_told_once_and_so_is_its_return(
    alive: None, ours: sessionmaker[Session], sessions: sessionmaker[Session], outlets: Notifiers,
    outside: Outside,
) -> None:  # fmt: skip
    assert monitoring_round.run_round(ours, outlets) == 0
    minutes_pass(sessions)
    assert monitoring_round.run_round(ours, outlets) == 0, "a restart is not told"
    minutes_pass(sessions)
    with ThreadPoolExecutor(4) as pool:
        told = sum(pool.map(lambda _: monitoring_round.run_round(ours, outlets), range(8)))
    assert told == 1
    minutes_pass(sessions)
    assert monitoring_round.run_round(ours, outlets) == 0
    beats(sessions)
    assert [monitoring_round.run_round(ours, outlets) for _ in range(3)] == [1, 0, 0]
    assert outside.told == [("worker_silent", "raised"), ("worker_silent", "recovered")]
    (_, path, body), (_, _, over) = outside.calls
    assert path == "/alerts"
    assert body["id"] == over["id"]
    assert body["installation"] == "https://c.example"
    assert "manage.py doctor" in body["text"]
    minutes_pass(sessions)
    monitoring_round.run_round(ours, outlets)
    minutes_pass(sessions)
    monitoring_round.run_round(ours, outlets)
    assert outside.told[2:] == [("worker_silent", "raised")], "a new incident"
    assert outside.calls[2][2]["id"] != body["id"]


def test_the_web_s_watchdog_tells_when_the_only_worker_is_dead(
    alive: None, database: Endpoints, sessions: sessionmaker[Session], outlets: Notifiers, outside: Outside
) -> None:
    watchdog = Watchdog(database_url=database.api_url, outlets=outlets, seconds=0.05)
    watchdog.start()
    try:
        minutes_pass(sessions)
        eventually(lambda: _under_way(sessions), what="the incident to be seen", within=10)
        minutes_pass(sessions)
        eventually(lambda: outside.told, what="the alert", within=10)
    finally:
        watchdog.stop()
    assert outside.told == [("worker_silent", "raised")]


def _under_way(sessions: sessionmaker[Session]) -> list[Alert]:
    with sessions() as session:
        return list(session.scalars(select(Alert)))


def test_what_does_not_arrive_is_tried_again_and_given_up_in_the_end(
    alive: None, ours: sessionmaker[Session], sessions: sessionmaker[Session], outlets: Notifiers,
    outside: Outside,
) -> None:  # fmt: skip
    outside.script.extend([500] * 20)
    minutes_pass(sessions)
    for _ in range(12):
        monitoring_round.run_round(ours, outlets)
        minutes_pass(sessions, 15)
    assert len(outside.calls) == 7
    with sessions() as session:
        (notice,) = session.scalars(select(AlertNotice))
        assert (notice.told_at, notice.attempts) == (None, 7)
        assert notice.given_up_at is not None


def test_a_watcher_that_died_with_an_alert_in_hand_keeps_it_from_nobody(
    alive: None, ours: sessionmaker[Session], sessions: sessionmaker[Session], outlets: Notifiers,
    outside: Outside, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    minutes_pass(sessions)
    monitoring_round.run_round(ours, outlets)
    minutes_pass(sessions)
    with monkeypatch.context() as dying:
        dying.setattr(Notifiers, "notify", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            monitoring_round.run_round(ours, outlets)
    assert monitoring_round.run_round(ours, outlets) == 0, "it is in somebody's hands"
    minutes_pass(sessions)
    assert monitoring_round.run_round(ours, outlets) == 1
    assert outside.told == [("worker_silent", "raised")]


def test_the_heartbeat_stays_away_while_anything_is_late(
    alive: None, clinic: Clinic, ours: sessionmaker[Session], sessions: sessionmaker[Session],
    outlets: Notifiers, outside: Outside,
) -> None:  # fmt: skip
    assert monitoring_round.send_heartbeat(ours, outlets) == 1
    assert outside.calls == [("GET", "/alive", None)]
    with sessions.begin() as session:
        plan_text(
            session, clinic_id=clinic.id, patient_id=None, template="staff_alert",
            due_at=datetime.now(UTC) - timedelta(minutes=6),
        )  # fmt: skip
    assert monitoring_round.send_heartbeat(ours, outlets) == 0
    with sessions.begin() as session:
        session.execute(text("UPDATE clinic SET texts_stopped_at = now()"))
    assert monitoring_round.send_heartbeat(ours, outlets) == 1, "what somebody stopped is not late"
    minutes_pass(sessions)
    assert monitoring_round.send_heartbeat(ours, outlets) == 0
    assert monitoring_round.send_heartbeat(ours, dataclasses.replace(outlets, heartbeat=None)) == 0
    assert len(outside.calls) == 2


def answered(sessions: sessionmaker[Session], *answers: Answer) -> None:
    with sessions.begin() as session:
        circuit_breaker.record_results(session, account="AC1", answers=answers, now=datetime.now(UTC))


@pytest.mark.parametrize(
    ("answer", "troubles"),
    [
        (
            NotAccepted(code="20003", account_rejected=True),
            {IncidentKind.CREDENTIALS_REFUSED, IncidentKind.CARRIER_AWAY},
        ),
        (Unconfirmed(code="timeout"), {IncidentKind.CARRIER_AWAY}),
    ],
)
def test_a_carrier_that_fails_is_told_and_so_is_that_it_works_again(
    alive: None, ours: sessionmaker[Session], sessions: sessionmaker[Session], outlets: Notifiers,
    outside: Outside, answer: Answer, troubles: set[IncidentKind],
) -> None:  # fmt: skip
    answered(ours, answer, answer, answer)
    monitoring_round.run_round(ours, outlets)
    minutes_pass(sessions)
    beats(sessions)
    monitoring_round.run_round(ours, outlets)
    assert {alert for alert, state in outside.told if state == "raised"} == troubles
    answered(ours, Accepted(carrier_id="SM1"))
    monitoring_round.run_round(ours, outlets)
    assert {alert for alert, state in outside.told if state == "recovered"} == troubles
    assert len(outside.told) == 2 * len(troubles)


def late_flag(clinic: Clinic, sessions: sessionmaker[Session], *, held_by: str | None = None) -> str:
    now = datetime.now(UTC)
    patient = clinic.add_patient(now=now)
    clear_texts(sessions)
    with sessions.begin() as session:
        flag = Flag(
            clinic_id=clinic.id, treatment_id=patient.treatment_id, urgency=Urgency.EMERGENCY,
            urgency_rank=0, opened_at=now - timedelta(minutes=20), due_at=now - timedelta(minutes=5),
            escalate_at=now - timedelta(minutes=5),
            state=FlagState.OPEN if held_by is None else FlagState.CLAIMED,
            held_by=None if held_by is None else clinic.nurse.id,
            escalated=None if held_by is None else "holder",
        )  # fmt: skip
        session.add(flag)
        session.flush()
        return flag.id.hex[-6:]


def test_an_emergency_nobody_has_seen_reaches_the_managers_without_saying_whose_it_is(
    alive: None, clinic: Clinic, other_clinic: Clinic, ours: sessionmaker[Session],
    sessions: sessionmaker[Session], with_mail: Notifiers, outside: Outside, mail_server: MailServer,
) -> None:  # fmt: skip
    manager = clinic.add_nurse(now=datetime.now(UTC), role=Role.MANAGER)
    other_clinic.add_nurse(now=datetime.now(UTC), role=Role.MANAGER)
    ref = late_flag(clinic, sessions)
    monitoring_round.run_round(ours, with_mail)
    assert outside.told == [("flag_unseen", "raised")]
    assert outside.calls[0][2]["ref"] == ref
    assert sorted(mail["To"] for mail in mail_server.mails) == sorted([manager.email, "ops@c.example"])
    for said in (str(outside.calls), *map(str, mail_server.mails)):
        assert ref in said
        for secret in ("Pat", "Sample", "+1202", "pus", "redness"):
            assert secret not in said
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.CONTACTED))
    monitoring_round.run_round(ours, with_mail)
    assert outside.told[1:] == [("flag_unseen", "recovered")]
    assert len(mail_server.mails) == 4


def test_who_holds_a_late_flag_is_reminded_alone(
    alive: None, clinic: Clinic, ours: sessionmaker[Session], sessions: sessionmaker[Session],
    with_mail: Notifiers, outside: Outside, mail_server: MailServer,
) -> None:  # fmt: skip
    late_flag(clinic, sessions, held_by="nurse")
    assert [monitoring_round.run_round(ours, with_mail) for _ in range(3)] == [1, 0, 0]
    assert outside.told == []
    (mail,) = mail_server.mails
    assert mail["To"] == clinic.nurse.email
    assert mail["From"] == "afterglow@c.example"
    assert "past its due time" in mail.get_content()
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.CONTACTED))
    assert monitoring_round.run_round(ours, with_mail) == 0
