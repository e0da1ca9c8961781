"""One patient as a nurse sees them between flags: treatments, consents, devices, what was asked about first;
the reading audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical import findings, symptoms
from recovery.domain.clinical.bands import CurveChoice
from recovery.domain.clinical.findings import Finding
from recovery.domain.patients.precautions import Prompt
from recovery.models.flags import complications, flags
from recovery.models.flags.complications import Complication
from recovery.models.messaging import opt_outs
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.patients import patients
from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Consent, Patient, PatientSession
from recovery.models.reports import reports
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import StaffCaller
from recovery.services.changes import consultation
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import precautions_view
from recovery.services.read_models.precautions_view import PrecautionsView
from recovery.services.treatments import overlapping, session_plan
from recovery.services.treatments.overlapping import Overlap

MOST_TREATMENTS = 50
MOST_CONSENTS = 20
MOST_DEVICES = 20


@dataclass(frozen=True, kw_only=True)
class TreatmentEntry:
    """One treatment, its recovery day now, the curve it is held against, the flag that is open on it, what
    the patient's findings say of it, the complications that nobody flagged, and what it is to treatments
    whose follow-up overlaps."""

    treatment: Treatment
    held_against: CurveChoice
    day: int
    flag_id: UUID | None
    warnings: Sequence[Prompt]
    complications: Sequence[Complication]
    overlap: Overlap


@dataclass(frozen=True, kw_only=True)
class AskedFirst:
    """What one report showed that raised no flag before the patient was asked once more."""

    seen_at: datetime
    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class PatientView:
    """`treatments`, `consents` and `devices` with the newest first, each of limited length; `asked_first` of
    the newest treatment, in the order the signs were seen."""

    patient: Patient
    treatments: Sequence[TreatmentEntry]
    consents: Sequence[Consent]
    opt_out: OptOut | None
    devices: Sequence[PatientSession]
    series: session_plan.SessionPlanStatus
    consulted: Consultation | None
    precautions: PrecautionsView
    asked_first: Sequence[AskedFirst]


def read_patient_view(
    session: Session, *, caller: StaffCaller, patient_id: UUID, content: Content, now: datetime
) -> PatientView:
    """A patient of the caller's clinic; the reading is audited. Raises UnknownPatient."""
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    audit_reading(session, caller=caller, patient=patient, now=now)
    done = treatments.list_for_patient(session, patient.clinic_id, patient.id, limit=MOST_TREATMENTS)
    flagged = flags.unresolved_by_treatment(session, patient.clinic_id, [treatment.id for treatment in done])
    known = complications.by_treatment(session, patient.clinic_id, [treatment.id for treatment in done])
    warnings = precautions_view.warnings_by_treatment(session, patient, done=done, content=content)
    return PatientView(
        patient=patient,
        treatments=[
            TreatmentEntry(
                treatment=treatment,
                held_against=protocols.get_protocol(
                    session, clinic_id=patient.clinic_id, version=treatment.protocol, content=content
                ).curves.choose(treatment.facts(skin_type=patient.skin_type)),
                day=symptoms.recovery_day(symptoms.hours_between(treatment.performed_at, now)),
                flag_id=flagged.get(treatment.id),
                warnings=warnings[treatment.id],
                complications=known[treatment.id],
                overlap=overlapping.overlap_of(treatment, done),
            )
            for treatment in done
        ],
        consents=patients.list_consents(session, patient, limit=MOST_CONSENTS),
        opt_out=opt_outs.get_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone),
        devices=patients.list_sessions(session, patient.clinic_id, patient.id, now=now, limit=MOST_DEVICES),
        series=session_plan.get_status(session, patient=patient),
        consulted=consultation.get_current(session, patient),
        precautions=precautions_view.read_precautions(session, patient, content=content),
        asked_first=[] if not done else _asked_first(session, done[0], now=now),
    )


def _asked_first(session: Session, treatment: Treatment, *, now: datetime) -> list[AskedFirst]:
    judged = reports.latest_assessments(session, treatment.clinic_id, treatment.id, until=now)
    if not any(assessed.held for assessed in judged.values()):
        return []
    return [
        AskedFirst(
            seen_at=said.seen_at,
            findings=[findings.from_dict(finding) for finding in judged[said.report_id].held],
        )
        for said in reports.list_current_revisions(session, treatment.clinic_id, treatment.id)
        if judged[said.report_id].held
    ]


def audit_reading(
    session: Session, *, caller: StaffCaller, patient: Patient, now: datetime, action: str = "patient.read"
) -> None:
    """Somebody of the staff was shown something of this patient."""
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action=action,
        subject=("patient", patient.id),
        now=now,
    )
