"""Check-ins beside the plan: which stand, which are taken back, and which may get another moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.messaging import again_texts
from recovery.models.messaging.messages import Message
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_text

HOUR = timedelta(hours=1)
PLANNED, CANCELLED, EXPIRED = MessageState.PLANNED, MessageState.CANCELLED, MessageState.EXPIRED


def add(session: Session, treatment: Treatment, step: str, due_at: datetime, **values: Any) -> Message:
    filled = {"step": step, "asks_day": 5, "silence_at": due_at + HOUR} | values
    return add_text(session, treatment.clinic_id, due_at=due_at, treatment=treatment, **filled)


def test_the_check_ins_of_a_treatment_are_those_that_ask(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    beside = add(session, treatment, "again_1", now + HOUR)
    planned = add(session, treatment, "day5_link", now)
    add(session, treatment, "day0", now, asks_day=None)
    add(session, foreign_treatment, "day5_link", now)
    assert again_texts.list_check_ins(session, treatment.clinic_id, treatment.id) == [planned, beside]


def test_only_those_beside_the_plan_that_still_wait_are_taken_back(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    left = add(session, treatment, "again_1", now, state=MessageState.DELIVERED)
    waits = add(session, treatment, "again_2", now)
    others = [
        add(session, treatment, "day5_link", now),
        add(session, treatment, "againX1", now),
        add(session, foreign_treatment, "again_1", now),
    ]
    key = treatment.clinic_id, treatment.id
    again_texts.cancel_waiting(session, [key], reason=UnsentReason.FLAG_OPEN, now=now)
    session.expire_all()
    assert (waits.state, waits.reason, waits.settled_at) == (CANCELLED, UnsentReason.FLAG_OPEN, now)
    assert waits.silence_at is None
    assert left.state is MessageState.DELIVERED
    assert {other.state for other in others} == {PLANNED}


@pytest.mark.parametrize(
    ("state", "claimed", "moves"),
    [
        (PLANNED, False, True),
        (PLANNED, True, True),
        (CANCELLED, False, True),
        (EXPIRED, False, True),
        (CANCELLED, True, False),
        (MessageState.CLAIMED, True, False),
        (MessageState.DELIVERED, True, False),
    ],
)
def test_only_what_never_left_gets_another_moment(
    session: Session, treatment: Treatment, now: datetime, state: MessageState, claimed: bool, moves: bool
) -> None:
    row = add(
        session, treatment, "again_1", now, state=state, claimed_at=now if claimed else None,
        reason="a reason", settled_at=now,
    )  # fmt: skip
    later = Message(
        clinic_id=treatment.clinic_id,
        patient_id=treatment.patient_id,
        treatment_id=treatment.id,
        step="again_1",
        template="again_text",
        due_at=now + HOUR,
        useful_until=now + 9 * HOUR,
        asks_day=6,
        silence_at=now + 8 * HOUR,
    )
    again_texts.replan(session, later)
    session.expire_all()
    assert (row.state, row.due_at) == ((PLANNED, now + HOUR) if moves else (state, now))
    assert row.reason == (None if moves else "a reason")
    assert row.asks_day == (6 if moves else 5)
