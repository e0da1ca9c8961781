"""Figures of one clinic, a statement each: what became of the treatments of some days, check-ins, flags,
texts, durations.

Only what was recorded since the clinic went live counts, and no withdrawn treatment does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Float,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from recovery.domain.flags.flag_lifecycle import COMPLICATIONS, FlagOutcome, FlagState
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.models.treatments.treatments import Treatment

DAY = timedelta(hours=24)
"""A check-in counts as answered within this, and so does what was seen to "within 24 hours"."""

OPEN_AGES = (timedelta(hours=4), DAY, timedelta(days=3))
"""Where the ages of open flags are divided."""


@dataclass(frozen=True, kw_only=True)
class TreatmentFilter:
    """The treatments that count: of this clinic, performed from `start` to before `end`, as known `now`.

    Where `spans` are given, within one of these.
    """

    clinic_id: UUID
    start: datetime
    end: datetime
    now: datetime
    spans: Sequence[tuple[datetime, datetime]] | None = None

    def holds(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        """Whether a moment is in these days."""
        spans = ((self.start, self.end),) if self.spans is None else self.spans
        return or_(false(), *(and_(at >= first, at < after) for first, after in spans))


class DurationKind(StrEnum):
    """Times that are measured."""

    REVIEW = "review"
    FIRST_ACTION = "first_action"
    CONTACT = "contact"
    RESOLVE = "resolve"


class DurationFigures(NamedTuple):
    """How long something took, each time in seconds, the shortest first.

    `within` happened within 24 hours, `late` did not, and `waiting` may still.
    """

    lasted: Sequence[float]
    within: int
    late: int
    waiting: int

    @property
    def done(self) -> int:
        """How often it happened."""
        return len(self.lasted)

    @property
    def median(self) -> float | None:
        """The least that half did not exceed."""
        return self.not_exceeded_by(0.5)

    @property
    def p95(self) -> float | None:
        """The least that 95 of 100 did not exceed."""
        return self.not_exceeded_by(0.95)

    def not_exceeded_by(self, share: float) -> float | None:
        """A time that was taken, never one between two; None where there is none."""
        return self.lasted[max(0, math.ceil(share * self.done) - 1)] if self.done else None


class FlagCounts(NamedTuple):
    """Treatments of one skin type or one week, their flags, and what the closed ones turned out to be."""

    key: int | date | None
    treatments: int
    flags: int
    found: int
    expected: int


def counted_treatments(which: TreatmentFilter) -> CTE:
    """The treatments that count, each with the skin type of its patient, device and lot."""
    return (
        select(
            Treatment.clinic_id,
            Treatment.id,
            Treatment.patient_id,
            Treatment.performed_at,
            Patient.skin_type,
            Treatment.device,
            Treatment.lot,
        )
        .join(Clinic, Clinic.id == Treatment.clinic_id)
        .join(Patient, (Patient.clinic_id == Treatment.clinic_id) & (Patient.id == Treatment.patient_id))
        .where(
            Treatment.clinic_id == which.clinic_id,
            which.holds(Treatment.performed_at.expression),
            Treatment.withdrawn_at.is_(None),
            Treatment.created_at >= Clinic.live_since,
            Patient.training.is_(False),
        )
        .cte("treated")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def flagged_by_skin_type(session: Session, which: TreatmentFilter) -> Sequence[FlagCounts]:
    """Treatments and flags by Fitzpatrick skin type."""
    those = counted_treatments(which)
    return _flagged(session, those, those.c.skin_type)


def flagged_by_week(session: Session, which: TreatmentFilter, *, zone: str) -> Sequence[FlagCounts]:
    """Treatments and flags by the Monday of the week of the treatment, in this zone."""
    those = counted_treatments(which)
    return _flagged(session, those, monday(those.c.performed_at, zone))


def outcomes(session: Session, which: TreatmentFilter) -> dict[FlagOutcome, int]:
    """How many flags were closed as what."""
    those = counted_treatments(which)
    rows = session.execute(
        select(Flag.outcome, func.count())
        .join(those, same_treatment(Flag, those))
        .where(Flag.state == FlagState.RESOLVED, Flag.outcome.is_not(None))
        .group_by(Flag.outcome)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def durations(session: Session, which: TreatmentFilter) -> dict[DurationKind, DurationFigures]:
    """How long each step took: reports to their review, flags to what people did about them."""
    those = counted_treatments(which)
    each = each_duration(those)
    lasted = cast(func.extract("epoch", each.c.ended - each.c.began), Float)
    done = each.c.ended.is_not(None)
    rows = session.execute(
        select(
            each.c.what,
            func.array_agg(aggregate_order_by(lasted, lasted)).filter(done),
            func.count().filter(done, each.c.ended <= each.c.began + DAY),
            func.count().filter(func.coalesce(each.c.ended, which.now) > each.c.began + DAY),
            func.count().filter(each.c.ended.is_(None), each.c.began >= which.now - DAY),
        ).group_by(each.c.what)
    )
    measured = {DurationKind(row[0]): DurationFigures(row[1] or (), *row[2:]) for row in rows}
    nothing = DurationFigures(lasted=(), within=0, late=0, waiting=0)
    return {took: measured.get(took, nothing) for took in DurationKind}


def each_duration(those: CTE) -> Subquery:
    """One row a step that was or is to be taken: what it is, when its time began, and when it was taken."""
    reviewed = select(
        StoredAssessment.id.label("id"),
        StoredAssessment.treatment_id.label("treatment_id"),
        literal(DurationKind.REVIEW.value).label("what"),
        StoredAssessment.created_at.label("began"),
        StoredAssessment.reviewed_at.label("ended"),
    ).join(those, same_treatment(StoredAssessment, those))
    reviewed = reviewed.where(StoredAssessment.cause == AssessmentCause.REPORT)
    flags = select(Flag.clinic_id, Flag.id, Flag.treatment_id, Flag.opened_at, Flag.resolved_at)
    flags = flags.join(those, same_treatment(Flag, those))
    flag = flags.cte("those_flags").prefix_with("MATERIALIZED", dialect="postgresql")
    first = first_acts(flag)
    return reviewed.union_all(
        *(
            select(flag.c.id, flag.c.treatment_id, literal(took.value), flag.c.opened_at, ended).outerjoin(
                first, first.c.flag_id == flag.c.id
            )
            for took, ended in (
                (DurationKind.FIRST_ACTION, first.c.acted),
                (DurationKind.CONTACT, first.c.called),
                (DurationKind.RESOLVE, flag.c.resolved_at),
            )
        )
    ).subquery()


def open_by_age(session: Session, clinic_id: UUID, *, now: datetime) -> list[int]:
    """How many flags are unresolved, by their age: up to each of `OPEN_AGES`, and older."""
    counts = [func.count().filter(of_age) for of_age in age_of(now)]
    return list(session.execute(open_flags(clinic_id).with_only_columns(*counts)).one())


def open_flags(clinic_id: UUID) -> Select[UUID]:
    """The unresolved flags of treatments that were recorded since the clinic went live."""
    return (
        select(Flag.id)
        .join(Treatment, (Treatment.clinic_id == Flag.clinic_id) & (Treatment.id == Flag.treatment_id))
        .join(Clinic, Clinic.id == Flag.clinic_id)
        .where(
            Flag.clinic_id == clinic_id,
            Flag.state != FlagState.RESOLVED,
            Treatment.created_at >= Clinic.live_since,
            Treatment.patient_id.not_in(patients.training_ids(clinic_id)),
        )
    )


def age_of(now: datetime) -> list[ColumnElement[bool]]:
    """Whether a flag is of each of the ages, the youngest first."""
    edges = [now, *(now - age for age in OPEN_AGES)]
    between = [
        and_(Flag.opened_at > older, Flag.opened_at <= younger)
        for younger, older in itertools.pairwise(edges)
    ]
    return [*between, Flag.opened_at <= edges[-1]]


def _flagged(session: Session, those: CTE, key: ColumnElement[Any]) -> Sequence[FlagCounts]:
    ended = Flag.state == FlagState.RESOLVED
    of_each = (
        select(
            Flag.treatment_id,
            func.count().label("flags"),
            func.count().filter(ended, Flag.outcome.in_(COMPLICATIONS)).label("found"),
            func.count().filter(ended, Flag.outcome == FlagOutcome.EXPECTED_HEALING).label("expected"),
        )
        .join(those, same_treatment(Flag, those))
        .group_by(Flag.treatment_id)
        .subquery()
    )
    rows = session.execute(
        select(
            key,
            func.count(),
            *(
                func.coalesce(func.sum(count), 0)
                for count in (of_each.c.flags, of_each.c.found, of_each.c.expected)
            ),
        )
        .select_from(those)
        .outerjoin(of_each, of_each.c.treatment_id == those.c.id)
        .group_by(key)
        .order_by(key)
    )
    return [FlagCounts(row[0], *(int(count) for count in row[1:])) for row in rows]


def first_acts(flag: CTE) -> CTE:
    """When a person first did something about a flag, and first tried to reach the patient; not what was
    taken back."""
    undone = aliased(FlagEvent)
    taken_back = (
        select(undone.id)
        .where(
            undone.clinic_id == FlagEvent.clinic_id,
            undone.flag_id == FlagEvent.flag_id,
            undone.kind == EventKind.UNDONE,
            undone.detail["undoes"].astext == cast(FlagEvent.id, Text),
        )
        .correlate(FlagEvent)
        .exists()
    )
    return (
        select(
            FlagEvent.flag_id,
            func.min(FlagEvent.at).label("acted"),
            func.min(FlagEvent.at).filter(FlagEvent.kind == EventKind.CONTACT).label("called"),
        )
        .join(flag, (flag.c.clinic_id == FlagEvent.clinic_id) & (flag.c.id == FlagEvent.flag_id))
        .where(FlagEvent.staff_id.is_not(None), FlagEvent.kind != EventKind.UNDONE, ~taken_back)
        .group_by(FlagEvent.flag_id)
        .cte("first_acts")
    )


def same_treatment(row: type[Flag] | type[StoredAssessment], those: CTE) -> ColumnElement[bool]:
    """Whether a row is about one of those treatments."""
    treatment: InstrumentedAttribute[Any] = row.treatment_id
    return and_(row.clinic_id == those.c.clinic_id, treatment == those.c.id)


def monday(at: ColumnElement[Any], zone: str) -> ColumnElement[date]:
    """The Monday of the week in which something is, in this zone."""
    return cast(func.date_trunc("week", func.timezone(zone, at)), Date)
