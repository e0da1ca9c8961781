"""Signing in with a code: asked for by anyone, made and texted by the worker, spent with the second secret;
whose clinic sends it.

Who asks learns nothing about a number: asking writes one row whoever has it, and nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.access import sign_in_codes
from recovery.models.access.sign_in_codes import SignInCode
from recovery.models.clinic import clinics, staff_phones
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.models.messaging import messages, opt_outs
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.services.access import authentication, credentials
from recovery.services.access.authentication import SignedIn, SignInRefused

LIVES = timedelta(minutes=10)
TRIES = 5
TEMPLATE = "login_code"


@dataclass(frozen=True, kw_only=True)
class SignInRecord:
    """One of the records that a code and a secret open: `id` is to be sent back, `clinic` to be shown."""

    id: UUID
    clinic: str


class SeveralRecords(Exception):
    """The code and the secret open several records; nothing is spent until one of them is named."""

    def __init__(self, records: Sequence[SignInRecord]) -> None:
        super().__init__()
        self.records = records


def request_code(session: Session, *, phone: str, now: datetime) -> None:
    """A code is wanted for this number; the one before ends. The same is done for every number."""
    sign_in_codes.request_code(session, phone, now=now)
    sign_in_codes.delete_expired(session, now=now)


def create_requested_codes(session: Session, *, now: datetime, limit: int) -> int:
    """Make the codes that were asked for and plan their texts; how many asks there were.

    Only a number that a clinic enrolled gets a code. Whether its text may leave is decided at the claim,
    as for every text; where it may not, staff find the reason among the patient's texts.
    """
    waiting = sign_in_codes.list_waiting_for_update(session, limit=limit)
    for asked in waiting:
        asked.waiting = False
        if asked.asked_at > now - LIVES and (patient := _whom_to_text(session, asked.phone)) is not None:
            _make(session, asked, patient=patient, now=now)
    return len(waiting)


def sign_in(
    session: Session,
    *,
    phone: str,
    code: str,
    secret: str,
    record: UUID | None,
    device: str,
    now: datetime,
) -> SignedIn:
    """Spend a code together with the second secret; `record` is one of those that SeveralRecords named.

    Raises SignInRefused for a wrong code as for a wrong secret, for a number nobody has, and where the code
    has ended; TooManyWrongSecrets; SeveralRecords. Tries are counted; the caller commits the count.
    """
    stored = sign_in_codes.count_try(session, phone, most=TRIES, now=now)
    # The same work is done where there is no code.
    if not credentials.verify_hash(stored, code):
        raise SignInRefused
    candidates = patients.find_by_phone_for_update(session, phone, only=record)
    fitting = authentication.match_secret(session, candidates, secret, now=now)
    if len(fitting) > 1:
        sign_in_codes.uncount_try(session, phone)
        raise SeveralRecords([_record(session, patient) for patient in fitting])
    sign_in_codes.end_code(session, phone)
    return authentication.open_patient_session(session, patient=fitting[0], device=device, now=now)


def _whom_to_text(session: Session, phone: str) -> Patient | None:
    """Whose clinic sends the code: one that may text the number before one that may not, the newest first."""
    candidates = patients.find_by_phone(session, phone)
    ended = opt_outs.opted_out_numbers(session, {phone}) if candidates else frozenset()

    def worth(patient: Patient) -> tuple[bool, datetime]:
        clinic = clinics.get_one(session, patient.clinic_id)
        return _may_text(session, clinic, patient) and (clinic.id, phone) not in ended, patient.created_at

    return max(candidates, key=worth, default=None)


def _may_text(session: Session, clinic: Clinic, patient: Patient) -> bool:
    if clinic.texts_stopped_at is not None:
        return False
    real = clinic.mode is ClinicMode.LIVE and not patient.training
    return real or patient.phone in staff_phones.proved_numbers(session, clinic.id)


def _make(session: Session, asked: SignInCode, *, patient: Patient, now: datetime) -> None:
    code = credentials.new_code()
    asked.code_hash = credentials.hash_pin(code)
    asked.tries, asked.expires_at = 0, now + LIVES
    messages.cancel_wording(
        session,
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        template=TEMPLATE,
        reason=UnsentReason.NEWER_CODE,
        now=now,
    )
    messages.insert_planned(
        session,
        Message(
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            step=f"{TEMPLATE}:{asked.asked_at.isoformat()}",
            template=TEMPLATE,
            details={"code": code},
            due_at=now,
            useful_until=now + LIVES,
            state=MessageState.PLANNED,
            created_at=now,
        ),
    )


def _record(session: Session, patient: Patient) -> SignInRecord:
    return SignInRecord(id=patient.id, clinic=clinics.get_one(session, patient.clinic_id).name)
