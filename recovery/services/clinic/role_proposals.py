"""A role that nobody may give alone is proposed by one person and given, or not, by another."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import staff_roles
from recovery.domain.clinic.staff_roles import Role
from recovery.models.access import staff_invitations
from recovery.models.clinic import clinics, role_proposals
from recovery.models.clinic.clinics import Staff
from recovery.models.clinic.role_proposals import RoleProposal
from recovery.models.core import audit as audit_rows
from recovery.services.access.authentication import StaffCaller
from recovery.services.core import audit


class NoDirectorYet(Exception):
    """The first medical director of a clinic is named by whoever runs the installation."""


class UnknownProposal(LookupError):
    """Nothing of this clinic waits under this id."""


class OwnProposal(Exception):
    """A second person confirms: not who proposed it, not whose role it is, nobody whom the first took on."""


def needs_proposal(session: Session, role: Role, *, by: StaffCaller) -> bool:
    """Whether the caller can only propose this role. Raises NoDirectorYet."""
    if not staff_roles.needs_second_person(role, by=by.role):
        return False
    if role is Role.MEDICAL_DIRECTOR and not clinics.has_active(session, by.clinic_id, role):
        raise NoDirectorYet
    return True


def propose(session: Session, member: Staff, *, role: Role, by: StaffCaller, now: datetime) -> RoleProposal:
    """Propose a role for somebody, who keeps their own until another confirms; an open one gives way."""
    before = role_proposals.get_open(session, member.clinic_id, member.id)
    if before is not None:
        if before.role is role:
            return before
        _decide(session, before, accepted=False, by=by, now=now)
    proposal = RoleProposal(
        clinic_id=member.clinic_id,
        staff_id=member.id,
        role=role,
        proposed_at=now,
        proposed_by=by.staff_id,
    )
    session.add(proposal)
    session.flush()
    _note(session, proposal, "staff.propose_role", by=by, now=now)
    return proposal


def decide(
    session: Session, *, proposal_id: UUID, accepted: bool, by: StaffCaller, now: datetime
) -> RoleProposal:
    """Give the role that was proposed, or do not. Whoever proposed it may only take it back.

    Their sessions end, as with every other role. Raises UnknownProposal, OwnProposal.
    """
    proposal = role_proposals.get_for_update(session, by.clinic_id, proposal_id)
    if proposal is None or proposal.decided_at is not None:
        raise UnknownProposal(proposal_id)
    if accepted and by.staff_id in (proposal.proposed_by, proposal.staff_id):
        raise OwnProposal
    if accepted and any(
        audit_rows.was_done_by(
            session, by.clinic_id, actor_id=proposal.proposed_by, action=action, subject_id=by.staff_id
        )
        for action in ("staff.add", "staff.remove_totp")
    ):
        # An account that the proposer made, or whose second factor they took away, is not a second person.
        raise OwnProposal
    member = clinics.get_member_for_update(session, by.clinic_id, proposal.staff_id)
    if member is None or (accepted and member.disabled_at is not None):
        raise UnknownProposal(proposal_id)
    _decide(session, proposal, accepted=accepted, by=by, now=now)
    if accepted:
        member.role = proposal.role
        # Whoever made a link for them might hold it still.
        staff_invitations.end_unspent(session, member, now=now)
        clinics.end_sessions(session, member, now=now)
        session.flush()
        audit.record(
            session,
            clinic_id=member.clinic_id,
            actor=audit.staff(by.staff_id),
            action="staff.change",
            subject=("staff", member.id),
            now=now,
            detail={"changed": "role", "role": proposal.role.value},
        )
    return proposal


def _decide(
    session: Session, proposal: RoleProposal, *, accepted: bool, by: StaffCaller, now: datetime
) -> None:
    proposal.decided_at, proposal.decided_by, proposal.accepted = now, by.staff_id, accepted
    session.flush()
    _note(session, proposal, "staff.confirm_role" if accepted else "staff.refuse_role", by=by, now=now)


def _note(session: Session, proposal: RoleProposal, action: str, *, by: StaffCaller, now: datetime) -> None:
    audit.record(
        session,
        clinic_id=proposal.clinic_id,
        actor=audit.staff(by.staff_id),
        action=action,
        subject=("staff", proposal.staff_id),
        now=now,
        detail={"role": proposal.role.value},
    )
