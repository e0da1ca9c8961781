"""What was signed or taken back is brought to everybody who is followed, one after the other, by the worker.

Planned texts follow the schedule that was signed; courses that are held to a version that was taken back are
judged anew. Each patient and each course is a transaction of its own, so that nobody waits for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.messaging import text_schedule
from recovery.models.clinic import clinics
from recovery.models.content import follow_ups
from recovery.models.content.follow_ups import ContentFollowUp, FollowUpKind
from recovery.models.patients import patients
from recovery.services.changes import course_judging
from recovery.services.content import content_parts, running_content
from recovery.services.content.content import Content
from recovery.services.content.running_content import UnreadableContent
from recovery.services.core import audit
from recovery.services.messaging import text_planning
from recovery.services.review import batch_processing
from recovery.services.tasks.tasks import FOLLOWED_FOR

OnFailure = Callable[[UUID, Exception], None]


@dataclass(frozen=True, kw_only=True)
class FollowedStep:
    """What one step came to: the round it belongs to, and whether that has to wait as its content cannot be
    read."""

    round_id: UUID
    waits: bool


def follow_next(
    session: Session, *, content: Content, leave: Sequence[UUID], now: datetime, on_failure: OnFailure
) -> FollowedStep | None:
    """Do the next patient or course of the round that has waited longest; None where there is none.

    `content` is what ships, `leave` are rounds to pass over. Who cannot be done is told to `on_failure`, and
    the round goes on. The caller commits.
    """
    one = follow_ups.lock_open(session, leave=leave)
    if one is None:
        return None
    clinic = clinics.get_one(session, one.clinic_id)
    try:
        running = running_content.of_clinic(session, clinic, newest=content)
    except UnreadableContent:
        return FollowedStep(round_id=one.id, waits=True)
    if one.kind is FollowUpKind.PLANS:
        found = _plan_next(session, one, running, content=content, now=now, on_failure=on_failure)
    else:
        found = _judge_next(session, one, running, now=now, on_failure=on_failure)
    if not found:
        _finish(session, one, now=now)
    return FollowedStep(round_id=one.id, waits=False)


def _plan_next(
    session: Session,
    one: ContentFollowUp,
    running: Content,
    *,
    content: Content,
    now: datetime,
    on_failure: OnFailure,
) -> bool:
    """Plan the texts of the next patient anew; whether there was one."""
    since = one.asked_at - FOLLOWED_FOR
    patient_id = follow_ups.next_patient(session, one.clinic_id, after=one.reached, since=since)
    if patient_id is None:
        return False
    gone = _gone_steps(session, one, running, content=content)

    def plan(_: Sequence[UUID]) -> None:
        patient = patients.get(session, one.clinic_id, patient_id)
        if patient is not None:
            text_planning.plan_texts(session, patient=patient, content=running, gone=gone, now=now)

    _count(session, one, patient_id, work=plan, on_failure=on_failure)
    return True


def _judge_next(
    session: Session, one: ContentFollowUp, running: Content, *, now: datetime, on_failure: OnFailure
) -> bool:
    """Judge the next course anew; whether there was one."""
    course = follow_ups.next_course(
        session,
        one.clinic_id,
        one.version or "",
        after=one.reached,
        since=one.asked_at - FOLLOWED_FOR,
    )
    if course is None:
        return False

    def judge(_: Sequence[UUID]) -> None:
        course_judging.reassess_course(session, treatment=course, content=running, now=now)

    _count(session, one, course.id, work=judge, on_failure=on_failure)
    return True


def _count(
    session: Session,
    one: ContentFollowUp,
    key: UUID,
    *,
    work: Callable[[Sequence[UUID]], None],
    on_failure: OnFailure,
) -> None:
    done = batch_processing.process_batch(session, [key], work=work, on_failure=on_failure)
    one.reached = key
    one.done += done
    one.failed += 1 - done
    session.flush()


def _gone_steps(
    session: Session, one: ContentFollowUp, running: Content, *, content: Content
) -> frozenset[str]:
    """The steps of the schedule that ran before which the one that runs now does not have any more."""
    if one.before is None:
        return frozenset()
    try:
        parts = running_content.read_parts(session, one.before, newest=content)
        before = text_schedule.parse(parts[content_parts.SCHEDULE])
    except (UnreadableContent, KeyError, text_schedule.ScheduleError):
        # Then nobody knows what was planned by it.
        return frozenset()
    return frozenset(step.name for step in before.steps) - {step.name for step in running.schedule.steps}


def _finish(session: Session, one: ContentFollowUp, *, now: datetime) -> None:
    one.finished_at = now
    session.flush()
    detail = {"what": one.kind.value, "done": str(one.done), "failed": str(one.failed)}
    audit.record(
        session,
        clinic_id=one.clinic_id,
        actor=audit.WORKER,
        action="content.followed",
        subject=("content_follow_up", one.id),
        now=now,
        detail=detail if one.version is None else {**detail, "version": one.version},
    )
