"""Single rows for tests of the tables: what a test does not care about is filled in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Area, Device, Level, hours_between
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.flags.flags import Flag, FlagAssessment
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient
from recovery.models.reports.reports import (
    AssessmentCause,
    DeviceClock,
    Report,
    ReportRevision,
    StoredAssessment,
)
from recovery.models.treatments.treatments import Treatment


def add_treatment(session: Session, patient: Patient, *, performed_at: datetime, **values: Any) -> Treatment:
    """One more treatment of a patient, recorded when it was performed."""
    filled: dict[str, Any] = {
        "device": Device.PEN,
        "areas": [Area.FACE.value],
        "session_number": 1,
        "protocol": "a version",
        "created_at": performed_at,
    }
    treatment = Treatment(
        clinic_id=patient.clinic_id, patient_id=patient.id, performed_at=performed_at, **(filled | values)
    )
    session.add(treatment)
    session.flush()
    return treatment


def add_revision(
    session: Session, treatment: Treatment, *, seen_at: datetime, report: Report | None = None, **values: Any
) -> ReportRevision:
    """The first revision of a new report, or the next one of `report`; it arrives when the signs are seen."""
    if report is None:
        report = Report(
            clinic_id=treatment.clinic_id,
            id=uuid4(),
            treatment_id=treatment.id,
            revision=0,
            created_at=values.get("received_at", seen_at),
        )
        session.add(report)
    report.revision += 1
    filled: dict[str, Any] = {
        "hours_then": hours_between(treatment.performed_at, seen_at),
        "received_at": seen_at,
        "clock": DeviceClock.TRUSTED,
        "scores": {"redness": 2},
        "warning_signs": [],
        "confirmed": [],
        "body": {},
        "answer": b"{}",
    }
    revision = ReportRevision(
        clinic_id=treatment.clinic_id,
        report_id=report.id,
        revision=report.revision,
        seen_at=seen_at,
        **(filled | values),
    )
    session.flush()
    session.add(revision)
    session.flush()
    return revision


def add_assessment(
    session: Session, treatment: Treatment, revision: ReportRevision | None, *, at: datetime, **values: Any
) -> StoredAssessment:
    """How a revision was judged at a moment, due for review at once; of a silence where there is none."""
    filled: dict[str, Any] = {
        "cause": AssessmentCause.SILENCE if revision is None else AssessmentCause.REPORT,
        "level": Level.ABNORMAL,
        "day": 1,
        "findings": [],
        "ask_again": [],
        "protocol": "a version",
        "review_after": at,
    }
    assessment = StoredAssessment(
        clinic_id=treatment.clinic_id,
        treatment_id=treatment.id,
        report_id=None if revision is None else revision.report_id,
        revision=None if revision is None else revision.revision,
        created_at=at,
        **(filled | values),
    )
    session.add(assessment)
    session.flush()
    return assessment


def add_flag(
    session: Session,
    treatment: Treatment,
    *,
    due_at: datetime,
    urgency: Urgency = Urgency.SAME_DAY,
    raised_by: StoredAssessment | None = None,
    **values: Any,
) -> Flag:
    """A flag of a treatment, open where nothing else is said, opened two hours before it is due."""
    filled: dict[str, Any] = {"state": FlagState.OPEN, "opened_at": due_at - timedelta(hours=2)}
    flag = Flag(
        clinic_id=treatment.clinic_id,
        treatment_id=treatment.id,
        urgency=urgency,
        urgency_rank=urgency.rank,
        due_at=due_at,
        **(filled | values),
    )
    session.add(flag)
    session.flush()
    if raised_by is not None:
        session.add(FlagAssessment(clinic_id=flag.clinic_id, flag_id=flag.id, assessment_id=raised_by.id))
        session.flush()
    return flag


def add_text(
    session: Session,
    clinic_id: UUID,
    *,
    due_at: datetime,
    treatment: Treatment | None = None,
    **values: Any,
) -> Message:
    """A text to the patient of a treatment, to the clinic's own number where there is none; planned."""
    filled: dict[str, Any] = {
        "patient_id": None if treatment is None else treatment.patient_id,
        "treatment_id": None if treatment is None else treatment.id,
        "step": f"step {uuid4()}",
        "template": "seen",
        "details": {},
        "useful_until": due_at + timedelta(hours=6),
        "state": MessageState.PLANNED,
        "created_at": due_at,
    }
    message = Message(clinic_id=clinic_id, due_at=due_at, **(filled | values))
    session.add(message)
    session.flush()
    return message


def add_inbound(
    session: Session, treatment: Treatment, *, received_at: datetime, **values: Any
) -> InboundText:
    """A text of the patient's about the treatment, to be read; a note where `source` says so."""
    text = values.get("source", InboundSource.TEXT) is InboundSource.TEXT
    filled: dict[str, Any] = {
        "clinic_id": treatment.clinic_id,
        "source": InboundSource.TEXT,
        "carrier_id": f"SM{uuid4()}" if text else None,
        "phone": "+12025550111" if text else None,
        "body": "hello" if text else None,
        "meaning": TextMeaning.OTHER,
        "patient_id": treatment.patient_id,
        "treatment_id": treatment.id,
        "to_read": True,
    }
    entry = InboundText(received_at=received_at, **(filled | values))
    session.add(entry)
    session.flush()
    return entry
