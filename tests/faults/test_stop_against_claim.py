"""An opt-out races the worker: no text is claimed once the opt-out is committed.

`STOP_RACES` sets how many numbers are raced; the figure that is published is for 1,000.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.services.content.content import Content
from recovery.services.inbound import inbound_texts
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import InboundMessage
from tests.support.data.inbound_texting import sid
from tests.support.data.people import Clinic

RACES = int(os.environ.get("STOP_RACES", "40"))
AT_ONCE = 20

CLAIMED_LATE = text("""
    SELECT count(*) FILTER (
               WHERE pg_xact_commit_timestamp(message.xmin) > pg_xact_commit_timestamp(opt_out.xmin)
           ),
           count(*)
    FROM message JOIN opt_out ON opt_out.clinic_id = message.clinic_id AND opt_out.phone = message.to_phone
    WHERE message.state = 'claimed' AND message.template NOT LIKE 'stopped%'
""")
"""Texts leased after the opt-out, other than its own confirmation."""


@dataclass(frozen=True, kw_only=True)
class Race:
    """Two claiming workers, texts planned on and on, and one opt-out after the other."""

    sessions: sessionmaker[Session]
    content: Content
    phones: list[str]
    now: datetime
    over: threading.Event = field(default_factory=threading.Event)

    def claim(self) -> None:
        wording = RenderContext(content=self.content, links_at="https://a.example")
        while not self.over.is_set():
            with self.sessions.begin() as session:
                outbox.lease_due_texts(
                    session, wording=wording, worker_id=uuid4(), now=self.now, limit=AT_ONCE
                )

    def plan(self) -> None:
        """Commits each text on its own, so that some appear between an opt-out's sweep and its commit."""
        turn = 0
        while not self.over.is_set():
            turn += 1
            for phone in self.phones[turn % 3 :: 3]:
                with self.sessions.begin() as session:
                    plan_one(session, phone, step=f"race:{turn}", now=self.now)

    def stop(self) -> None:
        for phone in self.phones:
            with self.sessions.begin() as session:
                said = InboundMessage(carrier_id=sid(), sender=phone, body="STOP")
                inbound_texts.handle_text(session, text=said, content=self.content, now=self.now)
        self.over.wait(0.3)
        self.over.set()

    def run(self) -> None:
        with ThreadPoolExecutor(max_workers=4) as pool:
            acts = [self.claim, self.claim, self.plan, self.stop]
            for future in [pool.submit(self._guarded, act) for act in acts]:
                future.result()

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            self.over.set()


def plan_one(session: Session, phone: str, *, step: str, now: datetime) -> None:
    """A text to the number, due now."""
    (patient,) = patients.find_by_phone(session, phone)
    messages.insert_planned(
        session,
        Message(
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            step=step,
            template="help",
            due_at=now,
            useful_until=now + timedelta(hours=1),
            state=MessageState.PLANNED,
            created_at=now,
            replies_to_at=now,
        ),
    )


@pytest.mark.faults
def test_a_text_planned_while_stop_is_being_taken_is_not_claimed(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    """The opt-out's sweep has not seen the text, and the claim cannot see the opt-out yet."""
    phone = clinic.add_patient(now=now).phone
    wording = RenderContext(content=content, links_at="https://a.example")
    with sessions() as stopping, sessions() as claiming:
        said = InboundMessage(carrier_id=sid(), sender=phone, body="STOP")
        inbound_texts.handle_text(stopping, text=said, content=content, now=now)
        with sessions.begin() as planning:
            plan_one(planning, phone, step="late", now=now)
        taken = outbox.lease_due_texts(claiming, wording=wording, worker_id=uuid4(), now=now, limit=100)
        stopping.commit()
        claiming.commit()
        assert [outgoing.to for outgoing in taken] == []
        after = outbox.lease_due_texts(claiming, wording=wording, worker_id=uuid4(), now=now, limit=100)
        assert ["no more texts" in outgoing.body for outgoing in after] == [True]
        claiming.commit()
        late = claiming.scalars(select(Message).where(Message.step == "late")).one()
        assert late.state is MessageState.CANCELLED


@pytest.mark.faults
def test_nothing_is_claimed_after_stop_is_committed(
    database: Endpoints, clinic: Clinic, content: Content, now: datetime
) -> None:
    """The database says which transaction was committed first."""
    phones = [f"+1303555{place:04d}" for place in range(RACES)]
    for phone in phones:
        clinic.add_patient(now=now, phone=phone)
    # A clinic's budget for a day would end the later races before they began.
    with clinic.sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).texts_per_day = 1000 * RACES
    engine = create_engine(database.owner_url, pool_size=8)
    sessions = sessionmaker(engine, expire_on_commit=False)
    Race(sessions=sessions, content=content, phones=phones, now=now).run()
    with sessions() as session:
        late, claimed = session.execute(CLAIMED_LATE).one()
    engine.dispose()
    assert claimed > RACES, "too few texts were claimed for a race"
    assert late == 0
