"""What was refused is listed, but nobody can fill the list by trying."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from recovery.models.core.audit import ActorKind
from recovery.services.access import refusals
from recovery.services.access.refusals import OF_CLINIC, OF_ONE
from tests.support.data.audit_trail import entries
from tests.support.data.people import Clinic
from tests.support.data.reporting import staff_caller

SIGN_IN, ACCESS = "staff.sign_in_refused", "access.refused"


def test_a_refused_sign_in_is_listed_with_the_account_and_nothing_of_what_was_typed(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        for email in (f" {clinic.nurse.email.upper()} ", "nobody@clinic.example", "a\x00b"):
            refusals.note_sign_in(session, email=email, now=now)
        (entry,) = entries(session, clinic.id, SIGN_IN)
        assert (entry.actor_kind, entry.actor_id, entry.at) == (ActorKind.NOBODY, None, now)
        assert (entry.subject_kind, entry.subject_id) == ("staff", clinic.nurse.id)
        assert entry.detail == {"because": "password", "last": ""}


def test_of_one_account_so_many_an_hour_are_listed_and_the_last_says_so(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        for second in range(OF_ONE.most + 5):
            refusals.note_sign_in(session, email=clinic.nurse.email, now=now + timedelta(seconds=second))
        listed = entries(session, clinic.id, SIGN_IN)
        assert [entry.detail["last"] for entry in listed] == [""] * (OF_ONE.most - 1) + ["yes"]
        refusals.note_sign_in(session, email=clinic.nurse.email, now=now + OF_ONE.window)
        assert len(entries(session, clinic.id, SIGN_IN)) == OF_ONE.most + 1


def test_of_a_whole_clinic_no_more_are_listed_than_its_bound(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        for number in range(OF_CLINIC.most // OF_ONE.most + 2):
            caller = staff_caller(clinic, clinic.nurse if number == 0 else clinic.add_nurse(now=now))
            for _ in range(OF_ONE.most):
                refusals.note_access(session, caller=caller, asked="GET /console/figures", now=now)
        assert len(entries(session, clinic.id, ACCESS)) == OF_CLINIC.most
        refusals.note_access(
            session, caller=staff_caller(other_clinic), asked="GET /console/figures", now=now
        )
        (entry,) = entries(session, other_clinic.id, ACCESS)
        assert (entry.actor_id, entry.detail["asked"]) == (other_clinic.nurse.id, "GET /console/figures")
        assert entry.detail["role"] == "nurse"
