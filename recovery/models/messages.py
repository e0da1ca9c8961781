"""Texts planned, claimed, sent and answered for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Select, SmallInteger, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.delivery import MessageState
from recovery.domain.people import ConsentKind
from recovery.models import numbers
from recovery.models.base import Base, belongs, clinic_key, of_clinic, own_key, words
from recovery.models.clinics import Clinic
from recovery.models.patients import Consent, Patient


class Message(Base):
    """One text, from the plan to the receipt.

    `step` names its place in the plan and is unique per treatment; `template` the wording;
    `details` what the wording needs that is known when it is planned (never health data).
    `to_phone` and `body` are filled when it is claimed. `reference` is the 128-bit secret that the
    carrier's receipts carry back. `asks_day` is the recovery day a check-in asks about, and `silence_at`
    the next moment to see whether it was answered; `replies_to_at` is when the patient wrote what this
    text answers.
    """

    __tablename__ = "message"
    __table_args__ = (
        of_clinic(),
        belongs("patient_id", "patient"),
        belongs("treatment_id", "treatment"),
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
        Index("ix_message_in_doubt", "claimed_at", postgresql_where=text("state = 'in_doubt'")),
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
    state: Mapped[MessageState] = mapped_column(words(MessageState, "state"))
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    to_phone: Mapped[str | None]
    body: Mapped[str | None]
    reference: Mapped[str | None] = mapped_column(unique=True)
    worker_id: Mapped[UUID | None]
    claimed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    carrier_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    asks_day: Mapped[int | None] = mapped_column(SmallInteger)
    silence_at: Mapped[datetime | None]
    replies_to_at: Mapped[datetime | None]


class OptOut(Base):
    """A number that asked for no more texts, for everyone on it; ended only by the patient."""

    __tablename__ = "opt_out"
    __table_args__ = (of_clinic(),)

    clinic_id: Mapped[UUID] = clinic_key()
    phone: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    how: Mapped[str]


@dataclass(frozen=True, kw_only=True)
class Due:
    """A locked text with all that decides whether it may go out."""

    message: Message
    clinic: Clinic
    patient: Patient | None
    consented: bool
    opted_out: bool


def claim_due(session: Session, *, now: datetime, limit: int) -> Sequence[Due]:
    """Lock up to `limit` due texts that no other worker holds, earliest first.

    A text to a number whose wish is being changed at this moment is left for the next time.
    """
    consented = (
        select(Consent.id)
        .where(
            Consent.clinic_id == Message.clinic_id,
            Consent.patient_id == Message.patient_id,
            Consent.kind == ConsentKind.RECOVERY_TEXTS,
            Consent.withdrawn_at.is_(None),
        )
        .exists()
    )
    due: Select[Message, Clinic, Patient | None, bool] = (
        select(Message, Clinic, Patient, consented)
        .join(Clinic, Clinic.id == Message.clinic_id)
        .outerjoin(Patient, (Patient.clinic_id == Message.clinic_id) & (Patient.id == Message.patient_id))
        .where(Message.state == MessageState.PLANNED, Message.due_at <= now)
        .order_by(Message.due_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Message)
    )
    rows = session.execute(due).all()
    phones = {row[2].phone for row in rows if row[2] is not None}
    shared = numbers.share(session, phones)
    # Asked once the numbers are shared: what was committed before is seen, what comes after has to wait.
    ended = _ended(session, shared)
    return [
        Due(
            message=row[0],
            clinic=row[1],
            patient=row[2],
            consented=row[3],
            opted_out=row[2] is not None and (row[1].id, row[2].phone) in ended,
        )
        for row in rows
        if row[2] is None or row[2].phone in shared
    ]


def _ended(session: Session, phones: Collection[str]) -> frozenset[tuple[UUID, str]]:
    """Which clinics may not text which of these numbers."""
    if not phones:
        return frozenset()
    rows = session.execute(select(OptOut.clinic_id, OptOut.phone).where(OptOut.phone.in_(phones)))
    return frozenset((row[0], row[1]) for row in rows)


def locked(session: Session, reference: str) -> Message | None:
    """The text whose receipts carry this reference, locked until the transaction ends."""
    wanted = select(Message).where(Message.reference == reference).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def opt_out(session: Session, *, clinic_id: UUID, phone: str, how: str, now: datetime) -> None:
    """From here on this clinic texts nobody on this number; the first date stands."""
    row = insert(OptOut).values(clinic_id=clinic_id, phone=phone, how=how, since=now)
    session.execute(row.on_conflict_do_nothing())


def opted_out(session: Session, *, clinic_id: UUID, phone: str) -> OptOut | None:
    """When this number asked this clinic for no more texts, or None."""
    return session.get(OptOut, (clinic_id, phone))


def opt_in(session: Session, *, phone: str) -> Sequence[UUID]:
    """Every clinic may text this number again; the clinics that could not."""
    ended = delete(OptOut).where(OptOut.phone == phone).returning(OptOut.clinic_id)
    return session.scalars(ended).all()


def cancel_planned(
    session: Session, *, clinic_id: UUID, patient_id: UUID, reason: str, now: datetime
) -> None:
    """No text that still waits goes to this patient."""
    session.execute(
        update(Message)
        .where(
            Message.clinic_id == clinic_id,
            Message.patient_id == patient_id,
            Message.state == MessageState.PLANNED,
        )
        .values(state=MessageState.CANCELLED, reason=reason, settled_at=now)
    )


def plan_again(session: Session, *, clinic_id: UUID, patient_id: UUID, reason: str, now: datetime) -> None:
    """Texts that were cancelled for this reason and are still to come are planned again."""
    session.execute(
        update(Message)
        .where(
            Message.clinic_id == clinic_id,
            Message.patient_id == patient_id,
            Message.state == MessageState.CANCELLED,
            Message.reason == reason,
            Message.due_at > now,
        )
        .values(state=MessageState.PLANNED, reason=None, settled_at=None)
    )


def cancel_check_ins(
    session: Session, *, clinic_id: UUID, treatment_id: UUID, through_day: int, reason: str, now: datetime
) -> None:
    """The treatment's check-ins up to this day are not sent any more."""
    session.execute(
        update(Message)
        .where(
            Message.clinic_id == clinic_id,
            Message.treatment_id == treatment_id,
            Message.asks_day <= through_day,
            Message.state == MessageState.PLANNED,
        )
        .values(state=MessageState.CANCELLED, reason=reason, settled_at=now, silence_at=None)
    )


def answers_since(
    session: Session, *, clinic_id: UUID, patient_id: UUID, template: str, since: datetime
) -> int:
    """How often this wording answered this patient since then."""
    counted = select(func.count()).where(
        Message.clinic_id == clinic_id,
        Message.patient_id == patient_id,
        Message.template == template,
        Message.replies_to_at >= since,
    )
    return session.scalar(counted) or 0


def plan(session: Session, message: Message) -> bool:
    """Add a text unless its step already stands; whether it was added."""
    values = {
        column.key: value
        for column in Message.__table__.columns
        if (value := getattr(message, column.key)) is not None
    }
    added = insert(Message).values(values).on_conflict_do_nothing().returning(Message.id)
    return session.execute(added).one_or_none() is not None


def doubt_all_of(session: Session, worker_id: UUID, *, now: datetime) -> int:
    """Texts that a dead worker held may have gone out: none of them is sent again without evidence."""
    in_hand = (
        update(Message)
        .where(Message.worker_id == worker_id, Message.state == MessageState.CLAIMED)
        .values(state=MessageState.IN_DOUBT, reason="the worker that held it died", settled_at=now)
    )
    return len(session.execute(in_hand.returning(Message.id)).all())


def workers_with_texts_in_hand(session: Session) -> Sequence[UUID]:
    """Every worker that has claimed texts it has not settled."""
    holders = select(Message.worker_id).where(
        Message.state == MessageState.CLAIMED, Message.worker_id.is_not(None)
    )
    return [holder for holder in session.scalars(holders.distinct()) if holder is not None]


def count_by_state(session: Session) -> dict[MessageState, int]:
    """How many texts stand where, over all clinics."""
    rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {row[0]: row[1] for row in rows}


def in_doubt(session: Session, *, limit: int) -> Sequence[Message]:
    """Texts that may or may not have gone out, oldest first."""
    wanted = select(Message).where(Message.state == MessageState.IN_DOUBT).order_by(Message.claimed_at)
    return session.scalars(wanted.limit(limit)).all()


def of_treatment(session: Session, clinic_id: UUID, treatment_id: UUID) -> Sequence[Message]:
    """Every text of a treatment, in the order they are or were due."""
    own = select(Message).where(Message.clinic_id == clinic_id, Message.treatment_id == treatment_id)
    return session.scalars(own.order_by(Message.due_at, Message.id)).all()
