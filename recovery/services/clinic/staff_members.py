"""The people of a clinic as a manager changes them: added, renamed, given another role, signed out, let in no
more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.staff_roles import MAY, Duty, Role
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Staff
from recovery.services.access.authentication import StaffCaller
from recovery.services.clinic import clinics as clinic_services
from recovery.services.clinic import role_proposals
from recovery.services.core import audit
from recovery.services.core.audit import Actor


class UnknownMember(LookupError):
    """Nobody of this clinic's staff has this id."""


class LastManager(Exception):
    """Somebody has to be left who can set up the clinic."""


class AboveOwnRole(Exception):
    """Somebody of a role above the caller's: not theirs to do."""


class MemberChanges(TypedDict, total=False):
    """What changes; what is left out stays. `active` false ends every session at once."""

    name: str
    role: Role
    active: bool


def add_member(
    session: Session, *, email: str, name: str, role: Role, password: str, by: StaffCaller, now: datetime
) -> Staff:
    """Somebody new. A role that the caller cannot give alone is proposed, and until then they are a nurse.

    Raises EmailTaken, WeakPassword, NoDirectorYet.
    """
    proposed = role_proposals.needs_proposal(session, role, by=by)
    member = clinic_services.add_staff(
        session,
        clinic_id=by.clinic_id,
        email=email,
        name=name,
        role=Role.NURSE if proposed else role,
        password=password,
        now=now,
        actor=audit.staff(by.staff_id),
    )
    if proposed:
        role_proposals.propose(session, member, role=role, by=by, now=now)
    return member


def change_member(
    session: Session, *, staff_id: UUID, changes: MemberChanges, by: StaffCaller, now: datetime
) -> Staff:
    """The same as `update_member` by somebody of the staff: a role they cannot give alone is proposed.

    Raises UnknownMember, LastManager, NoDirectorYet.
    """
    member = clinics.get_member(session, by.clinic_id, staff_id)
    role, at_once = changes.get("role"), changes.copy()
    proposed = (
        member is not None
        and role is not None
        and role is not member.role
        and role_proposals.needs_proposal(session, role, by=by)
    )
    if proposed:
        del at_once["role"]
    actor = audit.staff(by.staff_id)
    changed = update_member(
        session, clinic_id=by.clinic_id, staff_id=staff_id, changes=at_once, actor=actor, now=now
    )
    if proposed and role is not None:
        role_proposals.propose(session, changed, role=role, by=by, now=now)
    return changed


def update_member(
    session: Session, *, clinic_id: UUID, staff_id: UUID, changes: MemberChanges, actor: Actor, now: datetime
) -> Staff:
    """Rename somebody, give another role, or let them sign in no more; and again.

    Another role and an end hold from the next request on. Raises UnknownMember, LastManager.
    """
    member = clinics.get_member_for_update(session, clinic_id, staff_id)
    if member is None:
        raise UnknownMember
    changed = _differing(member, changes)
    role, active = changes.get("role", member.role), changes.get("active", member.disabled_at is None)
    if not (active and role in _who_set_up()) and not clinics.has_other_with_role(
        session, member, _who_set_up()
    ):
        raise LastManager
    member.name, member.role = changes.get("name", member.name), role
    if "active" in changed:
        member.disabled_at = None if active else now
    if changed & {"role", "active"}:
        clinics.end_sessions(session, member, now=now)
    session.flush()
    if changed:
        audit.record(
            session,
            clinic_id=clinic_id,
            actor=actor,
            action="staff.change",
            subject=("staff", member.id),
            now=now,
            detail={"changed": ", ".join(sorted(changed)), "role": role.value},
        )
    return member


def sign_out(session: Session, *, clinic_id: UUID, staff_id: UUID, actor: Actor, now: datetime) -> None:
    """End every session of somebody's at once. Raises UnknownMember."""
    member = clinics.get_member_for_update(session, clinic_id, staff_id)
    if member is None:
        raise UnknownMember
    clinics.end_sessions(session, member, now=now)
    audit.record(
        session,
        clinic_id=clinic_id,
        actor=actor,
        action="staff.sign_out",
        subject=("staff", member.id),
        now=now,
    )


def _differing(member: Staff, changes: MemberChanges) -> set[str]:
    now = {"name": member.name, "role": member.role, "active": member.disabled_at is None}
    return {name for name, value in changes.items() if now[name] != value}


def _who_set_up() -> Collection[Role]:
    return MAY[Duty.SETTING_UP]
