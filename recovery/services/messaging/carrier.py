"""Leaving a carrier alone that does not answer well, across all workers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.messaging import circuit
from recovery.domain.messaging.circuit import Outcome
from recovery.models.messaging import circuits
from recovery.sms.port import Accepted, Answer, InDoubt, Refused, TryLater

THROTTLING = frozenset({"20429", "http_429", "429"})
"""The carrier works, but wants less at a time."""


def allowance(session: Session, *, account: str, wanted: int, now: datetime) -> int:
    """How many texts may be claimed for this account now."""
    return circuit.allowance(circuits.known(session, account), wanted=wanted, now=now)


def is_faultless(session: Session, *, account: str) -> bool:
    """Whether nothing bad is known of this account, so that good news is no news."""
    return circuits.known(session, account).faults == 0


def note(session: Session, *, account: str, answers: Sequence[Answer], now: datetime) -> None:
    """Learn from answers, in their order. Nothing is written while all is well."""
    all_well = all(outcome_of(answer) is Outcome.WORKED for answer in answers)
    if all_well and circuits.known(session, account).faults == 0:
        return
    row = circuits.locked(session, account)
    state = row.known()
    for answer in answers:
        asked = answer.after if isinstance(answer, TryLater) else None
        state = circuit.after(state, outcome_of(answer), now=now, asked=asked)
        if isinstance(answer, TryLater) and answer.refuses_us:
            row.refused_code = answer.code
        elif outcome_of(answer) is Outcome.WORKED:
            row.refused_code = None
    row.learn(state)


def outcome_of(answer: Answer) -> Outcome:
    """What an answer says about the carrier. A refusal of one number is a carrier that works."""
    if isinstance(answer, Accepted | Refused):
        return Outcome.WORKED
    if isinstance(answer, InDoubt):
        return Outcome.FAULT
    return Outcome.THROTTLED if answer.code in THROTTLING else Outcome.FAULT
