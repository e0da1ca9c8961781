"""A step of an escalation is told by what came of it: a way that is there and took it, or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review.escalation import EscalationStep
from recovery.models.flags.flags import EventKind, FlagEvent
from recovery.models.messaging import messages
from recovery.models.operations import alerts
from recovery.models.operations.alerts import (
    Alert,
    AlertChannel,
    AlertNotice,
    IncidentChange,
    IncidentKind,
)
from recovery.services.flags import escalation_results
from recovery.services.flags.escalation_results import EscalationResult
from tests.support.data.model_rows import add_text
from tests.support.data.people import Clinic
from tests.support.data.reporting import raise_flag

LATER = timedelta(minutes=10)


@pytest.fixture
def flag_id(clinic: Clinic, now: datetime) -> UUID:
    """An open flag."""
    return raise_flag(clinic, clinic.add_patient(now=now), at=now)


@pytest.fixture
def came_of(
    clinic: Clinic, sessions: sessionmaker[Session], flag_id: UUID, now: datetime
) -> Callable[..., EscalationResult]:
    """What is told of a step that was taken now, some time after it."""

    def read(step: EscalationStep, *, after: timedelta = LATER) -> EscalationResult:
        with sessions() as session:
            event = FlagEvent(
                clinic_id=clinic.id,
                flag_id=flag_id,
                at=now,
                kind=EventKind.ESCALATED,
                detail={"to": step.value, "urgency": "same_day"},
            )
            session.add(event)
            session.flush()
            (result,) = escalation_results.read_results(session, clinic.id, [event], now=now + after).values()
            return result

    return read


@pytest.fixture
def noticed(sessions: sessionmaker[Session], flag_id: UUID, now: datetime) -> Callable[..., None]:
    """An incident about the flag, with one notification to each of these recipients."""

    def make(kind: IncidentKind, *sent: tuple[AlertChannel, str, str], ended: bool = False) -> None:
        with sessions.begin() as session:
            alert = Alert(trouble=kind, subject=alerts.subject_of(flag_id), since=now)
            alert.ended_at = now - timedelta(seconds=1) if ended else None
            session.add(alert)
            session.flush()
            for channel, recipient, became in sent:
                session.add(
                    AlertNotice(
                        alert_id=alert.id, news=IncidentChange.RAISED, channel=channel,
                        recipient=recipient, next_at=now,
                        told_at=now if became == "told" else None,
                        given_up_at=now if became == "lost" else None,
                    )
                )  # fmt: skip

    return make


@pytest.mark.parametrize(
    ("state", "result"),
    [
        (None, EscalationResult.NO_WAY),
        (MessageState.PLANNED, EscalationResult.WAITING),
        (MessageState.SENT, EscalationResult.HANDED_OVER),
        (MessageState.DELIVERED, EscalationResult.ARRIVED),
        (MessageState.UNDELIVERED, EscalationResult.FAILED),
        (MessageState.CANCELLED, EscalationResult.FAILED),
    ],
)
def test_the_on_call_number_was_texted_where_a_text_left(
    came_of: Callable[..., EscalationResult],
    clinic: Clinic,
    sessions: sessionmaker[Session],
    flag_id: UUID,
    now: datetime,
    state: MessageState | None,
    result: EscalationResult,
) -> None:
    if state is not None:
        with sessions.begin() as session:
            step = messages.escalation_step(flag_id, "same_day")
            add_text(session, clinic.id, due_at=now, step=step, state=state)
    assert came_of(EscalationStep.ON_CALL) is result


@pytest.mark.parametrize("step", [EscalationStep.HOLDER, EscalationStep.MANAGER])
def test_nobody_was_told_where_there_is_no_way_and_at_first_nobody_knows(
    came_of: Callable[..., EscalationResult], step: EscalationStep
) -> None:
    assert came_of(step, after=timedelta(seconds=5)) is EscalationResult.WAITING
    assert came_of(step) is EscalationResult.NO_WAY


@pytest.mark.parametrize(
    ("mail", "hook", "result"),
    [
        ("told", None, EscalationResult.HANDED_OVER),
        ("told", "lost", EscalationResult.HANDED_OVER),
        ("waits", "told", EscalationResult.WAITING),
        ("lost", "told", EscalationResult.OPERATOR),
        (None, "told", EscalationResult.OPERATOR),
        (None, "waits", EscalationResult.WAITING),
        ("lost", "lost", EscalationResult.FAILED),
    ],
)
def test_the_managers_were_told_where_a_server_took_the_mail_to_one_of_them(
    came_of: Callable[..., EscalationResult],
    noticed: Callable[..., None],
    clinic: Clinic,
    now: datetime,
    mail: str | None,
    hook: str | None,
    result: EscalationResult,
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    sent = [(AlertChannel.MAIL, manager.email, mail)] if mail else []
    sent += [(AlertChannel.WEBHOOK, "", hook)] if hook else []
    noticed(IncidentKind.FLAG_UNSEEN, *sent)
    assert came_of(EscalationStep.MANAGER) is result
    assert came_of(EscalationStep.HOLDER) is EscalationResult.NO_WAY, "that is another incident"


def test_what_was_over_before_says_nothing_and_a_mail_to_the_operator_is_no_manager_s(
    came_of: Callable[..., EscalationResult], noticed: Callable[..., None], clinic: Clinic, now: datetime
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    noticed(IncidentKind.FLAG_UNSEEN, (AlertChannel.MAIL, manager.email, "told"), ended=True)
    assert came_of(EscalationStep.MANAGER) is EscalationResult.NO_WAY
    noticed(IncidentKind.FLAG_UNSEEN, (AlertChannel.MAIL, "operator@elsewhere.example", "told"))
    assert came_of(EscalationStep.MANAGER) is EscalationResult.OPERATOR
