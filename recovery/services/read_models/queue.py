"""The nurse's queue: who needs someone, how soon, why, and what the worker has not taken up yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical import symptoms, trace
from recovery.domain.clinical.bands import BandTable
from recovery.domain.clinical.findings import Finding
from recovery.domain.clinical.symptoms import Level, Observation, TreatmentFacts
from recovery.domain.flags.triage import FlagState, Urgency
from recovery.models.clinic import clinics
from recovery.models.flags import flags
from recovery.models.flags.flags import Listed, Narrowing, Totals
from recovery.models.operations import workers
from recovery.models.reports import reports
from recovery.services.access.access import StaffCaller
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.flags import queue_entries
from recovery.services.flags.queue_entries import Entry, by_weight
from recovery.services.read_models.course_trace import FIRST_WEEK, last_hour

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
    phone: str
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
    narrowing: Narrowing,
    after: Cursor | None,
    limit: int,
    now: datetime,
    totals: Totals | None = None,
) -> Queue:
    """The caller's clinic's queue, most urgent first, then by due time. The number of queries is constant.

    `totals` are those of the queue where the caller has read them already. Whoever shows it writes that down.
    """
    found = flags.listed(session, caller.clinic_id, narrowing=narrowing, after=after, limit=limit + 1)
    shown = found[:limit]
    names = clinics.staff_names(session, caller.clinic_id)
    entries = _entries(session, caller.clinic_id, shown)
    tables = _Tables(session, clinic_id=caller.clinic_id, content=content)
    waiting = [_waiting(row, entries[row.id], names=names, tables=tables, now=now) for row in shown]
    totals = totals or flags.totals(session, caller.clinic_id, staff_id=caller.staff_id, now=now)
    unreviewed = reports.waiting_for_review(session, caller.clinic_id, limit=MOST_WAITING)
    return Queue(
        waiting=waiting,
        next=waiting[-1].cursor if len(found) > limit else None,
        counts=totals.by_urgency,
        overdue=totals.overdue,
        unheld=totals.unheld,
        own=totals.own,
        not_reviewed=[_not_reviewed(one) for one in unreviewed],
        worker_seen_at=workers.last_beat(session),
    )


class _Tables:
    """The bands of the protocols on one page, each read and computed once."""

    def __init__(self, session: Session, *, clinic_id: UUID, content: Content) -> None:
        self._session, self._clinic_id, self._content = session, clinic_id, content
        self._known: dict[tuple[str, TreatmentFacts], BandTable] = {}

    def of(self, version: str, facts: TreatmentFacts) -> BandTable:
        key = version, facts
        if key not in self._known:
            protocol = protocols.resolve(
                self._session, clinic_id=self._clinic_id, version=version, content=self._content
            )
            self._known[key] = protocol.curves.table(facts)
        return self._known[key]


def _entries(session: Session, clinic_id: UUID, rows: Sequence[Listed]) -> dict[UUID, Entry]:
    """What is kept with each flag; for one that the worker has not looked at since, from its sources."""
    kept = {row.id: row.entry for row in rows if row.entry is not None}
    missing = {row.id: row.treatment_id for row in rows if row.entry is None}
    if missing:
        kept |= queue_entries.described(session, clinic_id, missing)
    return {flag_id: queue_entries.read(entry) for flag_id, entry in kept.items()}


def _waiting(
    row: Listed, entry: Entry, *, names: Mapping[UUID, str], tables: _Tables, now: datetime
) -> Waiting:
    seen = [
        trace.Seen(
            observation=Observation(hours=hours, scores={entry.symptom: score}, warning_signs=frozenset())
        )
        for hours, score in entry.points
    ]
    return Waiting(
        flag_id=row.id,
        urgency=list(Urgency)[row.urgency_rank],
        state=row.state,
        due_at=row.due_at,
        opened_at=row.opened_at,
        holder_id=row.held_by,
        holder=None if row.held_by is None else names.get(row.held_by),
        patient=entry.patient,
        phone=entry.phone,
        day=symptoms.day_of(symptoms.hours_between(entry.performed_at, now)),
        facts=entry.facts,
        reason=entry.reason,
        more=entry.more,
        course=trace.series(
            entry.symptom,
            seen=seen,
            table=tables.of(entry.protocol, entry.facts),
            last_hour=last_hour([hours for hours, _ in entry.points]),
            also_at=FIRST_WEEK,
        ),
        cursor=(row.urgency_rank, row.due_at, row.id),
    )


def _not_reviewed(one: reports.WaitingForReview) -> NotReviewed:
    found = by_weight(one.assessment)
    return NotReviewed(
        patient=f"{one.patient.first_name} {one.patient.last_name}",
        phone=one.patient.phone,
        level=one.assessment.level,
        reason=found[0] if found else None,
        since=one.assessment.review_after,
    )
