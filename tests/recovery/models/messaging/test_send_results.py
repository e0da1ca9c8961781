from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging import send_results
from recovery.models.messaging.messages import Message
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_text

WAIT = timedelta(minutes=5)


@pytest.fixture
def submitted(session: Session, treatment: Treatment, now: datetime) -> list[Message]:
    """Three texts in a worker's hands; the carrier knows the last of them already."""
    return [
        add_text(
            session,
            treatment.clinic_id,
            due_at=now,
            treatment=treatment,
            state=MessageState.CLAIMED,
            reference=f"ref-{number}",
            worker_id=uuid4(),
            claimed_at=now,
            attempts=number,
            carrier_id=carrier_id,
        )
        for number, carrier_id in ((1, None), (2, None), (3, "SM3"))
    ]


def test_texts_are_read_by_reference_in_one_order_with_who_holds_the_carrier_s_id(
    session: Session, submitted: list[Message]
) -> None:
    answered = {"ref-3": "SM3", "ref-2": "SM3", "unknown": "SM9", "ref-1": None}
    rows = send_results.list_submitted_for_update(session, answered)
    assert [row.id for row in rows] == sorted(message.id for message in submitted)
    by_reference = {row.reference: row for row in rows}
    assert {reference: row.holder for reference, row in by_reference.items()} == {
        "ref-1": None,
        "ref-2": submitted[2].id,
        "ref-3": submitted[2].id,
    }
    first = by_reference["ref-1"]
    for name in set(first._fields) - {"holder"}:
        assert getattr(first, name) == getattr(submitted[0], name), name


def test_no_reference_finds_no_text(session: Session, submitted: list[Message]) -> None:
    assert send_results.list_submitted_for_update(session, {}) == []
    send_results.write_results(session, [])
    assert [message.state for message in submitted] == [MessageState.CLAIMED] * 3


def test_results_are_written_text_by_text_and_nothing_else_is_touched(
    session: Session, submitted: list[Message], now: datetime
) -> None:
    first, second, third = submitted
    rows = send_results.list_submitted_for_update(session, {"ref-1": "SM1", "ref-2": None})
    results: dict[str, dict[str, Any]] = {
        "ref-1": {
            "state": MessageState.ACCEPTED.value,
            "carrier_id": "SM1",
            "evidence": "answer",
            "settled_at": now,
        },
        "ref-2": {
            "state": MessageState.PLANNED.value,
            "reason": "busy",
            "attempts": 4,
            "due_at": now + WAIT,
        },
    }
    send_results.write_results(session, [row._replace(**results[row.reference]) for row in rows])
    session.expire_all()
    assert (first.state, first.carrier_id, first.evidence) == (MessageState.ACCEPTED, "SM1", "answer")
    assert (first.settled_at, first.due_at, first.reason, first.attempts) == (now, now, None, 1)
    assert (second.state, second.reason, second.attempts) == (MessageState.PLANNED, "busy", 4)
    assert (second.due_at, second.carrier_id, second.settled_at) == (now + WAIT, None, None)
    assert (third.state, third.attempts, third.carrier_id) == (MessageState.CLAIMED, 3, "SM3")
    assert (first.reference, first.claimed_at) == ("ref-1", now)
