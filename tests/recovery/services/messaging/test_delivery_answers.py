"""What the carrier answers and reports, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging import text_lifecycle as life
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.services.content.content import Content
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import (
    Accepted,
    Answer,
    CarrierStatus,
    NotAccepted,
    OutgoingText,
    Receipt,
    Rejected,
    Unconfirmed,
)
from tests.support.data.people import Patient

Plan = Callable[..., UUID]
Claim = Callable[..., OutgoingText]
SID = "SM" + "0" * 32
OTHER_SID = "SM" + "1" * 32
STATES = {
    CarrierStatus.SENT: MessageState.SENT,
    CarrierStatus.DELIVERED: MessageState.DELIVERED,
    CarrierStatus.UNDELIVERED: MessageState.UNDELIVERED,
}


@pytest.fixture
def wording(content: Content) -> RenderContext:
    """No limit of texts a day: these tests send one patient many."""
    limits = replace(content.schedule.limits, identical_per_day=1000)
    roomy = replace(content, schedule=replace(content.schedule, limits=limits))
    return RenderContext(content=roomy, links_at="https://c.example")


@pytest.fixture
def claim_one(
    plan: Plan, patient: Patient, sessions: sessionmaker[Session], wording: RenderContext, now: datetime
) -> Claim:
    """Plans a text, unless one waits, and claims it."""

    def claimed(*, at: datetime = now, again: bool = False) -> OutgoingText:
        if not again:
            plan("seen", to=patient, step=str(uuid4()), useful_for=timedelta(days=1))
        with sessions.begin() as session:
            (outgoing,) = outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=at, limit=1)
            return outgoing

    return claimed


@pytest.fixture
def settle(sessions: sessionmaker[Session], now: datetime) -> Callable[..., Message]:
    """Settles and commits; the row after it."""

    def settled(outgoing: OutgoingText, answer: Answer, *, at: datetime = now) -> Message:
        with sessions.begin() as session:
            outbox.record_results(session, answers={outgoing.reference: answer}, now=at)
        return row_of(sessions, outgoing)

    return settled


def row_of(sessions: sessionmaker[Session], outgoing: OutgoingText) -> Message:
    with sessions() as session:
        return session.query(Message).filter_by(reference=outgoing.reference).one()


def receive(
    sessions: sessionmaker[Session],
    outgoing: OutgoingText,
    status: CarrierStatus,
    *,
    now: datetime,
    carrier_id: str = SID,
) -> bool:
    with sessions.begin() as session:
        receipt = Receipt(reference=outgoing.reference, carrier_id=carrier_id, status=status)
        return outbox.record_receipt(session, receipt=receipt, now=now)


def test_accepted_keeps_the_carrier_s_id(
    claim_one: Claim, settle: Callable[..., Message], now: datetime
) -> None:
    row = settle(claim_one(), Accepted(carrier_id=SID))
    assert (row.state, row.carrier_id, row.settled_at) == (MessageState.ACCEPTED, SID, now)


def test_refused_is_final_and_says_why(claim_one: Claim, settle: Callable[..., Message]) -> None:
    row = settle(claim_one(), Rejected(code="21211"))
    assert (row.state, row.reason) == (MessageState.FAILED, "21211")


def test_a_number_the_carrier_says_opted_out_is_opted_out_here(
    claim_one: Claim, settle: Callable[..., Message], patient: Patient,
    sessions: sessionmaker[Session], plan: Plan, wording: RenderContext, now: datetime,
) -> None:  # fmt: skip
    settle(claim_one(), Rejected(code="21610", opted_out=True))
    with sessions() as session:
        assert [(one.phone, one.how) for one in session.query(OptOut)] == [(patient.phone, "carrier")]
    plan("emergency", to=patient)
    with sessions.begin() as session:
        assert outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=now, limit=9) == []


def test_in_doubt_is_not_due_again(
    claim_one: Claim, settle: Callable[..., Message], sessions: sessionmaker[Session],
    wording: RenderContext, now: datetime,
) -> None:  # fmt: skip
    row = settle(claim_one(), Unconfirmed(code="timeout"))
    assert (row.state, row.reason) == (MessageState.IN_DOUBT, "timeout")
    with sessions.begin() as session:
        later = now + timedelta(hours=1)
        assert outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=later, limit=9) == []


def test_try_later_obeys_the_carrier_s_wait(
    claim_one: Claim, settle: Callable[..., Message], now: datetime
) -> None:
    row = settle(claim_one(), NotAccepted(code="20429", retry_after=timedelta(minutes=7)))
    assert (row.state, row.reason, row.attempts) == (MessageState.PLANNED, "20429", 1)
    assert row.due_at == now + timedelta(minutes=7)


def test_try_later_without_a_wait_backs_off(
    claim_one: Claim, settle: Callable[..., Message], now: datetime
) -> None:
    row = settle(claim_one(), NotAccepted(code="never_connected"))
    assert timedelta(seconds=2.5) <= row.due_at - now <= timedelta(seconds=5)


@pytest.mark.parametrize("buried", [False, True])
def test_a_text_not_taken_is_tried_until_its_use_has_passed(
    buried: bool, claim_one: Claim, settle: Callable[..., Message], sessions: sessionmaker[Session],
    now: datetime,
) -> None:  # fmt: skip
    at, useful_until, outgoing = now, now, claim_one()
    for _ in range(2 * life.MAX_ATTEMPTS):
        if buried:
            # Its worker was taken for dead; what it knows for certain still counts.
            settle(outgoing, Unconfirmed(code="buried"), at=at)
        row = settle(outgoing, NotAccepted(code="20429"), at=at)
        if row.state is MessageState.EXPIRED:
            break
        assert row.state is MessageState.PLANNED
        assert at < row.due_at < row.useful_until
        at, useful_until = row.due_at, row.useful_until
        outgoing = claim_one(at=at, again=True)
    else:
        last = useful_until - timedelta(seconds=1)
        row = settle(outgoing, NotAccepted(code="20429"), at=last)
    assert row.state is MessageState.EXPIRED
    assert row.reason is not None
    assert "20429" in row.reason


def test_a_text_that_breaks_its_hand_over_is_put_aside_after_five(
    claim_one: Claim, settle: Callable[..., Message], sessions: sessionmaker[Session], now: datetime
) -> None:
    outgoing = claim_one()
    with sessions.begin() as session:
        row = messages.get_for_update(session, outgoing.reference)
        assert row is not None
        row.attempts = life.MAX_ATTEMPTS - 1
    assert settle(outgoing, Unconfirmed(code=outbox.CRASHED)).state is MessageState.IN_DOUBT
    with sessions.begin() as session:
        row = messages.get_for_update(session, outgoing.reference)
        assert row is not None
        row.attempts, row.state = life.MAX_ATTEMPTS, MessageState.CLAIMED
    assert settle(outgoing, Unconfirmed(code=outbox.CRASHED)).state is MessageState.QUARANTINED


@pytest.mark.parametrize("doubted", [False, True])
def test_a_text_given_back_is_due_again_as_if_never_claimed(
    doubted: bool, claim_one: Claim, settle: Callable[..., Message],
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    outgoing = claim_one()
    if doubted:
        # Only the worker that held it gives a text back: it knows that it never left.
        settle(outgoing, Unconfirmed(code="buried meanwhile"))
    with sessions.begin() as session:
        outbox.return_unsent(session, references=[outgoing.reference, "unknown"], now=now)
    row = row_of(sessions, outgoing)
    assert (row.state, row.attempts) == (MessageState.PLANNED, 0)
    again = claim_one(again=True)
    assert again.reference != outgoing.reference


def test_a_text_that_left_is_not_given_back(
    claim_one: Claim, settle: Callable[..., Message], sessions: sessionmaker[Session], now: datetime
) -> None:
    outgoing = claim_one()
    settle(outgoing, Accepted(carrier_id=SID))
    with sessions.begin() as session:
        outbox.return_unsent(session, references=[outgoing.reference], now=now)
    assert row_of(sessions, outgoing).state is MessageState.ACCEPTED
    assert row_of(sessions, outgoing).attempts == 1


@pytest.mark.parametrize("last", [CarrierStatus.DELIVERED, CarrierStatus.UNDELIVERED])
def test_settling_and_receipts_in_any_order_only_move_forward(
    last: CarrierStatus, claim_one: Claim, settle: Callable[..., Message],
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    events: list[CarrierStatus | None] = [None, CarrierStatus.QUEUED, CarrierStatus.SENT, last, last]
    for number, order in enumerate(set(permutations(events))):
        outgoing, sid = claim_one(), f"SM{number:032x}"
        for event in order:
            before = row_of(sessions, outgoing).state
            if event is None:
                settle(outgoing, Accepted(carrier_id=sid))
            else:
                assert receive(sessions, outgoing, event, now=now, carrier_id=sid)
            after = row_of(sessions, outgoing).state
            assert after is before or life.is_legal_move(now=before, then=after)
        row = row_of(sessions, outgoing)
        assert (row.state, row.carrier_id) == (STATES[last], sid), order


def test_the_first_final_receipt_stands(
    claim_one: Claim, sessions: sessionmaker[Session], now: datetime
) -> None:
    outgoing = claim_one()
    receive(sessions, outgoing, CarrierStatus.UNDELIVERED, now=now)
    receive(sessions, outgoing, CarrierStatus.DELIVERED, now=now)
    assert row_of(sessions, outgoing).state is MessageState.UNDELIVERED


@pytest.mark.parametrize(
    "answer", [Unconfirmed(code="timeout"), NotAccepted(code="20429"), Rejected(code="1")]
)
def test_a_receipt_that_came_first_outweighs_the_answer(
    answer: Answer, claim_one: Claim, settle: Callable[..., Message],
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    outgoing = claim_one()
    receive(sessions, outgoing, CarrierStatus.DELIVERED, now=now)
    assert settle(outgoing, answer).state is MessageState.DELIVERED


def test_a_receipt_settles_doubt(
    claim_one: Claim, settle: Callable[..., Message], sessions: sessionmaker[Session], now: datetime
) -> None:
    outgoing = claim_one()
    settle(outgoing, Unconfirmed(code="timeout"))
    assert receive(sessions, outgoing, CarrierStatus.SENT, now=now)
    row = row_of(sessions, outgoing)
    assert (row.state, row.carrier_id) == (MessageState.SENT, SID)


def test_a_receipt_for_an_unknown_reference_changes_nothing(
    claim_one: Claim, sessions: sessionmaker[Session], now: datetime
) -> None:
    outgoing = claim_one()
    with sessions.begin() as session:
        receipt = Receipt(reference="x" * 22, carrier_id=SID, status=CarrierStatus.DELIVERED)
        assert not outbox.record_receipt(session, receipt=receipt, now=now)
    assert row_of(sessions, outgoing).state is MessageState.CLAIMED


def test_a_receipt_under_an_id_that_is_not_the_text_s_own_changes_nothing(
    claim_one: Claim, settle: Callable[..., Message], sessions: sessionmaker[Session], now: datetime
) -> None:
    first, second = claim_one(), claim_one()
    settle(first, Accepted(carrier_id=SID))
    assert not receive(sessions, first, CarrierStatus.DELIVERED, now=now, carrier_id=OTHER_SID)
    assert row_of(sessions, first).state is MessageState.ACCEPTED
    assert not receive(sessions, second, CarrierStatus.DELIVERED, now=now, carrier_id=SID)
    assert row_of(sessions, second).state is MessageState.CLAIMED
    row = settle(second, Accepted(carrier_id=SID))
    assert (row.state, row.carrier_id) == (MessageState.ACCEPTED, None)
