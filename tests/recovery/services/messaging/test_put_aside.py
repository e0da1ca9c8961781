"""A text that was put aside comes to a person as a task, and is sent again or let be."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.tasks.tasks import TaskKind
from recovery.services.messaging import put_aside
from recovery.services.messaging.put_aside import NothingPutAside
from tests.recovery.services.conftest import Plan
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import staff_caller

MINUTE = timedelta(minutes=1)


def aside(sessions: sessionmaker[Session], *, now: datetime) -> None:
    with sessions.begin() as session:
        session.execute(
            update(Message).values(state=MessageState.QUARANTINED, reason="why", attempts=5, settled_at=now)
        )


def bring(clinic: Clinic, *, now: datetime) -> int:
    with clinic.sessions.begin() as session:
        return put_aside.bring_to_staff(session, content=clinic.content, now=now, limit=10)


@pytest.mark.parametrize(
    ("template", "urgency", "details"),
    [
        ("emergency", Urgency.EMERGENCY, {}),
        ("flag_same_day", Urgency.SAME_DAY, {"by": "3 PM"}),
        ("day0", Urgency.NEXT_BUSINESS_DAY, {}),
    ],
)
def test_it_is_as_urgent_as_what_it_would_have_said_and_told_once(
    clinic: Clinic, patient: Patient, plan: Plan, texting: Texting, now: datetime,
    template: str, urgency: Urgency, details: dict[str, str],
) -> None:  # fmt: skip
    plan(template, to=patient, **details)
    aside(clinic.sessions, now=now)
    assert bring(clinic, now=now) == 1
    assert bring(clinic, now=now) == 0
    (task,) = texting.tasks()
    assert (task.kind, task.urgency, task.patient_id) == (TaskKind.PUT_ASIDE, urgency, patient.id)
    with clinic.sessions() as session:
        (text,) = put_aside.list_texts(session, task)
        assert (text.template, text.reason) == (template, "why")


def test_sent_again_it_leaves_like_any_text_and_the_task_is_done(
    clinic: Clinic, patient: Patient, plan: Plan, texting: Texting, now: datetime
) -> None:
    plan("day0", to=patient, useful_for=MINUTE)
    aside(clinic.sessions, now=now)
    bring(clinic, now=now)
    (task,) = texting.tasks()
    with clinic.sessions.begin() as session:
        put_aside.send_again(session, caller=staff_caller(clinic), task_id=task.id, now=now + 5 * MINUTE)
    assert texting.tasks()[0].done_at == now + 5 * MINUTE
    assert [text.to for text in texting.claim(now=now + 5 * MINUTE)] == [patient.phone]
    with clinic.sessions() as session:
        assert session.query(Message).one().state is MessageState.CLAIMED


def test_a_text_to_staff_is_brought_too_and_one_that_left_is_not_sent_again(
    clinic: Clinic, plan: Plan, texting: Texting, now: datetime
) -> None:
    plan("staff_alert", to=None, by="3 PM", ref="abc123")
    aside(clinic.sessions, now=now)
    bring(clinic, now=now)
    plan("on_call_alert", to=None, step="another", by="3 PM", ref="abc124")
    aside(clinic.sessions, now=now)
    bring(clinic, now=now)
    (task,) = texting.tasks()
    assert (task.patient_id, task.urgency) == (None, Urgency.SAME_DAY), "one at a time tells of them"
    with clinic.sessions() as session:
        told = {text.template for text in put_aside.list_texts(session, task)}
    assert told == {"staff_alert", "on_call_alert"}, "and of all of them"
    with clinic.sessions.begin() as session:
        session.execute(update(Message).values(state=MessageState.CANCELLED))
    with clinic.sessions.begin() as session, pytest.raises(NothingPutAside):
        put_aside.send_again(session, caller=staff_caller(clinic), task_id=task.id, now=now)
