"""A link opens once, for its days, to whom it was made for, and gives way to a newer one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.access.staff_invitations import StaffInvitation
from recovery.models.clinic.clinics import Staff
from recovery.services.access import authentication, credentials
from recovery.services.access.authentication import NotSignedIn
from recovery.services.access.password_policy import PasswordRefused
from recovery.services.clinic import staff_onboarding
from recovery.services.clinic.clinics import EmailTaken
from recovery.services.clinic.staff_members import UnknownMember
from recovery.services.clinic.staff_onboarding import IssuedStaffInvitation, StaffInvitationEnded
from tests.support.data import audit_trail
from tests.support.data.people import PASSWORD, Clinic
from tests.support.data.reporting import staff_caller

GOOD = "wet paint under seven lamps"
SECOND = timedelta(seconds=1)


def invite_robin(session: Session, clinic: Clinic, *, now: datetime) -> IssuedStaffInvitation:
    return staff_onboarding.invite_new(
        session, email="robin@clinic.example", name="Robin Sample", role=Role.NURSE, by=staff_caller(clinic),
        now=now,
    )  # fmt: skip


def invite_again(session: Session, clinic: Clinic, member: Staff, *, now: datetime) -> IssuedStaffInvitation:
    return staff_onboarding.invite_again(
        session, staff_id=member.id, by=staff_caller(clinic, role=Role.MANAGER), now=now
    )


def nurse_of(session: Session, clinic: Clinic) -> Staff:
    return session.get_one(Staff, (clinic.id, clinic.nurse.id))


def test_somebody_new_chooses_a_password_behind_their_link_once(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        issued = invite_robin(session, clinic, now=now)
        assert issued.expires_at == now + staff_onboarding.VALID
        assert staff_onboarding.member_of_link(session, token=issued.token, now=now) is issued.member
        member = staff_onboarding.set_password(session, token=issued.token, password=GOOD, now=now)
        assert credentials.verify_hash(member.password_hash, GOOD)
        (joined,) = audit_trail.entries(session, clinic.id, "staff.join")
        assert (joined.actor_id, joined.subject_id) == (member.id, member.id)
        (invited,) = audit_trail.entries(session, clinic.id, "staff.invite")
        assert invited.actor_id == clinic.nurse.id
        with pytest.raises(StaffInvitationEnded):
            staff_onboarding.set_password(session, token=issued.token, password=GOOD + "s", now=now)
        with pytest.raises(EmailTaken):
            invite_robin(session, clinic, now=now)


def test_a_link_opens_until_its_days_are_over(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        issued = invite_robin(session, clinic, now=now)
        last = issued.expires_at - SECOND
        assert staff_onboarding.member_of_link(session, token=issued.token, now=last) is issued.member
        for token, at in ((issued.token, issued.expires_at), (issued.token + "x", now), ("", now)):
            with pytest.raises(StaffInvitationEnded):
                staff_onboarding.member_of_link(session, token=token, now=at)


def test_a_newer_link_ends_the_one_before_and_the_password_holds_until_another_is_chosen(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        member = nurse_of(session, clinic)
        first, second = (invite_again(session, clinic, member, now=now) for _ in range(2))
        with pytest.raises(StaffInvitationEnded):
            staff_onboarding.member_of_link(session, token=first.token, now=now)
        assert credentials.verify_hash(member.password_hash, PASSWORD)
        assert authentication.staff_caller(session, bearer=clinic.nurse.token, now=now)
        staff_onboarding.set_password(session, token=second.token, password=GOOD, now=now)
        assert not credentials.verify_hash(member.password_hash, PASSWORD)
        assert member.totp_secret == clinic.nurse.totp_secret
        session.expire_all()
        with pytest.raises(NotSignedIn):
            authentication.staff_caller(session, bearer=clinic.nurse.token, now=now)


def test_a_password_that_can_be_guessed_spends_no_link(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        issued = invite_robin(session, clinic, now=now)
        before = issued.member.password_hash
        for password in ("short", "robin sample 1990", "Test Clinic needling", "password123"):
            with pytest.raises(PasswordRefused):
                staff_onboarding.set_password(session, token=issued.token, password=password, now=now)
        assert issued.member.password_hash == before
        assert staff_onboarding.member_of_link(session, token=issued.token, now=now) is issued.member
        words = staff_onboarding.personal_words(session, issued.member)
        assert {"Robin Sample", "robin", "clinic.example", "Test Clinic", "afterglow"} <= set(words)


def test_whoever_no_longer_signs_in_gets_no_link_and_the_one_they_have_opens_nothing(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        issued = invite_robin(session, clinic, now=now)
        with pytest.raises(UnknownMember):
            invite_again(session, other_clinic, issued.member, now=now)
        issued.member.disabled_at = now
        session.flush()
        with pytest.raises(StaffInvitationEnded):
            staff_onboarding.set_password(session, token=issued.token, password=GOOD, now=now)
        with pytest.raises(UnknownMember):
            invite_again(session, clinic, issued.member, now=now)
        assert session.scalar(select(func.count()).select_from(StaffInvitation)) == 1


def test_a_link_that_signs_in_is_of_another_kind_and_opens_one_session(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        member = nurse_of(session, clinic)
        demo = staff_onboarding.create_demo_link(session, member=member, now=now)
        with pytest.raises(StaffInvitationEnded):
            staff_onboarding.set_password(session, token=demo.token, password=GOOD, now=now)
        with pytest.raises(StaffInvitationEnded):
            staff_onboarding.member_of_link(session, token=demo.token, now=now)
        named = staff_onboarding.member_of_link(session, token=demo.token, signs_in=True, now=now)
        assert named is member
        opened = staff_onboarding.sign_in_with_link(session, token=demo.token, device="a desk", now=now)
        caller = authentication.staff_caller(session, bearer=opened.access_token, now=now)
        assert caller.staff_id == member.id
        with pytest.raises(StaffInvitationEnded):
            staff_onboarding.sign_in_with_link(session, token=demo.token, device="a desk", now=now)
        plain = invite_again(session, clinic, member, now=now)
        with pytest.raises(StaffInvitationEnded):
            staff_onboarding.sign_in_with_link(session, token=plain.token, device="a desk", now=now)


def test_only_a_hash_of_a_link_is_kept(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        issued = invite_robin(session, clinic, now=now)
        (kept,) = session.scalars(select(StaffInvitation.token_hash))
        assert kept == credentials.hash_token(issued.token)
