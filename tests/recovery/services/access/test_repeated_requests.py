"""A request is known again by who asks, their key and what is asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.services.access import repeated_requests
from recovery.services.access.authentication import StaffCaller
from recovery.services.access.repeated_requests import KeyOfAnotherRequest, StillAtWork
from tests.support.data.people import Clinic


def _caller(clinic: Clinic) -> StaffCaller:
    return StaffCaller(clinic_id=clinic.id, staff_id=clinic.nurse.id, name="Nurse", role=Role.NURSE)


def test_an_answer_is_found_again_for_a_day(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    request = repeated_requests.identify(_caller(clinic), key="k", asked=b"a")
    with sessions.begin() as session:
        assert repeated_requests.find_answer(session, request, wait=False, now=now) is None
        repeated_requests.keep_answer(session, request, status=303, location="/there", now=now)
    with sessions.begin() as session:
        almost = now + repeated_requests.KEPT - timedelta(minutes=1)
        kept = repeated_requests.find_answer(session, request, wait=False, now=almost)
        assert kept is not None
        assert (kept.status, kept.location) == (303, "/there")
        other = repeated_requests.identify(_caller(clinic), key="k", asked=b"b")
        with pytest.raises(KeyOfAnotherRequest):
            repeated_requests.find_answer(session, other, wait=False, now=almost)
        later = now + repeated_requests.KEPT + timedelta(minutes=1)
        assert repeated_requests.find_answer(session, request, wait=False, now=later) is None


def test_a_key_belongs_to_who_sent_it(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    own, other = (
        repeated_requests.identify(_caller(one), key="k", asked=b"a") for one in (clinic, other_clinic)
    )
    assert own.key_hash != other.key_hash
    with sessions.begin() as session:
        repeated_requests.keep_answer(session, own, status=201, body=b"{}", now=now)
        assert repeated_requests.find_answer(session, other, wait=False, now=now) is None


def test_a_request_at_work_is_told_to_who_does_not_wait(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    request = repeated_requests.identify(_caller(clinic), key="k", asked=b"a")
    with sessions() as first, sessions() as second:
        repeated_requests.find_answer(first, request, wait=True, now=now)
        with pytest.raises(StillAtWork):
            repeated_requests.find_answer(second, request, wait=False, now=now)
