"""Somebody of the staff signs in no more: what they held goes back to the queue, so that it is somebody's."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic.clinics import Staff
from recovery.models.flags import flags
from recovery.models.tasks import urgent_tasks
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind
from recovery.services.access.authentication import StaffCaller
from recovery.services.clinic import staff_members
from recovery.services.clinic.staff_members import MemberChanges
from recovery.services.core import audit
from recovery.services.flags import flag_work
from recovery.services.tasks import task_work


def change_member(
    session: Session, *, staff_id: UUID, changes: MemberChanges, by: StaffCaller, now: datetime
) -> Staff:
    """Change somebody of the staff; who signs in no more gives back every flag and task.

    A role that the caller cannot give alone is proposed. Raises UnknownMember, LastManager, NoDirectorYet.
    """
    member = staff_members.change_member(session, staff_id=staff_id, changes=changes, by=by, now=now)
    if member.disabled_at is not None:
        _give_back(session, member, by=by, now=now)
    return member


def held_by_member(session: Session, clinic_id: UUID) -> Counter[UUID]:
    """How many flags and tasks each of a clinic's people holds."""
    return Counter(flags.count_held(session, clinic_id)) + Counter(
        urgent_tasks.count_held(session, clinic_id)
    )


def _give_back(session: Session, member: Staff, *, by: StaffCaller, now: datetime) -> None:
    released = flag_work.release_all_of(
        session, clinic_id=member.clinic_id, staff_id=member.id, by=by.staff_id, now=now
    )
    tasks = urgent_tasks.list_held_for_update(session, member.clinic_id, member.id)
    for task in tasks:
        task_work.give_back(task)
        session.add(
            TaskEvent(
                clinic_id=task.clinic_id,
                task_id=task.id,
                at=now,
                kind=TaskEventKind.RELEASED,
                staff_id=by.staff_id,
                detail={"left": str(member.id)},
            )
        )
    session.flush()
    if released or tasks:
        audit.record(
            session,
            clinic_id=member.clinic_id,
            actor=audit.staff(by.staff_id),
            action="staff.released",
            subject=("staff", member.id),
            now=now,
            detail={"flags": str(released), "tasks": str(len(tasks))},
        )
