"""Consulting a patient: what is kept of it, and the stricter setting that it offers, taken or ended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.clinical.assessment import BandOverride
from recovery.domain.patients.consultation import Condition
from recovery.domain.patients.precautions import StricterSetting
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
from recovery.services.patients import enrolment


@dataclass(frozen=True, kw_only=True)
class NewConsultation:
    """What a consultation found. `skin_type` is Fitzpatrick 1-6, None where it was not judged.

    With `judge_sooner` the stricter setting that the conditions offer is taken, where they offer one.
    """

    skin_type: int | None
    concerns: Collection[Indication]
    conditions: Collection[Condition]
    history: str | None
    judge_sooner: bool = False


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
    if found.judge_sooner:
        judge_sooner(session, patient=patient, content=content, actor=actor, now=now)
    return kept


def get_offered(session: Session, patient: Patient, *, content: Content) -> StricterSetting | None:
    """The stricter setting that the newest consultation offers for this patient; None for none."""
    kept = get_current(session, patient)
    return None if kept is None else content.precautions.stricter_for(kept.known())


def judge_sooner(
    session: Session, *, patient: Patient, content: Content, actor: Actor, now: datetime
) -> Patient:
    """Take the stricter setting that is offered; what else is set for this skin stays, and so does one that
    is stricter. Nothing changes where none is offered. It holds for reports that come from now on."""
    offered = get_offered(session, patient, content=content)
    if offered is None or holds(patient, offered):
        return patient
    found = ", ".join(condition.value.replace("_", " ") for condition in offered.because)
    stands = "" if patient.band_because is None else f"{patient.band_because}\n"
    return enrolment.set_band_override(
        session,
        patient=patient,
        known=BandOverride(
            level=patient.band_level, duration=patient.band_duration, at_least=offered.at_least
        ),
        because=f"{stands}Found when consulted: {found}.",
        actor=actor,
        now=now,
    )


def judge_as_others(session: Session, *, patient: Patient, actor: Actor, now: datetime) -> Patient:
    """End the stricter setting; how strongly this skin reacts and how long it heals stays as it was set."""
    if patient.at_least is None:
        return patient
    plain = patient.band_level == patient.band_duration == 1
    known = BandOverride(level=patient.band_level, duration=patient.band_duration)
    return enrolment.set_band_override(
        session,
        patient=patient,
        known=None if plain else known,
        because=patient.band_because,
        actor=actor,
        now=now,
    )


def holds(patient: Patient, offered: StricterSetting) -> bool:
    """Whether the patient is judged so already, or more strictly."""
    return patient.at_least is not None and patient.at_least.rank >= offered.at_least.rank


def get_current(session: Session, patient: Patient) -> Consultation | None:
    """What holds, None where the patient was not consulted here."""
    return consultations.get_newest(session, patient.clinic_id, patient.id)
