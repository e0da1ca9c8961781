from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from tests.support.data.people import Clinic


@pytest.fixture
def now() -> datetime:
    """A Monday noon."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session as the owner; what a test leaves uncommitted is gone afterwards."""
    with sessions() as opened:
        yield opened


@pytest.fixture
def treatment(clinic: Clinic, session: Session, now: datetime) -> Treatment:
    """A patient's treatment of thirty hours ago, and no text about it."""
    patient = clinic.add_patient(now=now)
    session.execute(delete(Message))
    session.commit()
    return session.get_one(Treatment, (clinic.id, patient.treatment_id))


@pytest.fixture
def patient(session: Session, treatment: Treatment) -> PatientRow:
    """Whose treatment it is."""
    return session.get_one(PatientRow, (treatment.clinic_id, treatment.patient_id))


@pytest.fixture
def foreign_treatment(other_clinic: Clinic, session: Session, now: datetime) -> Treatment:
    """A treatment at another clinic, with no text about it either."""
    stranger = other_clinic.add_patient(now=now)
    session.execute(delete(Message).where(Message.clinic_id == other_clinic.id))
    session.commit()
    return session.get_one(Treatment, (other_clinic.id, stranger.treatment_id))
