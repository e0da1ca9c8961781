"""Rows of texts (table message) but for lease and results: planned, cancelled, unconfirmed, awaiting
receipts, listed, counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Index,
    SmallInteger,
    Table,
    Text,
    all_,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
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
from recovery.models.treatments.treatments import Treatment

REMINDER_STEP = "reminder_day"
"""How the step of a check-in's reminder begins; the day follows."""

AGAIN_STEP = "again_"
"""How the step of a check-in beside the plan begins; its number within the course follows."""

REACHED_NOBODY = (
    MessageState.PLANNED,
    MessageState.EXPIRED,
    MessageState.CANCELLED,
    MessageState.UNDELIVERED,
    MessageState.FAILED,
    MessageState.QUARANTINED,
)
"""Texts in these states were read by nobody."""


class Message(Base):
    """One text, from the plan to the receipt.

    `step` names its place in the plan and is unique per treatment; `template` the wording;
    `details` what the wording needs that is known when it is planned: nothing that the text does not say.
    `to_phone`, `body` and `segments`, which the carrier charges, are filled when it is claimed. `reference`
    is the 128-bit secret that the carrier's receipts carry back. `look_at` is when the carrier's records are
    to be asked next, `looks` how often they lacked the text, `evidence` what settled a doubt about it.
    Without a patient it goes to the phone of `staff_id`, or to the clinic's on-call number.
    `asks_day` is the recovery day a check-in asks about, and `silence_at` the next moment to see whether it
    was answered; `replies_to_at` is when the patient wrote what this text answers. `brought_at`
    is when a text that was put aside was brought to a person.
    """

    __tablename__ = "message"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("patient_id", "patient"),
        clinic_foreign_key("treatment_id", "treatment"),
        clinic_foreign_key("staff_id", "staff"),
        Index(
            "uq_message_step",
            "clinic_id",
            "patient_id",
            "treatment_id",
            "step",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_message_due", "due_at", "id", postgresql_where=text("state = 'planned'")),
        Index("ix_message_in_hand", "worker_id", postgresql_where=text("state = 'claimed'")),
        Index("ix_message_silence", "silence_at", "id", postgresql_where=text("silence_at IS NOT NULL")),
        Index(
            "ix_message_put_aside",
            "settled_at",
            postgresql_where=text("state = 'quarantined' AND brought_at IS NULL"),
        ),
        Index("ix_message_in_doubt", "claimed_at", postgresql_where=text("state = 'in_doubt'")),
        Index("ix_message_unfinished", "settled_at", postgresql_where=text("state IN ('accepted', 'sent')")),
        Index(
            "ix_message_handed_over",
            "clinic_id",
            "patient_id",
            "claimed_at",
            postgresql_where=text("claimed_at IS NOT NULL"),
        ),
        # What the figures say of the texts of some days lies in the index.
        Index(
            "ix_message_of_days",
            "clinic_id",
            "due_at",
            postgresql_where=text("patient_id IS NOT NULL"),
            postgresql_include=["state", "reason", "segments"],
        ),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    patient_id: Mapped[UUID | None]
    treatment_id: Mapped[UUID | None]
    step: Mapped[str]
    template: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    due_at: Mapped[datetime]
    useful_until: Mapped[datetime]
    state: Mapped[MessageState] = mapped_column(enum_column(MessageState, "state"))
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    to_phone: Mapped[str | None]
    body: Mapped[str | None]
    segments: Mapped[int | None] = mapped_column(SmallInteger)
    reference: Mapped[str | None] = mapped_column(unique=True)
    worker_id: Mapped[UUID | None]
    claimed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    carrier_id: Mapped[str | None] = mapped_column(unique=True)
    look_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    evidence: Mapped[str | None]
    created_at: Mapped[datetime]
    asks_day: Mapped[int | None] = mapped_column(SmallInteger)
    silence_at: Mapped[datetime | None]
    replies_to_at: Mapped[datetime | None]
    staff_id: Mapped[UUID | None]
    brought_at: Mapped[datetime | None]


def escalation_step(matter_id: UUID, urgency: str) -> str:
    """The step of the text to the on-call number about an overdue flag or task, once for an urgency."""
    return f"escalated:{matter_id}:{urgency}"


def states_by_step(session: Session, clinic_id: UUID, steps: Collection[str]) -> dict[str, MessageState]:
    """How the texts of these steps to staff stand."""
    rows = session.execute(
        select(Message.step, Message.state).where(
            Message.clinic_id == clinic_id, Message.patient_id.is_(None), Message.step.in_(steps)
        )
    )
    return {row[0]: row[1] for row in rows}


def list_for_update(session: Session, references: Sequence[str]) -> dict[str, Message]:
    """The texts of these references, locked in one order, so that two batches never wait for each other."""
    wanted = select(Message).where(Message.reference.in_(references)).order_by(Message.id).with_for_update()
    texts = session.scalars(wanted.execution_options(populate_existing=True))
    return {row.reference: row for row in texts if row.reference is not None}


def list_unconfirmed_for_update(
    session: Session, *, now: datetime, quiet: timedelta, limit: int
) -> Sequence[Message]:
    """Unconfirmed texts whose waiting time is over and that no worker is looking up, locked."""
    wanted = (
        select(Message)
        .where(
            Message.state == MessageState.IN_DOUBT,
            Message.claimed_at <= now - quiet,
            or_(Message.look_at.is_(None), Message.look_at <= now),
        )
        .order_by(Message.claimed_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(wanted).all()


def list_awaiting_receipt_for_update(
    session: Session,
    *,
    now: datetime,
    heard_before: datetime,
    followed_from: datetime,
    limit: int,
) -> Sequence[Message]:
    """Accepted texts without a final receipt that were not looked up recently, locked."""
    wanted = (
        select(Message)
        .where(
            Message.state.in_((MessageState.ACCEPTED, MessageState.SENT)),
            Message.settled_at <= heard_before,
            Message.settled_at >= followed_from,
            or_(Message.look_at.is_(None), Message.look_at <= now),
        )
        .order_by(Message.settled_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(wanted).all()


def get_for_update(session: Session, reference: str) -> Message | None:
    """The text whose receipts carry this reference, locked until the transaction ends."""
    wanted = select(Message).where(Message.reference == reference).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def count_planned(session: Session, clinic_id: UUID, patient_id: UUID) -> int:
    """How many texts to a patient have not left yet."""
    waiting = select(func.count()).where(
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        Message.state == MessageState.PLANNED,
    )
    return session.scalars(waiting).one()


def _cancel(session: Session, *which: ColumnElement[bool], **values: Any) -> None:
    """Of these texts, those that still wait do not go out."""
    waiting = update(Message).where(*which, Message.state == MessageState.PLANNED)
    session.execute(waiting.values(state=MessageState.CANCELLED, **values))


def cancel_planned(
    session: Session, *, clinic_id: UUID, patient_id: UUID, reason: str, now: datetime
) -> None:
    """No text that still waits goes to this patient."""
    _cancel(
        session,
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        reason=reason,
        settled_at=now,
    )


def cancel_step(
    session: Session, *, clinic_id: UUID, treatment_id: UUID | None, step: str, reason: str, now: datetime
) -> None:
    """The treatment's text of this step does not go out, if it still waits."""
    _cancel(
        session,
        Message.clinic_id == clinic_id,
        Message.treatment_id == treatment_id,
        Message.step == step,
        reason=reason,
        settled_at=now,
    )


def cancel_wording(
    session: Session, *, clinic_id: UUID, patient_id: UUID, template: str, reason: str, now: datetime
) -> None:
    """No text in this wording that still waits goes to this patient."""
    _cancel(
        session,
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        Message.template == template,
        reason=reason,
        settled_at=now,
    )


def cancel_check_ins(
    session: Session, *, clinic_id: UUID, treatment_id: UUID, through_day: int, reason: str, now: datetime
) -> None:
    """The treatment's check-ins up to this day are not sent any more."""
    _cancel(
        session,
        Message.clinic_id == clinic_id,
        Message.treatment_id == treatment_id,
        Message.asks_day <= through_day,
        reason=reason,
        settled_at=now,
        silence_at=None,
    )


def insert_planned(session: Session, message: Message) -> bool:
    """Add a text unless its step already stands; whether it was added."""
    values = {
        column.key: value
        for column in Message.__table__.columns
        if (value := getattr(message, column.key)) is not None
    }
    added = insert(Message).values(values).on_conflict_do_nothing().returning(Message.id)
    return session.execute(added).one_or_none() is not None


def insert_planned_many(session: Session, planned: Sequence[Message]) -> None:
    """Add texts of one kind (the same columns filled), each unless its step already stands."""
    columns = [
        column.key
        for column in Message.__table__.columns
        if any(getattr(message, column.key) is not None for message in planned)
    ]
    rows = [{name: getattr(message, name) for name in columns} for message in planned]
    if rows:
        # The bare table: the mapped class would be written row by row.
        session.execute(insert(cast(Table, Message.__table__)).on_conflict_do_nothing(), rows)


def mark_unconfirmed(
    session: Session, worker_id: UUID, *, reason: str, now: datetime, but: Collection[str] = ()
) -> int:
    """Mark the texts a worker lost as unconfirmed, except those in `but`, which it still holds.

    They may have gone out: none of them is sent again without evidence.
    """
    in_hand = (
        update(Message)
        .where(
            Message.worker_id == worker_id,
            Message.state == MessageState.CLAIMED,
            Message.reference != all_(bindparam("but", list(but), type_=ARRAY(Text()))),
        )
        .values(state=MessageState.IN_DOUBT, reason=reason, settled_at=now)
    )
    return len(session.execute(in_hand.returning(Message.id)).all())


def holder_of_carrier_id(session: Session, carrier_id: str) -> UUID | None:
    """The text that the carrier knows under this id."""
    return session.scalar(select(Message.id).where(Message.carrier_id == carrier_id))


def count_by_state(session: Session) -> dict[MessageState, int]:
    """How many texts stand where, over all clinics."""
    rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {row[0]: row[1] for row in rows}


def list_unconfirmed(session: Session, *, limit: int) -> Sequence[Message]:
    """Texts that may or may not have gone out, oldest first."""
    wanted = select(Message).where(Message.state == MessageState.IN_DOUBT).order_by(Message.claimed_at)
    return session.scalars(wanted.limit(limit)).all()


def list_for_treatment(session: Session, clinic_id: UUID, treatment_id: UUID) -> Sequence[Message]:
    """Every text of a treatment, in the order they are or were due."""
    patient = select(Treatment.patient_id).where(
        Treatment.clinic_id == clinic_id, Treatment.id == treatment_id
    )
    # With the patient, or without one as texts to staff are: so the index of the steps finds them.
    recipients = (Message.patient_id == patient.scalar_subquery(), Message.patient_id.is_(None))
    own = select(Message).where(
        or_(
            *(
                and_(Message.clinic_id == clinic_id, recipient, Message.treatment_id == treatment_id)
                for recipient in recipients
            )
        )
    )
    return session.scalars(own.order_by(Message.due_at, Message.id)).all()


def steps_by_treatment_for_update(
    session: Session, clinic_id: UUID, treatment_ids: Sequence[UUID]
) -> dict[UUID, dict[str, Message]]:
    """The texts of these treatments by treatment and step, locked, as they stand; none is left out."""
    own = (
        select(Message)
        .where(Message.clinic_id == clinic_id, Message.treatment_id.in_(treatment_ids))
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    steps: dict[UUID, dict[str, Message]] = {treatment_id: {} for treatment_id in treatment_ids}
    for message in session.scalars(own):
        if message.treatment_id is not None and message.patient_id is not None:
            steps[message.treatment_id][message.step] = message
    return steps


def list_for_patient(
    session: Session, clinic_id: UUID, patient_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Message]:
    """A patient's texts, the one due last first.

    `after` is the sort key (due time, id) of the last row of the page before.
    """
    own = (
        select(Message)
        .where(Message.clinic_id == clinic_id, Message.patient_id == patient_id)
        .order_by(Message.due_at.desc(), Message.id.desc())
        .limit(limit)
    )
    if after is not None:
        own = own.where(tuple_(Message.due_at, Message.id) < after)
    return session.scalars(own).all()
