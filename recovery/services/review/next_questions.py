"""What is asked next, once the worker has reviewed a report or found a check-in unanswered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.patients import patients
from recovery.models.reports import reports
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents
from recovery.services.messaging.further_questions import CourseQuestions

_JUDGED_ANEW = (AssessmentCause.LATE_REPORT, AssessmentCause.FACTS_CORRECTED)
"""A report of which something was open may have nothing open any more."""


def ask_after_review(
    session: Session,
    reviewed: Sequence[StoredAssessment],
    *,
    flagged: Collection[tuple[UUID, UUID]],
    contents: RunningContents,
    now: datetime,
) -> None:
    """Plan one more question where a report leaves something open; not while a flag of its treatment is open.

    A report with nothing open has taken back the question before it when it came.
    """
    courses = {
        (assessed.clinic_id, assessed.treatment_id)
        for assessed in reviewed
        if assessed.report_id is not None
        and (assessed.open_matter is not None or assessed.cause in _JUDGED_ANEW)
    }
    for clinic_id, treatment_id in sorted(courses - set(flagged)):
        treatment = treatments.get(session, clinic_id, treatment_id)
        if treatment is not None:
            ask_of_course(session, treatment, content=contents.of_or_shipped(clinic_id), now=now)


def ask_of_course(session: Session, treatment: Treatment, *, content: Content, now: datetime) -> None:
    """Plan one more question where the report that was seen last leaves something open."""
    course = reports.list_current_revisions(session, treatment.clinic_id, treatment.id)
    if not course:
        return
    judged = reports.latest_assessments(session, treatment.clinic_id, treatment.id, until=now)
    last = course[-1]
    questions_of(session, treatment, content=content, now=now).ask_after(
        last, about=judged[last.report_id].open_matter
    )


def questions_of(
    session: Session, treatment: Treatment, *, content: Content, now: datetime
) -> CourseQuestions:
    """What may be asked after this treatment."""
    held_to = protocols.get_protocol(
        session, clinic_id=treatment.clinic_id, version=treatment.protocol, content=content
    )
    return CourseQuestions(
        session=session,
        patient=patients.get_one(session, treatment.clinic_id, treatment.patient_id),
        treatment=treatment,
        rule=held_to.rules.asking,
        content=content,
        now=now,
    )
