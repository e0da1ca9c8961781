"""Opens and closes incidents, chooses who hears, leases notifications and records each one's result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from operations import monitor
from operations.rules import operator_alerts
from operations.rules.operator_alerts import Incident
from recovery.models.operations import alerts
from recovery.models.operations.alerts import Alert, AlertChannel, AlertNotice, IncidentChange, IncidentKind

IN_HAND = timedelta(minutes=1)
"""A leased notification without a result after this time is retried: its process died."""


@dataclass(frozen=True, kw_only=True)
class AlertAddresses:
    """Where alerts about the installation go: a webhook or not, and these mail addresses."""

    webhook: bool
    emails: tuple[str, ...]
    mail_configured: bool


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One leased notification. `alert_id` is the same for all notifications of one incident."""

    id: UUID
    alert_id: UUID
    trouble: IncidentKind
    news: IncidentChange
    channel: AlertChannel
    recipient: str
    subject: str
    since: datetime


def update_incidents(session: Session, *, addresses: AlertAddresses, now: datetime) -> int:
    """Open and close incidents to match the current status; returns how many changed.

    Of several watchers one works at a time; the others do nothing.
    """
    if not alerts.try_lock_monitoring(session):
        return 0
    standing = monitor.read_status(session, now=now)
    current = {
        (incident.trouble, incident.subject): incident
        for incident in (
            *operator_alerts.list_incidents(standing),
            *monitor.list_flag_incidents(session, now=now),
            *monitor.list_clinic_news(session, now=now),
            *monitor.list_stray_incidents(session, now=now),
        )
    }
    open_alerts = {(alert.trouble, alert.subject): alert for alert in alerts.list_open(session)}
    changes = len(current.keys() ^ open_alerts.keys())
    for key in current.keys() - open_alerts.keys():
        open_alerts[key] = Alert(trouble=key[0], subject=key[1], since=now)
        session.add(open_alerts[key])
    session.flush()
    for key, alert in open_alerts.items():
        incident = current.get(key)
        if incident is None:
            _end(session, alert, now=now)
        elif alert.told_at is None and now - alert.since >= operator_alerts.notification_delay(alert.trouble):
            alert.told_at = now
            for channel, recipient in _who_hears(incident, addresses):
                session.add(_notice(alert, IncidentChange.RAISED, channel, recipient, now=now))
    session.flush()
    return changes


def lease_notifications(session: Session, *, now: datetime, limit: int) -> list[Notification]:
    """Lease notifications. Commit before sending any."""
    taken = []
    for notice, alert in alerts.list_due_for_update(session, now=now, limit=limit):
        notice.attempts += 1
        notice.next_at = now + IN_HAND
        taken.append(
            Notification(
                id=notice.id,
                alert_id=alert.id,
                trouble=alert.trouble,
                news=notice.news,
                channel=notice.channel,
                recipient=notice.recipient,
                subject=alert.subject,
                since=alert.since,
            )
        )
    return taken


def record_result(session: Session, *, notice_id: UUID, told: bool, now: datetime) -> None:
    """Record whether a notification was delivered; schedule a limited retry if not."""
    notice = alerts.get_notice(session, notice_id)
    wait = operator_alerts.retry_delay(notice.attempts)
    if told:
        notice.told_at = now
    elif wait is None:
        notice.given_up_at = now
    else:
        notice.next_at = now + wait


def _end(session: Session, alert: Alert, *, now: datetime) -> None:
    alert.ended_at = now
    if not operator_alerts.notifies_recovery(alert.trouble):
        return
    for raised in alerts.list_notices(session, alert.id):
        session.add(_notice(alert, IncidentChange.RECOVERED, raised.channel, raised.recipient, now=now))


def _who_hears(incident: Incident, addresses: AlertAddresses) -> Sequence[tuple[AlertChannel, str]]:
    mails = incident.emails if incident.exclusive else (*addresses.emails, *incident.emails)
    recipients = (
        [(AlertChannel.MAIL, address) for address in dict.fromkeys(mails)]
        if addresses.mail_configured
        else []
    )
    if addresses.webhook and not incident.exclusive:
        recipients.insert(0, (AlertChannel.WEBHOOK, ""))
    return recipients


def _notice(
    alert: Alert, news: IncidentChange, channel: AlertChannel, recipient: str, *, now: datetime
) -> AlertNotice:
    return AlertNotice(alert_id=alert.id, news=news, channel=channel, recipient=recipient, next_at=now)
