"""The nurse's queue: who needs someone, how soon, why, and what the worker has not taken up yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain import symptoms, trace
from recovery.domain.findings import Finding
from recovery.domain.symptoms import Level, Symptom, TreatmentFacts
from recovery.domain.triage import FlagState, Urgency
from recovery.models import clinics, flags, reports, workers
from recovery.models.flags import Flag
from recovery.models.patients import Patient
from recovery.models.reports import Assessment, ReportRevision
from recovery.models.treatments import Treatment
from recovery.services.access import StaffCaller
from recovery.services.content import Content
from recovery.services.course import FIRST_WEEK, by_weight, last_hour

UNRESOLVED = (FlagState.OPEN, FlagState.CLAIMED, FlagState.CONTACTED)
MOST_WAITING = 50

Cursor = tuple[int, datetime, UUID]
"""The sort key of a row: urgency rank, due time, id."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One flag of the queue.

    `day` is the recovery day now; `reason` the weightiest finding and `more` how many further ones;
    `course` one symptom over the first week, that of the reason where it names one.
    """

    flag_id: UUID
    urgency: Urgency
    state: FlagState
    due_at: datetime
    opened_at: datetime
    holder_id: UUID | None
    holder: str | None
    patient: str
    day: int
    facts: TreatmentFacts
    reason: Finding | None
    more: int
    course: trace.Series
    cursor: Cursor


@dataclass(frozen=True, kw_only=True)
class NotReviewed:
    """An assessment that wants a nurse and that no worker has turned into a flag yet.

    `since` is when the worker should have taken it up; one in the future waits for the patient's answer
    to a question.
    """

    patient: str
    phone: str
    level: Level
    reason: Finding | None
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One page of the queue. `counts`, `overdue`, `unheld` and `own` are of the whole queue."""

    waiting: Sequence[Waiting]
    next: Cursor | None
    counts: Mapping[Urgency, int]
    overdue: int
    unheld: int
    own: int
    not_reviewed: Sequence[NotReviewed]
    worker_seen_at: datetime | None


def read_queue(
    session: Session,
    *,
    caller: StaffCaller,
    content: Content,
    after: Cursor | None,
    limit: int,
    now: datetime,
) -> Queue:
    """The caller's clinic's queue, most urgent first, then by due time. The number of queries is constant."""
    found = flags.queue(session, caller.clinic_id, states=UNRESOLVED, after=after, limit=limit + 1)
    shown = found[:limit]
    names = clinics.staff_names(session, caller.clinic_id)
    raising = flags.assessments_of(session, caller.clinic_id, [flag.id for flag, _, _ in shown])
    courses = reports.courses(session, caller.clinic_id, [treatment.id for _, treatment, _ in shown])
    waiting = [
        _waiting(
            flag,
            treatment,
            patient,
            raising=raising.get(flag.id, []),
            said=courses[treatment.id],
            names=names,
            content=content,
            now=now,
        )
        for flag, treatment, patient in shown
    ]
    totals = flags.totals(session, caller.clinic_id, staff_id=caller.staff_id, now=now)
    unreviewed = reports.waiting_for_review(session, caller.clinic_id, limit=MOST_WAITING)
    return Queue(
        waiting=waiting,
        next=waiting[-1].cursor if len(found) > limit else None,
        counts=flags.count_by_urgency(session, caller.clinic_id),
        overdue=totals.overdue,
        unheld=totals.unheld,
        own=totals.own,
        not_reviewed=[_not_reviewed(one) for one in unreviewed],
        worker_seen_at=workers.last_beat(session),
    )


def _waiting(
    flag: Flag,
    treatment: Treatment,
    patient: Patient,
    *,
    raising: Sequence[Assessment],
    said: Sequence[ReportRevision],
    names: Mapping[UUID, str],
    content: Content,
    now: datetime,
) -> Waiting:
    facts, since = treatment.facts(skin_type=patient.skin_type), treatment.performed_at
    reason, more = _main_reason(raising)
    symptom = Symptom.REDNESS if reason is None or reason.symptom is None else reason.symptom
    return Waiting(
        flag_id=flag.id,
        urgency=flag.urgency,
        state=flag.state,
        due_at=flag.due_at,
        opened_at=flag.opened_at,
        holder_id=flag.held_by,
        holder=None if flag.held_by is None else names.get(flag.held_by),
        patient=f"{patient.first_name} {patient.last_name}",
        day=symptoms.day_of(symptoms.hours_between(treatment.performed_at, now)),
        facts=facts,
        reason=reason,
        more=more,
        course=trace.series(
            symptom,
            seen=[trace.Seen(observation=one.observation(performed_at=since)) for one in said],
            table=content.protocol(treatment.protocol).curves.table(facts),
            last_hour=last_hour([one.hours_since(treatment.performed_at) for one in said]),
            also_at=FIRST_WEEK,
        ),
        cursor=(flag.urgency_rank, flag.due_at, flag.id),
    )


def _main_reason(raising: Sequence[Assessment]) -> tuple[Finding | None, int]:
    """The most urgent finding, the newest of equals, and how many more there are."""
    newest: dict[UUID | None, Assessment] = {}
    for assessed in raising:
        newest.setdefault(assessed.report_id, assessed)
    told = [finding for assessed in newest.values() for finding in by_weight(assessed)]
    if not told:
        return None, 0
    return max(told, key=lambda finding: finding.level.rank), len(told) - 1


def _not_reviewed(one: reports.WaitingForReview) -> NotReviewed:
    found = by_weight(one.assessment)
    return NotReviewed(
        patient=f"{one.patient.first_name} {one.patient.last_name}",
        phone=one.patient.phone,
        level=one.assessment.level,
        reason=found[0] if found else None,
        since=one.assessment.review_after,
    )
