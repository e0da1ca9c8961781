"""Assessments of the newest revision that no worker has taken up: those due, those a question holds, those
the queue shows as waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from recovery.domain.clinic.rooms import Room
from recovery.domain.clinical.symptoms import Level
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports.reports import AssessmentCause, Report, StoredAssessment
from recovery.models.treatments.treatments import Treatment


@dataclass(frozen=True, kw_only=True)
class WaitingForReview:
    """An assessment no worker has taken up, with whom it is about."""

    assessment: StoredAssessment
    treatment: Treatment
    patient: Patient


def list_due(
    session: Session, clinic_id: UUID, treatment_ids: Sequence[UUID], *, now: datetime
) -> Sequence[StoredAssessment]:
    """Assessments of these treatments that want a nurse and that no worker has taken up yet, oldest first.

    What waits for an answer to a question, or was answered, is left out.
    """
    waiting = (
        select(StoredAssessment)
        .outerjoin(
            Report,
            (Report.clinic_id == StoredAssessment.clinic_id) & (Report.id == StoredAssessment.report_id),
        )
        .where(
            StoredAssessment.clinic_id == clinic_id,
            StoredAssessment.treatment_id.in_(treatment_ids),
            StoredAssessment.reviewed_at.is_(None),
            StoredAssessment.level != Level.EXPECTED,
            or_(
                StoredAssessment.cause != AssessmentCause.HOLD_ENDED,
                and_(StoredAssessment.review_after <= now, StoredAssessment.revision == Report.revision),
            ),
        )
        .order_by(StoredAssessment.review_after, StoredAssessment.id)
    )
    return session.scalars(waiting).all()


def held_by_report(
    session: Session, clinic_id: UUID, treatment_id: UUID, *, now: datetime
) -> dict[UUID, StoredAssessment]:
    """What holds of a treatment's reports once a question that is open now has had its time, by report id."""
    held = (
        select(StoredAssessment)
        .join(
            Report,
            (Report.clinic_id == StoredAssessment.clinic_id) & (Report.id == StoredAssessment.report_id),
        )
        .where(
            StoredAssessment.clinic_id == clinic_id,
            StoredAssessment.treatment_id == treatment_id,
            StoredAssessment.cause == AssessmentCause.HOLD_ENDED,
            StoredAssessment.revision == Report.revision,
            StoredAssessment.review_after > now,
        )
    )
    return {row.report_id: row for row in session.scalars(held) if row.report_id is not None}


def waiting_for_review(
    session: Session, clinic_id: UUID, *, room: Room = Room.ALL, limit: int
) -> Sequence[WaitingForReview]:
    """Assessments of a clinic that want a nurse and that no worker has taken up yet, oldest first.

    What only mattered until the patient answered a question is left out once the answer is there.
    """
    waiting = (
        select(StoredAssessment, Treatment, Patient)
        .outerjoin(
            Report,
            (Report.clinic_id == StoredAssessment.clinic_id) & (Report.id == StoredAssessment.report_id),
        )
        .join(
            Treatment,
            (Treatment.clinic_id == StoredAssessment.clinic_id)
            & (Treatment.id == StoredAssessment.treatment_id),
        )
        .join(Patient, (Patient.clinic_id == Treatment.clinic_id) & (Patient.id == Treatment.patient_id))
        .where(
            StoredAssessment.clinic_id == clinic_id,
            patients.of_room(Treatment.patient_id, clinic_id=clinic_id, room=room),
            StoredAssessment.reviewed_at.is_(None),
            StoredAssessment.level != Level.EXPECTED,
            or_(
                StoredAssessment.cause != AssessmentCause.HOLD_ENDED,
                StoredAssessment.revision == Report.revision,
            ),
        )
        .order_by(StoredAssessment.review_after, StoredAssessment.id)
        .limit(limit)
    )
    return [
        WaitingForReview(assessment=row[0], treatment=row[1], patient=row[2])
        for row in session.execute(waiting)
    ]
