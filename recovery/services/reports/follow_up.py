"""What a patient is told of the clinic's work on one report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.hours import OpeningHours
from recovery.domain.clinical.symptoms import Level
from recovery.domain.flags import triage
from recovery.models.clinic import clinics
from recovery.models.flags import flags
from recovery.models.flags.flags import Flag
from recovery.models.reports.reports import Assessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.clinic.clinics import opening_hours
from recovery.services.content.content import Content


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Whether a nurse looks at it, and by when."""

    state: triage.FollowUp
    by: datetime | None


NONE = FollowUp(state=triage.FollowUp.NONE, by=None)


def at_once(
    session: Session, *, report_id: UUID, level: Level, treatment: Treatment, content: Content, now: datetime
) -> FollowUp:
    """For a report that has just come: nobody has looked at it yet, whatever became of earlier ones."""
    urgency = triage.urgency_of(level)
    if urgency is None:
        raised = flags.by_report(session, treatment.clinic_id, treatment.id)
        return _of_flag(raised[report_id]) if report_id in raised else NONE
    open_flag = flags.unresolved(session, treatment.clinic_id, treatment.id)
    return waiting(
        urgency,
        hours=opening_hours(clinics.get_one(session, treatment.clinic_id)),
        flag_due_at=None if open_flag is None else open_flag.due_at,
        content=content,
        now=now,
    )


def waiting(
    urgency: triage.Urgency,
    *,
    hours: OpeningHours,
    flag_due_at: datetime | None,
    content: Content,
    now: datetime,
) -> FollowUp:
    """A nurse will look: when this alone is due, or already for the treatment's open flag."""
    by = triage.due_at(urgency, since=now, hours=hours, times=content.response_times)
    return FollowUp(state=triage.FollowUp.WAITING, by=by if flag_due_at is None else min(by, flag_due_at))


def of_course(
    session: Session, *, treatment: Treatment, judged: Mapping[UUID, Assessment], content: Content
) -> Mapping[UUID, FollowUp]:
    """For every report of a course, by its id. `judged` holds the assessment that counts for each."""
    raised = flags.by_report(session, treatment.clinic_id, treatment.id)
    return {
        report_id: _as_it_stands(session, assessed, raised.get(report_id), content=content)
        for report_id, assessed in judged.items()
    }


def _as_it_stands(session: Session, judged: Assessment, flag: Flag | None, *, content: Content) -> FollowUp:
    urgency = triage.urgency_of(judged.level)
    over = flag is None or flag.state is triage.FlagState.RESOLVED
    if urgency is not None and over and judged.reviewed_at is None:
        since = judged.review_after
        by = _due_at(session, urgency, since=since, clinic_id=judged.clinic_id, content=content)
        return FollowUp(state=triage.FollowUp.WAITING, by=by)
    return NONE if flag is None else _of_flag(flag)


def _of_flag(flag: Flag) -> FollowUp:
    by = flag.due_at if flag.state is triage.FlagState.OPEN else None
    return FollowUp(state=triage.follow_up(flag.state), by=by)


def _due_at(
    session: Session, urgency: triage.Urgency, *, since: datetime, clinic_id: UUID, content: Content
) -> datetime:
    hours = opening_hours(clinics.get_one(session, clinic_id))
    return triage.due_at(urgency, since=since, hours=hours, times=content.response_times)
