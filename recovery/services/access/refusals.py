"""Writing down what was refused: sign-ins to accounts of staff, and what somebody's role may not do.

So many an hour of one account or person, and of one clinic, are listed; the last of them says that further
ones are only counted. Nobody can fill the audit trail by trying.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.models.access import rate_limits as counts
from recovery.models.clinic import clinics
from recovery.services.access.authentication import StaffCaller
from recovery.services.access.rate_limits import RateLimit, key_of
from recovery.services.core import audit

OF_ONE = RateLimit(what="refusals listed of one", most=10, window=timedelta(hours=1))
OF_CLINIC = RateLimit(what="refusals listed of a clinic", most=200, window=timedelta(hours=1))


def note_sign_in(session: Session, *, email: str, now: datetime) -> None:
    """A sign-in with this address was refused. It is counted whoever has it, and listed where somebody of a
    clinic does; what was typed is not kept. The caller commits."""
    account = email.strip().lower()
    # PostgreSQL takes no NUL in a text, and nobody has such an address.
    member = clinics.find_active_member(session, account) if account.isprintable() else None
    clinic_id = None if member is None else member.clinic_id
    listed = _count(session, one=account, clinic=str(clinic_id), now=now)
    if member is None or not listed:
        return
    audit.record(
        session,
        clinic_id=member.clinic_id,
        actor=audit.NOBODY,
        action="staff.sign_in_refused",
        subject=("staff", member.id),
        now=now,
        detail={"because": "password", "last": "yes" if listed == OF_ONE.most else ""},
    )


def note_access(session: Session, *, caller: StaffCaller, asked: str, now: datetime) -> None:
    """Somebody's role may not do what they asked for: `asked` names it without any id. The caller commits."""
    listed = _count(session, one=str(caller.staff_id), clinic=str(caller.clinic_id), now=now)
    if not listed:
        return
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="access.refused",
        subject=("staff", caller.staff_id),
        now=now,
        detail={
            "asked": asked,
            "role": caller.role.value,
            "last": "yes" if listed == OF_ONE.most else "",
        },
    )


def _count(session: Session, *, one: str, clinic: str, now: datetime) -> int:
    """Which refusal of this hour it is for that one; 0 where it is not to be listed."""
    own, whole = key_of(OF_ONE, one), key_of(OF_CLINIC, clinic)
    counted = counts.count_tries(session, {own: now + OF_ONE.window, whole: now + OF_CLINIC.window}, now=now)
    counts.delete_expired(session, now=now)
    within = counted[own].tries <= OF_ONE.most and counted[whole].tries <= OF_CLINIC.most
    return counted[own].tries if within else 0
