"""Reports for tests: kept through the use case, reviewed as the worker does, and worked by a nurse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.symptoms import AnswerScale, Symptom, WarningSign
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags import flags
from recovery.services.access.authentication import PatientCaller, StaffCaller
from recovery.services.reports import reports
from recovery.services.reports.reports import Submission
from recovery.services.review import report_review
from tests.support.data.people import Clinic, Nurse, Patient

CALM = {Symptom.REDNESS: 2, Symptom.SWELLING: 2, Symptom.PEELING: 0}
"""What is expected of skin in the first days."""


def patient_caller(clinic: Clinic, patient: Patient) -> PatientCaller:
    """The patient, as a use case knows who calls."""
    return PatientCaller(clinic_id=clinic.id, patient_id=patient.id)


def staff_caller(clinic: Clinic, nurse: Nurse | None = None, *, role: Role = Role.NURSE) -> StaffCaller:
    """Someone of the staff, the clinic's first nurse where nobody is named."""
    who = nurse or clinic.nurse
    return StaffCaller(clinic_id=clinic.id, staff_id=who.id, name=f"Nurse {who.email}", role=role)


def report(
    clinic: Clinic,
    patient: Patient,
    *signs: WarningSign,
    at: datetime,
    seen_at: datetime | None = None,
    scores: Mapping[Symptom, int] = CALM,
    scale: AnswerScale = AnswerScale.NUMBERS,
    confirmed: Iterable[Symptom] = (),
    note: str | None = None,
    report_id: UUID | None = None,
    revision: int = 1,
) -> UUID:
    """A report sent at this moment, and seen then too where nothing else is said; committed; its id."""
    submission = Submission(
        report_id=report_id or uuid4(),
        revision=revision,
        seen_at=seen_at or at,
        sent_at=at,
        scores=scores,
        scale=scale,
        warning_signs=frozenset(signs),
        confirmed=frozenset(confirmed),
        note=note,
        body={"revision": revision},
    )
    with clinic.sessions.begin() as session:
        reports.record(
            session,
            caller=patient_caller(clinic, patient),
            treatment_id=patient.treatment_id,
            submission=submission,
            content=clinic.content,
            render=lambda _: b"{}",
            now=at,
        )
    return submission.report_id


def review(clinic: Clinic, *, now: datetime) -> int:
    """The worker's review of everything that waits; how many assessments there were."""
    with clinic.sessions.begin() as session:
        return report_review.review_due(session, content=clinic.content, now=now, limit=200)


def raise_flag(clinic: Clinic, patient: Patient, *, at: datetime) -> UUID:
    """The open flag that a report with pus leads to; its id."""
    report(clinic, patient, WarningSign.PUS, at=at)
    review(clinic, now=at)
    with clinic.sessions() as session:
        return _unresolved(session, clinic, patient)


def _unresolved(session: Session, clinic: Clinic, patient: Patient) -> UUID:
    flag = flags.get_unresolved(session, clinic.id, patient.treatment_id)
    assert flag is not None
    return flag.id


WEEKDAYS_NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def open_on_weekdays(clinic: Clinic) -> None:
    """The clinic is staffed from nine to five, Monday to Friday, in UTC."""
    with clinic.sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).weekly_hours = WEEKDAYS_NINE_TO_FIVE
