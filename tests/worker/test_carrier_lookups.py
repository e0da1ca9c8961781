"""Doubts and unfinished texts looked up at the carrier, many in one tick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, update
from sqlalchemy.orm import Session, sessionmaker

from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unconfirmed_sends import Evidence
from recovery.models.messaging.messages import Message
from recovery.services.content.content import Content
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.twilio_gateway import TwilioGateway
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.support.carrier.twilio_faults import Plan
from tests.support.data import texts
from tests.support.data.people import Clinic
from worker import carrier_lookups, ticks
from worker.context import LookupDelays, WorkerContext

DUE = 100
PASSED = timedelta(minutes=20)


@pytest.fixture
def carrier() -> Iterator[FakeTwilio]:
    with FakeTwilio(plan=Plan(receipts_lost=1.0)) as fake:
        yield fake


@pytest.fixture
def engine(database: Endpoints) -> Iterator[Engine]:
    made = create_engine(database.worker_url)
    yield made
    made.dispose()


@pytest.fixture
def duties(engine: Engine, content: Content, carrier: FakeTwilio) -> Iterator[WorkerContext]:
    gateway = TwilioGateway(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        from_number="+15005550006",
        receipts_url="https://c.example/r",
        api_base=carrier.url,
    )
    yield WorkerContext(
        sessions=sessionmaker(engine, expire_on_commit=False),
        gateway=gateway,
        ledger=gateway,
        account="test",
        wording=RenderContext(content=content, links_at="https://c.example"),
        worker_id=uuid4(),
        rate=50,
        waits=LookupDelays(),
    )
    gateway.close()


@pytest.fixture
def long_ago(
    clinic: Clinic, sessions: sessionmaker[Session], carrier: FakeTwilio, now: datetime
) -> list[Message]:
    """Texts in doubt since twenty minutes ago, of which the carrier has every other one."""
    texts.treated(clinic, now=now, patients=-(-DUE // 8))
    texts.leave_due(sessions, now=now, count=DUE)
    for number, row in enumerate(texts.all_rows(sessions)):
        told = {
            "state": MessageState.IN_DOUBT,
            "reference": f"{number:022d}",
            "to_phone": "+12025550123",
            "body": f"text {number}",
            "claimed_at": now - PASSED,
            "settled_at": now - PASSED,
            "attempts": 1,
        }
        with sessions.begin() as session:
            session.execute(update(Message).where(Message.id == row.id).values(told))
        if number % 2:
            carrier.take({"To": "+12025550123", "Body": f"text {number}", "From": "+15005550006"})
    return list(texts.all_rows(sessions))


def test_one_tick_looks_at_every_doubt_side_by_side(
    long_ago: list[Message], duties: WorkerContext, sessions: sessionmaker[Session], carrier: FakeTwilio
) -> None:
    assert carrier.callbacks.wait_idle()
    assert ticks.settle_unconfirmed(duties) == DUE > 2 * carrier_lookups.BATCH
    found = [row for row in texts.all_rows(sessions) if row.state is not MessageState.IN_DOUBT]
    assert {row.evidence for row in found} == {Evidence.LISTING}
    assert {row.state for row in found} == {MessageState.DELIVERED}
    assert {row.carrier_id for row in found} == {message.sid for message in carrier.ledger}
    left = [row for row in texts.all_rows(sessions) if row.state is MessageState.IN_DOUBT]
    assert {row.looks for row in left} == {1}
    assert ticks.settle_unconfirmed(duties) == 0, "the second look comes later"
    assert carrier.connections <= 1 + carrier_lookups.AT_ONCE


def test_records_that_cannot_be_read_are_left_alone_for_a_while(
    long_ago: list[Message], duties: WorkerContext, sessions: sessionmaker[Session], carrier: FakeTwilio
) -> None:
    carrier.plan = Plan(lookup_errors=1.0)
    asked = ticks.settle_unconfirmed(duties)
    assert (
        carrier_lookups.FAILURES_TO_STOP <= asked < carrier_lookups.FAILURES_TO_STOP + carrier_lookups.AT_ONCE
    )
    assert len(carrier.requests) == asked
    assert {row.state for row in texts.all_rows(sessions)} == {MessageState.IN_DOUBT}
    assert {row.looks for row in texts.all_rows(sessions)} == {0}


def test_one_tick_follows_every_text_whose_receipts_got_lost(
    long_ago: list[Message], duties: WorkerContext, sessions: sessionmaker[Session], carrier: FakeTwilio
) -> None:
    assert carrier.callbacks.wait_idle()
    sids = {message.body: message.sid for message in carrier.ledger}
    with sessions.begin() as session:
        for row in long_ago:
            sid = sids.get(str(row.body), f"SM{row.reference:f>32}")
            known = {"state": MessageState.ACCEPTED, "carrier_id": sid}
            session.execute(update(Message).where(Message.id == row.id).values(known))
    assert ticks.recover_receipts(duties) == DUE
    states = texts.count(sessions)
    assert states == {MessageState.DELIVERED: DUE // 2, MessageState.ACCEPTED: DUE // 2}
