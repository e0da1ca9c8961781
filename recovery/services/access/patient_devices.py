"""The devices a patient is signed in on, and signing them out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.patients import patients
from recovery.models.patients.patients import Patient, PatientSession
from recovery.services.access.authentication import PatientCaller
from recovery.services.core import audit
from recovery.services.core.audit import Actor

MOST_SHOWN = 100


class UnknownDevice(LookupError):
    """The patient has no such device signed in."""


def list_devices(session: Session, *, caller: PatientCaller, now: datetime) -> Sequence[PatientSession]:
    """The patient's devices, the one seen last first; not more than MOST_SHOWN."""
    return patients.list_sessions(session, caller.clinic_id, caller.patient_id, now=now, limit=MOST_SHOWN)


def sign_out(session: Session, *, caller: PatientCaller, device_id: UUID, now: datetime) -> None:
    """End one device's session at once. Raises UnknownDevice, for another patient's too."""
    if not patients.end_device(session, caller.clinic_id, caller.patient_id, device_id=device_id, now=now):
        raise UnknownDevice(device_id)
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.patient(caller.patient_id),
        action="patient.sign_out",
        subject=("patient", caller.patient_id),
        now=now,
    )


def sign_out_everywhere(session: Session, *, patient: Patient, actor: Actor, now: datetime) -> None:
    """End every device's session and every unused link, as after a phone was lost."""
    patients.end_access(session, patient, now=now)
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=actor,
        action="patient.sign_out_everywhere",
        subject=("patient", patient.id),
        now=now,
    )
