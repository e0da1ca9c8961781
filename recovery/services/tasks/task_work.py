"""A nurse works a task: takes it, gives it back, closes it, reads what was written, takes back a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.flags import flag_lifecycle
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.review import undo as undo_rule
from recovery.models.clinic import clinics
from recovery.models.inbound import inbound_texts, reading
from recovery.models.inbound.inbound_texts import InboundText, InboxItem
from recovery.models.messaging import messages
from recovery.models.tasks import task_events, tasks
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind
from recovery.models.tasks.tasks import Task, TaskWithPatient
from recovery.services.access.authentication import StaffCaller
from recovery.services.core import audit
from recovery.services.tasks.tasks import read_what_it_was_about, reading_tasks


class UnknownTask(LookupError):
    """No task has this id."""


class UnknownInboxEntry(LookupError):
    """Nothing that was written has this id."""


class TaskHeldByAnother(Exception):
    """Somebody else sees to this task. `holder` is their name, `since` when they took it."""

    def __init__(self, *, holder: str, since: datetime | None) -> None:
        super().__init__()
        self.holder = holder
        self.since = since


class TaskDone(Exception):
    """The task is done already."""


class NoStepToUndo(Exception):
    """One's own last step is taken back, and within a minute."""


def claim(session: Session, *, caller: StaffCaller, task_id: UUID, now: datetime) -> Task:
    """See to a task. Taking one's own again changes nothing.

    Raises UnknownTask, TaskHeldByAnother, TaskDone.
    """
    # Before the task, as whoever ends their access locks them: nobody holds it for somebody who is out.
    active = clinics.signs_in(session, caller.clinic_id, caller.staff_id)
    task = locked(session, caller, task_id)
    if task.held_by == caller.staff_id and task.done_at is None:
        return task
    require_free(session, caller, task)
    if not active:
        raise UnknownTask(task_id)
    before = _standing(task)
    task.held_by, task.held_since = caller.staff_id, now
    write(session, task, TaskEventKind.CLAIMED, caller=caller, before=before, now=now)
    return task


def release(session: Session, *, caller: StaffCaller, task_id: UUID, now: datetime) -> Task:
    """Give a task back. Raises UnknownTask, TaskHeldByAnother, TaskDone."""
    task = locked(session, caller, task_id)
    require_free(session, caller, task)
    before = _standing(task)
    give_back(task)
    write(session, task, TaskEventKind.RELEASED, caller=caller, before=before, now=now)
    return task


def give_back(task: Task) -> None:
    """Nobody sees to it any more; what is overdue is escalated at once."""
    task.held_by = task.held_since = None
    task.escalate_at = task.due_at


def close_task(
    session: Session, *, caller: StaffCaller, task_id: UUID, comment: str, now: datetime
) -> TaskWithPatient:
    """Close a task; one that is closed already stays as it is. What it was to read is read.

    Raises UnknownTask, TaskHeldByAnother.
    """
    task = locked(session, caller, task_id)
    if task.done_at is None:
        require_free(session, caller, task)
        before = _standing(task)
        task.done_at, task.done_by, task.comment = now, caller.staff_id, comment.strip() or None
        read_what_it_was_about(session, task, by=caller.staff_id, now=now)
        write(session, task, TaskEventKind.DONE, caller=caller, before=before, now=now)
    listed = tasks.get_task(session, caller.clinic_id, task_id)
    if listed is None:
        raise UnknownTask(task_id)
    return listed


def mark_read(session: Session, *, caller: StaffCaller, entry_id: UUID, now: datetime) -> InboxItem:
    """Mark something written as read; with the last one its task is done. Raises UnknownInboxEntry."""
    unlocked = session.get(InboundText, (caller.clinic_id, entry_id))
    if unlocked is None:
        raise UnknownInboxEntry(entry_id)
    # Tasks before what they are about: in this order whoever closes a task takes them too.
    reading_tasks(session, unlocked)
    entry = inbound_texts.get_for_update(session, caller.clinic_id, entry_id)
    if entry is None:
        raise UnknownInboxEntry(entry_id)
    if entry.read_at is None:
        entry.read_at, entry.read_by = now, caller.staff_id
        session.flush()
        _close_task_of(session, entry, caller=caller, now=now)
        audit.record(
            session,
            clinic_id=caller.clinic_id,
            actor=audit.staff(caller.staff_id),
            action="inbox.read",
            subject=("inbound_text", entry.id),
            now=now,
        )
    item = inbound_texts.get_entry(session, caller.clinic_id, entry_id)
    if item is None:
        raise UnknownInboxEntry(entry_id)
    return item


def undo(session: Session, *, caller: StaffCaller, task_id: UUID, now: datetime) -> Task:
    """Take back one's own last step about a task, within a minute; a text that went with it does not leave.

    Where another task about the same has been opened since, that one takes it up. Raises UnknownTask,
    NoStepToUndo.
    """
    task = locked(session, caller, task_id)
    events = task_events.list_events(session, task.clinic_id, task.id)
    last = find_undoable(task, events, staff_id=caller.staff_id, now=now)
    if last is None:
        raise NoStepToUndo
    previous = last.detail["before"]
    if task.done_at is not None:
        _reopen(session, task, by=caller.staff_id)
    if task.done_at is None:
        task.held_by = None if previous["held_by"] is None else UUID(previous["held_by"])
        task.held_since = (
            None if previous["held_since"] is None else datetime.fromisoformat(previous["held_since"])
        )
        task.escalate_at = task.due_at
    if "step" in last.detail:
        messages.cancel_step(
            session,
            clinic_id=task.clinic_id,
            treatment_id=task.treatment_id,
            step=last.detail["step"],
            reason=UnsentReason.TAKEN_BACK,
            now=now,
        )
    detail = {"undoes": str(last.id), "kind": last.kind.value}
    write(session, task, TaskEventKind.UNDONE, caller=caller, detail=detail, now=now)
    return task


def undo_reading(session: Session, *, caller: StaffCaller, now: datetime) -> int:
    """What one marked as read last, within a minute, waits to be read again; how much that was."""
    at = reading.last_read_at(
        session, caller.clinic_id, caller.staff_id, since=now - flag_lifecycle.UNDO_WITHIN
    )
    if at is None:
        return 0
    # Tasks before what they are about: in this order whoever closes a task takes them too.
    closed = tasks.list_closed_at(session, caller.clinic_id, by=caller.staff_id, at=at)
    entries = reading.list_read_at_for_update(session, caller.clinic_id, caller.staff_id, at=at)
    for task in closed if entries else ():
        _reopen(session, task, by=caller.staff_id)
    for entry in entries:
        entry.read_at = entry.read_by = None
        audit.record(
            session,
            clinic_id=caller.clinic_id,
            actor=audit.staff(caller.staff_id),
            action="inbox.unread",
            subject=("inbound_text", entry.id),
            now=now,
        )
    session.flush()
    return len(entries)


def find_undoable(
    task: Task, events: Sequence[TaskEvent], *, staff_id: UUID, now: datetime
) -> TaskEvent | None:
    """The step about a task that this person may take back now: none but the closing of one that is done."""
    last = undo_rule.find_undoable(events, staff_id=staff_id, now=now)
    is_over = last is not None and task.done_at is not None and last.kind is not TaskEventKind.DONE
    return None if is_over else last


def locked(session: Session, caller: StaffCaller, task_id: UUID) -> Task:
    """The task of the caller's clinic, locked. Raises UnknownTask."""
    task = tasks.get_for_update(session, caller.clinic_id, task_id)
    if task is None:
        raise UnknownTask(task_id)
    return task


def require_free(session: Session, caller: StaffCaller, task: Task) -> None:
    """Raises TaskDone, or TaskHeldByAnother where somebody else sees to it."""
    if task.done_at is not None:
        raise TaskDone
    if task.held_by not in (None, caller.staff_id):
        names = clinics.staff_names(session, caller.clinic_id)
        raise TaskHeldByAnother(holder=names.get(task.held_by, ""), since=task.held_since)


def write(
    session: Session,
    task: Task,
    kind: TaskEventKind,
    *,
    caller: StaffCaller,
    before: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Keep a step among the task's events and in the audit trail; with `before` it can be taken back."""
    kept = dict(detail or {})
    if before is not None:
        kept["before"] = dict(before)
    session.add(_event(task, kind, caller=caller, detail=kept, now=now))
    audit.record(
        session,
        clinic_id=task.clinic_id,
        actor=audit.staff(caller.staff_id),
        action=f"task.{kind.value}",
        subject=("task", task.id),
        now=now,
    )
    session.flush()


def note_text(
    session: Session, task: Task, *, caller: StaffCaller, detail: Mapping[str, str], now: datetime
) -> None:
    """A text about the task was planned, which can be taken back."""
    write(session, task, TaskEventKind.TEXT, caller=caller, before=_standing(task), detail=detail, now=now)


def _reopen(session: Session, task: Task, *, by: UUID) -> None:
    """Open again what was closed in one step, with what was read in it."""
    if task.done_at is not None:
        reading.mark_unread(session, clinic_id=task.clinic_id, by=by, at=task.done_at)
    if tasks.has_open_like(session, task):
        # The newer one takes it up, so that a patient has one open task of a kind.
        tasks.open_task(session, task)
        return
    task.done_at = task.done_by = task.comment = None
    task.escalate_at = task.due_at
    session.flush()


def _close_task_of(session: Session, entry: InboundText, *, caller: StaffCaller, now: datetime) -> None:
    if entry.patient_id is not None and inbound_texts.has_other_unread(session, entry):
        return
    for task in reading_tasks(session, entry):
        before = _standing(task)
        task.done_at, task.done_by = now, caller.staff_id
        # That it was read is in the audit trail.
        session.add(_event(task, TaskEventKind.DONE, caller=caller, detail={"before": before}, now=now))
    session.flush()


def _event(
    task: Task, kind: TaskEventKind, *, caller: StaffCaller, detail: Mapping[str, Any], now: datetime
) -> TaskEvent:
    return TaskEvent(
        clinic_id=task.clinic_id,
        task_id=task.id,
        at=now,
        kind=kind,
        staff_id=caller.staff_id,
        detail=dict(detail),
    )


def _standing(task: Task) -> dict[str, str | None]:
    """Who saw to it, as stored with an event, for undo."""
    return {
        "held_by": None if task.held_by is None else str(task.held_by),
        "held_since": None if task.held_since is None else task.held_since.isoformat(),
    }
