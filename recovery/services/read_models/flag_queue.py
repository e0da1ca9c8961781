"""The nurse's queue put together: a page of flags with day, reason and small course, totals, and reports the
worker has not taken up yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.rooms import Room
from recovery.domain.clinical import chart_series, symptoms
from recovery.domain.clinical.bands import BandTable
from recovery.domain.clinical.findings import Finding
from recovery.domain.clinical.symptoms import AnswerRanges, Level, Observation, TreatmentFacts
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.review.all_clear import LaneCounts
from recovery.models.clinic import clinics
from recovery.models.flags import queue_rows
from recovery.models.flags.queue_rows import HolderFilter, QueueFilter, QueueRow, QueueTotals
from recovery.models.inbound import inbound_texts
from recovery.models.operations import workers
from recovery.models.reports import pending_assessments
from recovery.models.tasks import tasks as task_rows
from recovery.models.tasks import urgent_tasks
from recovery.models.tasks.tasks import Task
from recovery.services.access.authentication import StaffCaller
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.flags import flag_queue_entries
from recovery.services.flags.flag_queue_entries import QueueEntry, by_urgency
from recovery.services.read_models.chart_data import FIRST_WEEK, axis_end
from recovery.services.tasks import urgent_matters
from recovery.services.tasks.tasks import FOLLOW_UP
from recovery.services.tasks.urgent_matters import QueueMatter

MOST_WAITING = 50
WORKER_LATE = timedelta(seconds=60)
"""A worker that was not heard of for longer than this is reported to the nurse."""

Cursor = tuple[int, datetime, UUID]
"""The sort key of a row: urgency rank, due time, id."""


@dataclass(frozen=True, kw_only=True)
class QueueItem:
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
    course: chart_series.SymptomSeries
    cursor: Cursor


@dataclass(frozen=True, kw_only=True)
class UnreviewedReport:
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
class QueuePage:
    """One page of the queue. `counts`, `overdue`, `unheld` and `own` are of the whole queue."""

    waiting: Sequence[QueueItem | QueueMatter]
    next: Cursor | None
    counts: Mapping[Urgency, int]
    overdue: int
    unheld: int
    own: int
    not_reviewed: Sequence[UnreviewedReport]
    worker_seen_at: datetime | None
    lanes: LaneCounts


def read_queue(
    session: Session,
    *,
    caller: StaffCaller,
    content: Content,
    narrowing: QueueFilter,
    after: Cursor | None,
    limit: int,
    now: datetime,
    totals: QueueTotals | None = None,
    reports_refused: bool = False,
) -> QueuePage:
    """The caller's clinic's queue, most urgent first, then by due time: flags, and urgent tasks among them.
    The number of queries is constant.

    `totals` are those of the queue where the caller has read them already; `reports_refused` as in
    `LaneCounts`. Whoever shows it writes that down.
    """
    rows = queue_rows.list_queue_rows(
        session, caller.clinic_id, narrowing=narrowing, after=after, limit=limit + 1
    )
    tasks = urgent_tasks.list_urgent(
        session,
        caller.clinic_id,
        urgency=narrowing.urgency,
        holders=_HOLDERS[narrowing.whose](caller.staff_id),
        room=narrowing.room,
        after=after,
        limit=limit + 1,
    )
    places = sorted([*(_place(row) for row in rows), *(_place(item.task) for item in tasks)])[:limit]
    shown = [row for row in rows if _place(row) in places]
    names = clinics.staff_names(session, caller.clinic_id)
    entries = _entries(session, caller.clinic_id, shown)
    tables = _Tables(session, clinic_id=caller.clinic_id, content=content)
    waiting: list[QueueItem | QueueMatter] = [
        *(_waiting(row, entries[row.id], names=names, tables=tables, now=now) for row in shown),
        *urgent_matters.describe(
            session, caller.clinic_id, [item for item in tasks if _place(item.task) in places], names=names
        ),
    ]
    waiting.sort(key=lambda one: one.cursor)
    totals = totals or count_totals(session, caller, room=narrowing.room, now=now)
    unreviewed = pending_assessments.waiting_for_review(
        session, caller.clinic_id, room=narrowing.room, limit=MOST_WAITING
    )
    return QueuePage(
        waiting=waiting,
        next=waiting[-1].cursor if len(rows) + len(tasks) > limit else None,
        counts=totals.by_urgency,
        overdue=totals.overdue,
        unheld=totals.unheld,
        own=totals.own,
        not_reviewed=[_not_reviewed(report) for report in unreviewed],
        worker_seen_at=workers.last_heartbeat_at(session),
        lanes=read_lanes(
            session,
            caller=caller,
            totals=totals,
            room=narrowing.room,
            reports_refused=reports_refused,
            now=now,
        ),
    )


def is_worker_late(seen_at: datetime | None, *, now: datetime) -> bool:
    """Whether a worker was not heard of for so long that the lists may lack what was reported since."""
    return seen_at is None or now - seen_at > WORKER_LATE


def read_lanes(
    session: Session,
    *,
    caller: StaffCaller,
    totals: QueueTotals,
    room: Room = Room.ALL,
    reports_refused: bool,
    now: datetime,
) -> LaneCounts:
    """What waits in each lane of the caller's clinic."""
    seen_at = workers.last_heartbeat_at(session)
    return LaneCounts(
        in_queue=totals.unresolved,
        unreviewed=len(pending_assessments.waiting_for_review(session, caller.clinic_id, room=room, limit=1)),
        to_read=inbound_texts.count_unread(session, caller.clinic_id, room=room),
        follow_up=task_rows.count_open(session, caller.clinic_id, kinds=FOLLOW_UP, room=room, now=now).open,
        worker_late=is_worker_late(seen_at, now=now),
        reports_refused=reports_refused,
    )


def count_totals(
    session: Session, caller: StaffCaller, *, room: Room = Room.ALL, now: datetime
) -> QueueTotals:
    """Figures of the whole queue: of flags, and of urgent tasks."""
    flagged = queue_rows.count_totals(session, caller.clinic_id, staff_id=caller.staff_id, room=room, now=now)
    urgent = urgent_tasks.count_urgent(
        session, caller.clinic_id, staff_id=caller.staff_id, room=room, now=now
    )
    by_urgency = Counter(flagged.by_urgency)
    by_urgency.update({one.urgency: one.open for one in urgent})
    return QueueTotals(
        by_urgency=dict(by_urgency),
        overdue=flagged.overdue + sum(one.overdue for one in urgent),
        unheld=flagged.unheld + sum(one.unheld for one in urgent),
        own=flagged.own + sum(one.own for one in urgent),
    )


_HOLDERS: Mapping[HolderFilter, Callable[[UUID], Sequence[UUID | None] | None]] = {
    HolderFilter.ALL: lambda _: None,
    HolderFilter.OWN: lambda staff_id: (staff_id,),
    HolderFilter.NOBODYS: lambda _: (None,),
}


def _place(one: QueueRow | Task) -> Cursor:
    return one.urgency_rank, one.due_at, one.id


class _Tables:
    """The bands of the protocols on one page, each read and computed once."""

    def __init__(self, session: Session, *, clinic_id: UUID, content: Content) -> None:
        self._session, self._clinic_id, self._content = session, clinic_id, content
        self._known: dict[tuple[str, TreatmentFacts], BandTable] = {}

    @property
    def answers(self) -> AnswerRanges:
        """What answers in words stand for."""
        return self._content.answers

    def of(self, version: str, facts: TreatmentFacts) -> BandTable:
        key = version, facts
        if key not in self._known:
            protocol = protocols.get_protocol(
                self._session, clinic_id=self._clinic_id, version=version, content=self._content
            )
            self._known[key] = protocol.curves.table(facts)
        return self._known[key]


def _entries(session: Session, clinic_id: UUID, rows: Sequence[QueueRow]) -> dict[UUID, QueueEntry]:
    """What is kept with each flag; for one that the worker has not looked at since, from its sources."""
    kept = {row.id: row.entry for row in rows if row.entry is not None}
    missing = {row.id: row.treatment_id for row in rows if row.entry is None}
    if missing:
        kept |= flag_queue_entries.build_entries(session, clinic_id, missing)
    return {flag_id: flag_queue_entries.parse_entry(entry) for flag_id, entry in kept.items()}


def _waiting(
    row: QueueRow, entry: QueueEntry, *, names: Mapping[UUID, str], tables: _Tables, now: datetime
) -> QueueItem:
    seen = [
        chart_series.ChartReport(
            observation=Observation(
                hours=hours, scores={entry.symptom: score}, warning_signs=frozenset(), scale=scale
            )
        )
        for (hours, score), scale in zip(entry.points, entry.scales, strict=True)
    ]
    return QueueItem(
        flag_id=row.id,
        urgency=list(Urgency)[row.urgency_rank],
        state=row.state,
        due_at=row.due_at,
        opened_at=row.opened_at,
        holder_id=row.held_by,
        holder=None if row.held_by is None else names.get(row.held_by),
        patient=entry.patient,
        phone=entry.phone,
        day=symptoms.recovery_day(symptoms.hours_between(entry.performed_at, now)),
        facts=entry.facts,
        reason=entry.reason,
        more=entry.more,
        course=chart_series.build_series(
            entry.symptom,
            seen=seen,
            table=tables.of(entry.protocol, entry.facts),
            last_hour=axis_end([hours for hours, _ in entry.points]),
            also_at=FIRST_WEEK,
            answers=tables.answers,
        ),
        cursor=(row.urgency_rank, row.due_at, row.id),
    )


def _not_reviewed(waiting: pending_assessments.WaitingForReview) -> UnreviewedReport:
    findings = by_urgency(waiting.assessment)
    return UnreviewedReport(
        patient=waiting.patient.full_name,
        phone=waiting.patient.phone,
        level=waiting.assessment.level,
        reason=findings[0] if findings else None,
        since=waiting.assessment.review_after,
    )
