"""A text that was put aside for a person comes to one: as a task, with a way on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.opening_hours import HoursError
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review import urgency as urgencies
from recovery.models.clinic import clinics
from recovery.models.messaging import put_aside_texts
from recovery.models.messaging.messages import Message
from recovery.models.tasks import tasks as task_rows
from recovery.models.tasks.task_events import TaskEventKind
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.services.access.authentication import StaffCaller
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents
from recovery.services.tasks import task_work, tasks

SENT_AGAIN_USEFUL = timedelta(hours=4)


class NothingPutAside(Exception):
    """No text of this task waits for a person."""


def bring_to_staff(session: Session, *, content: Content, now: datetime, limit: int) -> int:
    """Open a task for every text that was put aside since; how many texts there were. The caller commits.

    Of texts to the staff one task at a time tells. `content` is what ships; each task goes by what its clinic
    runs on.
    """
    contents = RunningContents(session, newest=content)
    texts = put_aside_texts.list_new_for_update(session, limit=limit)
    for message in texts:
        message.brought_at = now
        if message.patient_id is None and task_rows.has_open(
            session, clinic_id=message.clinic_id, patient_id=None, kind=TaskKind.PUT_ASIDE
        ):
            # Or an alert about a task that tells of an alert would make the next one.
            continue
        clinic = clinics.get_one(session, message.clinic_id)
        running = contents.of_or_shipped(clinic.id)
        urgency = _urgency(message, content=running)
        try:
            hours = opening_hours_of(clinic)
        except HoursError:
            due_at = now
        else:
            since = message.settled_at or now
            wait = urgencies.wait_from(since, urgency=urgency, hours=hours, times=running.response_times)
            due_at = wait.due_at
        tasks.open_task(
            session,
            tasks.TaskSubject(
                clinic_id=message.clinic_id,
                patient_id=message.patient_id,
                treatment_id=message.treatment_id,
            ),
            kind=TaskKind.PUT_ASIDE,
            due_at=due_at,
            urgency=urgency,
            now=now,
        )
    session.flush()
    return len(texts)


def list_texts(session: Session, task: Task) -> Sequence[Message]:
    """The texts that a task is about and that still wait, the newest first."""
    if task.kind is not TaskKind.PUT_ASIDE:
        return ()
    since = task.opened_at - timedelta(days=1)
    if task.patient_id is None:
        return put_aside_texts.list_to_staff(session, task.clinic_id, since=since)
    return put_aside_texts.list_of_patient(
        session,
        task.clinic_id,
        patient_id=task.patient_id,
        treatment_id=task.treatment_id,
        since=since,
    )


def send_again(session: Session, *, caller: StaffCaller, task_id: UUID, now: datetime) -> Task:
    """What was put aside is due once more, now; the task is done.

    It goes by the same rules as any text, and is put aside again if nothing has changed. Raises UnknownTask,
    TaskDone, TaskHeldByAnother, NothingPutAside.
    """
    task = task_work.locked(session, caller, task_id)
    task_work.require_free(session, caller, task)
    listed = (
        put_aside_texts.get_for_update(session, task.clinic_id, found.id)
        for found in list_texts(session, task)
    )
    texts = [message for message in listed if message is not None]
    if not texts:
        raise NothingPutAside
    for message in texts:
        message.state, message.reason, message.attempts = MessageState.PLANNED, None, 0
        message.due_at, message.brought_at = now, None
        message.useful_until = max(message.useful_until, now + SENT_AGAIN_USEFUL)
        message.settled_at = message.claimed_at = message.worker_id = None
        message.carrier_id = message.reference = message.look_at = message.evidence = None
        message.looks = 0
    task.done_at, task.done_by = now, caller.staff_id
    detail = {"sent_again": str(len(texts))}
    task_work.write(session, task, TaskEventKind.DONE, caller=caller, detail=detail, now=now)
    return task


def _urgency(message: Message, *, content: Content) -> Urgency:
    known = content.catalogue_for(Language.ENGLISH).texts
    if message.template not in known:
        return Urgency.NEXT_BUSINESS_DAY
    return urgencies.of_unsent(known[message.template].kind)
