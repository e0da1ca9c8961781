"""How many of the times that patients were told have been kept."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.orm import Session

from recovery.models.flags.flags import Flag
from recovery.models.read_models.clinic_figures import (
    TreatmentFilter,
    counted_treatments,
    first_acts,
    same_treatment,
)
from recovery.models.tasks.tasks import Task, TaskKind

PROMISED_READING = (TaskKind.TEXT_TO_READ, TaskKind.NOTE_TO_READ)
"""Tasks of reading what a patient was told a time for."""


class PromiseCounts(NamedTuple):
    """Times promised that have passed, and how often somebody had looked by then."""

    made: int
    kept: int


def promises(session: Session, which: TreatmentFilter) -> PromiseCounts:
    """Flags, and words to be read, whose time has passed or that were seen to: kept where by their time."""
    those = counted_treatments(which)
    flagged = (
        select(Flag.clinic_id, Flag.id, Flag.due_at).join(those, same_treatment(Flag, those)).cte("promised")
    )
    acts = first_acts(flagged)
    of_flags = select(flagged.c.due_at, acts.c.acted.label("seen_at")).outerjoin(
        acts, acts.c.flag_id == flagged.c.id
    )
    of_words = select(Task.due_at, Task.done_at).join(
        those, (Task.clinic_id == those.c.clinic_id) & (Task.treatment_id == those.c.id)
    )
    each = union_all(of_flags, of_words.where(Task.kind.in_(PROMISED_READING))).subquery()
    over = or_(each.c.due_at <= which.now, each.c.seen_at.is_not(None))
    counted = select(
        func.count().filter(over), func.count().filter(each.c.seen_at <= each.c.due_at)
    ).select_from(each)
    return PromiseCounts(*session.execute(counted).one())
