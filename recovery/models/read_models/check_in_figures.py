"""Check-ins that reached their patients, and whether they were answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import CTE, ColumnElement, SmallInteger, and_, any_, cast, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from recovery.models.messaging.messages import AGAIN_STEP, REACHED_NOBODY, Message
from recovery.models.read_models.clinic_figures import DAY, TreatmentFilter, counted_treatments, monday
from recovery.models.reports.reports import Report, ReportRevision
from recovery.models.treatments.treatments import Treatment


class CheckInCounts(NamedTuple):
    """Check-ins about one day of recovery, or of one week of treatments, that reached patients."""

    key: int | date
    asked: int
    answered: int
    waiting: int


class CheckInFigures(NamedTuple):
    """The same check-ins twice."""

    days: Sequence[CheckInCounts]
    weeks: Sequence[CheckInCounts]


def count_check_ins(session: Session, which: TreatmentFilter, *, zone: str) -> CheckInFigures:
    """Check-ins by the day of recovery they ask about, and by the Monday of the week of the treatment."""
    each = each_check_in(which, counted_treatments(which))
    keyed = select(
        each.c.asks_day, monday(each.c.performed_at, zone).label("monday"), each.c.answered, each.c.fresh
    ).subquery()
    of_day = func.grouping(keyed.c.monday)
    rows = session.execute(
        select(
            of_day,
            keyed.c.asks_day,
            keyed.c.monday,
            func.count(),
            func.count().filter(keyed.c.answered),
            func.count().filter(~keyed.c.answered, keyed.c.fresh),
        )
        .group_by(func.grouping_sets(tuple_(keyed.c.asks_day), tuple_(keyed.c.monday)))
        .order_by(of_day, keyed.c.asks_day, keyed.c.monday)
    ).all()
    return CheckInFigures(
        days=[CheckInCounts(row[1], *row[3:]) for row in rows if row[0]],
        weeks=[CheckInCounts(row[2], *row[3:]) for row in rows if not row[0]],
    )


def each_check_in(which: TreatmentFilter, those: CTE) -> CTE:
    """One row a check-in that reached its patient, and whether it was answered.

    Answered is: a report came within 24 hours, of this treatment or of a later one that took it over, or
    signs seen on the very day that was asked about, which a question beside the plan shares with another.
    """
    told = _told_of(those)
    in_time = func.coalesce(told.c.times.op("@>", is_comparison=True)(Message.claimed_at), False)
    by_plan = Message.step.not_like(f"{AGAIN_STEP}%")
    of_day = func.coalesce(Message.asks_day == any_(told.c.days), False)
    return (
        select(
            Message.id,
            Message.treatment_id,
            Message.claimed_at,
            Message.asks_day,
            told.c.performed_at,
            or_(in_time, and_(by_plan, of_day)).label("answered"),
            (Message.claimed_at >= which.now - DAY).label("fresh"),
        )
        .join(told, _its_text(told))
        .where(
            Message.asks_day.is_not(None),
            Message.state.not_in(REACHED_NOBODY),
            Message.claimed_at.is_not(None),
        )
        .cte("check_ins")
    )


def _told_of(those: CTE) -> CTE:
    """The treatments, each with the days that were told of, and all moments that a report within 24 hours
    answers: so each text is held against these once, however many reports there are.
    """
    later = aliased(Treatment)
    day = func.floor((func.extract("epoch", ReportRevision.seen_at - those.c.performed_at) / 3600 + 12) / 24)
    answers = func.tstzrange(Report.created_at - DAY, Report.created_at, "(]")
    own = those.c.clinic_id, those.c.id, those.c.patient_id, those.c.performed_at
    return (
        select(
            *own,
            func.array_agg(cast(day, SmallInteger)).filter(later.id == those.c.id).label("days"),
            func.range_agg(answers).filter(Report.id.is_not(None)).label("times"),
        )
        .select_from(those)
        .join(
            later,
            (later.clinic_id == those.c.clinic_id)
            & (later.patient_id == those.c.patient_id)
            & (later.performed_at >= those.c.performed_at),
        )
        .outerjoin(Report, (Report.clinic_id == later.clinic_id) & (Report.treatment_id == later.id))
        .outerjoin(
            ReportRevision,
            (ReportRevision.clinic_id == Report.clinic_id)
            & (ReportRevision.report_id == Report.id)
            & (ReportRevision.revision == Report.revision),
        )
        .group_by(*own)
        .cte("told")
        # Gathered once: of few treatments it would be gathered anew for each of their texts.
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _its_text(those: CTE) -> ColumnElement[bool]:
    # With the patient, as the index of the steps has it.
    return and_(
        Message.clinic_id == those.c.clinic_id,
        Message.patient_id == those.c.patient_id,
        Message.treatment_id == those.c.id,
    )
