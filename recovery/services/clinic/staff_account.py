"""One's own account: where one is signed in, and the password."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Staff, StaffSession
from recovery.services.access import authentication, credentials, password_policy
from recovery.services.clinic import staff_onboarding
from recovery.services.core import audit

MOST_SHOWN = 100


class UnknownSession(LookupError):
    """This member of the staff has no such session."""


class WrongPassword(ValueError):
    """The password of now is needed to choose another."""


def list_sessions(session: Session, *, member: Staff, now: datetime) -> Sequence[StaffSession]:
    """Where somebody is signed in, the place used last first; not more than MOST_SHOWN."""
    return clinics.list_sessions(
        session, member, now=now, used_since=now - authentication.STAFF_IDLE, limit=MOST_SHOWN
    )


def end_session(session: Session, *, member: Staff, session_id: UUID, now: datetime) -> None:
    """End one session of somebody's. Raises UnknownSession, for somebody else's too."""
    if not clinics.end_session(session, member, session_id, now=now):
        raise UnknownSession(session_id)
    audit.own_account(session, member, "staff.sign_out", now=now)


def end_other_sessions(session: Session, *, member: Staff, bearer: str, now: datetime) -> None:
    """End every session of somebody's but the one that asks."""
    clinics.end_sessions(session, member, but=credentials.hash_token(bearer), now=now)
    audit.own_account(session, member, "staff.sign_out_elsewhere", now=now)


def change_password(
    session: Session, *, member: Staff, old: str, new: str, bearer: str, now: datetime
) -> None:
    """Another password; every other session ends. Raises WrongPassword, PasswordRefused."""
    if not credentials.verify_hash(member.password_hash, old):
        raise WrongPassword
    password_policy.validate_password(new, about=staff_onboarding.personal_words(session, member))
    member.password_hash = credentials.hash_password(new)
    clinics.end_sessions(session, member, but=credentials.hash_token(bearer), now=now)
    audit.own_account(session, member, "staff.password", now=now)
    session.flush()
