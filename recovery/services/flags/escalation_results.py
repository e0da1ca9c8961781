"""What came of each step by which an overdue flag or task was brought to somebody: whether a way took it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review.escalation import EscalationStep
from recovery.models.clinic import clinics
from recovery.models.flags.flags import EventKind, FlagEvent
from recovery.models.messaging import messages
from recovery.models.operations import alerts
from recovery.models.operations.alerts import AlertChannel, IncidentKind, MatterNotice
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind

SOON = timedelta(minutes=2)
"""So long after a step nobody says yet that there was no way to tell: whoever watches looks every 15 s."""


class EscalationResult(StrEnum):
    """What is known of one step: it reached somebody, it may still, it did not, or there was no way to try.

    `handed_over` is what a carrier or server took without saying that it arrived; `operator` was told in
    place of who was meant.
    """

    ARRIVED = "arrived"
    HANDED_OVER = "handed_over"
    WAITING = "waiting"
    FAILED = "failed"
    OPERATOR = "operator"
    NO_WAY = "no_way"


_OF_TEXTS = {
    MessageState.DELIVERED: EscalationResult.ARRIVED,
    MessageState.ACCEPTED: EscalationResult.HANDED_OVER,
    MessageState.SENT: EscalationResult.HANDED_OVER,
    MessageState.PLANNED: EscalationResult.WAITING,
    MessageState.CLAIMED: EscalationResult.WAITING,
    MessageState.IN_DOUBT: EscalationResult.WAITING,
}
"""Of every other state no text reached anybody."""

_INCIDENTS = {
    EscalationStep.HOLDER: IncidentKind.FLAG_HELD_LATE,
    EscalationStep.MANAGER: IncidentKind.FLAG_UNSEEN,
}


def read_results(
    session: Session, clinic_id: UUID, events: Sequence[FlagEvent | TaskEvent], *, now: datetime
) -> dict[UUID, EscalationResult]:
    """By event, for those of these events that are such steps."""
    steps = [event for event in events if event.kind in (EventKind.ESCALATED, TaskEventKind.ESCALATED)]
    if not steps:
        return {}
    texts = messages.states_by_step(session, clinic_id, {_text_of(event) for event in steps})
    notices = alerts.list_notices_about(session, set().union(*(_subjects(event) for event in steps)))
    emails = clinics.emails_by_id(session, clinic_id)
    return {event.id: _result(event, texts=texts, notices=notices, emails=emails, now=now) for event in steps}


def _text_of(event: FlagEvent | TaskEvent) -> str:
    """The step of the text that it was; events of before do not name it."""
    told: str | None = event.detail.get("by_text")
    return told or messages.escalation_step(_matter_id(event), event.detail["urgency"])


def _subjects(event: FlagEvent | TaskEvent) -> set[str]:
    """By what alerts name it: of what waits in its turn outside the queue a clinic is told as one."""
    ids = {_matter_id(event)}
    if isinstance(event, TaskEvent) and Urgency(event.detail["urgency"]) is Urgency.NEXT_BUSINESS_DAY:
        ids.add(event.clinic_id)
    return {alerts.subject_of(matter_id) for matter_id in ids}


def _matter_id(event: FlagEvent | TaskEvent) -> UUID:
    return event.flag_id if isinstance(event, FlagEvent) else event.task_id


def _result(
    event: FlagEvent | TaskEvent,
    *,
    texts: Mapping[str, MessageState],
    notices: Sequence[MatterNotice],
    emails: Mapping[UUID, str],
    now: datetime,
) -> EscalationResult:
    step = EscalationStep(event.detail["to"])
    if step is EscalationStep.ON_CALL:
        state = texts.get(_text_of(event))
        return EscalationResult.NO_WAY if state is None else _OF_TEXTS.get(state, EscalationResult.FAILED)
    own = [
        notice
        for notice in notices
        if notice.subject in _subjects(event)
        and notice.trouble is _INCIDENTS[step]
        and (notice.ended_at is None or notice.ended_at >= event.at)
    ]
    meant = set(emails.values())
    mails = [one for one in own if one.channel is AlertChannel.MAIL and one.recipient in meant]
    # The installation's own webhook and addresses.
    others = [one for one in own if one not in mails]
    if any(one.told_at is not None for one in mails):
        return EscalationResult.HANDED_OVER
    if any(one.given_up_at is None for one in mails):
        return EscalationResult.WAITING
    if any(one.told_at is not None for one in others):
        return EscalationResult.OPERATOR
    if any(one.given_up_at is None for one in others):
        return EscalationResult.WAITING
    if own:
        return EscalationResult.FAILED
    return EscalationResult.WAITING if now - event.at < SOON else EscalationResult.NO_WAY
