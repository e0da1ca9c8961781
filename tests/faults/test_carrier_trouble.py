"""A carrier that reports before it answers, that is down, and texts that nobody could send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session, sessionmaker

from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.circuit_breaker import FAULTS_TO_OPEN
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN
from tests.support.carrier.twilio_faults import CarrierFault
from tests.support.data import texts
from tests.support.data.people import Clinic
from tests.support.machine.processes import Processes, eventually, said_by
from tests.support.storms.carrier import StormCarrier

pytestmark = pytest.mark.faults

DUE = 40
Start = Callable[..., "Stage"]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A carrier with its plan, and the processes that know it."""

    carrier: StormCarrier
    processes: Processes


@pytest.fixture
def stage(
    processes_on: Callable[..., Processes],
    database: Endpoints,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> Start:
    """Starts a carrier, and the web where it `reports`, with some texts due."""
    known = {
        "SMS_GATEWAY": "twilio", "TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_FROM": "+15005550006", "PUBLIC_URL": "https://c.example", "SMS_RATE": "200",
    }  # fmt: skip

    def start(*, reports: bool = False, **plan: object) -> Stage:
        texts.treated(clinic, now=now, patients=-(-DUE // 8))
        texts.leave_due(sessions, now=now, count=DUE)
        around = processes_on(database, **known)
        to = f"http://127.0.0.1:{around.web(workers=1).port}" if reports else None
        url = around.carrier(callback_base=to, **{"receipts_lost": 0.0 if reports else 1.0, **plan})
        return Stage(
            carrier=StormCarrier(url), processes=processes_on(database, TWILIO_API_BASE=url, **known)
        )

    return start


def test_receipts_before_our_own_commit_doubled_and_shuffled_all_find_their_text(
    stage: Start, sessions: sessionmaker[Session]
) -> None:
    """Each is posted while the worker still waits for the answer that it will commit."""
    scene = stage(
        reports=True, rates={CarrierFault.SLOW: 1.0}, slow_seconds=1.0, receipt_delay=0.0,
        receipts_shuffled=0.5, receipts_doubled=1.0, undelivered=0.3,
    )  # fmt: skip
    scene.processes.worker_at_work()
    eventually(lambda: scene.carrier.get("receipts") == {"204": 4 * DUE}, what="all receipts to be answered")
    eventually(lambda: texts.none_waits(sessions, now=datetime.now(UTC)), what="all texts to be settled")
    statuses = scene.carrier.get("statuses")
    assert len(statuses) == DUE
    assert {str(row.carrier_id): row.state.value for row in texts.all_rows(sessions)} == statuses


def test_a_carrier_that_is_down_is_left_alone_and_tried_with_one_text(
    stage: Start, sessions: sessionmaker[Session]
) -> None:
    scene = stage(rates={CarrierFault.UNAVAILABLE: 1.0})
    scene.processes.worker_at_work()

    def opened() -> bool:
        with sessions() as session:
            query = text("SELECT count(*) FROM carrier_circuit WHERE open_until IS NOT NULL")
            return session.scalar(query) == 1 and texts.count(sessions)[MessageState.PLANNED] == DUE

    eventually(opened, what="the circuit to open")
    asked = len(scene.carrier.get("asked"))
    assert FAULTS_TO_OPEN <= asked <= 2 * FAULTS_TO_OPEN
    _let_pass(sessions)
    eventually(lambda: len(scene.carrier.get("asked")) > asked, what="the probe")
    eventually(opened, what="the circuit to open again")
    assert len(scene.carrier.get("asked")) == asked + 1
    scene.carrier.calm(receipts_lost=1.0)
    _let_pass(sessions)
    eventually(lambda: texts.count(sessions) == {MessageState.ACCEPTED: DUE}, what="all texts to leave")
    assert len(scene.carrier.get("ledger")) == DUE


def _let_pass(sessions: sessionmaker[Session]) -> None:
    """The waits of the circuit and of the texts are over."""
    with sessions.begin() as session:
        session.execute(text("UPDATE carrier_circuit SET open_until = clock_timestamp()"))
        session.execute(text("UPDATE message SET due_at = clock_timestamp() WHERE state = 'planned'"))


def test_texts_that_nobody_could_send_keep_no_other_from_leaving(
    stage: Start, sessions: sessionmaker[Session]
) -> None:
    scene = stage()
    rows = texts.all_rows(sessions)
    nobody, nowhere = {row.patient_id for row in rows[:1]}, {row.patient_id for row in rows[-1:]}
    unworded = {row.id for row in rows[15:18]}
    with sessions.begin() as session:
        people = update(PatientRow)
        session.execute(people.where(PatientRow.id.in_(nobody)).values(phone="+0"))
        session.execute(people.where(PatientRow.id.in_(nowhere)).values(time_zone="Atlantis/Harbour"))
        session.execute(update(Message).where(Message.id.in_(unworded)).values(template="no such wording"))
    worker = scene.processes.worker_at_work()
    later = datetime.now(UTC) + timedelta(hours=1)
    eventually(lambda: texts.none_waits(sessions, now=later), what="every text to be decided")
    assert "worker started" in said_by(worker)
    for row in texts.all_rows(sessions):
        if row.id in unworded or row.patient_id in nowhere:
            assert row.state is MessageState.QUARANTINED, row.reason
        elif row.patient_id in nobody:
            assert (row.state, row.reason) == (MessageState.FAILED, "invalid_number")
        else:
            assert row.state is MessageState.ACCEPTED, row.reason
