"""All that happened with one patient, in the order in which it happened."""

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
from recovery.services.access.authentication import StaffCaller
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_data_export, patient_view

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
    def place(self) -> tuple[datetime, UUID]:
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
    found = patient_record.read_record(session, patient)
    consulted = consultations.list_for_patient(
        session, patient.clinic_id, patient.id, limit=MOST_CONSULTATIONS
    )
    moments = [*_moments(patient, found), *(_consulted(one) for one in consulted)]
    ordered = sorted(moments, key=lambda one: one.place)
    return list(islice((one for one in ordered if after is None or one.place > after), limit))


def _moments(patient: Patient, found: PatientRecord) -> Iterator[TimelineEvent]:
    yield TimelineEvent(at=patient.created_at, kind=TimelineEventKind.ENROLLED, id=patient.id)
    yield from _agreed(found)
    yield from _treated(found)
    yield from _reported(found)
    yield from _followed_up(found)
    yield from _texted(found)


def _consulted(one: Consultation) -> TimelineEvent:
    return TimelineEvent(
        at=one.recorded_at,
        kind=TimelineEventKind.CONSULTATION,
        id=one.id,
        detail={"concerns": one.concerns, "conditions": one.conditions},
    )


def _agreed(found: PatientRecord) -> Iterator[TimelineEvent]:
    for one in found.consents:
        said = {"consent": one.kind.value}
        yield TimelineEvent(at=one.given_at, kind=TimelineEventKind.CONSENT_GIVEN, id=one.id, detail=said)
        if one.withdrawn_at is not None:
            yield TimelineEvent(
                at=one.withdrawn_at, kind=TimelineEventKind.CONSENT_WITHDRAWN, id=one.id, detail=said
            )


def _treated(found: PatientRecord) -> Iterator[TimelineEvent]:
    for one in found.treatments:
        said = {
            "device": one.device.value,
            "depth_mm": None if one.depth_mm is None else float(one.depth_mm),
            "areas": one.areas,
            "session_number": one.session_number,
        }
        yield TimelineEvent(
            at=one.performed_at, kind=TimelineEventKind.TREATMENT, id=one.id, treatment_id=one.id, detail=said
        )
        if one.withdrawn_at is not None:
            yield TimelineEvent(
                at=one.withdrawn_at,
                kind=TimelineEventKind.TREATMENT_WITHDRAWN,
                id=one.id,
                treatment_id=one.id,
            )


def _reported(found: PatientRecord) -> Iterator[TimelineEvent]:
    courses = {one.id: one.treatment_id for one in found.reports}
    levels = {(one.report_id, one.revision): one for one in found.assessments}
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
                "warning_signs": said.warning_signs,
                "note": said.note,
                "level": None if judged is None else judged.level.value,
                "day": None if judged is None else judged.day,
            },
        )
    for one in found.assessments:
        if one.report_id is None:
            said_of = {"level": one.level.value, "day": one.day}
            yield TimelineEvent(
                at=one.created_at,
                kind=TimelineEventKind.SILENCE,
                id=one.id,
                treatment_id=one.treatment_id,
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
    courses = {one.id: one.treatment_id for one in found.flags}
    for one in found.flag_events:
        yield TimelineEvent(
            at=one.at,
            kind=TimelineEventKind.FLAG,
            id=one.id,
            treatment_id=courses[one.flag_id],
            detail={
                "flag_id": str(one.flag_id),
                "event": one.kind.value,
                "staff_id": None if one.staff_id is None else str(one.staff_id),
                **one.detail,
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
