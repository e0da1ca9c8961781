"""Patients on whom the staff practises, and who is followed in earnest after all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from recovery.models.patients.patients import Patient
from recovery.models.training import training_week
from recovery.services.core import audit
from recovery.services.core.audit import Actor


class PracticeStays(Exception):
    """The past of this patient was moved for a practice week: nothing of it is real."""


def take_as_real(session: Session, *, patient: Patient, actor: Actor, now: datetime) -> Patient:
    """Follow somebody in earnest who was taken in while the clinic was in training. There is no way back.

    Texts that are planned go out at their times, once the clinic is live. Raises PracticeStays.
    """
    session.refresh(patient, with_for_update={"key_share": True})
    if not patient.training:
        return patient
    if training_week.has_week(session, patient.clinic_id, patient.id):
        raise PracticeStays
    patient.training = False
    session.flush()
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=actor,
        action="patient.take_as_real",
        subject=("patient", patient.id),
        now=now,
    )
    return patient
