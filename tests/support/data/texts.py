"""Texts for tests: many of them due, and what the terminal's file says became of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, case, delete, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from tests.support.data.people import Clinic, Patient


@dataclass(frozen=True, kw_only=True)
class SentText:
    """One line of SMS_CONSOLE_FILE."""

    to: str
    body: str
    reference: str


def zone_at_noon(now: datetime) -> str:
    """A zone of fixed offset in which it is between 11:30 and 12:30, so that texts may leave."""
    offset = round(12 - now.hour - now.minute / 60)
    # The names count westwards.
    return f"Etc/GMT{-offset:+d}"


UNCAPPED = {
    "day0": "seen",
    "day1_link": "got_text",
    "day2_link": "got_scores",
    "day3_link": "help",
    "day5_link": "flag_same_day",
    "day7_link": "flag_after_hours",
    "day14_link": "flag_next_day",
    "day28_link": "tried_to_call",
    "day56_link": "marks_none",
}
"""Wordings of which one patient may get several a day, by the step they stand in for."""


def treated(clinic: Clinic, *, now: datetime, patients: int) -> list[Patient]:
    """Patients for whom it is noon, with the ten planned texts of their course ahead.

    All of them may leave on one day: the clinic's budget is out of the way, `make_due` sees to the rest.
    """
    zone = zone_at_noon(now)
    with clinic.sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).texts_per_day = 1_000_000
    return [clinic.add_patient(now=now, hours_ago=0, time_zone=zone) for _ in range(patients)]


def make_due(sessions: sessionmaker[Session], *, now: datetime, limit: int) -> int:
    """Let up to `limit` planned texts be due at this moment; how many there were."""
    with sessions.begin() as session:
        ahead = select(Message.id).where(Message.state == MessageState.PLANNED)
        chosen = session.scalars(ahead.order_by(Message.due_at, Message.id).limit(limit)).all()
        session.execute(
            update(Message)
            .where(Message.id.in_(chosen))
            .values(
                due_at=now,
                useful_until=now + timedelta(hours=6),
                template=case(UNCAPPED, value=Message.step, else_=Message.template),
                details={"by": "5 pm", "day": 1},
            )
        )
        return len(chosen)


def leave_due(sessions: sessionmaker[Session], *, now: datetime, count: int) -> None:
    """Exactly `count` texts are due, and there are no others."""
    assert make_due(sessions, now=now, limit=count) == count
    with sessions.begin() as session:
        others = or_(Message.state != MessageState.PLANNED, Message.due_at != now)
        session.execute(delete(Message).where(others))


def all_rows(sessions: sessionmaker[Session]) -> Sequence[Message]:
    """Every text there is."""
    with sessions() as session:
        return session.scalars(select(Message)).all()


def count(sessions: sessionmaker[Session]) -> Counter[MessageState]:
    """How many texts stand where."""
    return Counter(row.state for row in all_rows(sessions))


def none_waits(sessions: sessionmaker[Session], *, now: datetime) -> bool:
    """Whether every text that is due has been settled one way or the other."""
    waits = or_(
        Message.state == MessageState.CLAIMED,
        and_(Message.state == MessageState.PLANNED, Message.due_at <= now),
    )
    with sessions() as session:
        return session.scalar(select(Message.id).where(waits).limit(1)) is None


def written(file: Path) -> list[SentText]:
    """What the terminal's file holds."""
    if not file.exists():
        return []
    return [SentText(**json.loads(line)) for line in file.read_text().splitlines()]
