"""Handing a patient everything that is kept of them, put in order, links and codes taken out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags.complications import Complication
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent, Patient, PatientSession
from recovery.models.read_models import patient_record
from recovery.models.reports.photos import Photo
from recovery.models.reports.reports import AssessmentCause, Report, ReportRevision, StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import PatientCaller
from recovery.services.core import audit
from recovery.services.patients import enrolment

_LINK = re.compile(r"\S*/[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")
_CODE = re.compile(r"\b\d{6}\b")

_Row = TypeVar("_Row")


@dataclass(frozen=True, kw_only=True)
class ExportedReport:
    """One report: every revision of what was said, every time it was judged, and its photos."""

    report: Report
    revisions: Sequence[ReportRevision]
    assessments: Sequence[StoredAssessment]
    photos: Sequence[Photo]


@dataclass(frozen=True, kw_only=True)
class ExportedFlag:
    """One flag, and the times a nurse got in touch about it."""

    flag: Flag
    contacts: Sequence[FlagEvent]


@dataclass(frozen=True, kw_only=True)
class ExportedTreatment:
    """One treatment with what followed. `silences` are check-ins that stood out by staying unanswered, `told`
    what the patient told the staff outside check-ins, `complications` what was recorded without a flag."""

    treatment: Treatment
    reports: Sequence[ExportedReport]
    silences: Sequence[StoredAssessment]
    told: Sequence[StoredAssessment]
    complications: Sequence[Complication]
    flags: Sequence[ExportedFlag]


@dataclass(frozen=True, kw_only=True)
class ExportedText:
    """One text to the patient, its links and codes taken out: they are keys, not data."""

    text: Message
    words: str


@dataclass(frozen=True, kw_only=True)
class PatientExport:
    """Everything that is kept of one patient, except what staff wrote for each other."""

    patient: Patient
    clinic: Clinic
    consents: Sequence[Consent]
    devices: Sequence[PatientSession]
    treatments: Sequence[ExportedTreatment]
    texts: Sequence[ExportedText]
    received: Sequence[InboundText]


def export(session: Session, *, caller: PatientCaller, now: datetime) -> PatientExport:
    """The caller's own data; the handing out is audited."""
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.patient(caller.patient_id),
        action="patient.export",
        subject=("patient", patient.id),
        now=now,
    )
    record = patient_record.read_record(session, patient)
    return PatientExport(
        patient=patient,
        clinic=clinics.get_one(session, caller.clinic_id),
        consents=record.consents,
        devices=record.devices,
        treatments=_treatments(record),
        texts=[ExportedText(text=text, words=redact_secrets(text.body or "")) for text in record.texts],
        received=record.received,
    )


def redact_secrets(body: str) -> str:
    """A text's words without what would open something."""
    return _CODE.sub("[code]", _LINK.sub("[link]", body))


def _treatments(found: patient_record.PatientRecord) -> list[ExportedTreatment]:
    revisions = _by((said.report_id, said) for said in found.revisions)
    judged = _by((assessed.report_id, assessed) for assessed in found.assessments)
    unreported = [assessed for assessed in found.assessments if assessed.report_id is None]
    silences, told = (
        _by((assessed.treatment_id, assessed) for assessed in unreported if assessed.cause is cause)
        for cause in (AssessmentCause.SILENCE, AssessmentCause.TOLD)
    )
    complications = _by((kept.treatment_id, kept) for kept in found.complications)
    photos = _by((photo.report_id, photo) for photo in found.photos)
    contacts = _by((event.flag_id, event) for event in found.flag_events if event.kind is EventKind.CONTACT)
    reports = _by(
        (
            report.treatment_id,
            ExportedReport(
                report=report,
                revisions=revisions[report.id],
                assessments=judged[report.id],
                photos=photos[report.id],
            ),
        )
        for report in found.reports
    )
    flags = _by(
        (flag.treatment_id, ExportedFlag(flag=flag, contacts=contacts[flag.id])) for flag in found.flags
    )
    return [
        ExportedTreatment(
            treatment=treatment,
            reports=reports[treatment.id],
            silences=silences[treatment.id],
            told=told[treatment.id],
            complications=complications[treatment.id],
            flags=flags[treatment.id],
        )
        for treatment in found.treatments
    ]


def _by(pairs: Iterable[tuple[UUID | None, _Row]]) -> Mapping[UUID | None, list[_Row]]:
    grouped: defaultdict[UUID | None, list[_Row]] = defaultdict(list)
    for key, row in pairs:
        grouped[key].append(row)
    return grouped
