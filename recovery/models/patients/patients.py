"""Rows of patients, their consents, invitations and signed-in devices, got by id, phone number or token
(lists: patient_names)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    Date,
    Float,
    Index,
    Select,
    SmallInteger,
    UniqueConstraint,
    func,
    not_,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from recovery.domain.clinic.rooms import Room
from recovery.domain.clinical.assessment import BandOverride
from recovery.domain.clinical.symptoms import Level
from recovery.domain.core.language import Language
from recovery.domain.patients import person_name
from recovery.domain.patients.consent import ConsentKind, EndReason
from recovery.domain.patients.contact import AnswersBy
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)


class Patient(Base):
    """One person followed by one clinic. `phone` is E.164; `skin_type` Fitzpatrick 1-6 or unknown.

    `band_level` and `band_duration` are what a nurse knows of this skin: how many times stronger it
    reacts and longer it heals; every finding is at least `at_least` for a patient at risk. After `ended_at`
    staff follow this patient no more: no text is planned again. Since `prefers_calls_since` the patient would
    rather be called than read texts, and has texted so. `last_name` is empty for somebody with one name;
    `name_key` is both names as they are compared, kept by the database. `training`: the staff practises on
    this patient, in a live clinic too; nobody outside is texted, and no figure counts them.
    """

    __tablename__ = "patient"
    __table_args__ = (
        clinic_reference(),
        CheckConstraint("skin_type BETWEEN 1 AND 6", name="skin_type_range"),
        CheckConstraint("year_of_birth BETWEEN 1900 AND 2100", name="year_of_birth_range"),
        Index("ix_patient_clinic_id_name_key", "clinic_id", "name_key"),
        Index("ix_patient_clinic_id_phone", "clinic_id", "phone"),
        Index("ix_patient_phone", "phone"),
        Index("ix_patient_training", "clinic_id", "id", postgresql_where=text("training")),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    first_name: Mapped[str]
    last_name: Mapped[str]
    phone: Mapped[str]
    year_of_birth: Mapped[int] = mapped_column(SmallInteger)
    pin_hash: Mapped[str | None]
    language: Mapped[Language] = mapped_column(enum_column(Language, "language"))
    time_zone: Mapped[str]
    skin_type: Mapped[int | None] = mapped_column(SmallInteger)
    answers_by: Mapped[AnswersBy] = mapped_column(enum_column(AnswersBy, "answers_by"))
    band_level: Mapped[float] = mapped_column(Float, server_default="1")
    band_duration: Mapped[float] = mapped_column(Float, server_default="1")
    at_least: Mapped[Level | None] = mapped_column(enum_column(Level, "at_least"))
    band_because: Mapped[str | None]
    wrong_secrets: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    wrong_secrets_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[EndReason | None] = mapped_column(enum_column(EndReason, "ended_because"))
    prefers_calls_since: Mapped[datetime | None]
    training: Mapped[bool] = mapped_column(server_default="false")
    name_key: Mapped[str | None] = mapped_column(
        Computed("name_key((first_name || ' '::text) || last_name)", persisted=True)
    )

    @property
    def full_name(self) -> str:
        """Both names, or the one of somebody who has one."""
        return person_name.full_name(self.first_name, self.last_name)

    def override(self) -> BandOverride | None:
        """What was set for this skin, None where nothing was."""
        if self.band_because is None:
            return None
        return BandOverride(level=self.band_level, duration=self.band_duration, at_least=self.at_least)


class Consent(Base):
    """What was agreed to, in which words, when; a withdrawal is a date, never a deletion.

    `version` is that of our statement which the words are, `consent.UNKNOWN_WORDS` for words of one's own.
    """

    __tablename__ = "consent"
    __table_args__ = (clinic_reference(), clinic_foreign_key("patient_id", "patient"))

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    patient_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[ConsentKind] = mapped_column(enum_column(ConsentKind, "kind"))
    wording: Mapped[str]
    version: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Invitation(Base):
    """A one-time way in, opened by its token and the patient's second secret. Only SHA-256 is kept."""

    __tablename__ = "invitation"
    __table_args__ = (clinic_reference(), clinic_foreign_key("patient_id", "patient"))

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    patient_id: Mapped[UUID] = mapped_column(index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    wrong_secrets: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class PatientSession(Base):
    """One signed-in device of a patient; only the token's SHA-256 is kept.

    `id` names it to its patient, `device` says in a few words of ours what it is.
    """

    __tablename__ = "patient_session"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("patient_id", "patient"),
        UniqueConstraint("clinic_id", "id", name="uq_patient_session_id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(server_default=text("uuidv7()"))
    patient_id: Mapped[UUID] = mapped_column(index=True)
    device: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


def training_ids(clinic_id: UUID | None = None) -> Select[UUID]:
    """The patients of a clinic, or of all, who are for practice: few, from an index of them alone."""
    wanted = select(Patient.id).where(Patient.training)
    return wanted if clinic_id is None else wanted.where(Patient.clinic_id == clinic_id)


def of_room(patient_id: InstrumentedAttribute[Any], *, clinic_id: UUID, room: Room) -> ColumnElement[bool]:
    """Whether a row that names a patient, or nobody, belongs to this room of the clinic."""
    if room is Room.ALL:
        return true()
    practised = patient_id.in_(training_ids(clinic_id))
    return practised if room is Room.PRACTICE else or_(patient_id.is_(None), not_(practised))


def get(session: Session, clinic_id: UUID, patient_id: UUID) -> Patient | None:
    """The patient if this clinic has one under this id."""
    return session.get(Patient, (clinic_id, patient_id))


def get_one(session: Session, clinic_id: UUID, patient_id: UUID) -> Patient:
    """The patient that something of their own points at."""
    return session.get_one(Patient, (clinic_id, patient_id))


def find_by_phone(session: Session, phone: str) -> Sequence[Patient]:
    """Everyone in any clinic who has this number."""
    wanted = select(Patient).where(Patient.phone == phone)
    return session.scalars(wanted.order_by(Patient.clinic_id, Patient.id)).all()


def find_by_phone_for_update(session: Session, phone: str, *, only: UUID | None) -> Sequence[Patient]:
    """Everyone in any clinic who has this number, or the one of them named, locked in one order."""
    wanted = select(Patient).where(Patient.phone == phone).order_by(Patient.clinic_id, Patient.id)
    if only is not None:
        wanted = wanted.where(Patient.id == only)
    locked = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalars(locked).all()


def has_consent(session: Session, patient: Patient, kind: ConsentKind) -> bool:
    """Whether a consent of this kind stands."""
    given = select(Consent.id).where(
        Consent.clinic_id == patient.clinic_id,
        Consent.patient_id == patient.id,
        Consent.kind == kind,
        Consent.withdrawn_at.is_(None),
    )
    return session.scalar(given.limit(1)) is not None


def active_consents(session: Session, patient: Patient) -> frozenset[ConsentKind]:
    """What the patient's standing consents are for."""
    given = select(Consent.kind).where(
        Consent.clinic_id == patient.clinic_id,
        Consent.patient_id == patient.id,
        Consent.withdrawn_at.is_(None),
    )
    return frozenset(session.scalars(given))


def standing_versions(session: Session, patient: Patient) -> dict[ConsentKind, int]:
    """The newest version of the words in which each consent stands; without a consent a kind is left out."""
    given = (
        select(Consent.kind, func.max(Consent.version))
        .where(
            Consent.clinic_id == patient.clinic_id,
            Consent.patient_id == patient.id,
            Consent.withdrawn_at.is_(None),
        )
        .group_by(Consent.kind)
    )
    return {row[0]: row[1] for row in session.execute(given)}


def list_consents(session: Session, patient: Patient, *, limit: int) -> Sequence[Consent]:
    """Every consent the patient gave, withdrawn ones too, the newest first."""
    own = select(Consent).where(Consent.clinic_id == patient.clinic_id, Consent.patient_id == patient.id)
    return session.scalars(own.order_by(Consent.given_at.desc(), Consent.id.desc()).limit(limit)).all()


def withdraw_consents(
    session: Session, patient: Patient, *, kinds: Collection[ConsentKind] = tuple(ConsentKind), now: datetime
) -> None:
    """No consent of these kinds stands for this patient from here on."""
    session.execute(
        update(Consent)
        .where(
            Consent.clinic_id == patient.clinic_id,
            Consent.patient_id == patient.id,
            Consent.kind.in_(kinds),
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )


def end_access(session: Session, patient: Patient, *, now: datetime) -> None:
    """End every session and every unspent invitation of this patient."""
    for way in (PatientSession, Invitation):
        session.execute(
            update(way)
            .where(way.clinic_id == patient.clinic_id, way.patient_id == patient.id, way.expires_at > now)
            .values(expires_at=now)
        )


def count_access(session: Session, patient: Patient, *, now: datetime) -> tuple[int, int]:
    """How many devices are signed in, and how many invitations would still open."""
    devices = select(func.count()).where(
        PatientSession.clinic_id == patient.clinic_id,
        PatientSession.patient_id == patient.id,
        PatientSession.expires_at > now,
    )
    links = select(func.count()).where(
        Invitation.clinic_id == patient.clinic_id,
        Invitation.patient_id == patient.id,
        Invitation.expires_at > now,
        Invitation.spent_at.is_(None),
    )
    return session.scalars(devices).one(), session.scalars(links).one()


def get_invitation_for_update(session: Session, token_hash: bytes) -> tuple[Invitation, Patient] | None:
    """The invitation under this token and its patient, both locked until the transaction ends.

    Locking both makes guesses queue up: parallel tries cannot all see the same count.
    """
    row = session.execute(
        select(Invitation, Patient)
        .join(Patient, (Patient.clinic_id == Invitation.clinic_id) & (Patient.id == Invitation.patient_id))
        .where(Invitation.token_hash == token_hash)
        .with_for_update()
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def get_invitation(session: Session, token_hash: bytes) -> tuple[Invitation, Patient] | None:
    """The invitation under this token and its patient."""
    row = session.execute(
        select(Invitation, Patient)
        .join(Patient, (Patient.clinic_id == Invitation.clinic_id) & (Patient.id == Invitation.patient_id))
        .where(Invitation.token_hash == token_hash)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def list_sessions(
    session: Session, clinic_id: UUID, patient_id: UUID, *, now: datetime, limit: int
) -> Sequence[PatientSession]:
    """The patient's signed-in devices, the one seen last first."""
    own = (
        select(PatientSession)
        .where(
            PatientSession.clinic_id == clinic_id,
            PatientSession.patient_id == patient_id,
            PatientSession.expires_at > now,
        )
        .order_by(PatientSession.last_seen_at.desc(), PatientSession.id)
    )
    return session.scalars(own.limit(limit)).all()


def end_device(
    session: Session, clinic_id: UUID, patient_id: UUID, *, device_id: UUID, now: datetime
) -> bool:
    """The device's token opens nothing from here on; whether the patient has such a device signed in."""
    ended = (
        update(PatientSession)
        .where(
            PatientSession.clinic_id == clinic_id,
            PatientSession.patient_id == patient_id,
            PatientSession.id == device_id,
            PatientSession.expires_at > now,
        )
        .values(expires_at=now)
        .returning(PatientSession.id)
    )
    return session.scalar(ended) is not None


def get_session(session: Session, clinic_id: UUID, token_hash: bytes) -> PatientSession | None:
    """The session under this token; its end is not judged here."""
    return session.get(PatientSession, (clinic_id, token_hash))


def end_session(session: Session, clinic_id: UUID, token_hash: bytes, *, now: datetime) -> None:
    """From here on the token opens nothing."""
    session.execute(
        update(PatientSession)
        .where(PatientSession.clinic_id == clinic_id, PatientSession.token_hash == token_hash)
        .values(expires_at=now)
    )


def find_by_name(session: Session, first_name: str, last_name: str) -> Patient | None:
    """The patient enrolled first under this name, in any clinic."""
    wanted = select(Patient).where(Patient.first_name == first_name, Patient.last_name == last_name)
    return session.scalars(wanted.order_by(Patient.created_at).limit(1)).one_or_none()
