"""A code is good once, near its time, and a second factor replaces what was opened without it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.access.recovery_codes import RecoveryCode
from recovery.models.clinic.clinics import Staff
from recovery.services.access import authentication, second_factor
from recovery.services.access.authentication import NotSignedIn
from recovery.services.access.second_factor import NothingProposed, PasswordRequired, WrongTotpCode
from tests.support.data import audit_trail
from tests.support.data.people import PASSWORD, Clinic, Nurse

STEP = timedelta(seconds=30)


def member_of(session: Session, clinic: Clinic, nurse: Nurse | None = None) -> Staff:
    return session.get_one(Staff, (clinic.id, (nurse or clinic.nurse).id), populate_existing=True)


def unset(session: Session, clinic: Clinic) -> Staff:
    """The nurse as somebody who has no second factor yet."""
    session.execute(update(Staff).where(Staff.id == clinic.nurse.id).values(totp_secret=None))
    return member_of(session, clinic)


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_half_a_minute_early_or_late(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, steps: int, good: bool
) -> None:
    with sessions() as session:
        given = clinic.nurse.code(now=now + steps * STEP)
        assert second_factor.verify_code(session, member_of(session, clinic), given, now=now) is good


def test_a_code_is_good_once_and_none_before_it_after_it(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        member, code = member_of(session, clinic), clinic.nurse.code
        assert second_factor.verify_code(session, member, code(now=now), now=now)
        assert not second_factor.verify_code(session, member, code(now=now), now=now)
        assert not second_factor.verify_code(session, member, code(now=now - STEP), now=now)
        assert second_factor.verify_code(session, member, code(now=now + STEP), now=now)


def test_without_a_second_factor_or_a_code_nothing_is_good(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        assert not second_factor.verify_code(session, member_of(session, clinic), None, now=now)
        code = clinic.nurse.code(now=now)
        assert not second_factor.verify_code(session, unset(session, clinic), code, now=now)


def test_a_proposal_waits_for_its_first_code_and_what_is_set_holds_until_then(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        member = member_of(session, clinic)
        for password in (None, "", "wrong horse battery"):
            with pytest.raises(PasswordRequired):
                second_factor.propose(session, member=member, password=password, now=now)
        proposal = second_factor.propose(session, member=member, password=PASSWORD, now=now)
        assert second_factor.propose(session, member=member, password=PASSWORD, now=now) == proposal
        assert len(audit_trail.entries(session, clinic.id, "staff.totp_propose")) == 1
        app = pyotp.parse_uri(proposal.address)
        assert (app.secret, app.name, app.issuer) == (proposal.secret, clinic.nurse.email, "Afterglow")
        status = second_factor.get_status(session, member=member)
        assert (status.is_set, status.codes_left, status.proposal) == (True, 0, proposal)
        assert not second_factor.verify_code(session, member, pyotp.TOTP(proposal.secret).at(now), now=now)
        assert second_factor.verify_code(session, member, clinic.nurse.code(now=now), now=now)


def test_the_first_code_sets_what_was_proposed_and_ends_what_was_opened_without_it(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        member = unset(session, clinic)
        here, elsewhere = (
            authentication.open_staff_session(session, member=member, proved=False, now=now).access_token
            for _ in range(2)
        )
        with pytest.raises(NothingProposed):
            second_factor.confirm(session, member=member, bearer=here, code="123456", now=now)
        secret = second_factor.propose(session, member=member, password=None, now=now).secret
        with pytest.raises(WrongTotpCode):
            second_factor.confirm(session, member=member, bearer=here, code="no code", now=now)
        first = pyotp.TOTP(secret).at(now)
        codes = second_factor.confirm(session, member=member, bearer=here, code=first, now=now)
        session.flush()
        session.expire_all()
        assert (member.totp_secret, member.totp_proposed) == (secret, None)
        assert authentication.staff_caller(session, bearer=here, now=now).staff_id == member.id
        for ended in (elsewhere, clinic.nurse.token):
            with pytest.raises(NotSignedIn):
                authentication.staff_caller(session, bearer=ended, now=now)
        assert not second_factor.verify_code(session, member, first, now=now), "it was taken already"
        status = second_factor.get_status(session, member=member)
        assert (status.is_set, status.codes_left, status.proposal) == (True, len(codes), None)


def test_a_recovery_code_is_good_once_however_it_is_written_and_only_for_its_owner(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    other = clinic.add_nurse(now=now)
    with sessions() as session:
        member, colleague = member_of(session, clinic), member_of(session, clinic, other)
        codes = second_factor.renew_codes(session, member=member, code=clinic.nurse.code(now=now), now=now)
        assert len(set(codes)) == second_factor.CODES
        assert not second_factor.verify_code(session, colleague, codes[0], now=now)
        typed = codes[0].lower().replace("-", " ")
        assert second_factor.verify_code(session, member, typed, now=now)
        assert not second_factor.verify_code(session, member, codes[0], now=now)
        assert second_factor.get_status(session, member=member).codes_left == second_factor.CODES - 1
        (written,) = audit_trail.entries(session, clinic.id, "staff.recovery_code_spent")
        assert written.subject_id == member.id


def test_new_recovery_codes_end_the_old_ones(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        member = member_of(session, clinic)
        with pytest.raises(WrongTotpCode):
            second_factor.renew_codes(session, member=member, code="no code", now=now)
        assert session.query(RecoveryCode).count() == 0
        old = second_factor.renew_codes(session, member=member, code=clinic.nurse.code(now=now), now=now)
        new = second_factor.renew_codes(session, member=member, code=old[0], now=now)
        assert not second_factor.verify_code(session, member, old[1], now=now)
        assert second_factor.verify_code(session, member, new[0], now=now)
        assert second_factor.get_status(session, member=member).codes_left == second_factor.CODES - 1
