"""What a carrier's answers do to the circuit of its account, read and written for all workers; how many texts
it lets through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.messaging import circuit_breaker
from recovery.domain.messaging.circuit_breaker import CallOutcome
from recovery.models.messaging import circuit_breakers
from recovery.sms.gateway_interface import Accepted, Answer, NotAccepted, Rejected, Unconfirmed

THROTTLING = frozenset({"20429", "http_429", "429"})
"""The carrier works, but wants less at a time."""


def allowed_sends(session: Session, *, account: str, wanted: int, now: datetime) -> int:
    """How many texts may be claimed for this account now."""
    return circuit_breaker.allowed_sends(
        circuit_breakers.get_circuit(session, account), wanted=wanted, now=now
    )


def is_healthy(session: Session, *, account: str) -> bool:
    """Whether no fault is recorded for this account, so that a success need not be written."""
    return circuit_breakers.get_circuit(session, account).faults == 0


def record_results(session: Session, *, account: str, answers: Sequence[Answer], now: datetime) -> None:
    """Update the circuit from these answers, in their order; nothing is written while all is well."""
    all_well = all(classify_result(answer) is CallOutcome.WORKED for answer in answers)
    if all_well and circuit_breakers.get_circuit(session, account).faults == 0:
        return
    row = circuit_breakers.get_for_update(session, account)
    state = row.to_circuit()
    for answer in answers:
        asked = answer.retry_after if isinstance(answer, NotAccepted) else None
        state = circuit_breaker.next_circuit(state, classify_result(answer), now=now, asked=asked)
        if isinstance(answer, NotAccepted) and answer.account_rejected:
            row.refused_code = answer.code
        elif classify_result(answer) is CallOutcome.WORKED:
            row.refused_code = None
    row.update_from(state)


def classify_result(answer: Answer) -> CallOutcome:
    """What an answer says about the carrier. A refusal of one number is a carrier that works."""
    if isinstance(answer, Accepted | Rejected):
        return CallOutcome.WORKED
    if isinstance(answer, Unconfirmed):
        return CallOutcome.FAULT
    return CallOutcome.THROTTLED if answer.code in THROTTLING else CallOutcome.FAULT
