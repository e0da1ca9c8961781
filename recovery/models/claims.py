"""Taking due texts in hand: locking them and their people, and counting what has gone out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, column, func, or_, select, values
from sqlalchemy.orm import Session

from recovery.domain.delivery import MessageState
from recovery.domain.people import ConsentKind
from recovery.domain.triage import FlagState
from recovery.models.clinics import Clinic
from recovery.models.flags import Flag
from recovery.models.messages import Message, OptOut
from recovery.models.patients import Consent, Patient
from recovery.models.treatments import Treatment

PEOPLE = 1_918_273
"""Namespace of the advisory locks on people."""

NEVER_LEFT = (MessageState.PLANNED, MessageState.CANCELLED, MessageState.QUARANTINED)
"""A text in one of these was not handed over, or came back for certain."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """A locked text with all that decides whether it may go out."""

    message: Message
    clinic: Clinic
    patient: Patient | None
    consents: frozenset[ConsentKind]
    opted_out: bool
    flag_open: bool


def claim_due(session: Session, *, now: datetime, limit: int, leave: Sequence[UUID] = ()) -> Sequence[Due]:
    """Lock up to `limit` due texts that no other worker holds, earliest first, but for those in `leave`.

    Those of a clinic whose texts are stopped stay as they are while they are of use.
    """
    consents = (
        select(func.array_agg(Consent.kind))
        .where(
            Consent.clinic_id == Message.clinic_id,
            Consent.patient_id == Message.patient_id,
            Consent.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )
    opted_out = (
        select(OptOut.phone)
        .where(OptOut.clinic_id == Message.clinic_id, OptOut.phone == Patient.phone)
        .exists()
    )
    flag_open = (
        select(Flag.id)
        .join(Treatment, (Treatment.clinic_id == Flag.clinic_id) & (Treatment.id == Flag.treatment_id))
        .where(
            Treatment.clinic_id == Message.clinic_id,
            Treatment.patient_id == Message.patient_id,
            Flag.state != FlagState.RESOLVED,
        )
        .exists()
    )
    due = (
        select(Message, Clinic, Patient, consents, opted_out, flag_open)
        .join(Clinic, Clinic.id == Message.clinic_id)
        .outerjoin(Patient, (Patient.clinic_id == Message.clinic_id) & (Patient.id == Message.patient_id))
        .where(
            Message.state == MessageState.PLANNED,
            Message.due_at <= now,
            Message.id.not_in(leave),
            or_(Clinic.texts_stopped_at.is_(None), Message.useful_until <= now),
        )
        .order_by(Message.due_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Message)
    )
    return [
        Due(
            message=row[0],
            clinic=row[1],
            patient=row[2],
            consents=frozenset(ConsentKind(kind) for kind in row[3] or ()),
            opted_out=row[4],
            flag_open=row[5],
        )
        for row in session.execute(due)
    ]


def lock_people(session: Session, patient_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these patients whom no other transaction has locked; they stay ours until this one ends."""
    people = values(column("id", Uuid()), name="people").data([(one,) for one in sorted(set(patient_ids))])
    key = func.hashtext(people.c.id.cast(Text()))
    rows = session.execute(select(people.c.id, func.pg_try_advisory_xact_lock(PEOPLE, key)))
    return {row[0] for row in rows if row[1]}


def lock_person(session: Session, patient_id: UUID) -> None:
    """Wait until nobody else plans or claims texts of this patient; ours until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(PEOPLE, func.hashtext(str(patient_id)))))


def handed_over_to(
    session: Session, since: Mapping[tuple[UUID, UUID], datetime]
) -> dict[tuple[UUID, UUID], dict[str, int]]:
    """How often each wording was handed over for each clinic's patient since a moment of their own.

    By clinic and patient, then by template. Whatever became of a text afterwards, it counts.
    """
    if not since:
        return {}
    wanted = values(
        column("clinic_id", Uuid()),
        column("patient_id", Uuid()),
        column("since", DateTime(timezone=True)),
        name="wanted",
    ).data([(clinic_id, patient_id, moment) for (clinic_id, patient_id), moment in since.items()])
    rows = session.execute(
        select(wanted.c.clinic_id, wanted.c.patient_id, Message.template, func.count())
        .join(
            wanted,
            (wanted.c.clinic_id == Message.clinic_id) & (wanted.c.patient_id == Message.patient_id),
        )
        .where(Message.claimed_at >= wanted.c.since, Message.state.not_in(NEVER_LEFT))
        .group_by(wanted.c.clinic_id, wanted.c.patient_id, Message.template)
    )
    found: dict[tuple[UUID, UUID], dict[str, int]] = {}
    for row in rows:
        found.setdefault((row[0], row[1]), {})[row[2]] = row[3]
    return found


def handed_over_by(session: Session, since: Mapping[UUID, datetime]) -> dict[UUID, int]:
    """How many texts each clinic handed over since a moment of its own; a clinic without any is left out."""
    if not since:
        return {}
    wanted = values(
        column("clinic_id", Uuid()), column("since", DateTime(timezone=True)), name="wanted"
    ).data(list(since.items()))
    rows = session.execute(
        select(Message.clinic_id, func.count())
        .join(wanted, wanted.c.clinic_id == Message.clinic_id)
        .where(Message.claimed_at >= wanted.c.since, Message.state.not_in(NEVER_LEFT))
        .group_by(Message.clinic_id)
    )
    return {row[0]: row[1] for row in rows}


def in_hand_though_stopped(session: Session, worker_id: UUID) -> set[str]:
    """References of the texts a worker has claimed for clinics whose texts are stopped."""
    rows = session.scalars(
        select(Message.reference)
        .join(Clinic, Clinic.id == Message.clinic_id)
        .where(
            Message.worker_id == worker_id,
            Message.state == MessageState.CLAIMED,
            Clinic.texts_stopped_at.is_not(None),
        )
    )
    return {reference for reference in rows if reference is not None}
