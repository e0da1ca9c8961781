"""Doubts judged by what the carrier's records showed, on rows as they stand in the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unconfirmed_sends import REPEAT_AFTER, Evidence
from recovery.models.messaging.messages import Message
from recovery.services.messaging import outbox, unconfirmed_sends
from recovery.services.messaging.outbox import RenderContext
from recovery.services.messaging.unconfirmed_sends import LookupResult, UnconfirmedText
from recovery.sms.gateway_interface import CarrierRecord, CarrierStatus, Unconfirmed
from tests.support.data.people import Patient

QUIET = timedelta(minutes=10)
WAIT = timedelta(minutes=1)
SID = "SM" + "0" * 32
Doubted = Callable[..., Message]


class Records:
    """Takes doubts as a worker does, and judges them by what a test says the records show."""

    def __init__(self, sessions: sessionmaker[Session], wording: RenderContext) -> None:
        self._sessions = sessions
        self._wording = wording

    def take(self, *, at: datetime) -> list[UnconfirmedText]:
        with self._sessions.begin() as session:
            return unconfirmed_sends.lease_unconfirmed(session, now=at, quiet=QUIET, limit=100)

    def settle(
        self, taken: Sequence[UnconfirmedText], sightings: Sequence[CarrierRecord] | None, *, at: datetime
    ) -> None:
        found = [LookupResult(text=one, records=sightings) for one in taken]
        with self._sessions.begin() as session:
            unconfirmed_sends.settle_unconfirmed(
                session, found=found, wording=self._wording, wait=WAIT, now=at
            )

    def look(self, sightings: Sequence[CarrierRecord] | None, *, at: datetime) -> None:
        self.settle(self.take(at=at), sightings, at=at)


@pytest.fixture
def records(sessions: sessionmaker[Session], wording: RenderContext) -> Records:
    return Records(sessions, wording)


@pytest.fixture
def doubted(
    plan: Callable[..., UUID],
    patient: Patient,
    sessions: sessionmaker[Session],
    wording: RenderContext,
    now: datetime,
) -> Doubted:
    """Claims a text and leaves it in doubt."""

    def made(template: str = "seen") -> Message:
        text = plan(template, to=patient, step=str(uuid4()), useful_for=timedelta(hours=6), by="5 pm")
        with sessions.begin() as session:
            (outgoing,) = outbox.lease_due_texts(
                session, wording=wording, worker_id=uuid4(), now=now, limit=1
            )
        with sessions.begin() as session:
            outbox.record_results(session, answers={outgoing.reference: Unconfirmed(code="timeout")}, now=now)
        return standing(sessions, text)

    return made


def standing(sessions: sessionmaker[Session], text: UUID) -> Message:
    with sessions() as session:
        return session.query(Message).filter_by(id=text).one()


def sighting(row: Message, *, sid: str = SID, status: CarrierStatus = CarrierStatus.SENT) -> CarrierRecord:
    assert row.to_phone is not None
    assert row.body is not None
    assert row.claimed_at is not None
    return CarrierRecord(
        carrier_id=sid, to=row.to_phone, body=row.body, created_at=row.claimed_at, status=status
    )


def test_nobody_looks_before_the_quiet_time_is_over(
    doubted: Doubted, records: Records, now: datetime
) -> None:
    doubted()
    assert records.take(at=now + QUIET - timedelta(seconds=1)) == []
    assert len(records.take(at=now + QUIET)) == 1
    assert records.take(at=now + QUIET) == [], "another worker has it"


def test_records_that_show_it_settle_it(
    doubted: Doubted, records: Records, sessions: sessionmaker[Session], now: datetime
) -> None:
    row = doubted()
    records.look([sighting(row, status=CarrierStatus.DELIVERED)], at=now + QUIET)
    row = standing(sessions, row.id)
    assert (row.state, row.carrier_id, row.evidence) == (MessageState.DELIVERED, SID, Evidence.LISTING)


def test_a_record_of_another_text_proves_nothing(
    doubted: Doubted, records: Records, sessions: sessionmaker[Session], now: datetime
) -> None:
    first, second = doubted(), doubted()
    taken = {one.outgoing.reference: one for one in records.take(at=now + QUIET)}
    seen = [sighting(first)]
    records.settle([taken[str(first.reference)]], seen, at=now + QUIET)
    records.settle([taken[str(second.reference)]], seen, at=now + QUIET)
    assert standing(sessions, first.id).state is MessageState.SENT
    row = standing(sessions, second.id)
    assert (row.state, row.looks, row.carrier_id) == (MessageState.IN_DOUBT, 1, None)


def test_two_looks_at_a_distance_send_it_again(
    doubted: Doubted, records: Records, sessions: sessionmaker[Session], now: datetime
) -> None:
    row = doubted("flag_same_day")
    records.look([], at=now + QUIET)
    assert records.take(at=now + QUIET + WAIT - timedelta(seconds=1)) == []
    records.look([], at=now + QUIET + WAIT)
    row = standing(sessions, row.id)
    assert (row.state, row.evidence, row.due_at) == (
        MessageState.PLANNED, Evidence.ABSENCE, now + QUIET + WAIT,
    )  # fmt: skip


def test_a_look_whose_lease_has_passed_on_proves_no_absence_but_shows_what_is_there(
    doubted: Doubted, records: Records, sessions: sessionmaker[Session], now: datetime
) -> None:
    row = doubted()
    late = records.take(at=now + QUIET)
    later = now + QUIET + unconfirmed_sends.LEASE
    current = records.take(at=later)
    records.settle(late, [], at=later)
    assert standing(sessions, row.id).looks == 0
    records.settle(current, [], at=later)
    assert standing(sessions, row.id).looks == 1
    records.settle(late, [sighting(row)], at=later)
    assert standing(sessions, row.id).state is MessageState.SENT


@pytest.mark.parametrize(
    ("template", "then"), [("seen", MessageState.IN_DOUBT), ("flag_same_day", MessageState.PLANNED)]
)
def test_while_the_records_cannot_be_read_only_a_safety_text_goes_once_more(
    template: str, then: MessageState, doubted: Doubted, records: Records,
    sessions: sessionmaker[Session], wording: RenderContext, now: datetime,
) -> None:  # fmt: skip
    row = doubted(template)
    records.look(None, at=now + QUIET)
    assert standing(sessions, row.id).state is MessageState.IN_DOUBT
    again = now + REPEAT_AFTER
    records.look(None, at=again)
    assert standing(sessions, row.id).state is then
    if then is MessageState.IN_DOUBT:
        return
    with sessions.begin() as session:
        (outgoing,) = outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=again, limit=1)
    with sessions.begin() as session:
        outbox.record_results(session, answers={outgoing.reference: Unconfirmed(code="timeout")}, now=again)
    records.look(None, at=again + REPEAT_AFTER)
    assert standing(sessions, row.id).state is MessageState.IN_DOUBT
