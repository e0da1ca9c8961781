"""A link as a text carries it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.patients import enrolment
from tests.support.browser.companion import Companion
from tests.support.data.people import Patient

SignIn = Callable[[Patient], Companion]
"""Signs a patient in on a phone; what they see and do there."""


def way_in(live_server: str, sessions: sessionmaker[Session], patient: Patient, *, now: datetime) -> str:
    """The address of a new invitation of this patient."""
    with sessions.begin() as session:
        row = session.scalars(select(PatientRow).where(PatientRow.id == patient.id)).one()
        return f"{live_server}/{enrolment.invite(session, patient=row, now=now).token}"
