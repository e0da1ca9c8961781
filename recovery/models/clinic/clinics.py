"""Rows of clinics, of who works there (staff), and of staff's signed-in sessions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.clinic import rooms
from recovery.domain.clinic.rooms import Room
from recovery.domain.clinic.staff_roles import Role
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)
from recovery.models.core.signed_content import ContentBundle


class ClinicMode(StrEnum):
    """A training clinic texts no patient and stays out of all figures."""

    TRAINING = "training"
    LIVE = "live"


class Clinic(Base):
    """One clinic. `weekly_hours` and `holidays` are read by `recovery.domain.clinic.opening_hours`.

    `crisis_number` is for whoever thinks of harming themselves; empty for the usual line of its country.
    `texts_per_day` bounds what it sends of its own accord; empty for what the schedule says.
    What was recorded before `live_since` was for practice and is in no figure. `running_content` is the
    bundle of what was signed last, which a live clinic runs on.
    """

    __tablename__ = "clinic"
    __table_args__ = (
        CheckConstraint("char_length(text_name) BETWEEN 1 AND 20", name="text_name_length"),
        CheckConstraint("texts_per_day >= 1", name="texts_per_day_range"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    name: Mapped[str]
    text_name: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str]
    time_zone: Mapped[str]
    weekly_hours: Mapped[dict[str, Any]]
    holidays: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    out_of_hours_phone: Mapped[str]
    on_call_phone: Mapped[str]
    emergency_number: Mapped[str] = mapped_column(String(3))
    crisis_number: Mapped[str | None]
    protocol: Mapped[str]
    running_content: Mapped[bytes | None] = mapped_column(ForeignKey(ContentBundle.digest))
    flags_per_100: Mapped[float | None]
    mode: Mapped[ClinicMode] = mapped_column(
        enum_column(ClinicMode, "mode"), server_default=ClinicMode.TRAINING.value
    )
    live_because: Mapped[str | None]
    live_since: Mapped[datetime | None]
    texts_stopped_at: Mapped[datetime | None]
    texts_per_day: Mapped[int | None]
    created_at: Mapped[datetime]


class Staff(Base):
    """Someone who signs in for a clinic. The e-mail is unique in the whole installation.

    `totp_proposed` waits for its first code; `totp_used_step` is the step of the last code that was taken,
    so that none is taken twice.
    """

    __tablename__ = "staff"
    __table_args__ = (clinic_reference(), Index("uq_staff_email", func.lower(text("email")), unique=True))

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(enum_column(Role, "role"))
    password_hash: Mapped[str]
    totp_secret: Mapped[str | None]
    totp_proposed: Mapped[str | None]
    totp_used_step: Mapped[int | None] = mapped_column(BigInteger)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffSession(Base):
    """One signed-in browser or client; only the token's SHA-256 is kept.

    `second_factor`: whoever opened it proved a second factor, then or since. `id` names it to whose it is,
    `device` says in a few words of ours what it is.
    """

    __tablename__ = "staff_session"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("staff_id", "staff"),
        UniqueConstraint("clinic_id", "id", name="uq_staff_session_id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(server_default=text("uuidv7()"))
    staff_id: Mapped[UUID]
    second_factor: Mapped[bool] = mapped_column(server_default="false")
    device: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


def get(session: Session, clinic_id: UUID) -> Clinic | None:
    """The clinic, or None."""
    return session.get(Clinic, clinic_id)


def get_for_update(session: Session, clinic_id: UUID) -> Clinic | None:
    """The clinic, locked until the transaction ends."""
    return session.get(Clinic, clinic_id, with_for_update=True, populate_existing=True)


def get_one(session: Session, clinic_id: UUID) -> Clinic:
    """The clinic that something of its own points at."""
    return session.get_one(Clinic, clinic_id)


def room_of(session: Session, clinic_id: UUID, *, practice: bool = False) -> Room:
    """Which patients of a clinic a list is about now; `practice` asks for its practice room."""
    in_training = get_one(session, clinic_id).mode is ClinicMode.TRAINING
    return rooms.room_of(in_training=in_training, practice=practice)


def time_zones(session: Session, clinic_ids: Collection[UUID]) -> dict[UUID, str]:
    """The zones of these clinics, by id."""
    rows = session.execute(select(Clinic.id, Clinic.time_zone).where(Clinic.id.in_(clinic_ids)))
    return {row[0]: row[1] for row in rows}


def get_single(session: Session) -> Clinic | None:
    """The clinic of an installation that has a single one."""
    some = session.scalars(select(Clinic).limit(2)).all()
    return some[0] if len(some) == 1 else None


def list_all(session: Session) -> Sequence[Clinic]:
    """Every clinic of the installation, the oldest first: for whoever runs it."""
    return session.scalars(select(Clinic).order_by(Clinic.created_at, Clinic.id)).all()


def any_exists(session: Session) -> bool:
    """Whether the installation has a clinic at all."""
    return session.scalar(select(Clinic.id).limit(1)) is not None


def get_member(session: Session, clinic_id: UUID, staff_id: UUID) -> Staff | None:
    """Someone of a clinic's staff, disabled or not."""
    return session.get(Staff, (clinic_id, staff_id))


def find_active_member(session: Session, email: str) -> Staff | None:
    """Someone who may sign in; upper and lower case are the same."""
    wanted = select(Staff).where(func.lower(Staff.email) == email.lower(), Staff.disabled_at.is_(None))
    return session.scalars(wanted).one_or_none()


def get_session(
    session: Session, clinic_id: UUID, token_hash: bytes
) -> tuple[StaffSession, Staff, ClinicMode] | None:
    """The session under this token, whose it is, and the mode of the clinic.

    Neither its end nor its idle time is judged here.
    """
    row = session.execute(
        select(StaffSession, Staff, Clinic.mode)
        .join(Staff, (Staff.clinic_id == StaffSession.clinic_id) & (Staff.id == StaffSession.staff_id))
        .join(Clinic, Clinic.id == StaffSession.clinic_id)
        .where(
            StaffSession.clinic_id == clinic_id,
            StaffSession.token_hash == token_hash,
            Staff.disabled_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def end_sessions(session: Session, member: Staff, *, but: bytes | None = None, now: datetime) -> None:
    """End every session of someone, except the one under the token hash `but`."""
    open_ones = update(StaffSession).where(
        StaffSession.clinic_id == member.clinic_id,
        StaffSession.staff_id == member.id,
        StaffSession.expires_at > now,
    )
    if but is not None:
        open_ones = open_ones.where(StaffSession.token_hash != but)
    session.execute(open_ones.values(expires_at=now))


def list_sessions(
    session: Session, member: Staff, *, now: datetime, used_since: datetime, limit: int
) -> Sequence[StaffSession]:
    """The open sessions of someone that were used since a moment, the one used last first."""
    open_ones = select(StaffSession).where(
        StaffSession.clinic_id == member.clinic_id,
        StaffSession.staff_id == member.id,
        StaffSession.expires_at > now,
        StaffSession.last_seen_at > used_since,
    )
    return session.scalars(open_ones.order_by(StaffSession.last_seen_at.desc()).limit(limit)).all()


def end_session(session: Session, member: Staff, session_id: UUID, *, now: datetime) -> bool:
    """Whether this was an open session of theirs, which it is no longer."""
    ended = session.execute(
        update(StaffSession)
        .where(
            StaffSession.clinic_id == member.clinic_id,
            StaffSession.staff_id == member.id,
            StaffSession.id == session_id,
            StaffSession.expires_at > now,
        )
        .values(expires_at=now)
        .returning(StaffSession.id)
    )
    return ended.one_or_none() is not None


def use_totp_step(session: Session, member: Staff, step: int) -> bool:
    """Whether the code of this step is taken now for the first time; of two at once one is."""
    taken = session.execute(
        update(Staff)
        .where(
            Staff.clinic_id == member.clinic_id,
            Staff.id == member.id,
            or_(Staff.totp_used_step.is_(None), Staff.totp_used_step < step),
        )
        .values(totp_used_step=step)
        .returning(Staff.id)
    )
    return taken.one_or_none() is not None


def email_taken(session: Session, email: str) -> bool:
    """Whether anyone, disabled or not, has this e-mail address."""
    taken = select(Staff.id).where(func.lower(Staff.email) == email.lower())
    return session.scalar(taken.limit(1)) is not None


def list_members(session: Session, clinic_id: UUID, *, limit: int) -> Sequence[Staff]:
    """Everyone who works or worked at a clinic, by name."""
    theirs = select(Staff).where(Staff.clinic_id == clinic_id)
    return session.scalars(theirs.order_by(Staff.name, Staff.id).limit(limit)).all()


def get_member_for_update(session: Session, clinic_id: UUID, staff_id: UUID) -> Staff | None:
    """Someone of a clinic's staff, disabled or not, locked until the transaction ends."""
    return session.get(Staff, (clinic_id, staff_id), with_for_update=True, populate_existing=True)


def signs_in(session: Session, clinic_id: UUID, staff_id: UUID) -> bool:
    """Whether this person may still sign in; holds that until the transaction ends."""
    member = select(Staff.id).where(
        Staff.clinic_id == clinic_id, Staff.id == staff_id, Staff.disabled_at.is_(None)
    )
    return session.scalar(member.with_for_update(read=True, key_share=True)) is not None


def has_other_with_role(session: Session, member: Staff, roles: Collection[Role]) -> bool:
    """Whether someone else of the clinic's staff who still signs in has one of these roles."""
    others = select(Staff.id).where(
        Staff.clinic_id == member.clinic_id,
        Staff.id != member.id,
        Staff.role.in_(roles),
        Staff.disabled_at.is_(None),
    )
    return session.scalar(others.limit(1)) is not None


def has_active(session: Session, clinic_id: UUID, role: Role) -> bool:
    """Whether somebody with this role signs in for a clinic."""
    found = select(Staff.id).where(
        Staff.clinic_id == clinic_id, Staff.role == role, Staff.disabled_at.is_(None)
    )
    return session.scalar(found.limit(1)) is not None


def count_second_factors(session: Session, clinic_id: UUID) -> int:
    """How many who still sign in have a second factor."""
    counted = select(func.count()).where(
        Staff.clinic_id == clinic_id, Staff.totp_secret.is_not(None), Staff.disabled_at.is_(None)
    )
    return session.scalar(counted) or 0


def active_names(session: Session, clinic_id: UUID) -> dict[UUID, str]:
    """The names of everyone who may sign in for a clinic, by id, in the order of names."""
    rows = session.execute(
        select(Staff.id, Staff.name)
        .where(Staff.clinic_id == clinic_id, Staff.disabled_at.is_(None))
        .order_by(Staff.name, Staff.id)
    )
    return {row[0]: row[1] for row in rows}


def emails_by_id(session: Session, clinic_id: UUID) -> dict[UUID, str]:
    """The mail addresses of everyone who works or worked at a clinic, by id."""
    rows = session.execute(select(Staff.id, Staff.email).where(Staff.clinic_id == clinic_id))
    return {row[0]: row[1] for row in rows}


def staff_names(session: Session, clinic_id: UUID) -> dict[UUID, str]:
    """The names of everyone who works or worked at a clinic, by id."""
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.clinic_id == clinic_id))
    return {row[0]: row[1] for row in rows}
