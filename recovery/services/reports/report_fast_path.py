"""A report that comes for the first time, in order and without words: kept, judged and answered in two trips.

What nearly every report is. Anything else (a replay, a revision, a note, a late report, a question to ask,
findings that are asked about first) is `reports.record`'s, which does the same and more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg

from recovery.domain.clinic import opening_hours
from recovery.domain.clinical import assessment
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import AnswerScale, Level, Observation, hours_between
from recovery.domain.core.language import Language
from recovery.domain.flags import flag_lifecycle
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.read_models import report_fast_path
from recovery.models.read_models.report_fast_path import CourseSnapshot, NewReport
from recovery.services.access import authentication, credentials
from recovery.services.content import protocols, running_content
from recovery.services.content.content import Content
from recovery.services.reports import (
    follow_up_status,
    report_assessment,
    reports,
    seen_time,
    strongest_area,
)
from recovery.services.reports.follow_up_status import FollowUpStatus
from recovery.services.reports.reports import ReportAnswer, RevisionContent, Submission
from recovery.services.tasks import tasks


def record_fast(
    connection: psycopg.Connection[Any],
    *,
    bearer: str,
    treatment_id: UUID,
    submission: Submission,
    content: Content,
    render: Callable[[ReportAnswer, Language, Content], bytes],
    now: datetime,
) -> bytes | None:
    """The answer to a report that was kept; None where nothing was done and `reports.record` is to be asked.

    That refuses what is to be refused. On `connection` every statement is a transaction of its own. `content`
    is what ships; what the clinic runs on judges, where this process has understood it before.
    """
    clinic_id = credentials.clinic_hint(bearer)
    if clinic_id is None or submission.revision != 1 or submission.note is not None:
        return None
    token_hash = credentials.hash_token(bearer)
    snapshot = report_fast_path.read_snapshot(
        connection, clinic_id=clinic_id, token_hash=token_hash, treatment_id=treatment_id, now=now
    )
    running = None if snapshot is None else _running(snapshot, shipped=content)
    if snapshot is None or running is None or not _are_steps(submission, running):
        return None
    if not strongest_area.is_possible(submission.strongest, snapshot.facts.areas):
        return None
    try:
        seen_at, clock = seen_time.resolve(
            submission.seen_at, sent_at=submission.sent_at, performed_at=snapshot.performed_at, now=now
        )
        reports.require_daily_room([one.created_at for one in snapshot.course], now=now)
    except (seen_time.ImpossibleTime, reports.TooManyReports):
        return None
    if any(one.report_id == submission.report_id or one.seen_at > seen_at for one in snapshot.course):
        return None
    since = hours_between(snapshot.performed_at, seen_at)
    judged = _judged(submission, snapshot, since=since, content=running)
    if judged.ask_again or judged.held:
        return None
    answer = render(
        ReportAnswer(
            report_id=submission.report_id,
            treatment_id=treatment_id,
            said=_said(submission, seen_at=seen_at, now=now),
            level=judged.level,
            day=judged.day,
            protocol=judged.protocol_version,
            findings=judged.findings,
            ask_again=(),
            follow_up=_follow_up(judged.level, snapshot, content=running, now=now),
        ),
        snapshot.language,
        running,
    )
    kept = report_fast_path.insert_report(
        connection,
        NewReport(
            clinic_id=clinic_id,
            patient_id=snapshot.patient_id,
            treatment_id=treatment_id,
            report_id=submission.report_id,
            token_hash=token_hash,
            course_version=snapshot.course_version,
            seen_at=seen_at,
            hours=since,
            clock=clock.value,
            scores={symptom.value: score for symptom, score in submission.scores.items()},
            scale=submission.scale,
            strongest=submission.strongest,
            warning_signs=sorted(submission.warning_signs),
            confirmed=sorted(submission.confirmed),
            body=submission.body,
            answer=answer,
            level=judged.level,
            day=judged.day,
            findings=[assessment.to_dict(finding) for finding in judged.findings],
            open_matter=judged.open_matter,
            protocol=judged.protocol_version,
            comment=tasks.HEARD_FROM,
            touch=authentication.new_expiry(last_seen_at=snapshot.last_seen_at, now=now),
            wake=None if judged.level is Level.EXPECTED else reports.REVIEW_CHANNEL,
            now=now,
        ),
    )
    return answer if kept else None


def _running(snapshot: CourseSnapshot, *, shipped: Content) -> Content | None:
    if snapshot.mode == ClinicMode.TRAINING:
        # Nothing that a clinic in training may change by itself is asked for here.
        return shipped
    return running_content.known_of(
        mode=snapshot.mode, protocol=snapshot.clinic_protocol, digest=snapshot.running_content, newest=shipped
    )


def _are_steps(submission: Submission, content: Content) -> bool:
    """Whether answers in words are the five of the check-in."""
    return submission.scale is AnswerScale.NUMBERS or content.answers.keys() >= set(
        submission.scores.values()
    )


def _judged(
    submission: Submission, snapshot: CourseSnapshot, *, since: float, content: Content
) -> assessment.Assessment:
    held_to = protocols.parse_version(snapshot.own_protocol, version=snapshot.protocol, content=content)
    judged = _held_to(held_to, submission, snapshot, since=since)
    beside = content.beside(snapshot.protocol)
    if beside is None:
        return judged
    return report_assessment.stricter(judged, _held_to(beside, submission, snapshot, since=since))


def _held_to(
    protocol: Protocol, submission: Submission, snapshot: CourseSnapshot, *, since: float
) -> assessment.Assessment:
    return report_assessment.assess_report(
        Observation(
            hours=since,
            scores=submission.scores,
            warning_signs=submission.warning_signs,
            confirmed=submission.confirmed,
            scale=submission.scale,
            strongest=submission.strongest,
        ),
        [one.observation for one in snapshot.course],
        treatment=snapshot.facts,
        protocol=protocol,
        earlier=snapshot.sessions,
        override=snapshot.override,
        settled=False,
    )


def _said(submission: Submission, *, seen_at: datetime, now: datetime) -> RevisionContent:
    return RevisionContent(
        revision=1,
        seen_at=seen_at,
        received_at=now,
        scores={symptom.value: score for symptom, score in submission.scores.items()},
        scale=submission.scale,
        strongest=submission.strongest,
        warning_signs=sorted(submission.warning_signs),
        note=None,
        confirmed=sorted(submission.confirmed),
    )


def _follow_up(level: Level, snapshot: CourseSnapshot, *, content: Content, now: datetime) -> FollowUpStatus:
    urgency = flag_lifecycle.urgency_of(level)
    if urgency is None:
        return follow_up_status.NONE
    opening = opening_hours.parse(
        time_zone=snapshot.time_zone,
        weekly=orjson.loads(snapshot.weekly_hours),
        holidays=orjson.loads(snapshot.holidays),
    )
    return follow_up_status.waiting_status(
        urgency, hours=opening, flag_due_at=snapshot.flag_due_at, content=content, now=now
    )
