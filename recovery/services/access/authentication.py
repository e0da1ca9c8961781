"""Signing in by password, invitation or second secret; sessions opened and ended; whose bearer token this is;
whom to call before."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.answering_number import number_answered_at
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic, ClinicMode, Staff, StaffSession
from recovery.models.patients import patients
from recovery.models.patients.patients import Invitation, Patient, PatientSession
from recovery.services.access import credentials, second_factor
from recovery.services.core import audit

PATIENT_SESSION = timedelta(days=90)
STAFF_SESSION = timedelta(hours=12)
STAFF_IDLE = timedelta(hours=1)
_TOUCH_EVERY = timedelta(minutes=1)
WRONG_SECRETS_END_INVITATION = 5
WRONG_SECRETS_A_DAY = 10


class SignInRefused(Exception):
    """What was given does not sign anyone in."""


@dataclass(frozen=True, kw_only=True)
class ClinicContact:
    """Whom to call: a clinic, and the number that is answered at this moment."""

    name: str
    phone: str


class InvitationEnded(Exception):
    """This invitation has been used, has expired, or was tried too often; its clinic can help."""

    def __init__(self, clinic: ClinicContact) -> None:
        super().__init__()
        self.clinic = clinic


class TooManyWrongSecrets(Exception):
    """Too many wrong secrets today; the clinic can help. `wait` says when the day is over."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class NotSignedIn(Exception):
    """A valid token is needed."""


class SecondFactorMissing(Exception):
    """In a live clinic nothing of a patient's is shown to someone without a second factor."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A fresh token, shown once, and when it ends."""

    access_token: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class StaffCaller:
    """Someone of a clinic's staff."""

    clinic_id: UUID
    staff_id: UUID
    name: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class PatientCaller:
    """A patient of a clinic."""

    clinic_id: UUID
    patient_id: UUID


def staff_sign_in(
    session: Session, *, email: str, password: str, totp: str | None, now: datetime, device: str = ""
) -> SignedIn:
    """A session. In a live clinic it opens only the setting of a second factor to someone without one.

    `totp` is the code of their app or a recovery code. Raises SignInRefused; the same work is done for an
    address nobody has.
    """
    member = clinics.find_active_member(session, email)
    known = credentials.verify_hash(None if member is None else member.password_hash, password)
    if member is None or not known:
        raise SignInRefused
    proved = second_factor.verify_code(session, member, totp, now=now)
    if member.totp_secret is not None and not proved:
        raise SignInRefused
    return open_staff_session(session, member=member, proved=proved, device=device, now=now)


def open_staff_session(
    session: Session, *, member: Staff, proved: bool, now: datetime, device: str = ""
) -> SignedIn:
    """A session for someone whose password is right; `proved` if their second factor is, too.

    `device` says in a few words what they sit at.
    """
    token = credentials.new_bearer(member.clinic_id)
    expires_at = now + STAFF_SESSION
    session.add(
        StaffSession(
            clinic_id=member.clinic_id,
            token_hash=credentials.hash_token(token),
            staff_id=member.id,
            second_factor=proved,
            device=device,
            created_at=now,
            last_seen_at=now,
            expires_at=expires_at,
        )
    )
    audit.record(
        session,
        clinic_id=member.clinic_id,
        actor=audit.staff(member.id),
        action="staff.sign_in",
        subject=("staff", member.id),
        now=now,
    )
    return SignedIn(access_token=token, expires_at=expires_at)


def staff_caller(
    session: Session, *, bearer: str, now: datetime, setting_up: bool = False, awake: bool = True
) -> StaffCaller:
    """Whose token this is. Raises NotSignedIn for unknown, ended and idle sessions.

    Raises SecondFactorMissing in a live clinic for a session without one, but where it is being set up.
    A page that keeps itself current is not `awake`: it does not keep a session from growing idle.
    """
    clinic_id = credentials.clinic_hint(bearer)
    session_row = clinic_id and clinics.get_session(session, clinic_id, credentials.hash_token(bearer))
    if not session_row:
        raise NotSignedIn
    opened, member, mode = session_row
    if opened.expires_at <= now or opened.last_seen_at + STAFF_IDLE <= now:
        raise NotSignedIn
    if awake and opened.last_seen_at + _TOUCH_EVERY <= now:
        opened.last_seen_at = now
    if not opened.second_factor:
        if member.totp_secret is not None:
            raise NotSignedIn
        if mode is ClinicMode.LIVE and not setting_up:
            raise SecondFactorMissing
    return StaffCaller(
        clinic_id=member.clinic_id, staff_id=member.id, name=member.name, role=Role(member.role)
    )


def session_of(session: Session, bearer: str) -> StaffSession | None:
    """The session of a member of staff under this token, whether it has ended or not; it lets nobody in."""
    clinic_id = credentials.clinic_hint(bearer)
    found = clinic_id and clinics.get_session(session, clinic_id, credentials.hash_token(bearer))
    return found[0] if found else None


def member_of(session: Session, caller: StaffCaller) -> Staff:
    """The caller's own entry among the staff. Raises NotSignedIn."""
    member = clinics.get_member(session, caller.clinic_id, caller.staff_id)
    if member is None:
        raise NotSignedIn
    return member


def staff_sign_out(session: Session, *, bearer: str, now: datetime) -> None:
    """From here on the token opens nothing."""
    clinic_id = credentials.clinic_hint(bearer)
    session_row = clinic_id and clinics.get_session(session, clinic_id, credentials.hash_token(bearer))
    if session_row:
        session_row[0].expires_at = now


def patient_sign_in(
    session: Session, *, invitation: str, secret: str, now: datetime, device: str = ""
) -> SignedIn:
    """Spend an invitation with the patient's second secret.

    Raises SignInRefused for an unknown invitation or a wrong secret, InvitationEnded, TooManyWrongSecrets.
    Wrong secrets are counted on the invitation and on the patient; the caller commits the count.
    """
    invitation_row = patients.get_invitation_for_update(session, credentials.hash_token(invitation))
    if invitation_row is None:
        raise SignInRefused
    invited, patient = invitation_row
    if _tried_too_often(patient, now=now):
        raise TooManyWrongSecrets(_until_tomorrow(now))
    if has_ended(invited, now=now):
        raise InvitationEnded(_contact(clinics.get_one(session, patient.clinic_id), now=now))
    try:
        (fitting,) = match_secret(session, [patient], secret, now=now)
    except SignInRefused:
        invited.wrong_secrets += 1
        raise
    invited.spent_at = now
    return open_patient_session(session, patient=fitting, device=device, now=now)


def find_reception(session: Session, *, invitation: str | None, now: datetime) -> ClinicContact | None:
    """Whom to call before anybody has signed in, with the number answered now: the clinic of an invitation,
    ended or not, else the only one of the installation; None where there are several."""
    found = invitation and patients.get_invitation(session, credentials.hash_token(invitation))
    clinic = clinics.get_one(session, found[1].clinic_id) if found else clinics.get_single(session)
    return None if clinic is None else _contact(clinic, now=now)


def _contact(clinic: Clinic, *, now: datetime) -> ClinicContact:
    return ClinicContact(name=clinic.name, phone=number_answered_at(clinic, now))


def match_secret(
    session: Session, candidates: Sequence[Patient], secret: str, *, now: datetime
) -> Sequence[Patient]:
    """Those of the locked patients whose second secret this is; at least one.

    Raises SignInRefused where it fits nobody, which counts against each of them, and TooManyWrongSecrets
    where all have had too many wrong ones today.
    """
    asked = [patient for patient in candidates if not _tried_too_often(patient, now=now)]
    if candidates and not asked:
        raise TooManyWrongSecrets(_until_tomorrow(now))
    fitting = [patient for patient in asked if verify_secret(patient, secret)]
    if not fitting:
        for patient in asked:
            patient.wrong_secrets += 1
            _note_refused(session, patient, now=now)
        raise SignInRefused
    return fitting


def _note_refused(session: Session, patient: Patient, *, now: datetime) -> None:
    """So many a day are asked at all, so no more are written down."""
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=audit.NOBODY,
        action="patient.sign_in_refused",
        subject=("patient", patient.id),
        now=now,
        detail={"because": "secret"},
    )


def patient_caller(session: Session, *, bearer: str, now: datetime) -> PatientCaller:
    """Whose token this is. A session in use never ends: its 90 days slide. Raises NotSignedIn."""
    clinic_id = credentials.clinic_hint(bearer)
    opened = clinic_id and patients.get_session(session, clinic_id, credentials.hash_token(bearer))
    if not opened or opened.expires_at <= now:
        raise NotSignedIn
    new = new_expiry(last_seen_at=opened.last_seen_at, now=now)
    if new is not None:
        opened.last_seen_at, opened.expires_at = now, new
    return PatientCaller(clinic_id=opened.clinic_id, patient_id=opened.patient_id)


def new_expiry(*, last_seen_at: datetime, now: datetime) -> datetime | None:
    """When a patient's session in use ends from here on; None where it was moved a moment ago."""
    return now + PATIENT_SESSION if last_seen_at + _TOUCH_EVERY <= now else None


def patient_sign_out(session: Session, *, caller: PatientCaller, bearer: str, now: datetime) -> None:
    """From here on the token opens nothing."""
    patients.end_session(session, caller.clinic_id, credentials.hash_token(bearer), now=now)


def stored_token_hash(bearer: str) -> bytes:
    """Under what a bearer token is stored."""
    return credentials.hash_token(bearer)


def has_ended(invited: Invitation, *, now: datetime) -> bool:
    """Whether an invitation opens nothing any more: used, expired or tried too often."""
    return (
        invited.spent_at is not None
        or invited.expires_at <= now
        or invited.wrong_secrets >= WRONG_SECRETS_END_INVITATION
    )


def verify_secret(patient: Patient, secret: str) -> bool:
    """Whether this is the patient's PIN or, without one, year of birth."""
    if patient.pin_hash is not None:
        return credentials.verify_hash(patient.pin_hash, secret)
    return hmac.compare_digest(str(patient.year_of_birth).encode(), secret.encode())


def _tried_too_often(patient: Patient, *, now: datetime) -> bool:
    """Whether today's wrong secrets are used up; the count of an earlier day begins anew."""
    if patient.wrong_secrets_on != now.date():
        patient.wrong_secrets_on, patient.wrong_secrets = now.date(), 0
    return patient.wrong_secrets >= WRONG_SECRETS_A_DAY


def _until_tomorrow(now: datetime) -> timedelta:
    return datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo) - now


def open_patient_session(session: Session, *, patient: Patient, device: str, now: datetime) -> SignedIn:
    """A session on one device for a patient who has proved to be who they are."""
    token = credentials.new_bearer(patient.clinic_id)
    expires_at = now + PATIENT_SESSION
    session.add(
        PatientSession(
            clinic_id=patient.clinic_id,
            token_hash=credentials.hash_token(token),
            patient_id=patient.id,
            device=device,
            created_at=now,
            last_seen_at=now,
            expires_at=expires_at,
        )
    )
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=audit.patient(patient.id),
        action="patient.sign_in",
        subject=("patient", patient.id),
        now=now,
    )
    return SignedIn(access_token=token, expires_at=expires_at)
