"""A clinic's hours change: what is open and due in hours that are closed now is due later, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.opening_hours import HoursError, OpeningHours
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.review import urgency as urgencies
from recovery.domain.review.urgency import Wait
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags import flags
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.inbound import reading
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.tasks import urgent_tasks
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind
from recovery.models.tasks.tasks import Task
from recovery.services.clinic import clinic_setup
from recovery.services.clinic.clinic_setup import ClinicChanges
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.core import audit
from recovery.services.core.audit import Actor
from recovery.services.tasks.tasks import TO_READ


def update_clinic(
    session: Session, *, clinic: Clinic, changes: ClinicChanges, actor: Actor, now: datetime
) -> int:
    """Keep what is new; how many flags and tasks are due at another time because of it.

    Raises WrongSetting.
    """
    try:
        before = opening_hours_of(clinic)
    except HoursError:
        before = None
    clinic_setup.update_clinic(session, clinic=clinic, changes=changes, actor=actor, now=now)
    then = opening_hours_of(clinic)
    if before is None or before == then:
        return 0
    moved = _Moves(session, clinic=clinic, before=before, then=then, now=now).move_all()
    if moved:
        audit.record(
            session,
            clinic_id=clinic.id,
            actor=actor,
            action="clinic.due_times_moved",
            subject=("clinic", clinic.id),
            now=now,
            detail={"moved": str(moved)},
        )
    return moved


class _Moves:
    """Moves the due times of one clinic from its hours before to those it has now."""

    def __init__(
        self,
        session: Session,
        *,
        clinic: Clinic,
        before: OpeningHours,
        then: OpeningHours,
        now: datetime,
    ) -> None:
        self._session = session
        self._clinic = clinic
        self._before = before
        self._then = then
        self._now = now

    def move_all(self) -> int:
        """Of every open flag and task, and of what waits to be read; how many flags and tasks moved."""
        tasks = urgent_tasks.list_open_for_update(self._session, self._clinic.id)
        moved = self._move_flags() + self._move_tasks(tasks)
        urgencies_about = {_about(task): task.urgency for task in tasks}
        for entry in reading.list_unread_for_update(self._session, self._clinic.id):
            if entry.due_at is not None:
                # As its task: words of danger stay due when they were.
                of_text = urgencies_about.get(entry.id, Urgency.NEXT_BUSINESS_DAY)
                urgency = urgencies_about.get(_reading_of(entry), of_text)
                entry.due_at = self._due_at(urgency, entry.due_at)
        self._session.flush()
        return moved

    def _move_flags(self) -> int:
        moved = 0
        for flag in flags.list_unanswered_for_update(self._session, self._clinic.id):
            detail = self._move(flag)
            if detail is not None:
                moved += 1
                event = FlagEvent(flag_id=flag.id, kind=EventKind.DUE_MOVED, detail=detail)
                self._add(event, about=flag)
        return moved

    def _move_tasks(self, tasks: Sequence[Task]) -> int:
        moved = 0
        for task in tasks:
            detail = self._move(task)
            if detail is not None:
                moved += 1
                event = TaskEvent(task_id=task.id, kind=TaskEventKind.DUE_MOVED, detail=detail)
                self._add(event, about=task)
        return moved

    def _move(self, matter: Flag | Task) -> dict[str, str] | None:
        """Let it be due when it is now; from when to when, or None where that is as it was."""
        due_at = self._due_at(matter.urgency, matter.due_at)
        if due_at == matter.due_at:
            return None
        detail = {"from": matter.due_at.isoformat(), "to": due_at.isoformat()}
        matter.due_at = matter.escalate_at = due_at
        return detail

    def _add(self, event: FlagEvent | TaskEvent, *, about: Flag | Task) -> None:
        event.clinic_id, event.at = about.clinic_id, self._now
        self._session.add(event)

    def _due_at(self, urgency: Urgency, due_at: datetime) -> datetime:
        wait = Wait(urgency=urgency, due_at=due_at)
        return urgencies.moved_due_at(wait, before=self._before, then=self._then, now=self._now)


About = UUID | tuple[object, ...]


def _about(task: Task) -> About:
    """What a task is to be read for: one text, or all of a patient's about a treatment."""
    return (
        UUID(task.detail["text"])
        if "text" in task.detail
        else (task.kind, task.patient_id, task.treatment_id)
    )


def _reading_of(entry: InboundText) -> About:
    return TO_READ[entry.source], entry.patient_id, entry.treatment_id
