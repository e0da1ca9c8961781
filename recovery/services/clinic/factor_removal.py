"""A lost second factor is mended by somebody else, who proves who they are once more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import staff_roles
from recovery.models.access import recovery_codes, staff_invitations
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Staff
from recovery.services.access import second_factor
from recovery.services.access.authentication import StaffCaller
from recovery.services.clinic import account_news
from recovery.services.clinic.staff_members import AboveOwnRole, UnknownMember
from recovery.services.core import audit

ACTION = "staff.remove_totp"


class OwnFactor(Exception):
    """One's own second factor is replaced with one's password, not removed."""


def remove_factor(
    session: Session, *, staff_id: UUID, code: str | None, by: StaffCaller, now: datetime
) -> Staff:
    """Let somebody set up a second factor anew at their next sign-in, as when their phone is lost.

    `code` is of the caller's own second factor, asked for anew. The old factor, its recovery codes, every
    session and every unspent link of theirs end. Nobody does it for a role above their own. The person is
    texted where they proved a phone. Raises UnknownMember, OwnFactor, AboveOwnRole, WrongTotpCode.
    """
    member = clinics.get_member_for_update(session, by.clinic_id, staff_id)
    caller = clinics.get_member(session, by.clinic_id, by.staff_id)
    if member is None or caller is None or member.disabled_at is not None:
        raise UnknownMember
    if member.id == by.staff_id:
        raise OwnFactor
    if staff_roles.is_above(member.role, by.role):
        raise AboveOwnRole
    if not second_factor.verify_code(session, caller, code, now=now):
        raise second_factor.WrongTotpCode
    member.totp_secret = member.totp_proposed = member.totp_used_step = None
    recovery_codes.replace(session, member, [], now=now)
    staff_invitations.end_unspent(session, member, now=now)
    clinics.end_sessions(session, member, now=now)
    session.flush()
    audit.record(
        session,
        clinic_id=by.clinic_id,
        actor=audit.staff(by.staff_id),
        action=ACTION,
        subject=("staff", member.id),
        now=now,
    )
    account_news.plan_factor_news(session, member, now=now)
    return member
