"""A patient's report kept as a revision, judged and answered in one transaction: replays, conflicts, a day's
limit, answers listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery.domain.clinical import assessment, symptoms
from recovery.domain.clinical.symptoms import AnswerScale, Area, Level, Symptom, WarningSign
from recovery.models.reports import pending_assessments, reports
from recovery.models.reports.reports import DeviceClock, Report, ReportRevision, StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import PatientCaller
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.reports import (
    follow_up_status,
    held_findings,
    report_assessment,
    report_follow_up,
    seen_time,
    strongest_area,
)
from recovery.services.reports.follow_up_status import FollowUpStatus
from recovery.services.treatments import treatments

REVIEW_CHANNEL = "afterglow_review"
MOST_A_DAY = 60
"""New reports of one course within 24 hours: more than any patient writes, fewer than a broken app sends."""

SAME_AS = "same_as"
"""The field of a stored body that names the report whose scores the patient said still hold."""


class TooManyReports(Exception):
    """A course takes so many new reports a day. `wait` is how long until it takes another."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class ReportIdTaken(Exception):
    """Another report of this patient has this id."""


class RevisionConflict(Exception):
    """This revision is stored with another content, or is not the next one.

    `stored` is the answer that was given to the newest revision, None where there is none yet.
    """

    def __init__(self, stored: bytes | None) -> None:
        super().__init__()
        self.stored = stored


class PutResult(StrEnum):
    """What became of a report that was put."""

    CREATED = "created"
    REVISED = "revised"
    REPLAYED = "replayed"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A report as it came. `body` is the request as parsed, kept to tell a replay from another body.

    `sent_at` is the device's clock when it sent, if it said so; `scale` how the scores were given,
    `strongest` in which of the treated areas the patient sees most of it.
    """

    report_id: UUID
    revision: int
    seen_at: datetime
    sent_at: datetime | None
    scores: Mapping[Symptom, int]
    scale: AnswerScale = AnswerScale.NUMBERS
    strongest: Area | None = None
    warning_signs: frozenset[WarningSign]
    confirmed: frozenset[Symptom]
    note: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RevisionContent:
    """What was said in one revision, as the patient is told."""

    revision: int
    seen_at: datetime
    received_at: datetime
    scores: Mapping[str, int]
    scale: AnswerScale
    warning_signs: Sequence[str]
    note: str | None
    confirmed: Sequence[str]
    strongest: Area | None = None


@dataclass(frozen=True, kw_only=True)
class ReportAnswer:
    """A stored report with how it was judged, as the patient is answered.

    `hold_ends_at` is until when a question about some entries waits for its answer, `unconfirmed` what
    becomes of the report without one. `held`: something is asked about once more before a nurse looks, at
    `asks_at` where that is still to come.
    """

    report_id: UUID
    treatment_id: UUID
    said: RevisionContent
    level: Level
    day: int
    protocol: str
    findings: Sequence[assessment.Finding]
    ask_again: Sequence[Symptom]
    follow_up: FollowUpStatus
    hold_ends_at: datetime | None = None
    unconfirmed: FollowUpStatus | None = None
    held: bool = False
    asks_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedReport:
    """What happened, and the bytes to send: the same bytes for every replay of a revision."""

    outcome: PutResult
    answer: bytes


def record(
    session: Session,
    *,
    caller: PatientCaller,
    treatment_id: UUID,
    submission: Submission,
    content: Content,
    render: Callable[[ReportAnswer], bytes],
    most_a_day: int | None = MOST_A_DAY,
    now: datetime,
) -> RecordedReport:
    """Keep a report, judge it and answer, exactly once however often it is sent.

    Raises UnknownTreatment, ImpossibleTime, ReportIdTaken, RevisionConflict, TooManyReports, UnknownArea.
    """
    treatment = treatments.get_treatment(
        session, clinic_id=caller.clinic_id, treatment_id=treatment_id, patient_id=caller.patient_id
    )
    # Serialises the reports of one course: each is judged on those before it, and only once.
    session.refresh(treatment, with_for_update=True)
    report, is_new = reports.insert_or_lock(
        session,
        Report(
            clinic_id=caller.clinic_id,
            id=submission.report_id,
            treatment_id=treatment.id,
            revision=1,
            created_at=now,
        ),
    )
    if not is_new:
        replay = _replay(session, report, treatment=treatment, submission=submission)
        if replay is not None:
            return replay
    elif submission.revision != 1:
        raise RevisionConflict(None)
    elif most_a_day is not None:
        day_ago = now - timedelta(days=1)
        made = reports.list_creation_times(
            session, caller.clinic_id, treatment.id, since=day_ago, limit=most_a_day + 1
        )
        require_daily_room(made[1:], now=now)
    strongest_area.require_possible(session, submission.strongest, treatment=treatment)
    treatment.course_version += 1
    seen_at, clock = seen_time.resolve(
        submission.seen_at, sent_at=submission.sent_at, performed_at=treatment.performed_at, now=now
    )
    revision = _said(submission, treatment=treatment, seen_at=seen_at, clock=clock, now=now)
    judge = report_assessment.assessor_for(session, treatment=treatment, content=content, now=now)
    course = reports.list_current_revisions(session, caller.clinic_id, treatment.id)
    known_note = next((row.note for row in course if row.report_id == revision.report_id), None)
    asked = held_findings.after_report(session, revision, course=course, judge=judge, content=content)
    at_once, settled = asked.at_once, asked.settled
    revision.answer = render(_answer(session, revision, asked, treatment=treatment, content=content, now=now))
    report.revision = submission.revision
    session.add(revision)
    session.flush()
    judge.store(revision, at_once=at_once, settled=settled, course=course)
    report_follow_up.plan_follow_up(
        session, revision, treatment=treatment, known_note=known_note, content=content, now=now
    )
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.patient(caller.patient_id),
        action="report.put",
        subject=("report", report.id),
        now=now,
        detail={"revision": str(submission.revision)},
    )
    if at_once.level is not Level.EXPECTED:
        session.execute(select(func.pg_notify(REVIEW_CHANNEL, "")))
    return RecordedReport(outcome=PutResult.CREATED if is_new else PutResult.REVISED, answer=revision.answer)


def list_answers(
    session: Session, *, treatment: Treatment, content: Content, now: datetime
) -> Sequence[ReportAnswer]:
    """The reports of a course as they stand now, in the order the signs were seen."""
    # In this order: a report put in between is in neither, and never without its assessment.
    course = reports.list_current_revisions(session, treatment.clinic_id, treatment.id)
    judged = reports.latest_assessments(session, treatment.clinic_id, treatment.id, until=now)
    followed = follow_up_status.statuses_of_course(
        session, treatment=treatment, judged=judged, content=content
    )
    held = pending_assessments.held_by_report(session, treatment.clinic_id, treatment.id, now=now)
    unconfirmed = follow_up_status.statuses_of_course(
        session, treatment=treatment, judged=held, content=content
    )
    asks_at = None
    if course and held_findings.is_held(judged[course[-1].report_id], held.get(course[-1].report_id)):
        judge = report_assessment.assessor_for(session, treatment=treatment, content=content, now=now)
        asks_at = held_findings.asks_at(session, course[-1], judge=judge, content=content)
    return [
        _as_it_stands(
            kept,
            judged[kept.report_id],
            asks_at=asks_at if kept is course[-1] else None,
            followed=followed[kept.report_id],
            held=held.get(kept.report_id),
            unconfirmed=unconfirmed.get(kept.report_id),
        )
        for kept in course
    ]


def require_daily_room(made: Sequence[datetime], *, now: datetime) -> None:
    """Raise TooManyReports where a course has as many new reports of the last day as it takes.

    `made` is when the reports that are there were.
    """
    recent = sorted(at for at in made if at > now - timedelta(days=1))
    if len(recent) >= MOST_A_DAY:
        raise TooManyReports(recent[-MOST_A_DAY] + timedelta(days=1) - now)


def _as_it_stands(
    kept: ReportRevision,
    judged: StoredAssessment,
    *,
    asks_at: datetime | None,
    followed: FollowUpStatus,
    held: StoredAssessment | None,
    unconfirmed: FollowUpStatus | None,
) -> ReportAnswer:
    return ReportAnswer(
        report_id=kept.report_id,
        treatment_id=judged.treatment_id,
        said=_told(kept),
        level=judged.level,
        day=judged.day,
        protocol=judged.protocol,
        findings=[assessment.from_dict(finding) for finding in judged.findings],
        ask_again=[Symptom(name) for name in judged.ask_again],
        follow_up=followed,
        hold_ends_at=None if held is None else held.review_after,
        unconfirmed=unconfirmed,
        held=held_findings.is_held(judged, held),
        asks_at=asks_at,
    )


def _replay(
    session: Session, report: Report, *, treatment: Treatment, submission: Submission
) -> RecordedReport | None:
    if report.treatment_id != treatment.id:
        raise ReportIdTaken
    newest = session.get_one(ReportRevision, (report.clinic_id, report.id, report.revision))
    revision = reports.get_revision(session, report.clinic_id, report.id, number=submission.revision)
    if revision is not None and revision.body == dict(submission.body):
        return RecordedReport(outcome=PutResult.REPLAYED, answer=revision.answer)
    if revision is not None or submission.revision != report.revision + 1:
        raise RevisionConflict(newest.answer)
    return None


def _said(
    submission: Submission, *, treatment: Treatment, seen_at: datetime, clock: DeviceClock, now: datetime
) -> ReportRevision:
    return ReportRevision(
        clinic_id=treatment.clinic_id,
        report_id=submission.report_id,
        revision=submission.revision,
        seen_at=seen_at,
        hours_then=symptoms.hours_between(treatment.performed_at, seen_at),
        received_at=now,
        clock=clock,
        scores={symptom.value: score for symptom, score in submission.scores.items()},
        scale=submission.scale,
        strongest=submission.strongest,
        warning_signs=sorted(submission.warning_signs),
        confirmed=sorted(submission.confirmed),
        note=submission.note,
        body=dict(submission.body),
    )


def _told(kept: ReportRevision) -> RevisionContent:
    return RevisionContent(
        revision=kept.revision,
        seen_at=kept.seen_at,
        received_at=kept.received_at,
        scores=kept.scores,
        scale=kept.scale,
        warning_signs=kept.warning_signs,
        note=kept.note,
        confirmed=kept.confirmed,
        strongest=kept.strongest,
    )


def _answer(
    session: Session,
    revision: ReportRevision,
    asked: held_findings.AskedFirst,
    *,
    treatment: Treatment,
    content: Content,
    now: datetime,
) -> ReportAnswer:
    at_once, settled = asked.at_once, asked.settled

    def follow_up(level: Level, at: datetime) -> FollowUpStatus:
        return follow_up_status.status_of_new_report(
            session, report_id=revision.report_id, level=level, treatment=treatment, content=content, now=at
        )

    hold_ends_at = None if settled is None else now + report_assessment.HOLD
    return ReportAnswer(
        report_id=revision.report_id,
        treatment_id=treatment.id,
        said=_told(revision),
        level=at_once.level,
        day=at_once.day,
        protocol=at_once.protocol_version,
        findings=at_once.findings,
        ask_again=at_once.ask_again,
        follow_up=follow_up(at_once.level, now),
        hold_ends_at=hold_ends_at,
        unconfirmed=None
        if settled is None or hold_ends_at is None
        else follow_up(settled.level, hold_ends_at),
        held=held_findings.is_held(at_once, settled),
        asks_at=asked.at,
    )
