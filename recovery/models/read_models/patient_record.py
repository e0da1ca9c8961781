"""Every row that is kept of one patient, read for their export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from recovery.models.flags.complications import Complication
from recovery.models.flags.flags import Flag, FlagEvent
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent, Patient, PatientSession
from recovery.models.reports.photos import Photo
from recovery.models.reports.reports import Report, ReportRevision, StoredAssessment
from recovery.models.treatments.treatments import Treatment

MOST_ROWS = 20_000
"""Of one table. A patient of many years has a few hundred; more would be somebody's fault, not their life."""

_Row = TypeVar("_Row")


@dataclass(frozen=True, kw_only=True)
class PatientRecord:
    """The rows of one patient, each list in the order in which it came to be; withdrawn treatments too.

    `flag_events` are whatever happened to the flags; `texts` those that were handed to the carrier;
    `complications` those that hold.
    """

    consents: Sequence[Consent]
    devices: Sequence[PatientSession]
    treatments: Sequence[Treatment]
    reports: Sequence[Report]
    revisions: Sequence[ReportRevision]
    assessments: Sequence[StoredAssessment]
    flags: Sequence[Flag]
    flag_events: Sequence[FlagEvent]
    complications: Sequence[Complication]
    texts: Sequence[Message]
    received: Sequence[InboundText]
    photos: Sequence[Photo]


def read_record(session: Session, patient: Patient) -> PatientRecord:
    """All of it, as the caller's transaction sees it."""
    clinic_id = patient.clinic_id
    courses = select(Treatment.id).where(Treatment.clinic_id == clinic_id, Treatment.patient_id == patient.id)
    reports = select(Report).where(Report.clinic_id == clinic_id, Report.treatment_id.in_(courses))
    flags = select(Flag).where(Flag.clinic_id == clinic_id, Flag.treatment_id.in_(courses))
    reported, flagged = reports.with_only_columns(Report.id), flags.with_only_columns(Flag.id)
    revisions = select(ReportRevision).where(
        ReportRevision.clinic_id == clinic_id, ReportRevision.report_id.in_(reported)
    )
    judged = select(StoredAssessment).where(
        StoredAssessment.clinic_id == clinic_id, StoredAssessment.treatment_id.in_(courses)
    )
    events = select(FlagEvent).where(FlagEvent.clinic_id == clinic_id, FlagEvent.flag_id.in_(flagged))
    complications = select(Complication).where(
        Complication.clinic_id == clinic_id,
        Complication.treatment_id.in_(courses),
        Complication.withdrawn_at.is_(None),
    )
    photos = select(Photo).where(
        Photo.clinic_id == clinic_id, Photo.report_id.in_(reported), Photo.stored_at.is_not(None)
    )
    texts = _own(Message, patient).where(Message.body.is_not(None))
    received = _own(InboundText, patient).where(InboundText.body.is_not(None))
    return PatientRecord(
        consents=_all(session, _own(Consent, patient).order_by(Consent.given_at, Consent.id)),
        devices=_all(session, _own(PatientSession, patient).order_by(PatientSession.created_at)),
        treatments=_all(session, _own(Treatment, patient).order_by(Treatment.performed_at, Treatment.id)),
        reports=_all(session, reports.order_by(Report.created_at, Report.id)),
        revisions=_all(session, revisions.order_by(ReportRevision.report_id, ReportRevision.revision)),
        assessments=_all(session, judged.order_by(StoredAssessment.id)),
        flags=_all(session, flags.order_by(Flag.id)),
        flag_events=_all(session, events.order_by(FlagEvent.at, FlagEvent.id)),
        complications=_all(session, complications.order_by(Complication.id)),
        texts=_all(session, texts.order_by(Message.claimed_at, Message.id)),
        received=_all(session, received.order_by(InboundText.received_at, InboundText.id)),
        photos=_all(session, photos.order_by(Photo.received_at, Photo.id)),
    )


def _all(session: Session, wanted: Select[_Row]) -> Sequence[_Row]:
    return session.scalars(wanted.limit(MOST_ROWS)).all()


def _own(table: type[_Row], patient: Patient) -> Select[_Row]:
    clinic_id, patient_id = table.clinic_id, table.patient_id  # type: ignore[attr-defined]
    return select(table).where(clinic_id == patient.clinic_id, patient_id == patient.id)
