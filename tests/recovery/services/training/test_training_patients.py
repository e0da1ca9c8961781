"""Who was taken in for practice is followed in earnest once somebody says so, and never back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.core.audit import AuditEntry
from recovery.models.patients.patients import Patient
from recovery.services.core import audit
from recovery.services.training import training_patients
from tests.support.data.people import Clinic


def test_a_real_patient_is_said_once(sessions: sessionmaker[Session], clinic: Clinic, now: datetime) -> None:
    made_up = clinic.add_patient(now=now, training=True)
    for _ in range(2):
        with sessions.begin() as session:
            patient = session.get_one(Patient, (clinic.id, made_up.id))
            training_patients.take_as_real(
                session, patient=patient, actor=audit.staff(clinic.nurse.id), now=now
            )
            assert patient.training is False
    with sessions() as session:
        said = select(AuditEntry).where(AuditEntry.action == "patient.take_as_real")
        assert [entry.subject_id for entry in session.scalars(said)] == [made_up.id]
