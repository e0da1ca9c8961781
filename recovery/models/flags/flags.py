"""Rows of flags, of the assessments that raised them and of what happened to them: locked, unresolved, past
due, by treatment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, Urgency
from recovery.domain.review.escalation import OVERDUE, EscalationStep
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)
from recovery.models.reports.reports import StoredAssessment
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment

UNRESOLVED = "state <> 'resolved'"


class EventKind(StrEnum):
    """What can happen to a flag."""

    OPENED = "opened"
    EXTENDED = "extended"
    RAISED = "raised"
    CLAIMED = "claimed"
    RELEASED = "released"
    CONTACT = "contact"
    NOTE = "note"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    HANDED_OVER = "handed_over"
    TEXT = "text"
    UNDONE = "undone"
    DUE_MOVED = "due_moved"


class Flag(Base):
    """A treatment that wants a nurse. At most one of a treatment is unresolved.

    `entry` is what the queue shows of it, as `recovery.services.flags.flag_queue_entries` keeps it.
    `escalate_at` is when to see next whether it is overdue, `escalated` the furthest step that was taken,
    `late_told_at` when the patient was told that a promised time had passed.
    """

    __tablename__ = "flag"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("treatment_id", "treatment"),
        clinic_foreign_key("held_by", "staff"),
        Index(
            "uq_flag_unresolved_per_treatment",
            "clinic_id",
            "treatment_id",
            unique=True,
            postgresql_where=text(UNRESOLVED),
        ),
        # Everything the queue shows lies in the index: the list is read without the table.
        Index(
            "ix_flag_queue",
            "clinic_id",
            "urgency_rank",
            "due_at",
            "id",
            postgresql_where=text(UNRESOLVED),
            postgresql_include=["treatment_id", "state", "opened_at", "held_by", "entry"],
        ),
        # Narrow, so that all are counted in a few milliseconds.
        Index(
            "ix_flag_counts",
            "clinic_id",
            "urgency_rank",
            "due_at",
            "state",
            "held_by",
            postgresql_where=text(UNRESOLVED),
        ),
        Index("ix_flag_clinic_id_treatment_id", "clinic_id", "treatment_id"),
        Index(
            "ix_flag_closed",
            "clinic_id",
            "resolved_at",
            "id",
            postgresql_where=text("state = 'resolved'"),
        ),
        Index("ix_flag_late", "due_at", postgresql_where=text("state = 'open' AND late_told_at IS NULL")),
        Index("ix_flag_escalate", "escalate_at", postgresql_where=text("escalate_at IS NOT NULL")),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    treatment_id: Mapped[UUID]
    state: Mapped[FlagState] = mapped_column(enum_column(FlagState, "state"))
    urgency: Mapped[Urgency] = mapped_column(enum_column(Urgency, "urgency"))
    urgency_rank: Mapped[int]
    due_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    held_by: Mapped[UUID | None]
    held_since: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    outcome: Mapped[FlagOutcome | None] = mapped_column(enum_column(FlagOutcome, "outcome"))
    comment: Mapped[str | None]
    entry: Mapped[dict[str, Any] | None]
    escalate_at: Mapped[datetime | None]
    escalated: Mapped[EscalationStep | None] = mapped_column(enum_column(EscalationStep, "escalated"))
    late_told_at: Mapped[datetime | None]


class FlagAssessment(Base):
    """Which assessments raised a flag."""

    __tablename__ = "flag_assessment"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("flag_id", "flag"),
        clinic_foreign_key("assessment_id", "assessment"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    flag_id: Mapped[UUID] = mapped_column(primary_key=True)
    assessment_id: Mapped[UUID] = mapped_column(primary_key=True)


class FlagEvent(Base):
    """What happened to a flag, by whom; `staff_id` is empty for what the worker did."""

    __tablename__ = "flag_event"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("flag_id", "flag"),
        clinic_foreign_key("staff_id", "staff"),
        Index("ix_flag_event_clinic_id_flag_id", "clinic_id", "flag_id", "id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    flag_id: Mapped[UUID]
    at: Mapped[datetime]
    kind: Mapped[EventKind] = mapped_column(enum_column(EventKind, "kind"))
    staff_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


def get(session: Session, clinic_id: UUID, flag_id: UUID) -> Flag | None:
    """The flag if this clinic has one under this id."""
    return session.get(Flag, (clinic_id, flag_id))


def get_for_update(session: Session, clinic_id: UUID, flag_id: UUID) -> Flag | None:
    """The flag, locked until the transaction ends, so that of two claims one wins."""
    return session.get(Flag, (clinic_id, flag_id), with_for_update=True, populate_existing=True)


def get_unresolved_for_update(session: Session, clinic_id: UUID, treatment_id: UUID) -> Flag | None:
    """The treatment's one unresolved flag, locked."""
    wanted = select(Flag).where(
        Flag.clinic_id == clinic_id, Flag.treatment_id == treatment_id, Flag.state != FlagState.RESOLVED
    )
    return session.scalars(wanted.with_for_update()).one_or_none()


def get_unresolved(session: Session, clinic_id: UUID, treatment_id: UUID) -> Flag | None:
    """The treatment's one unresolved flag."""
    wanted = select(Flag).where(
        Flag.clinic_id == clinic_id, Flag.treatment_id == treatment_id, Flag.state != FlagState.RESOLVED
    )
    return session.scalars(wanted).one_or_none()


def list_held_for_update(session: Session, clinic_id: UUID, staff_id: UUID) -> Sequence[Flag]:
    """The unresolved flags that somebody holds, locked."""
    held = select(Flag).where(Flag.clinic_id == clinic_id, Flag.held_by == staff_id, text(UNRESOLVED))
    return session.scalars(held.order_by(Flag.id).with_for_update()).all()


def count_held(session: Session, clinic_id: UUID) -> dict[UUID, int]:
    """How many unresolved flags each of a clinic's people holds; who holds none is left out."""
    held = select(Flag.held_by, func.count()).where(
        Flag.clinic_id == clinic_id, Flag.held_by.is_not(None), text(UNRESOLVED)
    )
    rows = session.execute(held.group_by(Flag.held_by))
    return {holder: count for holder, count in rows if holder is not None}


def list_unanswered_for_update(session: Session, clinic_id: UUID) -> Sequence[Flag]:
    """A clinic's flags whose patient was not reached yet, locked."""
    waiting = select(Flag).where(Flag.clinic_id == clinic_id, Flag.state.in_(OVERDUE), text(UNRESOLVED))
    return session.scalars(waiting.order_by(Flag.id).with_for_update()).all()


def list_due_escalations_for_update(session: Session, *, now: datetime, limit: int) -> Sequence[Flag]:
    """Flags to look at because they may be overdue, and that nobody works at this moment, locked."""
    wanted = (
        select(Flag)
        .where(
            Flag.escalate_at <= now,
            # Nobody is called at night to look at a patient who does not exist.
            Flag.treatment_id.not_in(treatments.training_ids()),
        )
        .order_by(Flag.escalate_at, Flag.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).all()


def list_late_for_update(session: Session, *, now: datetime, limit: int) -> Sequence[Flag]:
    """Flags past their time that nobody has taken, of which the patient was not told yet; locked."""
    wanted = select(Flag).where(Flag.state == FlagState.OPEN, Flag.late_told_at.is_(None), Flag.due_at <= now)
    locked = wanted.order_by(Flag.due_at, Flag.id).limit(limit).with_for_update(skip_locked=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def flagged_treatment_ids(session: Session, clinic_id: UUID, patient_id: UUID) -> frozenset[UUID]:
    """The treatments of a patient that have an unresolved flag."""
    wanted = (
        select(Flag.treatment_id)
        .join(Treatment, (Treatment.clinic_id == Flag.clinic_id) & (Treatment.id == Flag.treatment_id))
        .where(
            Treatment.clinic_id == clinic_id,
            Treatment.patient_id == patient_id,
            Flag.state != FlagState.RESOLVED,
        )
    )
    return frozenset(session.scalars(wanted))


def has_unresolved(session: Session, clinic_id: UUID, patient_id: UUID) -> bool:
    """Whether any treatment of a patient has an unresolved flag."""
    return bool(flagged_treatment_ids(session, clinic_id, patient_id))


def list_for_treatment(session: Session, clinic_id: UUID, treatment_id: UUID) -> Sequence[Flag]:
    """All flags a treatment ever had, newest first."""
    own = select(Flag).where(Flag.clinic_id == clinic_id, Flag.treatment_id == treatment_id)
    return session.scalars(own.order_by(Flag.id.desc())).all()


def newest_by_report(session: Session, clinic_id: UUID, treatment_id: UUID) -> dict[UUID, Flag]:
    """The newest flag that each report of a treatment raised or added to, by report id."""
    rows = session.execute(
        select(StoredAssessment.report_id, Flag)
        .join(
            FlagAssessment,
            (FlagAssessment.clinic_id == StoredAssessment.clinic_id)
            & (FlagAssessment.assessment_id == StoredAssessment.id),
        )
        .join(Flag, (Flag.clinic_id == FlagAssessment.clinic_id) & (Flag.id == FlagAssessment.flag_id))
        .where(StoredAssessment.clinic_id == clinic_id, StoredAssessment.treatment_id == treatment_id)
        .order_by(Flag.id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def current_by_treatment(
    session: Session, clinic_id: UUID, treatment_ids: Sequence[UUID]
) -> dict[UUID, Flag]:
    """The flag that counts of each of these treatments, the unresolved or else the newest, by treatment."""
    wanted = (
        select(Flag)
        .where(Flag.clinic_id == clinic_id, Flag.treatment_id.in_(treatment_ids))
        .ext(distinct_on(Flag.treatment_id))
        .order_by(Flag.treatment_id, Flag.state == FlagState.RESOLVED, Flag.id.desc())
    )
    return {flag.treatment_id: flag for flag in session.scalars(wanted)}


def unresolved_by_treatment(
    session: Session, clinic_id: UUID, treatment_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """The unresolved flags of these treatments, by treatment."""
    wanted = select(Flag.treatment_id, Flag.id).where(
        Flag.clinic_id == clinic_id, Flag.treatment_id.in_(treatment_ids), text(UNRESOLVED)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}


def list_flagged_treatment_ids(session: Session, clinic_id: UUID, patient_id: UUID) -> Sequence[UUID]:
    """The treatments of a patient that have an unresolved flag, in order."""
    wanted = (
        select(Flag.treatment_id)
        .join(Treatment, (Treatment.clinic_id == Flag.clinic_id) & (Treatment.id == Flag.treatment_id))
        .where(Flag.clinic_id == clinic_id, Treatment.patient_id == patient_id, text(UNRESOLVED))
    )
    return session.scalars(wanted.order_by(Flag.treatment_id)).all()


def assessments_by_flag(
    session: Session, clinic_id: UUID, flag_ids: Sequence[UUID]
) -> dict[UUID, list[StoredAssessment]]:
    """The assessments that raised each of these flags, newest first."""
    return assessments_by_key(session, [(clinic_id, flag_id) for flag_id in flag_ids])


def assessments_by_key(
    session: Session, keys: Collection[tuple[UUID, UUID]]
) -> dict[UUID, list[StoredAssessment]]:
    """What `assessments_by_flag` gives, for flags of several clinics: (clinic, flag) each."""
    rows = session.execute(
        select(FlagAssessment.flag_id, StoredAssessment)
        .join(
            StoredAssessment,
            (StoredAssessment.clinic_id == FlagAssessment.clinic_id)
            & (StoredAssessment.id == FlagAssessment.assessment_id),
        )
        .where(tuple_(FlagAssessment.clinic_id, FlagAssessment.flag_id).in_(keys))
        .order_by(StoredAssessment.id.desc())
    )
    assessments: dict[UUID, list[StoredAssessment]] = {}
    for flag_id, assessment in rows:
        assessments.setdefault(flag_id, []).append(assessment)
    return assessments


def list_events(session: Session, clinic_id: UUID, flag_id: UUID) -> list[FlagEvent]:
    """What happened to a flag, oldest first."""
    wanted = select(FlagEvent).where(FlagEvent.clinic_id == clinic_id, FlagEvent.flag_id == flag_id)
    return list(session.scalars(wanted.order_by(FlagEvent.id)))
