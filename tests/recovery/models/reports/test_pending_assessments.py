"""What of a course no worker has taken up: due, or held by a question."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Level
from recovery.models.patients.patients import Patient
from recovery.models.reports import pending_assessments
from recovery.models.reports.reports import AssessmentCause, Report
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_assessment, add_revision, add_treatment

SECOND = timedelta(seconds=1)
HOLD = timedelta(minutes=10)


def test_what_wants_a_nurse_is_due_once_no_question_holds_it(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    plain = add_assessment(session, treatment, add_revision(session, treatment, seen_at=now), at=now)
    asked = add_revision(session, treatment, seen_at=now)
    held = add_assessment(
        session, treatment, asked, at=now, cause=AssessmentCause.HOLD_ENDED, review_after=now + HOLD
    )
    silent = add_assessment(session, treatment, None, at=now)
    for ignored in ({"level": Level.EXPECTED}, {"reviewed_at": now}):
        add_assessment(session, treatment, add_revision(session, treatment, seen_at=now), at=now, **ignored)

    def due(at: datetime) -> set[object]:
        found = pending_assessments.list_due(session, treatment.clinic_id, [treatment.id], now=at)
        return {assessed.id for assessed in found}

    assert due(now + HOLD - SECOND) == {plain.id, silent.id}
    assert due(now + HOLD) == {plain.id, silent.id, held.id}
    report = session.get_one(Report, (treatment.clinic_id, asked.report_id))
    add_revision(session, treatment, seen_at=now, report=report)
    assert due(now + HOLD) == {plain.id, silent.id}, "the question was answered"


def test_a_report_is_held_while_its_newest_revision_is_in_question(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    asked = add_revision(session, treatment, seen_at=now)
    held = add_assessment(
        session, treatment, asked, at=now, cause=AssessmentCause.HOLD_ENDED, review_after=now + HOLD
    )
    patient = session.get_one(Patient, (treatment.clinic_id, treatment.patient_id))
    other = add_treatment(session, patient, performed_at=now - HOLD)
    for treated, at, expected in (
        (treatment, now, {asked.report_id: held.id}),
        (treatment, now + HOLD, {}),
        (other, now, {}),
    ):
        found = pending_assessments.held_by_report(session, treated.clinic_id, treated.id, now=at)
        assert {report: assessed.id for report, assessed in found.items()} == expected
    report = session.get_one(Report, (treatment.clinic_id, asked.report_id))
    add_revision(session, treatment, seen_at=now, report=report)
    assert pending_assessments.held_by_report(session, treatment.clinic_id, treatment.id, now=now) == {}
