"""Consulting a patient before treatments: what is kept of it, and what of it concerns a treatment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.patients.consultation import Condition
from recovery.domain.treatments.indication import Indication
from recovery.models.clinic.clinics import Clinic
from recovery.models.patients import consultations
from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Patient
from recovery.services.changes import patient_changes
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.core.audit import Actor


@dataclass(frozen=True, kw_only=True)
class NewConsultation:
    """What a consultation found. `skin_type` is Fitzpatrick 1-6, None where it was not judged."""

    skin_type: int | None
    concerns: Collection[Indication]
    conditions: Collection[Condition]
    history: str | None


def record(
    session: Session,
    *,
    clinic: Clinic,
    patient: Patient,
    found: NewConsultation,
    content: Content,
    actor: Actor,
    now: datetime,
) -> Consultation:
    """Keep what was found beside what was found before. A skin type holds for the patient from here on."""
    if found.skin_type is not None and found.skin_type != patient.skin_type:
        patient_changes.update_patient(
            session,
            clinic=clinic,
            patient=patient,
            changes=PatientChanges(skin_type=found.skin_type),
            content=content,
            actor=actor,
            now=now,
        )
    kept = Consultation(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        recorded_at=now,
        recorded_by=actor.id,
        skin_type=found.skin_type,
        concerns=[concern.value for concern in Indication if concern in found.concerns],
        conditions=[condition.value for condition in Condition if condition in found.conditions],
        history=found.history,
    )
    session.add(kept)
    session.flush()
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=actor,
        action="consultation.record",
        subject=("patient", patient.id),
        now=now,
    )
    return kept


def get_current(session: Session, patient: Patient) -> Consultation | None:
    """What holds, None where the patient was not consulted here."""
    return consultations.get_newest(session, patient.clinic_id, patient.id)
