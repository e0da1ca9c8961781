from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.services.content.content import Content
from recovery.services.messaging.outbox import RenderContext
from tests.support.data.people import Clinic, Patient

Plan = Callable[..., UUID]


@pytest.fixture
def now() -> datetime:
    """Monday noon: no quiet hours for a patient in UTC, and the clinic is open."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def wording(content: Content) -> RenderContext:
    """Links as long as one segment allows."""
    return RenderContext(content=content, links_at="https://c.example")


@pytest.fixture
def patient(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Patient:
    """A patient with consent, and none of the planned texts."""
    made = clinic.add_patient(now=now)
    with sessions.begin() as session:
        session.execute(delete(Message))
    return made


@pytest.fixture
def plan(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Plan:
    """Plans one text that is due; its id."""

    def planned(
        template: str,
        *,
        to: Patient | None,
        step: str = "the step",
        due_at: datetime = now,
        useful_for: timedelta = timedelta(hours=4),
        **details: Any,
    ) -> UUID:
        with sessions.begin() as session:
            row = Message(
                clinic_id=clinic.id,
                patient_id=None if to is None else to.id,
                treatment_id=None if to is None else to.treatment_id,
                step=step,
                template=template,
                details=details,
                due_at=due_at,
                useful_until=due_at + useful_for,
                state=MessageState.PLANNED,
                created_at=due_at,
            )
            assert messages.insert_planned(session, row)
        with sessions() as session:
            return session.query(Message.id).filter_by(step=step).one()[0]

    return planned
