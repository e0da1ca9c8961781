"""The worker brings flags past their due time, step by step, to their holder, the on-call number and the
manager."""

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
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents
from recovery.services.review.report_review import STAFF_TEXT_USEFUL

UTC = ZoneInfo("UTC")


def escalate_due(session: Session, *, content: Content, now: datetime, limit: int) -> int:
    """Take every step that has come for flags past their due time; how many flags were looked at.

    The holder hears by mail, the on-call number by text, the managers by mail and webhook; each step is
    taken once for an urgency and stands among the flag's events. Flags somebody works at this moment are
    looked at next time. The caller commits. `content` is what ships; each flag goes by what its clinic
    runs on.
    """
    contents = RunningContents(session, newest=content)
    due_flags = flags.list_due_escalations_for_update(session, now=now, limit=limit)
    for flag in due_flags:
        clinic = clinics.get_one(session, flag.clinic_id)
        steps = contents.of_or_shipped(clinic.id).escalation
        flag.escalate_at = _climb(session, flag, clinic, steps=steps, now=now)
    session.flush()
    return len(due_flags)


def _climb(
    session: Session, flag: Flag, clinic: Clinic, *, steps: EscalationSchedule, now: datetime
) -> datetime | None:
    """Take the due escalation steps; returns when the next is due."""
    if flag.state not in escalation.OVERDUE:
        return None
    hours = _hours(clinic)

    def when(step: EscalationStep) -> datetime:
        taken = flag.held_by is not None
        return steps.step_due_at(step, urgency=flag.urgency, due_at=flag.due_at, hours=hours, taken=taken)

    while (step := escalation.next_step(flag.escalated)) is not None:
        if (at := when(step)) > now:
            return at
        flag.escalated = step
        if step is EscalationStep.HOLDER and flag.held_by is None:
            continue
        if step is EscalationStep.ON_CALL:
            by = max(when(EscalationStep.MANAGER), now)
            _text_on_call(session, flag, by=by, zone=UTC if hours is None else hours.zone, now=now)
        session.add(
            FlagEvent(
                clinic_id=flag.clinic_id,
                flag_id=flag.id,
                at=now,
                kind=EventKind.ESCALATED,
                detail={"to": step.value, "urgency": flag.urgency.value},
            )
        )
    return None


def _hours(clinic: Clinic) -> OpeningHours | None:
    try:
        return opening_hours_of(clinic)
    except HoursError:
        return None


def _text_on_call(session: Session, flag: Flag, *, by: datetime, zone: ZoneInfo, now: datetime) -> None:
    urgent = flag.urgency is not Urgency.NEXT_BUSINESS_DAY
    messages.insert_planned(
        session,
        Message(
            clinic_id=flag.clinic_id,
            treatment_id=flag.treatment_id,
            step=f"escalated:{flag.id}:{flag.urgency.value}",
            template="on_call_alert" if urgent else "staff_alert",
            details={
                "by": time_phrases.format_deadline(by, now=now, zone=zone, language=Language.ENGLISH),
                "ref": flag.id.hex[-6:],
            },
            due_at=now,
            useful_until=now + STAFF_TEXT_USEFUL,
            state=MessageState.PLANNED,
            created_at=now,
        ),
    )
