"""Installations that are broken, each in one way, and what is said about them."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, create_engine, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from commands import demo, doctor
from config.settings import Settings, SmsGateway
from operations import worker_registry
from operations.rules.installation_problems import ADVICE_ONLY, ProblemCause
from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.core.signed_content import ContentBundle
from recovery.models.messaging.circuit_breakers import CarrierCircuit
from recovery.models.messaging.messages import Message
from recovery.models.operations.alerts import Alert, AlertChannel, AlertNotice, IncidentChange, IncidentKind
from recovery.models.operations.workers import Worker
from recovery.models.reports.reports import StoredAssessment
from recovery.services.messaging import circuit_breaker as carrier_service
from recovery.sms.gateway_interface import NotAccepted
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.support.data.people import Clinic
from tests.support.data.planned_texts import clear_texts, plan_text
from tests.support.machine import databases
from tests.support.machine.processes import Processes, free_port

LONG_AGO = timedelta(hours=3)


@pytest.fixture(scope="module")
def carrier() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


class Installation:
    """A healthy one, to be broken."""

    def __init__(
        self, database: Endpoints, sessions: sessionmaker[Session], clinic: Clinic, carrier: FakeTwilio
    ) -> None:
        self.sessions = sessions
        self.clinic = clinic
        self.offset = timedelta()
        self.settings: dict[str, Any] = {
            "database_url": database.owner_url,
            "database_api_url": database.api_url,
            "database_worker_url": database.worker_url,
            "public_url": "https://c.example",
            "sms_gateway": SmsGateway.TWILIO,
            "twilio_account_sid": ACCOUNT_SID,
            "twilio_auth_token": AUTH_TOKEN,
            "twilio_from": "+15005550006",
            "twilio_api_base": carrier.url,
        }

    def change(self, table: type, **values: Any) -> None:
        with self.sessions.begin() as session:
            session.execute(update(table).values(**values))

    def look(self) -> tuple[int, dict[str, Any]]:
        """The exit code, and what is printed as JSON."""
        printed: list[str] = []
        settings = Settings(_env_file=None, **self.settings)  # type: ignore[call-arg]
        code = doctor.run(
            settings, as_json=True, clock=lambda: datetime.now(UTC) + self.offset, say=printed.append
        )
        return code, json.loads(printed[0])

    def causes(self) -> list[str]:
        """What is broken; advice is left out."""
        code, told = self.look()
        broken = [one["cause"] for one in told["findings"] if one["broken"]]
        assert code == (1 if broken else 0)
        assert told["healthy"] is not bool(broken)
        return broken


@pytest.fixture
def alive(database: Endpoints, sessions: sessionmaker[Session]) -> Iterator[Connection]:
    """A worker that holds its place."""
    engine = create_engine(database.worker_url, isolation_level="AUTOCOMMIT")
    with sessions.begin() as session:
        key = worker_registry.register(
            session, worker_id=uuid4(), host="there", pid=4711, now=datetime.now(UTC)
        )
    with engine.connect() as connection:
        worker_registry.hold_liveness_lock(connection, key)
        yield connection
    engine.dispose()


@pytest.fixture
def installation(
    database: Endpoints, sessions: sessionmaker[Session], clinic: Clinic, carrier: FakeTwilio
) -> Installation:
    return Installation(database, sessions, clinic, carrier)


def test_a_healthy_one_is_called_so(installation: Installation, alive: Connection) -> None:
    assert installation.causes() == []


def stopped_worker(one: Installation) -> None:
    one.change(Worker, beat_at=datetime.now(UTC) - LONG_AGO, stopped_at=datetime.now(UTC) - LONG_AGO)


def late_text(one: Installation) -> None:
    with one.sessions.begin() as session:
        plan_text(
            session, clinic_id=one.clinic.id, patient_id=None, template="staff_alert",
            due_at=datetime.now(UTC) - timedelta(minutes=9),
        )  # fmt: skip


def circuit_open(one: Installation) -> None:
    with one.sessions.begin() as session:
        session.add(
            CarrierCircuit(
                account=ACCOUNT_SID, faults=10, wait_seconds=30,
                open_until=datetime.now(UTC) + timedelta(seconds=20),
            )
        )  # fmt: skip


def carrier_pauses(one: Installation) -> None:
    with one.sessions.begin() as session:
        session.add(
            CarrierCircuit(
                account=ACCOUNT_SID, faults=0, wait_seconds=0,
                paused_until=datetime.now(UTC) + timedelta(hours=1),
            )
        )  # fmt: skip


def texts_in(one: Installation, *ends: tuple[MessageState, int]) -> None:
    now = datetime.now(UTC)
    with one.sessions.begin() as session:
        for state, count in ends:
            for _ in range(count):
                text_id = plan_text(
                    session, clinic_id=one.clinic.id, patient_id=None, template="staff_alert", due_at=now
                )
                session.execute(
                    update(Message)
                    .where(Message.id == text_id)
                    .values(state=state, claimed_at=now - LONG_AGO, settled_at=now)
                )


def unreviewed(one: Installation) -> None:
    now = datetime.now(UTC)
    patient = one.clinic.add_patient(now=now)
    clear_texts(one.sessions)
    with one.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO assessment (clinic_id, treatment_id, cause, level, day, findings, ask_again, "
                "protocol, created_at, review_after) VALUES (:clinic, :treatment, 'silence', 'abnormal', 1, "
                "'[]', '{}', 'p', :at, :at)"
            ),
            {"clinic": one.clinic.id, "treatment": patient.treatment_id, "at": now - timedelta(minutes=5)},
        )
        assert session.scalars(select(StoredAssessment)).one().reviewed_at is None


def alert_lost(one: Installation) -> None:
    now = datetime.now(UTC)
    with one.sessions.begin() as session:
        alert = Alert(trouble=IncidentKind.TEXTS_LATE, since=now - LONG_AGO, told_at=now, ended_at=now)
        session.add(alert)
        session.flush()
        session.add(
            AlertNotice(
                alert_id=alert.id,
                news=IncidentChange.RAISED,
                channel=AlertChannel.WEBHOOK,
                next_at=now,
                given_up_at=now,
            )
        )


def unreadable(one: Installation) -> None:
    strange = b"\1" * 32
    with one.sessions.begin() as session:
        session.add(ContentBundle(digest=strange, parts={}))
    one.change(ClinicRow, running_content=strange)


BREAKAGES: dict[ProblemCause, Callable[[Installation], None]] = {
    ProblemCause.DATABASE_AWAY: lambda one: one.settings.update(
        database_worker_url=f"postgresql+psycopg://w@127.0.0.1:{free_port()}/afterglow"
    ),
    ProblemCause.SCHEMA_OTHER: lambda one: _sql(one, "UPDATE alembic_version SET version_num = '0001'"),
    ProblemCause.CLOCK_WRONG: lambda one: setattr(one, "offset", timedelta(minutes=3)),
    ProblemCause.WORKER_STOPPED: stopped_worker,
    ProblemCause.WORKER_STUCK: lambda one: one.change(Worker, beat_at=datetime.now(UTC) - LONG_AGO),
    ProblemCause.CREDENTIALS: lambda one: one.settings.update(twilio_auth_token="the old one"),
    ProblemCause.CARRIER_UNREACHABLE: lambda one: one.settings.update(
        twilio_api_base=f"http://127.0.0.1:{free_port()}"
    ),
    ProblemCause.CIRCUIT_OPEN: circuit_open,
    ProblemCause.CARRIER_PAUSED: carrier_pauses,
    ProblemCause.STOP_SWITCH: lambda one: one.change(ClinicRow, texts_stopped_at=datetime.now(UTC)),
    ProblemCause.CONTENT_UNREADABLE: unreadable,
    ProblemCause.CONSOLE_BUT_LIVE: lambda one: one.settings.update(sms_gateway=SmsGateway.CONSOLE),
    ProblemCause.RECEIPTS_CANNOT_COME: lambda one: one.settings.update(
        public_url="http://localhost:8000", link_url="https://c.example"
    ),
    ProblemCause.LINK_TOO_LONG: lambda one: one.settings.update(
        link_url=f"https://{'a-very-long-name.' * 10}clinic.example"
    ),
    ProblemCause.HOURS_MISSING: lambda one: one.change(ClinicRow, weekly_hours={}),
    ProblemCause.ON_CALL_MISSING: lambda one: one.change(ClinicRow, on_call_phone=ClinicRow.phone),
    ProblemCause.TEXTS_LATE: late_text,
    ProblemCause.REVIEW_LATE: unreviewed,
    ProblemCause.MANY_IN_DOUBT: lambda one: texts_in(one, (MessageState.IN_DOUBT, 3)),
    ProblemCause.PUT_ASIDE: lambda one: texts_in(one, (MessageState.QUARANTINED, 1)),
    ProblemCause.ALERTS_LOST: alert_lost,
    ProblemCause.UNDELIVERED: lambda one: texts_in(
        one, (MessageState.DELIVERED, 8), (MessageState.UNDELIVERED, 2), (MessageState.FAILED, 1)
    ),
}


def _sql(one: Installation, statement: str) -> None:
    with one.sessions.begin() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("cause", BREAKAGES)
def test_what_is_broken_is_named_alone_and_with_what_to_do(
    installation: Installation, alive: Connection, cause: ProblemCause
) -> None:
    BREAKAGES[cause](installation)
    code, told = installation.look()
    broken = [one for one in told["findings"] if one["broken"]]
    assert [one["cause"] for one in broken] == [cause.value]
    assert code == 1
    assert len(broken[0]["says"]) > 40
    assert broken[0]["next"]


def test_every_cause_that_breaks_is_broken_here() -> None:
    elsewhere = {
        ProblemCause.NOTHING_HERE,
        ProblemCause.WORKER_NEVER,
        ProblemCause.DISK_FULL,
        ProblemCause.FLAGS_OVERDUE,
    }
    assert set(BREAKAGES) | elsewhere | ADVICE_ONLY == set(ProblemCause)


def test_where_no_worker_ever_ran_the_late_text_is_explained_by_it(installation: Installation) -> None:
    late_text(installation)
    assert installation.causes() == [ProblemCause.WORKER_NEVER, ProblemCause.TEXTS_LATE]
    _, told = installation.look()
    assert "python -m worker" in told["findings"][0]["next"]
    assert "for the reason above" in told["findings"][1]["says"]


def test_the_demonstration_may_text_to_the_terminal(installation: Installation, alive: Connection) -> None:
    installation.settings.update(sms_gateway=SmsGateway.CONSOLE, public_url="http://localhost:8000")
    installation.change(ClinicRow, live_because=demo.BECAUSE)
    assert installation.causes() == []


def test_a_worker_that_goes_on_with_old_credentials_is_told_apart(
    installation: Installation, alive: Connection
) -> None:
    refused = NotAccepted(code="20003", account_rejected=True)
    with installation.sessions.begin() as session:
        carrier_service.record_results(session, account=ACCOUNT_SID, answers=[refused], now=datetime.now(UTC))
    _, told = installation.look()
    assert [one["cause"] for one in told["findings"] if one["broken"]] == [ProblemCause.CREDENTIALS]
    assert "restart the worker" in told["findings"][0]["next"]


def test_what_was_signed_and_cannot_be_read_is_told(installation: Installation, alive: Connection) -> None:
    unreadable(installation)
    assert installation.causes() == [ProblemCause.CONTENT_UNREADABLE]
    installation.change(ClinicRow, mode=ClinicMode.TRAINING)
    assert installation.causes() == []


def test_a_clinic_in_training_is_no_fault(installation: Installation, alive: Connection) -> None:
    installation.change(ClinicRow, mode=ClinicMode.TRAINING)
    code, told = installation.look()
    assert code == 0
    assert [one["cause"] for one in told["findings"]] == [ProblemCause.ONLY_TRAINING]


def test_texts_over_the_budget_are_advice(installation: Installation, alive: Connection) -> None:
    with installation.sessions.begin() as session:
        text_id = plan_text(
            session, clinic_id=installation.clinic.id, patient_id=None, template="staff_alert",
            due_at=datetime.now(UTC) + timedelta(hours=9),
        )  # fmt: skip
        session.get_one(Message, (installation.clinic.id, text_id)).reason = UnsentReason.BUDGET
    code, told = installation.look()
    assert code == 0
    assert ProblemCause.BUDGET_USED in [one["cause"] for one in told["findings"]]


def test_a_disk_that_fills_up_is_told_in_time(
    installation: Installation, alive: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The machine's answer is replaced: filling its disk would end more than this test.
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 40_000_000))
    assert installation.causes() == [ProblemCause.DISK_FULL]


def test_a_machine_on_which_nothing_was_started_says_how(tmp_path: Path, settings: Settings) -> None:
    told: list[str] = []
    there = settings.model_copy(update={"data_dir": tmp_path / "nowhere"})
    assert doctor.run(there, as_json=False, clock=lambda: datetime.now(UTC), say=told.append) == 1
    assert "manage.py up" in told[0]
    assert not (tmp_path / "nowhere").exists()


def test_the_command_follows_a_worker_through_its_life_on_one_screen(
    database: Endpoints, sessions: sessionmaker[Session], clinic: Clinic, tmp_path: Path
) -> None:
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(live_because=demo.BECAUSE))
    with Processes(database, folder=tmp_path) as processes:
        worker = processes.worker_at_work()
        assert processes.command("doctor", "--json") == {"healthy": True, "findings": []}
        worker.kill()
        with databases.connect(database.owner_url) as owner:
            owner.execute("UPDATE worker SET beat_at = beat_at - interval '5 minutes'")
        code, screen = processes.said_by_command("doctor")
    assert code == 1
    assert "No worker runs; the last was heard of" in screen
    assert "next: python -m worker" in screen
    assert len(screen.splitlines()) <= 24
    assert max(map(len, screen.splitlines())) <= 110
