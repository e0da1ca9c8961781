"""The second factor of staff: codes of an app on their phone, and a few on paper for the day without it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy.orm import Session

from recovery.models.access import recovery_codes
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Staff
from recovery.services.access import credentials
from recovery.services.core import audit

ISSUER = "Afterglow"
CODES = 10
_STEP_SECONDS = 30
_DRIFT_STEPS = 1
"""A phone's clock may be half a minute off, and typing takes a while."""


class PasswordRequired(ValueError):
    """A second factor that is set is replaced only with the password."""


class WrongTotpCode(ValueError):
    """This is not the code that the app shows now, or it was used already."""


class NothingProposed(ValueError):
    """A code confirms a second factor that was proposed before."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A second factor to be. `address` is what an authenticator app reads, `secret` what a person types."""

    secret: str
    address: str


@dataclass(frozen=True, kw_only=True)
class SecondFactorStatus:
    """Whether someone has a second factor, how many recovery codes are left, and what is proposed."""

    is_set: bool
    codes_left: int
    proposal: Proposal | None


def get_status(session: Session, *, member: Staff) -> SecondFactorStatus:
    """Where someone stands."""
    proposed = member.totp_proposed
    return SecondFactorStatus(
        is_set=member.totp_secret is not None,
        codes_left=recovery_codes.count_unspent(session, member.clinic_id, member.id),
        proposal=None if proposed is None else _proposal(member, proposed),
    )


def propose(session: Session, *, member: Staff, password: str | None, now: datetime) -> Proposal:
    """A second factor for someone, to be confirmed by its first code; until then what is set holds.

    One that waits for its code is shown again. Raises PasswordRequired where one is set already.
    """
    if member.totp_secret is not None and not credentials.verify_hash(member.password_hash, password or ""):
        raise PasswordRequired
    if member.totp_proposed is None:
        member.totp_proposed = pyotp.random_base32()
        audit.own_account(session, member, "staff.totp_propose", now=now)
        session.flush()
    return _proposal(member, member.totp_proposed)


def confirm(session: Session, *, member: Staff, bearer: str, code: str, now: datetime) -> list[str]:
    """Set what was proposed, by its first code; the new recovery codes, shown this once.

    Every other session of theirs ends: it was opened without this. Raises NothingProposed, WrongTotpCode.
    """
    if member.totp_proposed is None:
        raise NothingProposed
    step = _step_of(member.totp_proposed, code, now=now)
    if step is None:
        raise WrongTotpCode
    member.totp_secret, member.totp_proposed, member.totp_used_step = member.totp_proposed, None, step
    own = credentials.hash_token(bearer)
    clinics.end_sessions(session, member, but=own, now=now)
    session_row = clinics.get_session(session, member.clinic_id, own)
    if session_row is not None:
        session_row[0].second_factor = True
    audit.own_account(session, member, "staff.totp", now=now)
    return _new_codes(session, member, now=now)


def renew_codes(session: Session, *, member: Staff, code: str, now: datetime) -> list[str]:
    """New recovery codes, shown this once; the old ones end. Raises WrongTotpCode."""
    if not verify_code(session, member, code, now=now):
        raise WrongTotpCode
    audit.own_account(session, member, "staff.recovery_codes", now=now)
    return _new_codes(session, member, now=now)


def verify_code(session: Session, member: Staff, given: str | None, *, now: datetime) -> bool:
    """Whether `given` is the code of the app, or a recovery code; either is good once.

    Without a second factor set nothing is.
    """
    if member.totp_secret is None or given is None:
        return False
    step = _step_of(member.totp_secret, given, now=now)
    if step is not None:
        return clinics.use_totp_step(session, member, step)
    spent = recovery_codes.use_code(session, member, _hash(given), now=now)
    if spent:
        audit.own_account(session, member, "staff.recovery_code_spent", now=now)
    return spent


def _proposal(member: Staff, secret: str) -> Proposal:
    return Proposal(secret=secret, address=otpauth_address(secret, email=member.email))


def otpauth_address(secret: str, *, email: str) -> str:
    """The `otpauth://` address that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def _step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The newest time step near now whose code this is."""
    factor, current = pyotp.TOTP(secret), int(now.timestamp()) // _STEP_SECONDS
    newest = None
    for step in range(current - _DRIFT_STEPS, current + _DRIFT_STEPS + 1):
        if hmac.compare_digest(factor.generate_otp(step).encode(), code.encode()):
            newest = step
    return newest


def _new_codes(session: Session, member: Staff, *, now: datetime) -> list[str]:
    codes = [credentials.new_recovery_code() for _ in range(CODES)]
    recovery_codes.replace(session, member, [_hash(code) for code in codes], now=now)
    return codes


def _hash(code: str) -> bytes:
    return credentials.hash_token("".join(filter(str.isalnum, code.upper())))
