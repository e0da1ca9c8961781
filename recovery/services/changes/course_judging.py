"""Whole courses judged anew, and their questions with them: after a correction, and where takeovers read
before a change differ after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery.models.messaging import text_leases
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports
from recovery.models.tasks import tasks
from recovery.models.tasks.tasks import TaskKind
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.reports.report_assessment import assessor_for
from recovery.services.reports.reports import REVIEW_CHANNEL
from recovery.services.review import next_questions
from recovery.services.tasks.tasks import FOLLOWED_FOR

TREATED_AGAIN = "the patient was treated again"
"""The comment on a task that somebody should call because nothing was heard."""


def reassess_course(session: Session, *, treatment: Treatment, content: Content, now: datetime) -> None:
    """Hold the reports of a course against facts that were corrected, and wake the review."""
    judge = assessor_for(session, treatment=treatment, content=content, now=now)
    if judge.reassess(reports.list_current_revisions(session, treatment.clinic_id, treatment.id)):
        session.execute(select(func.pg_notify(REVIEW_CHANNEL, "")))


def read_takeovers(session: Session, patient: Patient, *, now: datetime) -> Mapping[UUID, datetime | None]:
    """When each treatment that the patient is followed for was taken over. Locks the person until the
    transaction ends, so that two changes of their treatments come one after the other."""
    text_leases.lock_patient(session, patient.id)
    return _takeovers(session, patient, now=now)


def follow_takeovers(
    session: Session,
    patient: Patient,
    *,
    before: Mapping[UUID, datetime | None],
    content: Content,
    now: datetime,
) -> None:
    """Judge the courses anew that a later treatment has taken over since `before`, at another time, or not
    any more. The texts are planned already; nobody has to call about the silence of a course that was taken
    over, and what one that was given back left open is asked once more."""
    session.flush()
    for treatment_id, taken_over in sorted(_takeovers(session, patient, now=now).items()):
        treatment = treatments.get(session, patient.clinic_id, treatment_id)
        if treatment is None or taken_over == before.get(treatment_id) or treatment.withdrawn_at is not None:
            continue
        session.refresh(treatment, with_for_update={"key_share": True})
        reassess_course(session, treatment=treatment, content=content, now=now)
        if taken_over is None:
            next_questions.ask_of_course(session, treatment, content=content, now=now)
        else:
            tasks.close_automatically(
                session,
                clinic_id=patient.clinic_id,
                kind=TaskKind.SILENCE,
                treatment_id=treatment.id,
                comment=TREATED_AGAIN,
                now=now,
            )


def _takeovers(session: Session, patient: Patient, *, now: datetime) -> Mapping[UUID, datetime | None]:
    since = now - FOLLOWED_FOR
    followed = treatments.list_followed(session, patient.clinic_id, patient.id, since=since)
    return treatments.taken_over_times(session, patient.clinic_id, [one.id for one in followed])
