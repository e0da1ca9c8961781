"""What a patient is told of the clinic's work on a report or treatment: waiting by a time, seen, contacted,
closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.clinical.symptoms import Level
from recovery.domain.flags import flag_lifecycle
from recovery.models.clinic import clinics
from recovery.models.flags import flags
from recovery.models.flags.flags import Flag
from recovery.models.reports import pending_assessments
from recovery.models.reports.reports import StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content


@dataclass(frozen=True, kw_only=True)
class FollowUpStatus:
    """Whether a nurse looks at it, by when while nobody does, and how urgent it is to the clinic."""

    state: flag_lifecycle.FollowUpState
    by: datetime | None
    urgency: flag_lifecycle.Urgency | None = None

    def is_overdue(self, *, now: datetime) -> bool:
        """Whether the promised time has passed."""
        return self.by is not None and self.by < now


NONE = FollowUpStatus(state=flag_lifecycle.FollowUpState.NONE, by=None)
UNRESOLVED = (
    flag_lifecycle.FollowUpState.WAITING,
    flag_lifecycle.FollowUpState.SEEN,
    flag_lifecycle.FollowUpState.CONTACTED,
)
"""Somebody is to look, looks or has been in touch; closed it is not."""


def status_of_new_report(
    session: Session, *, report_id: UUID, level: Level, treatment: Treatment, content: Content, now: datetime
) -> FollowUpStatus:
    """For a report that has just come: nobody has looked at it yet, whatever became of earlier ones."""
    urgency = flag_lifecycle.urgency_of(level)
    if urgency is None:
        raised = flags.newest_by_report(session, treatment.clinic_id, treatment.id)
        return status_of_flag(raised[report_id]) if report_id in raised else NONE
    open_flag = flags.get_unresolved(session, treatment.clinic_id, treatment.id)
    return waiting_status(
        urgency,
        hours=opening_hours_of(clinics.get_one(session, treatment.clinic_id)),
        flag_due_at=None if open_flag is None else open_flag.due_at,
        content=content,
        now=now,
    )


def waiting_status(
    urgency: flag_lifecycle.Urgency,
    *,
    hours: OpeningHours,
    flag_due_at: datetime | None,
    content: Content,
    now: datetime,
) -> FollowUpStatus:
    """A nurse will look: when this alone is due, or already for the treatment's open flag."""
    by = flag_lifecycle.due_at(urgency, since=now, hours=hours, times=content.response_times)
    return FollowUpStatus(
        state=flag_lifecycle.FollowUpState.WAITING,
        by=by if flag_due_at is None else min(by, flag_due_at),
        urgency=urgency,
    )


def statuses_of_course(
    session: Session, *, treatment: Treatment, judged: Mapping[UUID, StoredAssessment], content: Content
) -> Mapping[UUID, FollowUpStatus]:
    """For every report of a course, by its id. `judged` holds the assessment that counts for each."""
    raised = flags.newest_by_report(session, treatment.clinic_id, treatment.id)
    return {
        report_id: _as_it_stands(session, assessed, raised.get(report_id), content=content)
        for report_id, assessed in judged.items()
    }


def statuses_of_treatments(
    session: Session, found: Sequence[Treatment], *, content: Content, now: datetime
) -> Mapping[UUID, FollowUpStatus]:
    """Where each of these treatments of one clinic stands, by id: its flag, and what is to raise one."""
    if not found:
        return {}
    clinic_id, treatment_ids = found[0].clinic_id, [treatment.id for treatment in found]
    current = flags.current_by_treatment(session, clinic_id, treatment_ids)
    statuses = {
        treatment_id: status_of_flag(current[treatment_id]) if treatment_id in current else NONE
        for treatment_id in treatment_ids
    }
    for judged in pending_assessments.list_due(session, clinic_id, treatment_ids, now=now):
        statuses[judged.treatment_id] = _with_unreviewed(
            session, statuses[judged.treatment_id], judged, content=content
        )
    return statuses


def _with_unreviewed(
    session: Session, stands: FollowUpStatus, judged: StoredAssessment, *, content: Content
) -> FollowUpStatus:
    """A flag's standing with an assessment that is about to raise or extend it."""
    urgency = flag_lifecycle.urgency_of(judged.level)
    if urgency is None:
        return stands
    by = _due_at(session, urgency, since=judged.review_after, clinic_id=judged.clinic_id, content=content)
    if stands.state not in UNRESOLVED or stands.urgency is None:
        return FollowUpStatus(state=flag_lifecycle.FollowUpState.WAITING, by=by, urgency=urgency)
    return FollowUpStatus(
        state=stands.state,
        by=None if stands.by is None else min(by, stands.by),
        urgency=min(urgency, stands.urgency, key=lambda one: one.rank),
    )


def _as_it_stands(
    session: Session, judged: StoredAssessment, flag: Flag | None, *, content: Content
) -> FollowUpStatus:
    urgency = flag_lifecycle.urgency_of(judged.level)
    over = flag is None or flag.state is flag_lifecycle.FlagState.RESOLVED
    if urgency is not None and over and judged.reviewed_at is None:
        since = judged.review_after
        by = _due_at(session, urgency, since=since, clinic_id=judged.clinic_id, content=content)
        return FollowUpStatus(state=flag_lifecycle.FollowUpState.WAITING, by=by, urgency=urgency)
    return NONE if flag is None else status_of_flag(flag)


def status_of_flag(flag: Flag) -> FollowUpStatus:
    """What is told of this flag: by when while nobody has taken it, never once somebody has."""
    by = flag.due_at if flag.state is flag_lifecycle.FlagState.OPEN else None
    return FollowUpStatus(state=flag_lifecycle.follow_up_state(flag.state), by=by, urgency=flag.urgency)


def _due_at(
    session: Session, urgency: flag_lifecycle.Urgency, *, since: datetime, clinic_id: UUID, content: Content
) -> datetime:
    hours = opening_hours_of(clinics.get_one(session, clinic_id))
    return flag_lifecycle.due_at(urgency, since=since, hours=hours, times=content.response_times)
