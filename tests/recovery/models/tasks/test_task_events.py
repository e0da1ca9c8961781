"""What happened to a task is kept in its order, and belongs to no other task or clinic."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.tasks import task_events, tasks
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments.treatments import Treatment


def opened(session: Session, treatment: Treatment, kind: TaskKind, now: datetime) -> Task:
    made = tasks.open_task(
        session,
        Task(
            clinic_id=treatment.clinic_id,
            kind=kind,
            patient_id=treatment.patient_id,
            treatment_id=treatment.id,
            opened_at=now,
            due_at=now,
            urgency=Urgency.NEXT_BUSINESS_DAY,
        ),
    )
    return session.scalars(select(Task).where(Task.id == made.id)).one()


def test_events_are_listed_oldest_first_and_by_task(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    one = opened(session, treatment, TaskKind.SILENCE, now)
    other = opened(session, treatment, TaskKind.UNDELIVERABLE, now)
    foreign = opened(session, foreign_treatment, TaskKind.SILENCE, now)
    for task, kind in (
        (one, TaskEventKind.CLAIMED),
        (other, TaskEventKind.DONE),
        (foreign, TaskEventKind.DONE),
        (one, TaskEventKind.DONE),
    ):
        session.add(
            TaskEvent(
                clinic_id=task.clinic_id, task_id=task.id, at=now + timedelta(seconds=1), kind=kind, detail={}
            )
        )
        session.flush()
    found = task_events.list_events(session, one.clinic_id, one.id)
    assert [event.kind for event in found] == [TaskEventKind.CLAIMED, TaskEventKind.DONE]
    assert task_events.list_events(session, foreign.clinic_id, one.id) == []
