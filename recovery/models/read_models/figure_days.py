"""Sums of single days that are kept, and what has changed since: which days have to be counted again.

Triggers of the database note every change of what figures read, whoever makes it; the migration that made
these tables has them. A day holds while nothing of it has changed and no moment that it waits for has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    Identity,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.selectable import FromClause

from recovery.models.core.base import Base, clinic_key, clinic_reference
from recovery.models.read_models import check_in_figures, clinic_figures, promise_figures
from recovery.models.read_models.clinic_figures import DAY, TreatmentFilter
from recovery.models.treatments.treatments import Treatment

_LOCK_SPACE = 20_471
"""Namespace of the advisory locks on the kept figures of a clinic."""


class FigureDay(Base):
    """What the treatments performed on one day of a clinic, and the texts due on it, sum up to.

    `counted_as` says by which rules, in which zone and since when; whatever was counted otherwise does not
    hold. From `good_until` on the clock alone changes it. `lasted` are the times that steps took.
    """

    __tablename__ = "figure_day"
    __table_args__ = (clinic_reference(),)

    clinic_id: Mapped[UUID] = clinic_key()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    counted_as: Mapped[bytes]
    counted_at: Mapped[datetime]
    good_until: Mapped[datetime | None]
    sums: Mapped[dict[str, Any]]
    lasted: Mapped[bytes]


class FigureChange(Base):
    """Something changed that the figures of this patient's treatments read, or of the day of `at`."""

    __tablename__ = "figure_change"
    __table_args__ = (clinic_reference(),)

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    patient_id: Mapped[UUID | None]
    at: Mapped[datetime | None]


class KeptDay(NamedTuple):
    """The sums of a day that hold now."""

    day: date
    sums: dict[str, Any]
    lasted: bytes


class Counting(NamedTuple):
    """How the days of a clinic are counted: days in which zone, and by what."""

    clinic_id: UUID
    zone: str
    counted_as: bytes


def list_holding(
    session: Session, counting: Counting, *, first: date, last: date, now: datetime
) -> Sequence[KeptDay]:
    """The kept days that still hold, in one look at days and changes."""
    changed = _days_of(FigureChange.__table__, counting).cte("changed")
    rows = session.execute(
        select(FigureDay.day, FigureDay.sums, FigureDay.lasted)
        .where(_holds(counting, now=now), FigureDay.day.between(first, last))
        .where(FigureDay.day.not_in(select(changed.c.day)))
    )
    return [KeptDay(*row) for row in rows]


def lock_clinic(session: Session, clinic_id: UUID) -> bool:
    """Hold the kept days of a clinic until the transaction ends; False where somebody else does."""
    place = func.hashtext(str(clinic_id))
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK_SPACE, place))))


def drop_changed(session: Session, counting: Counting) -> None:
    """Take the changes that were noted, and throw away the days they are about.

    Whoever counts these days afterwards sees at least what was noted. What is noted meanwhile stays noted.
    """
    taken = (
        delete(FigureChange)
        .where(FigureChange.clinic_id == counting.clinic_id)
        .returning(FigureChange.clinic_id, FigureChange.patient_id, FigureChange.at)
        .cte("taken")
    )
    days = _days_of(taken, counting).cte("days")
    session.execute(
        delete(FigureDay)
        .where(FigureDay.clinic_id == counting.clinic_id, FigureDay.day.in_(select(days.c.day)))
        .execution_options(synchronize_session=False)
    )


def drop_all(session: Session, clinic_id: UUID) -> None:
    """Throw every kept day of a clinic away."""
    session.execute(delete(FigureDay).where(FigureDay.clinic_id == clinic_id))


def list_days_that_hold(
    session: Session, counting: Counting, *, first: date, last: date, now: datetime
) -> set[date]:
    """The kept days that no clock and no rule has made old, whatever has changed."""
    rows = session.scalars(
        select(FigureDay.day).where(_holds(counting, now=now), FigureDay.day.between(first, last))
    )
    return set(rows)


def keep_day(session: Session, row: FigureDay) -> None:
    """Keep a day in the place of what was kept of it before."""
    columns = FigureDay.__table__.columns.keys()
    new = insert(FigureDay).values({name: getattr(row, name) for name in columns})
    fresh = {name: new.excluded[name] for name in columns if name not in ("clinic_id", "day")}
    session.execute(new.on_conflict_do_update(index_elements=["clinic_id", "day"], set_=fresh))


def read_next_moment(session: Session, which: TreatmentFilter, *, wordings: Sequence[str]) -> datetime | None:
    """The first moment after `now` at which these figures change though nothing happens.

    Then a check-in without an answer has had its 24 hours, so has a step that was not taken, or a promised
    time has passed.
    """
    those = clinic_figures.counted_treatments(which)
    asked = check_in_figures.each_check_in(which, those)
    step = clinic_figures.each_duration(those)
    promise = promise_figures.each_promise(those, wordings).subquery()
    moments = [
        select(func.min(asked.c.claimed_at + DAY)).where(~asked.c.answered, asked.c.fresh),
        select(func.min(step.c.began + DAY)).where(step.c.ended.is_(None), step.c.began >= which.now - DAY),
        select(func.min(promise.c.due_at)).where(
            promise.c.due_at > which.now, promise.c.seen_at.is_(None), promise.c.settled_at.is_(None)
        ),
    ]
    found = [session.scalar(moment) for moment in moments]
    return min((moment for moment in found if moment is not None), default=None)


def _holds(counting: Counting, *, now: datetime) -> ColumnElement[bool]:
    return and_(
        FigureDay.clinic_id == counting.clinic_id,
        FigureDay.counted_as == counting.counted_as,
        FigureDay.counted_at <= now,
        or_(FigureDay.good_until.is_(None), FigureDay.good_until > now),
    )


def _days_of(changes: FromClause, counting: Counting) -> CompoundSelect[Any]:
    """The days that changes are about: of all treatments of the patient, and the one that is named."""
    treated = select(_day(Treatment.performed_at.expression, counting).label("day")).join(
        changes,
        and_(changes.c.clinic_id == Treatment.clinic_id, changes.c.patient_id == Treatment.patient_id),
    )
    named = select(_day(changes.c.at, counting)).where(changes.c.at.is_not(None))
    return union(*(days.where(changes.c.clinic_id == counting.clinic_id) for days in (treated, named)))


def _day(at: ColumnElement[Any], counting: Counting) -> ColumnElement[date]:
    return cast(func.timezone(counting.zone, at), Date)
