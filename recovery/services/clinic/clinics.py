"""The operator's commands on clinics and staff: added, given a role or second factor; stopping a clinic's
texts; a clinic's hours read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic, ClinicMode, Staff
from recovery.services.access import credentials, second_factor
from recovery.services.clinic import account_news
from recovery.services.content.content import Content
from recovery.services.core import audit, phone_numbers
from recovery.services.core.audit import Actor


class EmailTaken(ValueError):
    """Someone already signs in with this e-mail address."""


class UnknownClinic(LookupError):
    """No clinic has this id."""


class UnknownStaff(LookupError):
    """Nobody signs in with this e-mail address."""


class NotReadyToGoLive(ValueError):
    """A clinic goes live only with a stated reason."""


@dataclass(frozen=True, kw_only=True)
class NewClinic:
    """What a clinic is made from: phones in E.164, `weekly_hours` as `opening_hours.parse` reads them."""

    name: str
    text_name: str
    phone: str
    time_zone: str
    weekly_hours: Mapping[str, Any]
    out_of_hours_phone: str
    on_call_phone: str
    emergency_number: str
    protocol: str
    holidays: Mapping[str, Any] = field(default_factory=dict)


def add_clinic(
    session: Session, *, new: NewClinic, content: Content, live_because: str | None, now: datetime
) -> Clinic:
    """A clinic in training, or live for a reason that is kept.

    Raises HoursError, NotAPhoneNumber, UnknownProtocol for what cannot be used.
    """
    opening_hours.parse(time_zone=new.time_zone, weekly=new.weekly_hours, holidays=new.holidays)
    clinic = Clinic(
        name=new.name,
        text_name=new.text_name,
        phone=phone_numbers.to_e164(new.phone),
        time_zone=new.time_zone,
        weekly_hours=dict(new.weekly_hours),
        holidays=dict(new.holidays),
        out_of_hours_phone=phone_numbers.to_e164(new.out_of_hours_phone),
        on_call_phone=phone_numbers.to_e164(new.on_call_phone),
        emergency_number=new.emergency_number,
        protocol=content.protocol(new.protocol).version,
        mode=ClinicMode.TRAINING if live_because is None else ClinicMode.LIVE,
        live_because=live_because,
        live_since=None if live_because is None else now,
        created_at=now,
    )
    session.add(clinic)
    session.flush()
    audit.record(
        session,
        clinic_id=clinic.id,
        actor=audit.OPERATOR,
        action="clinic.add" if live_because is None else "clinic.add_live",
        subject=("clinic", clinic.id),
        now=now,
        detail={} if live_because is None else {"because": live_because},
    )
    return clinic


def add_staff(
    session: Session,
    *,
    clinic_id: UUID,
    email: str,
    name: str,
    role: Role,
    password: str,
    now: datetime,
    actor: Actor = audit.OPERATOR,
) -> Staff:
    """Someone who may sign in. Raises UnknownClinic, EmailTaken, WeakPassword."""
    if clinics.get(session, clinic_id) is None:
        raise UnknownClinic(clinic_id)
    if clinics.email_taken(session, email):
        raise EmailTaken
    member = Staff(
        clinic_id=clinic_id,
        email=email,
        name=name,
        role=role,
        password_hash=credentials.hash_password(password),
        created_at=now,
    )
    session.add(member)
    session.flush()
    audit.record(
        session,
        clinic_id=clinic_id,
        actor=actor,
        action="staff.add",
        subject=("staff", member.id),
        now=now,
        detail={"role": role.value},
    )
    return member


def set_role(session: Session, *, email: str, role: Role, because: str, now: datetime) -> Staff:
    """Another role by whoever runs the installation: so comes the first medical director of a clinic.

    It holds from the next request on. Raises UnknownStaff.
    """
    member = clinics.find_active_member(session, email)
    if member is None:
        raise UnknownStaff
    member.role = role
    clinics.end_sessions(session, member, now=now)
    session.flush()
    audit.record(
        session,
        clinic_id=member.clinic_id,
        actor=audit.OPERATOR,
        action="staff.change",
        subject=("staff", member.id),
        now=now,
        detail={"changed": "role", "role": role.value, "because": because},
    )
    return member


def set_totp(session: Session, *, email: str, now: datetime) -> str:
    """A new second factor for someone, as the `otpauth://` address their app reads.

    Sessions opened before end; recovery codes stay. They are texted where they proved a phone. Raises
    UnknownStaff.
    """
    member = clinics.find_active_member(session, email)
    if member is None:
        raise UnknownStaff
    secret = pyotp.random_base32()
    member.totp_secret, member.totp_proposed, member.totp_used_step = secret, None, None
    clinics.end_sessions(session, member, now=now)
    audit.record(
        session,
        clinic_id=member.clinic_id,
        actor=audit.OPERATOR,
        action="staff.totp",
        subject=("staff", member.id),
        now=now,
    )
    account_news.plan_factor_news(session, member, now=now)
    return second_factor.otpauth_address(secret, email=member.email)


def set_text_stop(
    session: Session, *, clinic_id: UUID, stopped: bool, because: str, actor: Actor, now: datetime
) -> Clinic:
    """Stop a clinic's texts within two seconds, or let them go again. Setting it again changes nothing.

    What to do in an emergency, that an opt-out is obeyed, and alerts to the clinic's own phones go on.

    Texts keep their moments: what is still of use when they go again leaves then, the rest is dropped.
    The reason is kept in the audit trail. Raises UnknownClinic.
    """
    clinic = clinics.get_for_update(session, clinic_id)
    if clinic is None:
        raise UnknownClinic(clinic_id)
    if stopped == (clinic.texts_stopped_at is not None):
        return clinic
    clinic.texts_stopped_at = now if stopped else None
    audit.record(
        session,
        clinic_id=clinic.id,
        actor=actor,
        action="clinic.stop_texts" if stopped else "clinic.resume_texts",
        subject=("clinic", clinic.id),
        now=now,
        detail={"because": because},
    )
    session.flush()
    return clinic


def opening_hours_of(clinic: Clinic) -> opening_hours.OpeningHours:
    """The clinic's hours, ready to be asked."""
    return opening_hours.parse(
        time_zone=clinic.time_zone, weekly=clinic.weekly_hours, holidays=clinic.holidays
    )
