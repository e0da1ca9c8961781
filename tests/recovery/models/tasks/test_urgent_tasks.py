"""Urgent tasks stand in the order of the queue, are counted for it, and come up for escalation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.tasks import tasks, urgent_tasks
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.tasks.urgent_tasks import UrgentCount
from recovery.models.treatments.treatments import Treatment
from tests.support.data.people import Clinic

HOUR = timedelta(hours=1)
Open = Callable[..., UUID]


@pytest.fixture
def add(session: Session, treatment: Treatment, now: datetime) -> Open:
    """Opens a task of nobody's, due so many hours from now."""

    def opened(urgency: Urgency, hours: float = 0, clinic_id: UUID | None = None) -> UUID:
        made = tasks.open_task(
            session,
            Task(
                clinic_id=clinic_id or treatment.clinic_id,
                kind=TaskKind.UNMATCHED_TEXT,
                opened_at=now,
                due_at=now + hours * HOUR,
                urgency=urgency,
            ),
        )
        return made.id

    return opened


def test_they_stand_by_urgency_then_by_due_time_and_what_is_not_urgent_does_not(
    session: Session, clinic: Clinic, other_clinic: Clinic, add: Open
) -> None:
    today = add(Urgency.SAME_DAY, 1)
    later, sooner = add(Urgency.EMERGENCY, 2), add(Urgency.EMERGENCY, 1)
    add(Urgency.NEXT_BUSINESS_DAY, -5)
    add(Urgency.EMERGENCY, clinic_id=other_clinic.id)
    found = urgent_tasks.list_urgent(session, clinic.id, limit=10)
    assert [item.task.id for item in found] == [sooner, later, today]
    first = found[0].task
    place = first.urgency_rank, first.due_at, first.id
    behind = urgent_tasks.list_urgent(session, clinic.id, after=place, limit=1)
    assert [item.task.id for item in behind] == [later]
    only = urgent_tasks.list_urgent(session, clinic.id, urgency=Urgency.SAME_DAY, limit=10)
    assert [item.task.id for item in only] == [today]


def test_counts_and_holders(session: Session, clinic: Clinic, add: Open, now: datetime) -> None:
    late, held = add(Urgency.EMERGENCY, -1), add(Urgency.EMERGENCY, 1)
    done = add(Urgency.SAME_DAY)
    session.get_one(Task, (clinic.id, held)).held_by = clinic.nurse.id
    session.get_one(Task, (clinic.id, done)).done_at = now
    session.flush()
    counted = urgent_tasks.count_urgent(session, clinic.id, staff_id=clinic.nurse.id, now=now)
    assert counted == [UrgentCount(Urgency.EMERGENCY, open=2, overdue=1, unheld=1, own=1)]
    for holder, mine in ((clinic.nurse.id, held), (None, late)):
        found = urgent_tasks.list_urgent(session, clinic.id, holders=(holder,), limit=10)
        assert [item.task.id for item in found] == [mine]
    assert urgent_tasks.count_held(session, clinic.id) == {clinic.nurse.id: 1}
    assert [task.id for task in urgent_tasks.list_held_for_update(session, clinic.id, clinic.nurse.id)] == [
        held
    ]
    assert {task.id for task in urgent_tasks.list_open_for_update(session, clinic.id)} == {late, held}


def test_escalations_come_up_when_they_are_due(
    session: Session, clinic: Clinic, add: Open, now: datetime
) -> None:
    due, _ = add(Urgency.NEXT_BUSINESS_DAY, -1), add(Urgency.EMERGENCY, 1)
    found = urgent_tasks.list_due_escalations_for_update(session, now=now, limit=10)
    assert [task.id for task in found] == [due]
    session.execute(select(Task))
    session.get_one(Task, (clinic.id, due)).escalate_at = None
    session.flush()
    assert urgent_tasks.list_due_escalations_for_update(session, now=now, limit=10) == []
