"""All that happened with one patient, enrolment to texts, as moments in order, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.patients import consultations
from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Patient
from recovery.models.read_models import patient_record
from recovery.models.read_models.patient_record import PatientRecord
from recovery.models.reports.reports import AssessmentCause
from recovery.services.access.authentication import StaffCaller
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_data_export, patient_view
from recovery.services.reports.reports import SAME_AS

MOST_CONSULTATIONS = 100


class TimelineEventKind(StrEnum):
    """What a moment of the timeline is."""

    ENROLLED = "enrolled"
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSULTATION = "consultation"
    TREATMENT = "treatment"
    TREATMENT_WITHDRAWN = "treatment_withdrawn"
    REPORT = "report"
    SILENCE = "silence"
    TOLD = "told"
    PHOTO = "photo"
    FLAG = "flag"
    TEXT_SENT = "text_sent"
    TEXT_RECEIVED = "text_received"


@dataclass(frozen=True, kw_only=True)
class TimelineEvent:
    """One thing that happened. `id` is that of the thing itself; `detail` what there is to say of it."""

    at: datetime
    kind: TimelineEventKind
    id: UUID
    treatment_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sort_key(self) -> tuple[datetime, UUID]:
        """Where it stands in the order."""
        return self.at, self.id


def read_timeline(
    session: Session,
    *,
    caller: StaffCaller,
    patient_id: UUID,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> list[TimelineEvent]:
    """The patient's moments after this place, oldest first; the reading is audited. Raises UnknownPatient."""
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    patient_view.audit_reading(session, caller=caller, patient=patient, now=now)
    record = patient_record.read_record(session, patient)
    consulted = consultations.list_for_patient(
        session, patient.clinic_id, patient.id, limit=MOST_CONSULTATIONS
    )
    moments = [*_moments(patient, record), *(_consulted(consultation) for consultation in consulted)]
    ordered = sorted(moments, key=lambda event: event.sort_key)
    return list(islice((event for event in ordered if after is None or event.sort_key > after), limit))


def _moments(patient: Patient, found: PatientRecord) -> Iterator[TimelineEvent]:
    yield TimelineEvent(at=patient.created_at, kind=TimelineEventKind.ENROLLED, id=patient.id)
    yield from _agreed(found)
    yield from _treated(found)
    yield from _reported(found)
    yield from _followed_up(found)
    yield from _texted(found)


def _consulted(consultation: Consultation) -> TimelineEvent:
    return TimelineEvent(
        at=consultation.recorded_at,
        kind=TimelineEventKind.CONSULTATION,
        id=consultation.id,
        detail={"concerns": consultation.concerns, "conditions": consultation.conditions},
    )


def _agreed(found: PatientRecord) -> Iterator[TimelineEvent]:
    for consent in found.consents:
        said = {"consent": consent.kind.value}
        yield TimelineEvent(
            at=consent.given_at, kind=TimelineEventKind.CONSENT_GIVEN, id=consent.id, detail=said
        )
        if consent.withdrawn_at is not None:
            yield TimelineEvent(
                at=consent.withdrawn_at, kind=TimelineEventKind.CONSENT_WITHDRAWN, id=consent.id, detail=said
            )


def _treated(found: PatientRecord) -> Iterator[TimelineEvent]:
    for treatment in found.treatments:
        said = {
            "device": treatment.device.value,
            "depth_mm": None if treatment.depth_mm is None else float(treatment.depth_mm),
            "areas": treatment.areas,
            "acid": treatment.acid.value,
            "session_number": treatment.session_number,
        }
        yield TimelineEvent(
            at=treatment.performed_at,
            kind=TimelineEventKind.TREATMENT,
            id=treatment.id,
            treatment_id=treatment.id,
            detail=said,
        )
        if treatment.withdrawn_at is not None:
            yield TimelineEvent(
                at=treatment.withdrawn_at,
                kind=TimelineEventKind.TREATMENT_WITHDRAWN,
                id=treatment.id,
                treatment_id=treatment.id,
            )


def _reported(found: PatientRecord) -> Iterator[TimelineEvent]:
    courses = {report.id: report.treatment_id for report in found.reports}
    levels = {(assessed.report_id, assessed.revision): assessed for assessed in found.assessments}
    for said in found.revisions:
        judged = levels.get((said.report_id, said.revision))
        yield TimelineEvent(
            at=said.received_at,
            kind=TimelineEventKind.REPORT,
            id=said.report_id,
            treatment_id=courses[said.report_id],
            detail={
                "revision": said.revision,
                "seen_at": said.seen_at.astimezone(UTC).isoformat(),
                "scores": said.scores,
                "answers": said.scale.value,
                "strongest": None if said.strongest is None else said.strongest.value,
                "warning_signs": said.warning_signs,
                "note": said.note,
                "same_as": said.body.get(SAME_AS),
                "level": None if judged is None else judged.level.value,
                "day": None if judged is None else judged.day,
                "asked_first": [] if judged is None else judged.held,
            },
        )
    for assessed in found.assessments:
        if assessed.report_id is None:
            said_of: dict[str, Any] = {"level": assessed.level.value, "day": assessed.day}
            told = assessed.cause is AssessmentCause.TOLD
            if told:
                said_of["told"] = assessed.told
            yield TimelineEvent(
                at=assessed.created_at,
                kind=TimelineEventKind.TOLD if told else TimelineEventKind.SILENCE,
                id=assessed.id,
                treatment_id=assessed.treatment_id,
                detail=said_of,
            )
    for photo in found.photos:
        yield TimelineEvent(
            at=photo.received_at,
            kind=TimelineEventKind.PHOTO,
            id=photo.id,
            treatment_id=courses[photo.report_id],
            detail={"report_id": str(photo.report_id)},
        )


def _followed_up(found: PatientRecord) -> Iterator[TimelineEvent]:
    courses = {flag.id: flag.treatment_id for flag in found.flags}
    for event in found.flag_events:
        yield TimelineEvent(
            at=event.at,
            kind=TimelineEventKind.FLAG,
            id=event.id,
            treatment_id=courses[event.flag_id],
            detail={
                "flag_id": str(event.flag_id),
                "event": event.kind.value,
                "staff_id": None if event.staff_id is None else str(event.staff_id),
                **event.detail,
            },
        )


def _texted(found: PatientRecord) -> Iterator[TimelineEvent]:
    for sent in found.texts:
        yield TimelineEvent(
            at=sent.claimed_at or sent.created_at,
            kind=TimelineEventKind.TEXT_SENT,
            id=sent.id,
            treatment_id=sent.treatment_id,
            detail={
                "template": sent.template,
                "state": sent.state.value,
                "words": patient_data_export.redact_secrets(sent.body or ""),
            },
        )
    for got in found.received:
        yield TimelineEvent(
            at=got.received_at,
            kind=TimelineEventKind.TEXT_RECEIVED,
            id=got.id,
            treatment_id=got.treatment_id,
            detail={"words": got.body, "taken_as": got.meaning.value},
        )
