"""The worker brings flags and tasks past their due time, step by step, to their holder, the on-call number
and the manager."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from recovery.domain.clinic.opening_hours import HoursError, OpeningHours
from recovery.domain.content import time_phrases
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review import escalation
from recovery.domain.review.escalation import EscalationSchedule, EscalationStep
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags import flags
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.tasks import urgent_tasks
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind
from recovery.models.tasks.tasks import Task
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents
from recovery.services.review.report_review import STAFF_TEXT_USEFUL

UTC = ZoneInfo("UTC")

Matter = Flag | Task


def escalate_due(session: Session, *, content: Content, now: datetime, limit: int) -> int:
    """Take every step that has come for flags and tasks past their due time; how many were looked at.

    The holder hears by mail, the on-call number by text, the managers by mail and webhook; each step is
    taken once for an urgency and stands among the events of what it is about. What somebody works at this
    moment is looked at next time. The caller commits. `content` is what ships; each goes by what its clinic
    runs on.
    """
    contents = RunningContents(session, newest=content)
    due: list[Matter] = [
        *flags.list_due_escalations_for_update(session, now=now, limit=limit),
        *urgent_tasks.list_due_escalations_for_update(session, now=now, limit=limit),
    ]
    for matter in due:
        clinic = clinics.get_one(session, matter.clinic_id)
        steps = contents.of_or_shipped(clinic.id).escalation
        matter.escalate_at = _climb(session, matter, clinic, steps=steps, now=now)
    session.flush()
    return len(due)


def _climb(
    session: Session, matter: Matter, clinic: Clinic, *, steps: EscalationSchedule, now: datetime
) -> datetime | None:
    """Take the due escalation steps; returns when the next is due."""
    if _is_answered(matter):
        return None
    hours = _hours(clinic)

    def when(step: EscalationStep) -> datetime:
        taken = matter.held_by is not None
        return steps.step_due_at(step, urgency=matter.urgency, due_at=matter.due_at, hours=hours, taken=taken)

    while (step := escalation.next_step(matter.escalated)) is not None:
        if (at := when(step)) > now:
            return at
        matter.escalated = step
        if step is EscalationStep.HOLDER and matter.held_by is None:
            continue
        event = _event(matter, step, now=now)
        if step is EscalationStep.ON_CALL:
            by = max(when(EscalationStep.MANAGER), now)
            text = _text_on_call(session, matter, by=by, zone=UTC if hours is None else hours.zone, now=now)
            # What came of this step is what became of that text.
            event.detail = {**event.detail, "by_text": text}
        session.add(event)
    return None


def _is_answered(matter: Matter) -> bool:
    if isinstance(matter, Flag):
        return matter.state not in escalation.OVERDUE
    return matter.done_at is not None


def _event(matter: Matter, step: EscalationStep, *, now: datetime) -> FlagEvent | TaskEvent:
    detail = {"to": step.value, "urgency": matter.urgency.value}
    if isinstance(matter, Flag):
        return FlagEvent(
            clinic_id=matter.clinic_id, flag_id=matter.id, at=now, kind=EventKind.ESCALATED, detail=detail
        )
    return TaskEvent(
        clinic_id=matter.clinic_id, task_id=matter.id, at=now, kind=TaskEventKind.ESCALATED, detail=detail
    )


def _hours(clinic: Clinic) -> OpeningHours | None:
    try:
        return opening_hours_of(clinic)
    except HoursError:
        return None


def _text_on_call(session: Session, matter: Matter, *, by: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Plan the text to the on-call phone; its step, by which it is found again."""
    urgent = matter.urgency is not Urgency.NEXT_BUSINESS_DAY
    step, ref = messages.escalation_step(matter.id, matter.urgency.value), matter.id.hex[-6:]
    if isinstance(matter, Task) and not urgent:
        # Of what waits in its turn the on-call phone hears once a day, however much of it waits.
        step = f"escalated:tasks:{now.astimezone(zone).date()}"
    messages.insert_planned(
        session,
        Message(
            clinic_id=matter.clinic_id,
            treatment_id=matter.treatment_id if isinstance(matter, Flag) or urgent else None,
            step=step,
            template="on_call_alert" if urgent else "staff_alert",
            details={
                "by": time_phrases.format_deadline(by, now=now, zone=zone, language=Language.ENGLISH),
                "ref": ref,
            },
            due_at=now,
            useful_until=now + STAFF_TEXT_USEFUL,
            state=MessageState.PLANNED,
            created_at=now,
        ),
    )
    return step
