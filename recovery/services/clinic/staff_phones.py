"""A member of staff proves a phone to be theirs, so that a clinic in training has somewhere to text."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic import clinics, staff_phones
from recovery.models.clinic.clinics import Staff
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.services.access import credentials
from recovery.services.core import audit, phone_numbers

LIVES = timedelta(minutes=10)
TRIES = 5
TEMPLATE = "login_code"


class WrongPhoneCode(Exception):
    """This is not the code that was texted, or it has ended; ask for a new one."""


def request_code(session: Session, *, member: Staff, phone: str, now: datetime) -> StaffPhone:
    """Text a code to a phone that somebody says is theirs; the code before ends. Raises NotAPhoneNumber."""
    own = clinics.get_one(session, member.clinic_id).phone
    number, code = phone_numbers.to_e164(phone, like=own), credentials.new_code()
    staff_phone = staff_phones.get_for_update(session, member.clinic_id, member.id)
    if staff_phone is None:
        staff_phone = StaffPhone(clinic_id=member.clinic_id, staff_id=member.id, phone=number)
        session.add(staff_phone)
    if staff_phone.phone != number:
        staff_phone.phone, staff_phone.proved_at = number, None
    staff_phone.code_hash, staff_phone.code_until, staff_phone.tries = (
        credentials.hash_pin(code),
        now + LIVES,
        0,
    )
    session.flush()
    messages.insert_planned(
        session,
        Message(
            clinic_id=member.clinic_id,
            staff_id=member.id,
            step=f"staff_phone:{member.id}:{now.isoformat()}",
            template=TEMPLATE,
            details={"code": code},
            due_at=now,
            useful_until=now + LIVES,
            state=MessageState.PLANNED,
            created_at=now,
        ),
    )
    return staff_phone


def prove(session: Session, *, member: Staff, code: str, now: datetime) -> StaffPhone:
    """The code came back: the phone is theirs. Raises WrongPhoneCode; the caller commits the count."""
    stored = staff_phones.count_try(session, member.clinic_id, member.id, most=TRIES, now=now)
    if not credentials.verify_hash(stored, code):
        raise WrongPhoneCode
    staff_phone = staff_phones.get_for_update(session, member.clinic_id, member.id)
    if staff_phone is None:
        raise WrongPhoneCode
    staff_phone.code_hash, staff_phone.code_until, staff_phone.proved_at = None, None, now
    session.flush()
    audit.own_account(session, member, "staff.phone", now=now)
    return staff_phone
