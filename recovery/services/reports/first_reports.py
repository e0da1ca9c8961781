"""A report that comes for the first time, in order and without words: kept, judged and answered in two trips.

What nearly every report is. Anything else (a replay, a revision, a note, a late report, a question to ask)
is `reports.record`'s, which does the same and more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg

from recovery.domain.clinic import hours
from recovery.domain.clinical import assessment
from recovery.domain.clinical.symptoms import Level, Observation, hours_between
from recovery.domain.core.language import Language
from recovery.domain.flags import triage
from recovery.models.read_models import first_reports
from recovery.models.read_models.first_reports import Known, NewReport
from recovery.services.access import access, credentials
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.reports import follow_up, judging, reading, reports
from recovery.services.reports.follow_up import FollowUp
from recovery.services.reports.reports import Answer, Said, Submission


def record(
    connection: psycopg.Connection[Any],
    *,
    bearer: str,
    treatment_id: UUID,
    submission: Submission,
    content: Content,
    render: Callable[[Answer, Language], bytes],
    now: datetime,
) -> bytes | None:
    """The answer to a report that was kept; None where nothing was done and `reports.record` is to be asked.

    That refuses what is to be refused. On `connection` every statement is a transaction of its own.
    """
    clinic_id = credentials.clinic_hint(bearer)
    if clinic_id is None or submission.revision != 1 or submission.note is not None:
        return None
    token_hash = credentials.fingerprint(bearer)
    known = first_reports.read(
        connection, clinic_id=clinic_id, token_hash=token_hash, treatment_id=treatment_id, now=now
    )
    if known is None:
        return None
    try:
        seen_at, clock = reports.moment_of(submission, performed_at=known.performed_at, now=now)
        reports.refuse_too_many([one.created_at for one in known.course], now=now)
    except (reports.ImpossibleTime, reports.TooManyReports):
        return None
    if any(one.report_id == submission.report_id or one.seen_at > seen_at for one in known.course):
        return None
    since = hours_between(known.performed_at, seen_at)
    judged = _judged(submission, known, since=since, content=content)
    if judged.ask_again:
        return None
    answer = render(
        Answer(
            report_id=submission.report_id,
            treatment_id=treatment_id,
            said=_said(submission, seen_at=seen_at, now=now),
            level=judged.level,
            day=judged.day,
            protocol=judged.protocol_version,
            findings=judged.findings,
            ask_again=(),
            follow_up=_follow_up(judged.level, known, content=content, now=now),
        ),
        known.language,
    )
    kept = first_reports.write(
        connection,
        NewReport(
            clinic_id=clinic_id,
            patient_id=known.patient_id,
            treatment_id=treatment_id,
            report_id=submission.report_id,
            token_hash=token_hash,
            course_version=known.course_version,
            seen_at=seen_at,
            hours=since,
            clock=clock.value,
            scores={symptom.value: score for symptom, score in submission.scores.items()},
            warning_signs=sorted(submission.warning_signs),
            confirmed=sorted(submission.confirmed),
            body=submission.body,
            answer=answer,
            level=judged.level,
            day=judged.day,
            findings=[assessment.to_dict(finding) for finding in judged.findings],
            protocol=judged.protocol_version,
            comment=reading.HEARD_FROM,
            touch=access.new_end(last_seen_at=known.last_seen_at, now=now),
            wake=None if judged.level is Level.EXPECTED else reports.REVIEW_CHANNEL,
            now=now,
        ),
    )
    return answer if kept else None


def _judged(submission: Submission, known: Known, *, since: float, content: Content) -> assessment.Assessment:
    return judging.judge(
        Observation(
            hours=since,
            scores=submission.scores,
            warning_signs=submission.warning_signs,
            confirmed=submission.confirmed,
        ),
        [one.observation for one in known.course],
        treatment=known.facts,
        protocol=protocols.of_text(known.own_protocol, version=known.protocol, content=content),
        earlier=known.sessions,
        override=known.override,
        settled=False,
    )


def _said(submission: Submission, *, seen_at: datetime, now: datetime) -> Said:
    return Said(
        revision=1,
        seen_at=seen_at,
        received_at=now,
        scores={symptom.value: score for symptom, score in submission.scores.items()},
        warning_signs=sorted(submission.warning_signs),
        note=None,
        confirmed=sorted(submission.confirmed),
    )


def _follow_up(level: Level, known: Known, *, content: Content, now: datetime) -> FollowUp:
    urgency = triage.urgency_of(level)
    if urgency is None:
        return follow_up.NONE
    opening = hours.parse(
        time_zone=known.time_zone,
        weekly=orjson.loads(known.weekly_hours),
        holidays=orjson.loads(known.holidays),
    )
    return follow_up.waiting(urgency, hours=opening, flag_due_at=known.flag_due_at, content=content, now=now)
