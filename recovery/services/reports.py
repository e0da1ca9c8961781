"""A patient says how the skin looks; it is kept, judged and answered in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery.domain import assessment, symptoms, triage
from recovery.domain.symptoms import Level, Symptom, WarningSign
from recovery.models import clinics, flags, patients, reports
from recovery.models.reports import Clock, Report, ReportRevision
from recovery.models.treatments import Treatment
from recovery.services import audit, judging, protocols, reading, treatments
from recovery.services.access import PatientCaller
from recovery.services.clinics import opening_hours
from recovery.services.content import Content

REVIEW_CHANNEL = "afterglow_review"
EARLIEST_BEFORE_TREATMENT = timedelta(hours=12)
LATEST_AHEAD = timedelta(minutes=5)
LATEST_AHEAD_WITHOUT_CLOCK = timedelta(hours=24)


class ImpossibleTime(ValueError):
    """The signs cannot have been seen then: before the treatment, or in the future."""


class UnknownReport(LookupError):
    """No report has this id."""


class ReportIdTaken(Exception):
    """Another report of this patient has this id."""


class RevisionConflict(Exception):
    """This revision is stored with another content, or is not the next one.

    `stored` is the answer that was given to the newest revision, None where there is none yet.
    """

    def __init__(self, stored: bytes | None) -> None:
        super().__init__()
        self.stored = stored


class Outcome(StrEnum):
    """What became of a report that was put."""

    CREATED = "created"
    REVISED = "revised"
    REPLAYED = "replayed"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A report as it came. `body` is the request as parsed, kept to tell a replay from another body.

    `sent_at` is the device's clock when it sent, if it said so.
    """

    report_id: UUID
    revision: int
    seen_at: datetime
    sent_at: datetime | None
    scores: Mapping[Symptom, int]
    warning_signs: frozenset[WarningSign]
    confirmed: frozenset[Symptom]
    note: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Whether a nurse looks at it, and by when."""

    state: triage.FollowUp
    by: datetime | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A stored report with how it was judged, as the patient is answered."""

    report_id: UUID
    treatment_id: UUID
    revision: ReportRevision
    level: Level
    day: int
    protocol: str
    findings: Sequence[assessment.Finding]
    ask_again: Sequence[Symptom]
    follow_up: FollowUp


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What happened, and the bytes to send: the same bytes for every replay of a revision."""

    outcome: Outcome
    answer: bytes


def record(
    session: Session,
    *,
    caller: PatientCaller,
    treatment_id: UUID,
    submission: Submission,
    content: Content,
    render: Callable[[Answer], bytes],
    now: datetime,
) -> Recorded:
    """Keep a report, judge it and answer, exactly once however often it is sent.

    Raises UnknownTreatment, ImpossibleTime, ReportIdTaken, RevisionConflict.
    """
    treatment = treatments.treatment_of(
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
    seen_at, clock = _moment(submission, performed_at=treatment.performed_at, now=now)
    said = _said(submission, treatment=treatment, seen_at=seen_at, clock=clock, now=now)
    judge = _judge_of(session, treatment=treatment, caller=caller, content=content, now=now)
    course = reports.course(session, caller.clinic_id, treatment.id)
    known_note = next((row.note for row in course if row.report_id == said.report_id), None)
    at_once = judge.assess(said, course, settled=False)
    said.answer = render(_answer(session, said, at_once, treatment=treatment, content=content, now=now))
    report.revision = submission.revision
    session.add(said)
    session.flush()
    judge.keep(said, at_once, course)
    reading.after_report(session, said, treatment=treatment, known_note=known_note, content=content, now=now)
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.patient(caller.patient_id),
        action="report.put",
        subject=("report", report.id),
        now=now,
        detail={"revision": str(submission.revision)},
    )
    session.execute(select(func.pg_notify(REVIEW_CHANNEL, "")))
    return Recorded(outcome=Outcome.CREATED if is_new else Outcome.REVISED, answer=said.answer)


def stored(session: Session, *, caller: PatientCaller, report_id: UUID, now: datetime) -> Answer:
    """A report as it stands now. Raises UnknownReport, for another patient's too."""
    report = reports.get(session, caller.clinic_id, report_id)
    if report is None:
        raise UnknownReport(report_id)
    try:
        treatment = treatments.treatment_of(
            session,
            clinic_id=caller.clinic_id,
            treatment_id=report.treatment_id,
            patient_id=caller.patient_id,
        )
    except treatments.UnknownTreatment:
        raise UnknownReport(report_id) from None
    return answers(session, treatment=treatment, only=report_id, now=now)[0]


def answers(
    session: Session, *, treatment: Treatment, only: UUID | None = None, now: datetime
) -> Sequence[Answer]:
    """The reports of a course as they stand now, in the order the signs were seen."""
    judged = reports.latest_assessments(session, treatment.clinic_id, treatment.id, until=now)
    opened = flags.of_treatment(session, treatment.clinic_id, treatment.id)
    return [
        Answer(
            report_id=kept.report_id,
            treatment_id=treatment.id,
            revision=kept,
            level=judged[kept.report_id].level,
            day=judged[kept.report_id].day,
            protocol=judged[kept.report_id].protocol,
            findings=[assessment.from_dict(finding) for finding in judged[kept.report_id].findings],
            ask_again=[Symptom(name) for name in judged[kept.report_id].ask_again],
            follow_up=_follow_up(judged[kept.report_id].level, opened),
        )
        for kept in reports.course(session, treatment.clinic_id, treatment.id)
        if only is None or kept.report_id == only
    ]


def _replay(
    session: Session, report: Report, *, treatment: Treatment, submission: Submission
) -> Recorded | None:
    if report.treatment_id != treatment.id:
        raise ReportIdTaken
    newest = session.get_one(ReportRevision, (report.clinic_id, report.id, report.revision))
    said = reports.revision(session, report.clinic_id, report.id, submission.revision)
    if said is not None and said.body == dict(submission.body):
        return Recorded(outcome=Outcome.REPLAYED, answer=said.answer)
    if said is not None or submission.revision != report.revision + 1:
        raise RevisionConflict(newest.answer)
    return None


def _moment(submission: Submission, *, performed_at: datetime, now: datetime) -> tuple[datetime, Clock]:
    seen_at, clock, ahead = submission.seen_at, Clock.TRUSTED, LATEST_AHEAD
    if submission.sent_at is not None:
        skew = now - submission.sent_at
        if abs(skew) > LATEST_AHEAD:
            seen_at, clock = seen_at + skew, Clock.CORRECTED
    else:
        ahead = LATEST_AHEAD_WITHOUT_CLOCK
        if seen_at > now + LATEST_AHEAD:
            clock = Clock.AHEAD
    if not performed_at - EARLIEST_BEFORE_TREATMENT <= seen_at <= now + ahead:
        raise ImpossibleTime
    return seen_at, clock


def _said(
    submission: Submission, *, treatment: Treatment, seen_at: datetime, clock: Clock, now: datetime
) -> ReportRevision:
    return ReportRevision(
        clinic_id=treatment.clinic_id,
        report_id=submission.report_id,
        revision=submission.revision,
        seen_at=seen_at,
        hours=symptoms.hours_between(treatment.performed_at, seen_at),
        received_at=now,
        clock=clock,
        scores={symptom.value: score for symptom, score in submission.scores.items()},
        warning_signs=sorted(submission.warning_signs),
        confirmed=sorted(submission.confirmed),
        note=submission.note,
        body=dict(submission.body),
    )


def _judge_of(
    session: Session, *, treatment: Treatment, caller: PatientCaller, content: Content, now: datetime
) -> judging.Judge:
    patient = patients.get(session, caller.clinic_id, caller.patient_id)
    return judging.Judge(
        session=session,
        treatment=treatment,
        facts=treatment.facts(skin_type=None if patient is None else patient.skin_type),
        protocol=protocols.resolve(
            session, clinic_id=treatment.clinic_id, version=treatment.protocol, content=content
        ),
        vocabulary=content.vocabulary,
        now=now,
    )


def _answer(
    session: Session,
    said: ReportRevision,
    at_once: assessment.Assessment,
    *,
    treatment: Treatment,
    content: Content,
    now: datetime,
) -> Answer:
    follow_up = _follow_up(at_once.level, flags.of_treatment(session, treatment.clinic_id, treatment.id))
    urgency = triage.urgency_of(at_once.level)
    clinic = clinics.get(session, treatment.clinic_id)
    if urgency is not None and clinic is not None and follow_up.state is triage.FollowUp.WAITING:
        by = triage.due_at(urgency, since=now, hours=opening_hours(clinic), times=content.response_times)
        follow_up = FollowUp(state=follow_up.state, by=min(by, follow_up.by or by))
    return Answer(
        report_id=said.report_id,
        treatment_id=treatment.id,
        revision=said,
        level=at_once.level,
        day=at_once.day,
        protocol=at_once.protocol_version,
        findings=at_once.findings,
        ask_again=at_once.ask_again,
        follow_up=follow_up,
    )


def _follow_up(level: Level, opened: Sequence[flags.Flag]) -> FollowUp:
    if triage.urgency_of(level) is None:
        return FollowUp(state=triage.FollowUp.NONE, by=None)
    if not opened:
        return FollowUp(state=triage.FollowUp.WAITING, by=None)
    newest = opened[0]
    waiting = newest.state is triage.FlagState.OPEN
    return FollowUp(state=triage.follow_up(newest.state), by=newest.due_at if waiting else None)
