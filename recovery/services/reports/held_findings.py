"""Findings that raise no flag before the patient is asked once more: held for when, and what becomes of them
where nobody asks."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.clinical import assessment
from recovery.domain.clinical.asking import OpenMatter
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.messaging import again_texts
from recovery.models.patients import patients
from recovery.models.reports.reports import ReportRevision, StoredAssessment
from recovery.services.content.content import Content
from recovery.services.messaging.further_questions import CourseQuestions, NextCheckIn
from recovery.services.reports.report_assessment import CourseAssessor


@dataclass(frozen=True, kw_only=True)
class AskedFirst:
    """How a new report was judged: `at_once`, and `settled` for when a question about an entry had no answer,
    None where nothing is asked. `at` is when something is asked about once more, if that is to come."""

    at_once: assessment.Assessment
    settled: assessment.Assessment | None
    at: datetime | None = None


def after_report(
    session: Session,
    said: ReportRevision,
    *,
    course: Sequence[ReportRevision],
    judge: CourseAssessor,
    content: Content,
) -> AskedFirst:
    """Judge a report that has just come. Where it is the last of its `course` it takes back the question that
    still waited, and what is asked about first counts at once unless somebody asks again soon."""
    at_once = judge.assess(said, course, settled=False)
    settled = judge.assess(said, course, settled=True) if at_once.ask_again else None
    asked = AskedFirst(at_once=at_once, settled=settled)
    if any(row.seen_at > said.seen_at for row in course):
        return asked
    key = judge.treatment.clinic_id, judge.treatment.id
    again_texts.cancel_waiting(session, [key], reason=UnsentReason.REPORTED_SINCE, now=judge.now)
    if not is_held(at_once, settled):
        return asked
    following = _following(session, said, judge=judge, content=content)
    if following is None or not following.soon:
        return AskedFirst(at_once=count(at_once), settled=None if settled is None else count(settled))
    return dataclasses.replace(asked, at=_still_to_come(following, now=judge.now))


def asks_at(
    session: Session, said: ReportRevision, *, judge: CourseAssessor, content: Content
) -> datetime | None:
    """When the patient is asked once more after the report that was seen last, None once that is over."""
    return _still_to_come(_following(session, said, judge=judge, content=content), now=judge.now)


def is_held(
    judged: assessment.Assessment | StoredAssessment, settled: assessment.Assessment | StoredAssessment | None
) -> bool:
    """Whether something is asked about once more, now or once an entry in question counts as `settled`."""
    return bool(judged.held or (settled is not None and settled.held))


def count(judged: assessment.Assessment) -> assessment.Assessment:
    """The assessment where nobody asks once more: what was held for that counts at once."""
    if not judged.held:
        return judged
    found = (*judged.findings, *judged.held)
    level = max((finding.level for finding in found), key=lambda level: level.rank)
    return dataclasses.replace(judged, level=level, findings=found, held=(), open_matter=None)


def _following(
    session: Session, said: ReportRevision, *, judge: CourseAssessor, content: Content
) -> NextCheckIn | None:
    return CourseQuestions(
        session=session,
        patient=patients.get_one(session, judge.treatment.clinic_id, judge.treatment.patient_id),
        treatment=judge.treatment,
        rule=judge.protocol.rules.asking,
        content=content,
        now=judge.now,
    ).find_next(since=said.seen_at, about=OpenMatter.FINDING)


def _still_to_come(following: NextCheckIn | None, *, now: datetime) -> datetime | None:
    return None if following is None or following.at <= now else following.at
