"""What follows from a signature or a withdrawal for everybody who is followed, until the worker is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select, text, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)
from recovery.models.core.signed_content import ContentBundle
from recovery.models.messaging.messages import Message
from recovery.models.treatments.treatments import Treatment


class FollowUpKind(StrEnum):
    """What is done anew: the planned texts of patients, or the judgements of courses."""

    PLANS = "plans"
    JUDGEMENTS = "judgements"


class ContentFollowUp(Base):
    """One round over a clinic's patients or courses, of which `reached` was done last.

    `before` is the bundle that ran until then, where there was one; `version` the one whose courses are
    judged anew. `done` and `failed` count patients or courses.
    """

    __tablename__ = "content_follow_up"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("asked_by", "staff"),
        CheckConstraint("(kind = 'judgements') = (version IS NOT NULL)", name="judgements_of_a_version"),
        Index("ix_content_follow_up_newest", "clinic_id", "asked_at"),
        Index("ix_content_follow_up_open", "asked_at", postgresql_where=text("finished_at IS NULL")),
        Index("ix_content_follow_up_finished_at", "finished_at"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    kind: Mapped[FollowUpKind] = mapped_column(enum_column(FollowUpKind, "kind"))
    before: Mapped[bytes | None] = mapped_column(ForeignKey(ContentBundle.digest))
    version: Mapped[str | None]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID | None]
    reached: Mapped[UUID | None]
    done: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")
    finished_at: Mapped[datetime | None]


def lock_open(session: Session, *, leave: Sequence[UUID]) -> ContentFollowUp | None:
    """The one that has waited longest and that no other worker is at, locked; without those to `leave`."""
    waiting = (
        select(ContentFollowUp)
        .where(ContentFollowUp.finished_at.is_(None), ContentFollowUp.id.not_in(leave))
        .order_by(ContentFollowUp.asked_at, ContentFollowUp.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalar(waiting.execution_options(populate_existing=True))


def list_newest(session: Session, clinic_id: UUID, *, limit: int) -> Sequence[ContentFollowUp]:
    """A clinic's, newest first."""
    own = select(ContentFollowUp).where(ContentFollowUp.clinic_id == clinic_id)
    return session.scalars(own.order_by(ContentFollowUp.asked_at.desc()).limit(limit)).all()


def list_finished(
    session: Session, kind: FollowUpKind, *, since: datetime, limit: int
) -> Sequence[ContentFollowUp]:
    """Those of every clinic that were finished since a moment, newest first."""
    finished = select(ContentFollowUp).where(
        ContentFollowUp.kind == kind, ContentFollowUp.finished_at >= since
    )
    return session.scalars(finished.order_by(ContentFollowUp.finished_at.desc()).limit(limit)).all()


def next_patient(session: Session, clinic_id: UUID, *, after: UUID | None, since: datetime) -> UUID | None:
    """The next patient who was treated since then or has a text to come."""
    followed = select(Treatment.patient_id).where(
        Treatment.clinic_id == clinic_id,
        func.greatest(Treatment.performed_at, Treatment.created_at) >= since,
    )
    texted = select(Message.patient_id).where(
        Message.clinic_id == clinic_id,
        Message.state == MessageState.PLANNED,
        Message.patient_id.is_not(None),
    )
    both = union(followed, texted).subquery()
    wanted = select(both.c.patient_id)
    if after is not None:
        wanted = wanted.where(both.c.patient_id > after)
    return session.scalar(wanted.order_by(both.c.patient_id).limit(1))


def next_course(
    session: Session, clinic_id: UUID, version: str, *, after: UUID | None, since: datetime
) -> Treatment | None:
    """The next treatment since then that is held to a version and was not withdrawn, locked."""
    held = select(Treatment).where(
        Treatment.clinic_id == clinic_id,
        Treatment.protocol == version,
        Treatment.performed_at >= since,
        Treatment.withdrawn_at.is_(None),
    )
    if after is not None:
        held = held.where(Treatment.id > after)
    one = held.order_by(Treatment.id).limit(1).with_for_update(key_share=True)
    return session.scalar(one.execution_options(populate_existing=True))
