"""Leasing due texts: the statements that lock texts and patients, read what decides, write leased and unsent,
for a whole batch.

A claim locks due rows and the people they go to, then reads what decides about them (in a statement of its
own: it runs after the locks are taken, so it sees everything other workers committed), then writes what
became of each. The statements are built once and take their batch as arrays; none counts over history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    all_,
    any_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session, aliased

from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.models.core.array_parameters import array_table, array_values
from recovery.models.flags.flags import Flag
from recovery.models.messaging import practised_texts
from recovery.models.messaging.messages import Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.messaging.sent_counts import SentCount
from recovery.models.patients.patients import Consent, Invitation, Patient
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments.treatments import Treatment

PEOPLE = 1_918_273
"""Namespace of the advisory locks on people."""

NEVER_LEFT = (MessageState.PLANNED, MessageState.CANCELLED, MessageState.QUARANTINED)
"""A text in one of these was not submitted, or came back for certain."""


class DueText(NamedTuple):
    """A due text, locked. `ours` is whether the patient is too; the patient's fields are None for staff.

    `staff_phone` is the phone of the member of staff it goes to; `proved` says that somebody of the staff
    proved the patient's number to be their own; `training` that it is about a patient for practice.
    """

    clinic_id: UUID
    id: UUID
    patient_id: UUID | None
    template: str
    details: dict[str, Any]
    useful_until: datetime
    replies_to_at: datetime | None
    phone: str | None
    language: str | None
    time_zone: str | None
    staff_phone: str | None
    proved: bool
    training: bool
    ours: bool


class RecipientFacts(NamedTuple):
    """What decides about texts to one patient. `had` names the wording of each text of their day.

    `paused`: their words may have asked for no more texts, and nobody has read them yet.
    """

    clinic_id: UUID
    patient_id: UUID
    consents: list[str]
    opted_out: bool
    paused: bool
    flag_open: bool
    had: list[str]


class SendingClinic(NamedTuple):
    """A clinic as its texts need it. `sent` is how many it sent on each of its newest local days."""

    id: UUID
    text_name: str
    phone: str
    out_of_hours_phone: str
    emergency_number: str
    crisis_number: str | None
    on_call_phone: str
    time_zone: str
    weekly_hours: dict[str, Any]
    holidays: dict[str, Any]
    mode: str
    protocol: str
    running_content: bytes | None
    texts_stopped_at: datetime | None
    texts_per_day: int | None
    sent: Counter[date]


class LeasedText(NamedTuple):
    """A text that is claimed, in the words it leaves in."""

    clinic_id: UUID
    id: UUID
    reference: str
    to_phone: str
    body: str
    segments: int


class UnsentText(NamedTuple):
    """A text that does not leave now: later at `due_at`, or never."""

    clinic_id: UUID
    id: UUID
    state: str
    reason: str
    due_at: datetime | None
    settled_at: datetime | None


class NewInvitation(NamedTuple):
    """The invitation behind the link of a text."""

    clinic_id: UUID
    patient_id: UUID
    token_hash: bytes
    created_at: datetime
    expires_at: datetime


_message = cast(Table, Message.__table__)
_now = bindparam("now", type_=DateTime(timezone=True))


def _key_of_person(patient_id: Any) -> Any:
    return func.hashtext(patient_id.cast(Text()))


def _due() -> Any:
    m = _message.c
    # A literal, not a parameter, so that the partial index on planned texts is used.
    due = (
        select(
            m.clinic_id,
            m.id,
            m.patient_id,
            m.treatment_id,
            m.staff_id,
            m.template,
            m.details,
            m.useful_until,
            m.replies_to_at,
            m.due_at,
        )
        .join(Clinic, Clinic.id == m.clinic_id)
        .where(
            m.state == literal_column("'planned'"),
            m.due_at <= _now,
            m.id != all_(bindparam("leave", type_=ARRAY(Uuid()))),
            or_(
                Clinic.texts_stopped_at.is_(None),
                m.useful_until <= _now,
                m.template == any_(bindparam("goes_on", type_=ARRAY(Text()))),
            ),
        )
        .order_by(m.due_at, m.id)
        .limit(bindparam("most", type_=Integer()))
        .with_for_update(skip_locked=True, of=_message)
        .cte("due")
    )
    wanted = select(due.c.patient_id).where(due.c.patient_id.is_not(None)).distinct().subquery()
    lock = func.pg_try_advisory_xact_lock(PEOPLE, _key_of_person(wanted.c.patient_id))
    people = select(wanted.c.patient_id, lock.label("ours")).cte("people")
    read = [column for column in due.c if column.name not in ("due_at", "staff_id", "treatment_id")]
    own = aliased(StaffPhone)
    to_staff = select(own.phone).where(own.clinic_id == due.c.clinic_id, own.staff_id == due.c.staff_id)
    # Not of every column, as it would be without naming any: the worker may not read all of them.
    proved = exists(true()).where(
        StaffPhone.clinic_id == due.c.clinic_id,
        StaffPhone.phone == Patient.phone,
        StaffPhone.proved_at.is_not(None),
    )
    return (
        select(
            *read,
            Patient.phone,
            type_coerce(Patient.language, Text()).label("language"),
            Patient.time_zone,
            to_staff.scalar_subquery(),
            proved,
            practised_texts.about_practice(due),
            func.coalesce(people.c.ours, true()),
        )
        .select_from(due)
        .outerjoin(people, people.c.patient_id == due.c.patient_id)
        .outerjoin(Patient, (Patient.clinic_id == due.c.clinic_id) & (Patient.id == due.c.patient_id))
        .order_by(due.c.due_at, due.c.id)
    )


_people = array_table("people", clinic_id=Uuid(), patient_id=Uuid(), since=DateTime(timezone=True))


def _persons() -> Any:
    m, given = _message.c, _people.c
    own = (Patient.clinic_id == given.clinic_id) & (Patient.id == given.patient_id)
    consents = select(type_coerce(Consent.kind, Text())).where(
        Consent.clinic_id == given.clinic_id,
        Consent.patient_id == given.patient_id,
        Consent.withdrawn_at.is_(None),
    )
    opted_out = exists(true()).where(OptOut.clinic_id == Patient.clinic_id, OptOut.phone == Patient.phone)
    paused = exists(true()).where(
        Task.clinic_id == given.clinic_id,
        Task.patient_id == given.patient_id,
        Task.kind == literal_column(f"'{TaskKind.MAY_STOP}'"),
        Task.done_at.is_(None),
    )
    flag_open = exists(true()).where(
        Treatment.patient_id == given.patient_id,
        Treatment.clinic_id == given.clinic_id,
        Flag.clinic_id == Treatment.clinic_id,
        Flag.treatment_id == Treatment.id,
        Flag.state != literal_column(f"'{FlagState.RESOLVED}'"),
    )
    had = select(m.template).where(
        m.clinic_id == given.clinic_id,
        m.patient_id == given.patient_id,
        m.claimed_at >= given.since,
        m.state.not_in([literal_column(f"'{state}'") for state in NEVER_LEFT]),
    )
    return select(
        given.clinic_id,
        given.patient_id,
        func.array(consents.scalar_subquery(), type_=ARRAY(Text())),
        opted_out,
        paused,
        flag_open,
        func.array(had.scalar_subquery(), type_=ARRAY(Text())),
    ).join_from(_people, Patient, own)


_DUE = _due()
_PERSONS = _persons()
_SENDERS = (
    select(
        Clinic.id, Clinic.text_name, Clinic.phone, Clinic.out_of_hours_phone, Clinic.emergency_number,
        Clinic.crisis_number, Clinic.on_call_phone, Clinic.time_zone, Clinic.weekly_hours, Clinic.holidays,
        type_coerce(Clinic.mode, Text()).label("mode"), Clinic.protocol, Clinic.running_content,
        Clinic.texts_stopped_at, Clinic.texts_per_day, SentCount.day, SentCount.texts,
    )
    .outerjoin(SentCount, (SentCount.clinic_id == Clinic.id) & (SentCount.day >= bindparam("since")))
    .where(Clinic.id == any_(bindparam("clinics", type_=ARRAY(Uuid()))))
)  # fmt: skip

_taken = array_table(
    "taken", clinic_id=Uuid(), id=Uuid(), reference=Text(), to_phone=Text(), body=Text(), segments=Integer()
)
_TAKE = (
    update(_message)
    .where(_message.c.clinic_id == _taken.c.clinic_id, _message.c.id == _taken.c.id)
    .values(
        state=literal_column(f"'{MessageState.CLAIMED}'"),
        reason=null(),
        attempts=_message.c.attempts + 1,
        **{name: _taken.c[name] for name in ("reference", "to_phone", "body", "segments")},
        worker_id=bindparam("worker", type_=Uuid()),
        claimed_at=_now,
        look_at=null(),
        looks=0,
    )
)

_put_off = array_table(
    "put_off",
    clinic_id=Uuid(),
    id=Uuid(),
    state=Text(),
    reason=Text(),
    due_at=DateTime(timezone=True),
    settled_at=DateTime(timezone=True),
)
_PUT_OFF = (
    update(_message)
    .where(_message.c.clinic_id == _put_off.c.clinic_id, _message.c.id == _put_off.c.id)
    .values(
        state=_put_off.c.state,
        reason=_put_off.c.reason,
        due_at=func.coalesce(_put_off.c.due_at, _message.c.due_at),
        settled_at=func.coalesce(_put_off.c.settled_at, _message.c.settled_at),
    )
)

_ways_in = array_table(
    "ways_in",
    clinic_id=Uuid(),
    patient_id=Uuid(),
    token_hash=LargeBinary(),
    created_at=DateTime(timezone=True),
    expires_at=DateTime(timezone=True),
)
_INVITE = insert(cast(Table, Invitation.__table__)).from_select(
    list(NewInvitation._fields), select(*_ways_in.c)
)


def lock_due(
    session: Session,
    *,
    now: datetime,
    limit: int,
    leave: Sequence[UUID] = (),
    goes_on: Sequence[str] = (),
) -> list[DueText]:
    """Lock up to `limit` due texts that no other worker holds, earliest first, but for those in `leave`.

    Locks the patients they go to as well; of two workers that want the same patient one gets it, and the
    other's text comes back with `ours` false. Texts of a clinic whose texts are stopped stay as they are
    while they are of use, but for the wordings that leave nevertheless, `goes_on`.
    """
    given = {"now": now, "most": limit, "leave": list(leave), "goes_on": list(goes_on)}
    rows = session.execute(_DUE, given)
    return [DueText._make(row) for row in rows]


def read_recipients(
    session: Session, wanted: Collection[tuple[UUID, UUID, datetime]]
) -> list[RecipientFacts]:
    """What decides about these patients: clinic, patient, and when their day began.

    Call it after locking them, so that no other worker changes the counts.
    """
    if not wanted:
        return []
    return [RecipientFacts._make(row) for row in session.execute(_PERSONS, array_values(_people, wanted))]


def read_clinics(session: Session, clinic_ids: Collection[UUID], *, since: date) -> list[SendingClinic]:
    """These clinics, with their local days from `since` on."""
    if not clinic_ids:
        return []
    clinics: dict[UUID, SendingClinic] = {}
    for row in session.execute(_SENDERS, {"clinics": list(clinic_ids), "since": since}):
        *known, day, texts = row
        sender = clinics.setdefault(row[0], SendingClinic._make((*known, Counter())))
        if day is not None:
            sender.sent[day] += texts
    return list(clinics.values())


def write_leased(session: Session, texts: Sequence[LeasedText], *, worker_id: UUID, now: datetime) -> None:
    """Mark these texts as leased by this worker."""
    if texts:
        session.execute(_TAKE, {**array_values(_taken, texts), "worker": worker_id, "now": now})


def write_unsent(session: Session, texts: Sequence[UnsentText]) -> None:
    """Write back the texts that are not sent now."""
    if texts:
        session.execute(_PUT_OFF, array_values(_put_off, texts))


def insert_invitations(session: Session, ways_in: Sequence[NewInvitation]) -> None:
    """Insert the invitations behind the links of these texts."""
    if ways_in:
        session.execute(_INVITE, array_values(_ways_in, ways_in))


def lock_patient(session: Session, patient_id: UUID) -> None:
    """Wait until nobody else plans or claims texts of this patient; ours until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(PEOPLE, func.hashtext(str(patient_id)))))
