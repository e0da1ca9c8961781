from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic import clinics as clinic_rows
from recovery.models.clinic.clinics import Staff
from recovery.models.patients import patients
from recovery.services.access import authentication
from recovery.services.patients import enrolment
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse, Patient
from tests.support.machine import databases


@pytest.fixture
def client(app: Flask) -> DocumentedClient:
    """Calls the application without a network; what the document does not say is a failure."""
    return DocumentedClient(app)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """A patient treated yesterday."""
    return clinic.add_patient(now=now)


@pytest.fixture
def invite(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, now: datetime
) -> Callable[..., str]:
    """A fresh invitation of the patient."""

    def make(*, at: datetime = now) -> str:
        with sessions.begin() as session:
            row = patients.get(session, clinic.id, patient.id)
            assert row is not None
            return enrolment.invite(session, patient=row, now=at).token

    return make


@pytest.fixture
def newcomer(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Nurse:
    """Signed in by password alone, as at the first sign-in."""
    made = clinic.add_nurse(now=now)
    with sessions.begin() as session:
        session.execute(update(Staff).where(Staff.id == made.id).values(totp_secret=None))
        member = clinic_rows.find_active_member(session, made.email)
        assert member is not None
        opened = authentication.open_staff_session(session, member=member, proved=False, now=now)
    return Nurse(id=made.id, email=made.email, token=opened.access_token, totp_secret="")


@pytest.fixture
def rows(sessions: sessionmaker[Session]) -> Callable[[], dict[str, int]]:
    """How many rows every table has, but for the counts of tries and the list of what was refused: a refused
    try counts, and is listed."""
    but = {"audit_entry": " WHERE action NOT LIKE '%refused'"}
    every = " UNION ALL ".join(
        f"SELECT '{name}', count(*) FROM {name}{but.get(name, '')}"  # noqa: S608
        for name in sorted(databases.all_tables())
        if name != "try_count"
    )

    def count() -> dict[str, int]:
        with sessions() as session:
            return {str(row[0]): int(row[1]) for row in session.execute(text(every))}

    return count
