from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery.models.patients.patients import Patient
from recovery.models.tasks import tasks
from recovery.models.tasks.tasks import Task, TaskCount, TaskKind
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_treatment

HOUR = timedelta(hours=1)
Open = Callable[..., None]


@pytest.fixture
def open_task(session: Session, treatment: Treatment, now: datetime) -> Open:
    """Opens a task about the treatment, due now where nothing else is said."""

    def opened(**values: Any) -> None:
        filled: dict[str, Any] = {
            "clinic_id": treatment.clinic_id,
            "kind": TaskKind.SILENCE,
            "patient_id": treatment.patient_id,
            "treatment_id": treatment.id,
            "opened_at": now,
            "due_at": now,
        }
        tasks.open_task(session, Task(**(filled | values)))
        session.expire_all()

    return opened


def _all(session: Session) -> list[Task]:
    return list(session.scalars(select(Task).order_by(Task.id)))


def test_an_open_task_is_brought_forward_and_never_put_off(
    session: Session, open_task: Open, now: datetime
) -> None:
    open_task(due_at=now + HOUR, detail={"day": 1, "why": "silent"})
    open_task(due_at=now, opened_at=now + HOUR, detail={"day": 2})
    open_task(due_at=now + 2 * HOUR)
    (task,) = _all(session)
    assert (task.due_at, task.opened_at) == (now, now)
    assert task.detail == {"day": 2, "why": "silent"}


def test_another_kind_or_treatment_and_one_that_was_done_make_a_new_task(
    session: Session, open_task: Open, patient: Patient, now: datetime
) -> None:
    open_task()
    open_task(kind=TaskKind.OPTED_OUT)
    open_task(treatment_id=add_treatment(session, patient, performed_at=now).id)
    open_task(treatment_id=None)
    open_task(treatment_id=None)
    assert len(_all(session)) == 4
    for task in _all(session):
        task.done_at = now
    session.flush()
    open_task()
    assert len(_all(session)) == 5


def test_tasks_about_nobody_stand_side_by_side(session: Session, open_task: Open) -> None:
    for _ in range(2):
        open_task(patient_id=None, treatment_id=None, kind=TaskKind.UNMATCHED_TEXT)
    assert len(_all(session)) == 2


def test_a_task_that_settles_itself_has_nobody_who_did_it(
    session: Session, open_task: Open, treatment: Treatment, now: datetime
) -> None:
    open_task()
    open_task(kind=TaskKind.UNDELIVERABLE)

    def close(clinic_id: UUID, moment: datetime, comment: str) -> None:
        tasks.close_automatically(
            session,
            clinic_id=clinic_id,
            kind=TaskKind.SILENCE,
            treatment_id=treatment.id,
            comment=comment,
            now=moment,
        )
        session.expire_all()

    close(uuid4(), now, "of another clinic")
    assert all(task.done_at is None for task in _all(session))
    close(treatment.clinic_id, now, "Heard from.")
    close(treatment.clinic_id, now + HOUR, "Once more.")
    silence, undeliverable = _all(session)
    assert (silence.done_at, silence.comment, silence.done_by) == (now, "Heard from.", None)
    assert undeliverable.done_at is None
    known = {"clinic_id": treatment.clinic_id, "treatment_id": treatment.id}
    assert tasks.was_opened(session, kind=TaskKind.SILENCE, **known)
    assert not tasks.was_opened(session, kind=TaskKind.OPTED_OUT, **known)


def test_open_tasks_come_first_due_first_and_are_read_on(
    session: Session, open_task: Open, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    open_task(due_at=now + HOUR)
    open_task(kind=TaskKind.UNMATCHED_TEXT, patient_id=None, treatment_id=None, due_at=now)
    open_task(kind=TaskKind.OPTED_OUT, due_at=now + HOUR)
    open_task(kind=TaskKind.UNDELIVERABLE, due_at=now - HOUR)
    (done,) = [task for task in _all(session) if task.kind is TaskKind.UNDELIVERABLE]
    done.done_at = now
    session.flush()
    clinic_id = treatment.clinic_id
    listed = tasks.list_open(session, clinic_id, limit=9)
    kinds = [TaskKind.UNMATCHED_TEXT, TaskKind.SILENCE, TaskKind.OPTED_OUT]
    assert [row.task.kind for row in listed] == kinds
    assert [(row.patient, row.treatment) for row in listed[:2]] == [(None, None), (patient, treatment)]
    for place, row in enumerate(listed):
        after = row.task.due_at, row.task.id
        rest = tasks.list_open(session, clinic_id, after=after, limit=9)
        assert [row.task.kind for row in rest] == kinds[place + 1 :]
    only = tasks.list_open(session, clinic_id, kinds=[TaskKind.OPTED_OUT], limit=9)
    assert [row.task.kind for row in only] == [TaskKind.OPTED_OUT]
    assert len(tasks.list_open(session, clinic_id, limit=1)) == 1


def test_open_tasks_are_counted_and_overdue_once_their_time_has_passed(
    session: Session, open_task: Open, treatment: Treatment, now: datetime
) -> None:
    open_task(due_at=now)
    open_task(kind=TaskKind.OPTED_OUT, due_at=now + HOUR)
    every = tuple(TaskKind)

    def count(moment: datetime, kinds: tuple[TaskKind, ...] = every) -> TaskCount:
        return tasks.count_open(session, treatment.clinic_id, kinds=kinds, now=moment)

    assert count(now) == TaskCount(open=2, overdue=0)
    assert count(now + HOUR) == TaskCount(open=2, overdue=1)
    assert count(now + 2 * HOUR, (TaskKind.OPTED_OUT,)) == TaskCount(open=1, overdue=1)


def test_a_task_is_its_clinic_s_alone(
    session: Session, open_task: Open, patient: Patient, foreign_treatment: Treatment
) -> None:
    open_task()
    (task,) = _all(session)
    own = tasks.get_task(session, task.clinic_id, task.id)
    assert own is not None
    assert (own.task, own.patient) == (task, patient)
    assert tasks.get_for_update(session, task.clinic_id, task.id) is task
    elsewhere = foreign_treatment.clinic_id
    assert tasks.get_task(session, elsewhere, task.id) is None
    assert tasks.get_for_update(session, elsewhere, task.id) is None
    assert tasks.list_open(session, elsewhere, limit=9) == []


def test_open_tasks_about_a_patient_or_about_one_text_of_nobody_s(
    session: Session, open_task: Open, patient: Patient, treatment: Treatment
) -> None:
    first_text, second_text = uuid4(), uuid4()
    unmatched: dict[str, Any] = {"kind": TaskKind.UNMATCHED_TEXT, "patient_id": None, "treatment_id": None}
    for text_id in (first_text, second_text):
        open_task(**unmatched, detail={"text": str(text_id)})
    open_task(kind=TaskKind.TEXT_TO_READ)
    open_task(kind=TaskKind.TEXT_TO_READ, treatment_id=None)
    by_text = {task.detail.get("text"): task for task in _all(session)}
    about_text = tasks.list_open_about(
        session, clinic_id=treatment.clinic_id, text_id=second_text, **unmatched
    )
    assert about_text == [by_text[str(second_text)]]
    for treatment_id in (treatment.id, None):
        about = tasks.list_open_about(
            session,
            clinic_id=treatment.clinic_id,
            kind=TaskKind.TEXT_TO_READ,
            patient_id=patient.id,
            treatment_id=treatment_id,
            text_id=first_text,
        )
        assert [task.treatment_id for task in about] == [treatment_id]
