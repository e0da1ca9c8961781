"""`clinic add` and `list`, `staff add`, `role`, `link` and `totp`: clinics and staff from the command
line."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from commands.shipped_content import shipped
from operations import account_mail
from operations.notifiers import Notifiers
from recovery.domain.clinic import places
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.patients import person_name
from recovery.models.clinic import clinics as rows
from recovery.services.clinic import clinics, staff_onboarding
from recovery.services.clinic.clinics import NewClinic
from recovery.services.core import phone_numbers

WEEKDAYS_NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def add_clinic(session: Session, given: Namespace, *, now: datetime) -> dict[str, Any]:
    """`clinic add`: a clinic in training; live only with a reason, which is kept and shown."""
    if given.live and not given.because:
        raise clinics.NotReadyToGoLive("--live needs --because TEXT: the reason is kept and shown")
    places.zone_of_place(given.time_zone)
    content = shipped()
    hours = WEEKDAYS_NINE_TO_FIVE if given.hours is None else json.loads(Path(given.hours).read_text("utf-8"))
    clinic = clinics.add_clinic(
        session,
        new=NewClinic(
            name=given.name,
            text_name=given.text_name or given.name,
            phone=given.phone,
            time_zone=given.time_zone,
            weekly_hours=hours,
            out_of_hours_phone=given.out_of_hours_phone or given.phone,
            on_call_phone=given.on_call_phone or given.phone,
            emergency_number=given.emergency_number,
            protocol=given.protocol or max(content.protocols),
        ),
        content=content,
        live_because=given.because if given.live else None,
        now=now,
    )
    return {
        "id": str(clinic.id),
        "name": clinic.name,
        "mode": clinic.mode.value,
        "protocol": clinic.protocol,
        # It is texted at night, and texts may not reach a landline.
        "on_call_phone_is_landline": phone_numbers.is_landline(clinic.on_call_phone),
    }


def list_clinics(session: Session) -> list[dict[str, Any]]:
    """`clinic list`: every clinic, the oldest first; commands name a clinic by its id."""
    return [
        {
            "id": str(clinic.id),
            "name": clinic.name,
            "mode": clinic.mode.value,
            "time_zone": clinic.time_zone,
            "texts_stopped": clinic.texts_stopped_at is not None,
        }
        for clinic in rows.list_all(session)
    ]


def add_staff(session: Session, given: Namespace, *, password: str, now: datetime) -> dict[str, Any]:
    """`staff add`: someone who may sign in; the password comes on standard input."""
    name = person_name.tidy(given.name or given.email.partition("@")[0])
    if (fault := person_name.find_fault(name, called="The name")) is not None:
        raise ValueError(fault)
    member = clinics.add_staff(
        session,
        clinic_id=UUID(given.clinic),
        email=given.email,
        name=name,
        role=Role(given.role),
        password=password,
        now=now,
    )
    return {"id": str(member.id), "clinic": given.clinic, "email": member.email, "role": member.role.value}


def set_role(session: Session, given: Namespace, *, now: datetime) -> dict[str, Any]:
    """`staff role`: another role; so comes a clinic's first medical director. The reason is kept."""
    member = clinics.set_role(
        session, email=given.email, role=Role(given.role), because=given.because, now=now
    )
    return {"id": str(member.id), "clinic": str(member.clinic_id), "role": member.role.value}


def make_link(session: Session, given: Namespace, *, public_url: str, now: datetime) -> dict[str, Any]:
    """`staff link`: a link to choose a password, for somebody whom no colleague can make one for."""
    invited = staff_onboarding.invite_by_operator(session, email=given.email, now=now)
    address = f"{public_url.rstrip('/')}/console/join/{invited.token}"
    return {"email": given.email, "link": address, "until": invited.expires_at.isoformat()}


@dataclass(frozen=True, kw_only=True)
class ChangedFactor:
    """A second factor that was set: whose, `address` as an authenticator app reads it, the clinic's name."""

    email: str
    address: str
    clinic: str


def set_totp(session: Session, given: Namespace, *, now: datetime) -> ChangedFactor:
    """`staff totp`: a second factor. Raises UnknownStaff."""
    address = clinics.set_totp(session, email=given.email, now=now)
    member = rows.find_active_member(session, given.email)
    clinic = None if member is None else rows.get(session, member.clinic_id)
    return ChangedFactor(email=given.email, address=address, clinic="" if clinic is None else clinic.name)


def tell_of_totp(changed: ChangedFactor, *, outlets: Notifiers) -> dict[str, Any]:
    """Mail who has the new factor; what the command prints."""
    mailed = account_mail.tell_of_changed_factor(outlets, to=changed.email, clinic=changed.clinic)
    return {"email": changed.email, "otpauth": changed.address, "mailed": bool(mailed)}
