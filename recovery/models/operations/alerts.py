"""Rows of incidents and their notifications, locked so that of several monitors one sends each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, enum_column

WATCHING = 1_918_274
"""The advisory lock of the process that monitors the installation."""


class IncidentKind(StrEnum):
    """What an alert can be about."""

    WORKER_SILENT = "worker_silent"
    TEXTS_LATE = "texts_late"
    REVIEW_LATE = "review_late"
    CARRIER_AWAY = "carrier_away"
    CREDENTIALS_REFUSED = "credentials_refused"
    FLAG_UNSEEN = "flag_unseen"
    FLAG_HELD_LATE = "flag_held_late"
    CONTENT_WITHDRAWN = "content_withdrawn"
    CONTENT_FOLLOWED = "content_followed"
    ROLE_PROPOSED = "role_proposed"
    ROLE_GIVEN = "role_given"
    STRAY_DANGER = "stray_danger"


class IncidentChange(StrEnum):
    """Whether it began or ended."""

    RAISED = "raised"
    RECOVERED = "recovered"


class AlertChannel(StrEnum):
    """How a notification is sent."""

    WEBHOOK = "webhook"
    MAIL = "mail"


class Alert(Base):
    """One incident, from its first sight to its end. At most one of a kind and subject is under way."""

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "uq_alert_under_way",
            "trouble",
            "subject",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_alert_subject", "subject"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    trouble: Mapped[IncidentKind] = mapped_column(enum_column(IncidentKind, "trouble"))
    subject: Mapped[str] = mapped_column(server_default="")
    since: Mapped[datetime]
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AlertNotice(Base):
    """One notification of one incident to one address; retried until it is delivered or given up."""

    __tablename__ = "alert_notice"
    __table_args__ = (
        Index(
            "ix_alert_notice_waiting",
            "next_at",
            postgresql_where=text("told_at IS NULL AND given_up_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alert.id"), index=True)
    news: Mapped[IncidentChange] = mapped_column(enum_column(IncidentChange, "news"))
    channel: Mapped[AlertChannel] = mapped_column(enum_column(AlertChannel, "channel"))
    recipient: Mapped[str] = mapped_column(server_default="")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    next_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]


class MatterNotice(NamedTuple):
    """One notification about a flag, a task or a clinic's tasks, and the incident it was of."""

    subject: str
    trouble: IncidentKind
    ended_at: datetime | None
    channel: AlertChannel
    recipient: str
    told_at: datetime | None
    given_up_at: datetime | None


def subject_of(matter_id: UUID) -> str:
    """The reference by which alerts name a flag, a task or a clinic."""
    return matter_id.hex[-6:]


def list_notices_about(session: Session, subjects: Collection[str]) -> Sequence[MatterNotice]:
    """What was or is to be sent about what has these references because it began to be overdue."""
    rows = session.execute(
        select(
            Alert.subject,
            Alert.trouble,
            Alert.ended_at,
            AlertNotice.channel,
            AlertNotice.recipient,
            AlertNotice.told_at,
            AlertNotice.given_up_at,
        )
        .join(AlertNotice, AlertNotice.alert_id == Alert.id)
        .where(Alert.subject.in_(subjects), AlertNotice.news == IncidentChange.RAISED)
        .order_by(AlertNotice.id)
    )
    return [MatterNotice(*row) for row in rows]


def try_lock_monitoring(session: Session) -> bool:
    """Try to take the monitoring lock until the transaction ends; whether it was free."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(WATCHING))))


def list_open(session: Session) -> Sequence[Alert]:
    """Incidents that have not ended."""
    return session.scalars(select(Alert).where(Alert.ended_at.is_(None)).order_by(Alert.id)).all()


def list_notices(session: Session, alert_id: UUID) -> Sequence[AlertNotice]:
    """Every notification of an incident."""
    own = select(AlertNotice).where(AlertNotice.alert_id == alert_id).order_by(AlertNotice.id)
    return session.scalars(own).all()


def list_due_for_update(
    session: Session, *, now: datetime, limit: int
) -> Sequence[tuple[AlertNotice, Alert]]:
    """Notifications that are due and not locked by another process, locked."""
    wanted = (
        select(AlertNotice, Alert)
        .join(Alert, Alert.id == AlertNotice.alert_id)
        .where(AlertNotice.told_at.is_(None), AlertNotice.given_up_at.is_(None), AlertNotice.next_at <= now)
        .order_by(AlertNotice.next_at, AlertNotice.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=AlertNotice)
    )
    return [(row[0], row[1]) for row in session.execute(wanted)]


def get_notice(session: Session, notice_id: UUID) -> AlertNotice:
    """One notification."""
    return session.get_one(AlertNotice, notice_id)
