"""Staff set their password through a link that a manager or the operator made; a demonstration's link signs
in without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import staff_roles
from recovery.domain.clinic.staff_roles import Role
from recovery.models.access import staff_invitations
from recovery.models.access.staff_invitations import StaffInvitation
from recovery.models.clinic import clinics as clinic_rows
from recovery.models.clinic.clinics import Staff
from recovery.services.access import authentication, credentials, password_policy
from recovery.services.access.authentication import SignedIn, StaffCaller
from recovery.services.clinic import clinics, staff_members
from recovery.services.core import audit
from recovery.services.core.audit import Actor

VALID = timedelta(days=3)


class StaffInvitationEnded(Exception):
    """This link has been used, is past its days, or gave way to a newer one."""


@dataclass(frozen=True, kw_only=True)
class IssuedStaffInvitation:
    """Who was invited, the link's token, which is shown once, and until when it opens."""

    member: Staff
    token: str
    expires_at: datetime


def invite_new(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    by: StaffCaller,
    once: str | None = None,
    now: datetime,
) -> IssuedStaffInvitation:
    """Somebody new, who signs in once they have chosen a password. Raises EmailTaken, NoDirectorYet.

    `once` is what one sending of the form carries: sent twice for one address, it gives the same person and
    the same link.
    """
    token = credentials.new_short_token() if once is None else credentials.token_of(f"{once} {email.lower()}")
    same = staff_invitations.get_for_update(session, credentials.hash_token(token))
    if same is not None and same[1].clinic_id == by.clinic_id and _is_open(same[0], now=now):
        return IssuedStaffInvitation(member=same[1], token=token, expires_at=same[0].expires_at)
    member = staff_members.add_member(
        session,
        email=email,
        name=name,
        role=role,
        # A random password that nobody knows: the account is opened by the link.
        password=credentials.new_password(),
        by=by,
        now=now,
    )
    return _invited(session, member, token=token, actor=audit.staff(by.staff_id), now=now)


def _is_open(invitation: StaffInvitation, *, now: datetime) -> bool:
    return invitation.spent_at is None and invitation.expires_at > now


def invite_again(
    session: Session, *, staff_id: UUID, by: StaffCaller, now: datetime
) -> IssuedStaffInvitation:
    """A new link for somebody, as when they forgot their password; earlier links end.

    Their password holds until they have chosen another; a second factor stays as it is. Whoever sees the link
    could choose it for them, so nobody makes one for a role above their own.
    Raises UnknownMember, for who no longer signs in too, and AboveOwnRole.
    """
    member = clinic_rows.get_member_for_update(session, by.clinic_id, staff_id)
    if member is None or member.disabled_at is not None:
        raise staff_members.UnknownMember
    if staff_roles.is_above(member.role, by.role):
        raise staff_members.AboveOwnRole
    return _invited(session, member, actor=audit.staff(by.staff_id), now=now)


def invite_by_operator(session: Session, *, email: str, now: datetime) -> IssuedStaffInvitation:
    """A new link from whoever runs the installation, as for a medical director. Raises UnknownStaff."""
    member = clinic_rows.find_active_member(session, email)
    if member is None:
        raise clinics.UnknownStaff
    return _invited(session, member, actor=audit.OPERATOR, now=now)


def create_demo_link(session: Session, *, member: Staff, now: datetime) -> IssuedStaffInvitation:
    """A link that signs in whoever opens it. Only for a demonstration, whose people do not exist."""
    return _invited(session, member, signs_in=True, actor=audit.OPERATOR, now=now)


def sign_in_with_link(session: Session, *, token: str, device: str, now: datetime) -> SignedIn:
    """A session behind such a link, which is spent by it. Raises StaffInvitationEnded."""
    link, member = _open(session, token, signs_in=True, now=now)
    link.spent_at = now
    return authentication.open_staff_session(session, member=member, proved=True, device=device, now=now)


def member_of_link(session: Session, *, token: str, signs_in: bool = False, now: datetime) -> Staff:
    """Whose link this is; one that signs in is of another kind. Raises StaffInvitationEnded."""
    return _open(session, token, signs_in=signs_in, now=now)[1]


def set_password(session: Session, *, token: str, password: str, now: datetime) -> Staff:
    """Choose a password; the link is spent and every session of before ends.

    Raises StaffInvitationEnded, PasswordRefused.
    """
    link, member = _open(session, token, now=now)
    password_policy.validate_password(password, about=personal_words(session, member))
    member.password_hash = credentials.hash_password(password)
    link.spent_at = now
    clinic_rows.end_sessions(session, member, now=now)
    audit.record(
        session,
        clinic_id=member.clinic_id,
        actor=audit.staff(member.id),
        action="staff.join",
        subject=("staff", member.id),
        now=now,
    )
    session.flush()
    return member


def personal_words(session: Session, member: Staff) -> list[str]:
    """Words known about a person, which a password must not contain."""
    clinic = clinic_rows.get_one(session, member.clinic_id)
    return [member.name, *member.email.split("@"), clinic.name, "afterglow", "needling", "skin"]


def _open(
    session: Session, token: str, *, signs_in: bool = False, now: datetime
) -> tuple[StaffInvitation, Staff]:
    invitation = staff_invitations.get_for_update(session, credentials.hash_token(token))
    if invitation is None:
        raise StaffInvitationEnded
    link, member = invitation
    if link.signs_in is not signs_in:
        raise StaffInvitationEnded
    if link.spent_at is not None or link.expires_at <= now or member.disabled_at is not None:
        raise StaffInvitationEnded
    return link, member


def _invited(
    session: Session,
    member: Staff,
    *,
    token: str | None = None,
    signs_in: bool = False,
    actor: Actor,
    now: datetime,
) -> IssuedStaffInvitation:
    staff_invitations.end_unspent(session, member, now=now)
    token = token or credentials.new_short_token()
    session.add(
        StaffInvitation(
            clinic_id=member.clinic_id,
            staff_id=member.id,
            token_hash=credentials.hash_token(token),
            signs_in=signs_in,
            created_at=now,
            expires_at=now + VALID,
        )
    )
    audit.record(
        session,
        clinic_id=member.clinic_id,
        actor=actor,
        action="staff.invite",
        subject=("staff", member.id),
        now=now,
    )
    session.flush()
    return IssuedStaffInvitation(member=member, token=token, expires_at=now + VALID)
