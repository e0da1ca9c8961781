"""What came of each step by which an overdue flag was brought to somebody: whether a way took it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review.escalation import EscalationStep
from recovery.models.clinic import clinics
from recovery.models.flags.flags import EventKind, FlagEvent
from recovery.models.messaging import messages
from recovery.models.operations import alerts
from recovery.models.operations.alerts import AlertChannel, FlagNotice, IncidentKind

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
    session: Session, clinic_id: UUID, events: Sequence[FlagEvent], *, now: datetime
) -> dict[UUID, EscalationResult]:
    """By event, for those of these events that are such steps."""
    steps = [event for event in events if event.kind is EventKind.ESCALATED]
    if not steps:
        return {}
    texts = messages.states_by_step(session, clinic_id, {_text_of(event) for event in steps})
    notices = alerts.list_flag_notices(session, {alerts.subject_of(event.flag_id) for event in steps})
    emails = clinics.emails_by_id(session, clinic_id)
    return {event.id: _result(event, texts=texts, notices=notices, emails=emails, now=now) for event in steps}


def _text_of(event: FlagEvent) -> str:
    return messages.escalation_step(event.flag_id, event.detail["urgency"])


def _result(
    event: FlagEvent,
    *,
    texts: Mapping[str, MessageState],
    notices: Sequence[FlagNotice],
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
        if notice.subject == alerts.subject_of(event.flag_id)
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
