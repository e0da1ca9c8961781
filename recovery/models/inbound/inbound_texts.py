"""Rows of texts from phones, of notes to be read, and of strays: unread ones, a patient's, what answered
them, marked as read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Select,
    SmallInteger,
    and_,
    func,
    not_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.clinic.rooms import Room
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)
from recovery.models.inbound.stray_texts import StrayText
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports.reports import ReportRevision
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments.treatments import Treatment


class InboundSource(StrEnum):
    """Where it was written."""

    TEXT = "text"
    NOTE = "note"


class InboundText(Base):
    """One thing a patient wrote, as one clinic has it; a text that may be for two clinics is with both.

    `patient_id` is empty where the number is shared or unknown. `report_id` is the report that was made
    of it, or whose note it is; a note's words stay with the report. `to_read`: a nurse should read it here,
    by `due_at`. `answer` is the wording that answers it; without one `no_answer` says why.
    """

    __tablename__ = "inbound_text"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("patient_id", "patient"),
        clinic_foreign_key("treatment_id", "treatment"),
        clinic_foreign_key("report_id", "report"),
        ForeignKeyConstraint(
            ["clinic_id", "report_id", "revision"],
            ["report_revision.clinic_id", "report_revision.report_id", "report_revision.revision"],
        ),
        clinic_foreign_key("read_by", "staff"),
        CheckConstraint("(source = 'text') = (body IS NOT NULL)", name="texts_have_a_body"),
        CheckConstraint("(source = 'text') = (carrier_id IS NOT NULL)", name="texts_have_a_carrier_id"),
        Index("uq_inbound_text_carrier_id", "carrier_id", "clinic_id", unique=True),
        Index(
            "ix_inbound_text_to_read",
            "clinic_id",
            "received_at",
            "id",
            postgresql_where=text("to_read AND read_at IS NULL"),
        ),
        Index(
            "ix_inbound_text_report", "clinic_id", "report_id", postgresql_where=text("report_id IS NOT NULL")
        ),
        Index("ix_inbound_text_patient", "clinic_id", "patient_id", "received_at"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    source: Mapped[InboundSource] = mapped_column(enum_column(InboundSource, "source"))
    carrier_id: Mapped[str | None]
    phone: Mapped[str | None]
    body: Mapped[str | None]
    pictures: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    received_at: Mapped[datetime]
    meaning: Mapped[TextMeaning] = mapped_column(enum_column(TextMeaning, "meaning"))
    patient_id: Mapped[UUID | None]
    treatment_id: Mapped[UUID | None]
    report_id: Mapped[UUID | None]
    revision: Mapped[int | None] = mapped_column(SmallInteger)
    to_read: Mapped[bool]
    due_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    no_answer: Mapped[NoAnswer | None] = mapped_column(enum_column(NoAnswer, "no_answer"))
    read_at: Mapped[datetime | None]
    read_by: Mapped[UUID | None]


@dataclass(frozen=True, kw_only=True)
class InboxItem:
    """Something to read, from whom where that is known, and its words."""

    entry: InboundText
    patient: Patient | None
    treatment: Treatment | None
    body: str


def was_received(session: Session, carrier_id: str) -> bool:
    """Whether this text was taken already; ask with its number held."""
    kept = select(InboundText.id).where(InboundText.carrier_id == carrier_id)
    stray = session.get(StrayText, carrier_id)
    return stray is not None or session.scalar(kept.limit(1)) is not None


def by_clinic(session: Session, carrier_id: str) -> dict[UUID, InboundText]:
    """This text as each clinic keeps it."""
    kept = select(InboundText).where(InboundText.carrier_id == carrier_id)
    return {entry.clinic_id: entry for entry in session.scalars(kept)}


def newest_text_of_report(session: Session, clinic_id: UUID, report_id: UUID) -> InboundText | None:
    """The newest text of which this report was made, None for one from the app."""
    wanted = select(InboundText).where(
        InboundText.clinic_id == clinic_id,
        InboundText.report_id == report_id,
        InboundText.source == InboundSource.TEXT,
    )
    return session.scalars(wanted.order_by(InboundText.id.desc()).limit(1)).one_or_none()


def newest_answered_with(
    session: Session, clinic_id: UUID, treatment_id: UUID, *, answers: Collection[str], since: datetime
) -> InboundText | None:
    """The treatment's newest text since this moment that one of these wordings answers."""
    wanted = select(InboundText).where(
        InboundText.clinic_id == clinic_id,
        InboundText.treatment_id == treatment_id,
        InboundText.answer.in_(answers),
        InboundText.received_at >= since,
    )
    newest = wanted.order_by(InboundText.received_at.desc(), InboundText.id.desc())
    return session.scalars(newest.limit(1)).one_or_none()


def latest_report_by_text(
    session: Session, clinic_id: UUID, treatment_id: UUID, *, since: datetime
) -> UUID | None:
    """The report made of the treatment's newest text with one since this moment."""
    wanted = select(InboundText.report_id).where(
        InboundText.clinic_id == clinic_id,
        InboundText.treatment_id == treatment_id,
        InboundText.source == InboundSource.TEXT,
        InboundText.report_id.is_not(None),
        InboundText.received_at >= since,
    )
    return session.scalar(wanted.order_by(InboundText.received_at.desc(), InboundText.id.desc()).limit(1))


def has_stop_from(session: Session, clinic_id: UUID, phones: Collection[str]) -> bool:
    """Whether one of these numbers ever asked this clinic for no more texts."""
    asked = select(InboundText.id).where(
        InboundText.clinic_id == clinic_id,
        InboundText.phone.in_(phones),
        InboundText.meaning == TextMeaning.STOP,
    )
    return bool(phones) and session.scalar(asked.limit(1)) is not None


def list_unread(
    session: Session,
    clinic_id: UUID,
    *,
    known: bool | None = None,
    room: Room = Room.ALL,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> Sequence[InboxItem]:
    """What waits to be read, oldest first. `after` is (received, id) of the last one seen.

    `known` asks for what is from a known patient only, or only for the rest; of the former what stands in the
    queue is left out.
    """
    wanted = _with_words().where(
        InboundText.clinic_id == clinic_id,
        InboundText.to_read,
        InboundText.read_at.is_(None),
        patients.of_room(InboundText.patient_id, clinic_id=clinic_id, room=room),
    )
    if known is not None:
        wanted = wanted.where((InboundText.patient_id.is_not(None)) == known, not_(_in_queue()))
    if after is not None:
        wanted = wanted.where(tuple_(InboundText.received_at, InboundText.id) > after)
    rows = session.execute(wanted.order_by(InboundText.received_at, InboundText.id).limit(limit))
    return [_unread(row[0], row[1], row[2], row[3]) for row in rows]


def list_unread_of_patient(
    session: Session, clinic_id: UUID, patient_id: UUID, *, source: InboundSource
) -> Sequence[InboxItem]:
    """What of one source one patient wrote and nobody has read, oldest first."""
    wanted = _with_words().where(
        InboundText.clinic_id == clinic_id,
        InboundText.patient_id == patient_id,
        InboundText.source == source,
        InboundText.to_read,
        InboundText.read_at.is_(None),
    )
    rows = session.execute(wanted.order_by(InboundText.received_at, InboundText.id))
    return [_unread(row[0], row[1], row[2], row[3]) for row in rows]


def count_unread(
    session: Session, clinic_id: UUID, *, room: Room = Room.ALL, overdue_at: datetime | None = None
) -> int:
    """How much from known patients waits to be read outside the queue; with `overdue_at` what was due."""
    counted = select(func.count()).where(
        InboundText.clinic_id == clinic_id,
        InboundText.to_read,
        InboundText.read_at.is_(None),
        InboundText.patient_id.is_not(None),
        patients.of_room(InboundText.patient_id, clinic_id=clinic_id, room=room),
        not_(_in_queue()),
    )
    if overdue_at is not None:
        counted = counted.where(InboundText.due_at < overdue_at)
    return session.scalar(counted) or 0


def _in_queue() -> ColumnElement[bool]:
    """Whether the patient's texts hang on a task that is urgent: then the queue shows them."""
    urgent = select(Task.id).where(
        Task.clinic_id == InboundText.clinic_id,
        Task.kind == TaskKind.TEXT_TO_READ,
        Task.patient_id == InboundText.patient_id,
        Task.treatment_id.is_not_distinct_from(InboundText.treatment_id),
        Task.done_at.is_(None),
        Task.urgency != Urgency.NEXT_BUSINESS_DAY,
    )
    return and_(InboundText.source == InboundSource.TEXT, urgent.correlate(InboundText).exists())


def list_read(
    session: Session, clinic_id: UUID, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> Sequence[InboxItem]:
    """What was to be read and is, the newest first. `after` is (read at, id) of the last one seen."""
    wanted = _with_words().where(
        InboundText.clinic_id == clinic_id, InboundText.to_read, InboundText.read_at.is_not(None)
    )
    if after is not None:
        wanted = wanted.where(tuple_(InboundText.read_at, InboundText.id) < after)
    rows = session.execute(wanted.order_by(InboundText.read_at.desc(), InboundText.id.desc()).limit(limit))
    return [_unread(row[0], row[1], row[2], row[3]) for row in rows]


def get_entry(session: Session, clinic_id: UUID, entry_id: UUID) -> InboxItem | None:
    """One entry, read or not."""
    row = session.execute(
        _with_words().where(InboundText.clinic_id == clinic_id, InboundText.id == entry_id)
    ).one_or_none()
    return None if row is None else _unread(row[0], row[1], row[2], row[3])


def list_by_id(session: Session, clinic_id: UUID, ids: Collection[UUID]) -> Sequence[InboundText]:
    """Those of these texts that the clinic has."""
    wanted = select(InboundText).where(InboundText.clinic_id == clinic_id, InboundText.id.in_(ids))
    return session.scalars(wanted).all() if ids else ()


def get_for_update(session: Session, clinic_id: UUID, entry_id: UUID) -> InboundText | None:
    """The entry if this clinic has one under this id, locked until the transaction ends."""
    return session.get(InboundText, (clinic_id, entry_id), with_for_update=True, populate_existing=True)


def has_other_unread(session: Session, entry: InboundText) -> bool:
    """Whether something else of the same source, patient and treatment waits to be read."""
    return _waits_to_be_read(
        session,
        entry.clinic_id,
        InboundText.source == entry.source,
        InboundText.patient_id.is_not_distinct_from(entry.patient_id),
        InboundText.treatment_id.is_not_distinct_from(entry.treatment_id),
        InboundText.id != entry.id,
    )


def has_unread(session: Session, clinic_id: UUID, patient_id: UUID) -> bool:
    """Whether a text or a note of this patient waits to be read."""
    return _waits_to_be_read(session, clinic_id, InboundText.patient_id == patient_id)


def _waits_to_be_read(session: Session, clinic_id: UUID, *those: ColumnElement[bool]) -> bool:
    """Whether any of those texts and notes of a clinic waits to be read."""
    waiting = select(InboundText.id).where(
        InboundText.clinic_id == clinic_id, InboundText.to_read, InboundText.read_at.is_(None), *those
    )
    return session.scalar(waiting.limit(1)) is not None


def list_for_patient(
    session: Session, clinic_id: UUID, patient_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[InboundText]:
    """What one patient texted, the newest first; `after` is the sort key (received at, id) of a last row."""
    own = select(InboundText).where(
        InboundText.clinic_id == clinic_id,
        InboundText.patient_id == patient_id,
        InboundText.source == InboundSource.TEXT,
    )
    if after is not None:
        own = own.where(tuple_(InboundText.received_at, InboundText.id) < after)
    return session.scalars(
        own.order_by(InboundText.received_at.desc(), InboundText.id.desc()).limit(limit)
    ).all()


def mark_read(
    session: Session,
    *,
    clinic_id: UUID,
    source: InboundSource,
    patient_id: UUID,
    treatment_id: UUID | None,
    by: UUID | None,
    now: datetime,
) -> None:
    """Everything of this source about one treatment is read."""
    session.execute(
        update(InboundText)
        .where(
            InboundText.clinic_id == clinic_id,
            InboundText.source == source,
            InboundText.patient_id == patient_id,
            InboundText.treatment_id.is_not_distinct_from(treatment_id),
            InboundText.to_read,
            InboundText.read_at.is_(None),
        )
        .values(read_at=now, read_by=by)
    )


def settle_answered_with(
    session: Session, *, clinic_id: UUID, patient_id: UUID, answer: str, now: datetime
) -> Sequence[InboundText]:
    """Texts that were answered in this wording need no reading any more; which of a patient's they were."""
    settled = (
        update(InboundText)
        .where(
            InboundText.clinic_id == clinic_id,
            InboundText.patient_id == patient_id,
            InboundText.answer == answer,
            InboundText.to_read,
            InboundText.read_at.is_(None),
        )
        .values(read_at=now)
        .returning(InboundText)
    )
    return session.scalars(settled.execution_options(populate_existing=True)).all()


def _unread(
    entry: InboundText, patient: Patient | None, treatment: Treatment | None, note: str | None
) -> InboxItem:
    return InboxItem(entry=entry, patient=patient, treatment=treatment, body=entry.body or note or "")


def _with_words() -> Select[InboundText, Patient, Treatment, str | None]:
    return (
        select(InboundText, Patient, Treatment, ReportRevision.note)
        .outerjoin(
            Patient, (Patient.clinic_id == InboundText.clinic_id) & (Patient.id == InboundText.patient_id)
        )
        .outerjoin(
            Treatment,
            (Treatment.clinic_id == InboundText.clinic_id) & (Treatment.id == InboundText.treatment_id),
        )
        .outerjoin(
            ReportRevision,
            (ReportRevision.clinic_id == InboundText.clinic_id)
            & (ReportRevision.report_id == InboundText.report_id)
            & (ReportRevision.revision == InboundText.revision),
        )
    )
