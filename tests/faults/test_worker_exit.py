"""How a worker's life can end, at chosen points of a hand-over to a carrier of its own process."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, select
from sqlalchemy.orm import Session, sessionmaker

from operations import worker_registry
from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.operations.workers import Worker
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN
from tests.support.carrier.twilio_faults import CarrierFault
from tests.support.data import texts
from tests.support.data.people import Clinic
from tests.support.machine.processes import Processes, eventually

pytestmark = pytest.mark.faults

PUBLIC_URL = "https://c.example"
Start = Callable[..., "Stage"]


class Stage:
    """A carrier and workers that send through it, with some texts due."""

    def __init__(self, processes: Processes, *, carrier: str) -> None:
        self.processes = processes
        self._carrier = carrier

    def ledger(self) -> list[dict[str, Any]]:
        """What the carrier took, in order."""
        with urllib.request.urlopen(f"{self._carrier}/control/ledger", timeout=10) as answer:
            taken: list[dict[str, Any]] = json.loads(answer.read())
            return taken

    def recover(self) -> None:
        """From here on the carrier answers at once."""
        plan = json.dumps({"receipts_lost": 1.0}).encode()
        request = urllib.request.Request(f"{self._carrier}/control/plan", data=plan, method="PUT")
        urllib.request.urlopen(request, timeout=10).close()


@pytest.fixture
def stage(
    processes_on: Callable[..., Processes],
    database: Endpoints,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> Start:
    """Starts the stage: how many texts are due, and the carrier's plan."""

    def start(*, due: int, callback_base: str | None = None, **plan: object) -> Stage:
        with sessions.begin() as session:
            session.execute(delete(Message))
        texts.treated(clinic, now=now, patients=-(-due // 9))
        texts.leave_due(sessions, now=now, count=due)
        carrying = processes_on(database)
        carrier = carrying.carrier(callback_base=callback_base, **{"receipts_lost": 1.0, **plan})
        return Stage(
            processes_on(
                database,
                SMS_GATEWAY="twilio",
                TWILIO_ACCOUNT_SID=ACCOUNT_SID,
                TWILIO_AUTH_TOKEN=AUTH_TOKEN,
                TWILIO_FROM="+15005550006",
                TWILIO_API_BASE=carrier,
                PUBLIC_URL=PUBLIC_URL,
                SMS_RATE="20",
            ),
            carrier=carrier,
        )

    return start


def states(sessions: sessionmaker[Session]) -> dict[str, int]:
    return {state.value: number for state, number in sorted(texts.count(sessions).items())}


def test_killed_while_the_carrier_has_the_text_and_has_not_answered(
    stage: Start, sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    scene = stage(due=3, rates={CarrierFault.SLOW: 1.0}, slow_seconds=30.0)
    worker = scene.processes.worker_at_work()
    eventually(lambda: len(scene.ledger()) == 3, what="the carrier to take the texts")
    worker.kill()
    assert states(sessions) == {"claimed": 3}

    second = scene.processes.worker_at_work()
    eventually(lambda: states(sessions) == {"in_doubt": 3}, what="the second worker to bury the first")
    scene.recover()
    clinic.add_patient(now=now, hours_ago=0, time_zone=texts.zone_at_noon(now))
    eventually(lambda: states(sessions).get("accepted") == 1, what="the second worker to send another text")
    second.send(signal.SIGTERM)
    assert second.wait() == 0
    assert len(scene.ledger()) == 3 + 1
    status = scene.processes.command("worker", "status")
    assert status["texts"]["in_doubt"] == len(status["in_doubt"]) == 3
    assert {one["why"] for one in status["in_doubt"]} == {worker_registry.WORKER_DIED}
    assert status["workers"] == []


def test_killed_before_the_carrier_takes_the_text_it_is_not_sent_again_either(
    stage: Start, sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    scene = stage(due=1, rates={CarrierFault.LATE: 1.0}, slow_seconds=1.0)
    worker = scene.processes.worker_at_work()
    eventually(lambda: states(sessions) == {"claimed": 1}, what="the claim")
    worker.kill()
    scene.recover()
    scene.processes.worker_at_work()
    eventually(lambda: states(sessions) == {"in_doubt": 1}, what="the second worker to bury the first")
    clinic.add_patient(now=now, hours_ago=0, time_zone=texts.zone_at_noon(now))
    eventually(lambda: states(sessions).get("accepted") == 1, what="the second worker to send another text")
    assert states(sessions)["in_doubt"] == 1
    assert len(scene.ledger()) <= 1 + 1


def test_told_to_stop_while_sending_it_ends_what_it_began_and_gives_back_the_rest(
    stage: Start, sessions: sessionmaker[Session]
) -> None:
    scene = stage(due=20, rates={CarrierFault.SLOW: 1.0}, slow_seconds=1.0)
    worker = scene.processes.worker_at_work()
    eventually(lambda: len(scene.ledger()) >= 1, what="the first texts to be in flight")
    worker.send(signal.SIGTERM)
    assert worker.wait() == 0
    taken = len(scene.ledger())
    assert 1 <= taken < 20
    assert states(sessions) == {"accepted": taken, "planned": 20 - taken}
    assert {row.attempts for row in texts.all_rows(sessions) if row.state is MessageState.PLANNED} == {0}
    with sessions() as session:
        (row,) = session.scalars(select(Worker))
        assert row.stopped_at is not None


def test_a_paused_worker_is_not_taken_for_dead(
    stage: Start, sessions: sessionmaker[Session], database: Endpoints, now: datetime
) -> None:
    scene = stage(due=2, rates={CarrierFault.SLOW: 1.0}, slow_seconds=1.0)
    worker = scene.processes.worker_at_work()
    eventually(lambda: len(scene.ledger()) == 2, what="the carrier to take the texts")
    worker.send(signal.SIGSTOP)
    engine = create_engine(database.worker_url)
    with Session(engine) as session, session.begin():
        assert worker_registry.recover_from_dead(session, now=now) == 0
        assert [one.alive for one in worker_registry.list_statuses(session)] == [True]
    engine.dispose()
    assert states(sessions) == {"claimed": 2}
    worker.send(signal.SIGCONT)
    eventually(lambda: states(sessions) == {"accepted": 2}, what="the woken worker to settle")
    assert len(scene.ledger()) == 2


def test_a_receipt_settles_the_doubt_a_killed_worker_left(
    stage: Start,
    sessions: sessionmaker[Session],
    processes_on: Callable[..., Processes],
    database: Endpoints,
) -> None:
    web = processes_on(
        database, PUBLIC_URL=PUBLIC_URL, SMS_GATEWAY="twilio", TWILIO_ACCOUNT_SID=ACCOUNT_SID,
        TWILIO_AUTH_TOKEN=AUTH_TOKEN, TWILIO_FROM="+15005550006",
    ).web(workers=1)  # fmt: skip
    scene = stage(
        due=2,
        callback_base=f"http://127.0.0.1:{web.port}",
        rates={CarrierFault.SLOW: 1.0},
        slow_seconds=30.0,
        receipts_lost=0.0,
        receipt_delay=3.0,
    )
    worker = scene.processes.worker_at_work()
    eventually(lambda: len(scene.ledger()) == 2, what="the carrier to take the texts")
    worker.kill()
    scene.processes.worker_at_work()
    eventually(lambda: states(sessions) == {"delivered": 2}, what="the receipts")
    assert len(scene.ledger()) == 2
    assert {row.carrier_id for row in texts.all_rows(sessions)} == {one["sid"] for one in scene.ledger()}
