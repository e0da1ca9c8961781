"""How many of the times that patients were told have been kept, of flags and of words, counted in one
clinic."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from recovery.models.flags.flags import Flag, FlagAssessment
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.read_models.clinic_figures import (
    TreatmentFilter,
    counted_treatments,
    first_acts,
    same_treatment,
)
from recovery.models.reports.reports import AssessmentCause, StoredAssessment


class PromiseCounts(NamedTuple):
    """Times promised that have passed or were met before, and how often somebody had looked by then."""

    made: int
    kept: int


def promises(session: Session, which: TreatmentFilter, *, wordings: Collection[str]) -> PromiseCounts:
    """Flags, and words to be read, whose time has passed or that were seen to: kept where by their time.

    `wordings` are the answers to a text that promise a time. What settled itself before its time, so that
    nobody had to look, does not count.
    """
    those = counted_treatments(which)
    each = each_promise(those, wordings).subquery()
    counted = select(
        func.count().filter(is_over(each, now=which.now)), func.count().filter(is_kept(each))
    ).select_from(each)
    return PromiseCounts(*session.execute(counted).one())


def is_over(each: Subquery, *, now: datetime) -> ColumnElement[bool]:
    """Whether the time of a promise has passed, or somebody looked before it did."""
    waited_until = func.coalesce(each.c.settled_at, now)
    return or_(each.c.due_at <= waited_until, each.c.seen_at.is_not(None))


def is_kept(each: Subquery) -> ColumnElement[bool]:
    """Whether somebody had looked by the time that was promised."""
    return each.c.seen_at <= each.c.due_at


def each_promise(those: CTE, wordings: Collection[str]) -> CompoundSelect[Any]:
    """One row a time that was promised: until when, when somebody looked, when it settled itself."""
    return union_all(_of_flags(those), _of_words(those, wordings))


def _of_flags(those: CTE) -> Select[Any]:
    """Of a silence alone no patient was told anything."""
    raised = (
        select(FlagAssessment.flag_id)
        .join(
            StoredAssessment,
            (StoredAssessment.clinic_id == FlagAssessment.clinic_id)
            & (StoredAssessment.id == FlagAssessment.assessment_id),
        )
        .where(
            FlagAssessment.clinic_id == Flag.clinic_id,
            FlagAssessment.flag_id == Flag.id,
            StoredAssessment.cause != AssessmentCause.SILENCE,
        )
        .correlate(Flag)
        .exists()
    )
    flagged = select(Flag.clinic_id, Flag.id, Flag.treatment_id, Flag.due_at).join(
        those, same_treatment(Flag, those)
    )
    flag = flagged.where(raised).cte("promised")
    acts = first_acts(flag)
    return select(
        flag.c.id.label("id"),
        flag.c.treatment_id.label("treatment_id"),
        literal("flag").label("what"),
        flag.c.due_at,
        acts.c.acted.label("seen_at"),
        null().label("settled_at"),
    ).outerjoin(acts, acts.c.flag_id == flag.c.id)


def _of_words(those: CTE, wordings: Collection[str]) -> Select[Any]:
    seen = case((InboundText.read_by.is_not(None), InboundText.read_at))
    settled = case((InboundText.read_by.is_(None), InboundText.read_at))
    # With the patient, as the index of what one patient wrote has it.
    its_words = and_(
        InboundText.clinic_id == those.c.clinic_id,
        InboundText.patient_id == those.c.patient_id,
        InboundText.treatment_id == those.c.id,
    )
    promised = or_(
        InboundText.answer.in_(wordings),
        and_(InboundText.source == InboundSource.NOTE, ~_came_unanswered()),
    )
    words = select(
        InboundText.id, InboundText.treatment_id, literal("words"), InboundText.due_at, seen, settled
    ).join(those, its_words)
    return words.where(InboundText.to_read, InboundText.due_at.is_not(None), promised)


def _came_unanswered() -> ColumnElement[bool]:
    """Whether a note was in a text to which nothing was said."""
    origin = aliased(InboundText)
    return (
        select(origin.id)
        .where(
            origin.clinic_id == InboundText.clinic_id,
            origin.report_id == InboundText.report_id,
            origin.revision == InboundText.revision,
            origin.source == InboundSource.TEXT,
            origin.answer.is_(None),
        )
        .correlate(InboundText)
        .exists()
    )
