"""One's own account: where one is signed in, and the password."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Staff, StaffSession
from recovery.services.access import access, credentials, passwords
from recovery.services.clinic import joining
from recovery.services.core import audit

MOST_SHOWN = 100


class UnknownSession(LookupError):
    """This member of the staff has no such session."""


class WrongPassword(ValueError):
    """The password of now is needed to choose another."""


def signed_in(session: Session, *, member: Staff, now: datetime) -> Sequence[StaffSession]:
    """Where somebody is signed in, the place used last first; not more than MOST_SHOWN."""
    return clinics.sessions_of(session, member, now=now, used_since=now - access.STAFF_IDLE, limit=MOST_SHOWN)


def end(session: Session, *, member: Staff, session_id: UUID, now: datetime) -> None:
    """End one session of somebody's. Raises UnknownSession, for somebody else's too."""
    if not clinics.end_session(session, member, session_id, now=now):
        raise UnknownSession(session_id)
    audit.own_account(session, member, "staff.sign_out", now=now)


def end_others(session: Session, *, member: Staff, bearer: str, now: datetime) -> None:
    """End every session of somebody's but the one that asks."""
    clinics.end_sessions(session, member, but=credentials.fingerprint(bearer), now=now)
    audit.own_account(session, member, "staff.sign_out_elsewhere", now=now)


def change_password(
    session: Session, *, member: Staff, old: str, new: str, bearer: str, now: datetime
) -> None:
    """Another password; every other session ends. Raises WrongPassword, PasswordRefused."""
    if not credentials.matches(member.password_hash, old):
        raise WrongPassword
    passwords.check(new, about=joining.about(session, member))
    member.password_hash = credentials.hash_password(new)
    clinics.end_sessions(session, member, but=credentials.fingerprint(bearer), now=now)
    audit.own_account(session, member, "staff.password", now=now)
    session.flush()
