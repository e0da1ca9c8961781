"""The rows behind each figure of a clinic: what was counted, one by one, by the same rules that count it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, DateTime, Select, Text, and_, cast, func, null, or_, select, tuple_
from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Device
from recovery.domain.flags.flag_lifecycle import COMPLICATIONS, FlagOutcome, FlagState
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients import person_name
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient
from recovery.models.read_models import check_in_figures, detection_figures, promise_figures, text_figures
from recovery.models.read_models import clinic_figures as figures
from recovery.models.read_models.clinic_figures import DurationKind, TreatmentFilter
from recovery.models.treatments.treatments import Treatment


class FigureKind(StrEnum):
    """What is counted."""

    TREATMENTS = "treatments"
    CHECK_INS = "check_ins"
    TIMES = "times"
    FLAGS = "flags"
    OPEN = "open"
    PROMISES = "promises"
    TEXTS = "texts"
    REASONS = "reasons"
    COMPLICATIONS = "complications"


class FigurePart(StrEnum):
    """Which of them: all there are, or those of which something is so."""

    ALL = "all"
    ANSWERED = "answered"
    MISSED = "missed"
    WAITING = "waiting"
    DONE = "done"
    WITHIN = "within"
    LATE = "late"
    FOUND = "found"
    EXPECTED = "expected"
    CLOSED = "closed"
    RIGHT = "right"
    KEPT = "kept"
    CHARGED = "charged"


@dataclass(frozen=True, kw_only=True)
class FigureRows:
    """The rows of one figure. What is None narrows nothing; `skin` are Fitzpatrick types, None for unknown;
    `week` the Monday of the week of the treatment; `key` a rule, sign or types; `reason` "" for none."""

    kind: FigureKind
    part: FigurePart = FigurePart.ALL
    day: int | None = None
    week: date | None = None
    skin: tuple[int | None, ...] | None = None
    took: DurationKind | None = None
    outcome: FlagOutcome | None = None
    state: MessageState | None = None
    reason: str | None = None
    age: int | None = None
    reason_kind: str | None = None
    key: str | None = None
    device: Device | None = None
    lot: str | None = None


class FigureRow(NamedTuple):
    """One thing that was counted: of which patient, when it was, until when, and a word of it."""

    id: UUID
    patient_id: UUID | None
    treatment_id: UUID | None
    at: datetime
    until: datetime | None
    what: str | None
    first_name: str | None
    last_name: str | None

    @property
    def full_name(self) -> str | None:
        """Both names, or the one of somebody who has one; None of nobody."""
        return (
            None if self.first_name is None else person_name.full_name(self.first_name, self.last_name or "")
        )


Rows = Select[Any]


def list_rows(
    session: Session,
    which: TreatmentFilter,
    asked: FigureRows,
    *,
    zone: str,
    wordings: Sequence[str],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[FigureRow]:
    """The newest first. `after` is (at, id) of the last row of the page before."""
    own = _rows_of(which, asked, zone=zone, wordings=wordings).subquery()
    told = own.c.id, own.c.patient_id, own.c.treatment_id, own.c.at, own.c.until, own.c.what
    wanted = select(*told, Patient.first_name, Patient.last_name).outerjoin(
        Patient, (Patient.clinic_id == which.clinic_id) & (Patient.id == own.c.patient_id)
    )
    if after is not None:
        wanted = wanted.where(tuple_(own.c.at, own.c.id) < after)
    rows = session.execute(wanted.order_by(own.c.at.desc(), own.c.id.desc()).limit(limit))
    return [FigureRow(*row) for row in rows]


def count_rows(
    session: Session, which: TreatmentFilter, asked: FigureRows, *, zone: str, wordings: Sequence[str]
) -> int:
    """How many there are: the figure itself."""
    own = _rows_of(which, asked, zone=zone, wordings=wordings).subquery()
    return session.scalar(select(func.count()).select_from(own)) or 0


def _rows_of(which: TreatmentFilter, asked: FigureRows, *, zone: str, wordings: Sequence[str]) -> Rows:
    if asked.kind is FigureKind.TEXTS:
        return _texts(which, asked)
    if asked.kind is FigureKind.OPEN:
        return _open(which, asked)
    those = figures.counted_treatments(which)
    narrowed = _narrowed(those, asked, zone=zone)
    if asked.kind is FigureKind.TREATMENTS:
        return _row(those.c.id, those, those.c.performed_at, None, those.c.device).where(*narrowed)
    if asked.kind is FigureKind.CHECK_INS:
        return _check_ins(which, those, asked, narrowed=narrowed)
    if asked.kind is FigureKind.TIMES:
        return _times(which, those, asked, narrowed=narrowed)
    if asked.kind is FigureKind.FLAGS:
        return _flags(those, asked, narrowed=narrowed)
    if asked.kind is FigureKind.PROMISES:
        return _promises(which, those, asked, wordings=wordings)
    if asked.kind is FigureKind.REASONS:
        return _reasons(which, asked)
    return _complications(those, asked, narrowed=narrowed)


def _narrowed(those: CTE, asked: FigureRows, *, zone: str) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if asked.week is not None:
        wanted.append(figures.monday(those.c.performed_at, zone) == asked.week)
    if asked.skin is not None:
        known = [kind for kind in asked.skin if kind is not None]
        unknown = those.c.skin_type.is_(None) if None in asked.skin else None
        of_types = those.c.skin_type.in_(known)
        wanted.append(of_types if unknown is None else or_(of_types, unknown))
    if asked.device is not None:
        wanted.append(those.c.device == asked.device)
    if asked.lot is not None:
        wanted.append(those.c.lot == asked.lot)
    return wanted


def _row(
    own: ColumnElement[Any],
    those: CTE,
    at: ColumnElement[Any],
    until: ColumnElement[Any] | None,
    what: ColumnElement[Any],
) -> Rows:
    return select(
        own.label("id"),
        those.c.patient_id.label("patient_id"),
        those.c.id.label("treatment_id"),
        at.label("at"),
        (cast(null(), DateTime(timezone=True)) if until is None else until).label("until"),
        cast(what, Text).label("what"),
    )


def _check_ins(
    which: TreatmentFilter, those: CTE, asked: FigureRows, *, narrowed: list[ColumnElement[bool]]
) -> Rows:
    each = check_in_figures.each_check_in(which, those)
    parts: dict[FigurePart, ColumnElement[bool]] = {
        FigurePart.ANSWERED: each.c.answered,
        FigurePart.WAITING: and_(~each.c.answered, each.c.fresh),
        FigurePart.MISSED: and_(~each.c.answered, ~each.c.fresh),
    }
    found = _row(each.c.id, those, each.c.claimed_at, None, each.c.asks_day).join(
        each, each.c.treatment_id == those.c.id
    )
    if asked.day is not None:
        found = found.where(each.c.asks_day == asked.day)
    return found.where(*narrowed, *(part for name, part in parts.items() if name is asked.part))


def _times(
    which: TreatmentFilter, those: CTE, asked: FigureRows, *, narrowed: list[ColumnElement[bool]]
) -> Rows:
    each = figures.each_duration(those)
    done = each.c.ended.is_not(None)
    within = each.c.ended <= each.c.began + figures.DAY
    over = func.coalesce(each.c.ended, which.now) > each.c.began + figures.DAY
    parts: dict[FigurePart, ColumnElement[bool]] = {
        FigurePart.DONE: done,
        FigurePart.WITHIN: and_(done, within),
        FigurePart.LATE: over,
        FigurePart.WAITING: and_(~done, each.c.began >= which.now - figures.DAY),
    }
    found = _row(each.c.id, those, each.c.began, each.c.ended, each.c.what).join(
        each, each.c.treatment_id == those.c.id
    )
    if asked.took is not None:
        found = found.where(each.c.what == asked.took.value)
    return found.where(*narrowed, *(part for name, part in parts.items() if name is asked.part))


def _flags(those: CTE, asked: FigureRows, *, narrowed: list[ColumnElement[bool]]) -> Rows:
    ended = Flag.state == FlagState.RESOLVED
    found, expected = Flag.outcome.in_(COMPLICATIONS), Flag.outcome == FlagOutcome.EXPECTED_HEALING
    parts: dict[FigurePart, ColumnElement[bool]] = {
        FigurePart.FOUND: and_(ended, found),
        FigurePart.EXPECTED: and_(ended, expected),
        FigurePart.CLOSED: and_(ended, or_(found, expected)),
    }
    own = _row(
        Flag.id.expression,
        those,
        Flag.opened_at.expression,
        Flag.resolved_at.expression,
        Flag.outcome.expression,
    )
    own = own.join(Flag, figures.same_treatment(Flag, those))
    if asked.outcome is not None:
        own = own.where(ended, Flag.outcome == asked.outcome)
    return own.where(*narrowed, *(part for name, part in parts.items() if name is asked.part))


def _promises(which: TreatmentFilter, those: CTE, asked: FigureRows, *, wordings: Sequence[str]) -> Rows:
    each = promise_figures.each_promise(those, wordings).subquery()
    own = _row(each.c.id, those, each.c.due_at, each.c.seen_at, each.c.what)
    own = own.join(each, each.c.treatment_id == those.c.id)
    return own.where(
        promise_figures.is_kept(each)
        if asked.part is FigurePart.KEPT
        else promise_figures.is_over(each, now=which.now)
    )


def _reasons(which: TreatmentFilter, asked: FigureRows) -> Rows:
    each = detection_figures.each_reason(which)
    column = {
        detection_figures.RULE: each.c.rule,
        detection_figures.SIGN: each.c.sign,
        detection_figures.SKIN: func.coalesce(cast(each.c.skin_type, Text), ""),
    }
    own = (
        select(
            each.c.flag_id.label("id"),
            each.c.patient_id,
            each.c.treatment_id,
            each.c.opened_at.label("at"),
            each.c.resolved_at.label("until"),
            cast(each.c.outcome, Text).label("what"),
        )
        .select_from(each)
        .distinct()
    )
    if asked.reason_kind is not None and asked.key is not None:
        keys = asked.key.split(",")
        own = own.where(column[asked.reason_kind].in_(keys))
    return own.where(each.c.was_right) if asked.part is FigurePart.RIGHT else own


def _complications(those: CTE, asked: FigureRows, *, narrowed: list[ColumnElement[bool]]) -> Rows:
    flagged, recorded = detection_figures.flags_of(those), detection_figures.recorded_for(those)
    known = or_(flagged.c.known > 0, recorded.c.treatment_id.is_not(None))
    own = (
        _row(those.c.id, those, those.c.performed_at, None, those.c.device)
        .outerjoin(flagged, flagged.c.treatment_id == those.c.id)
        .outerjoin(recorded, recorded.c.treatment_id == those.c.id)
    )
    return own.where(*narrowed, flagged.c.found > 0 if asked.part is FigurePart.FOUND else known)


def _texts(which: TreatmentFilter, asked: FigureRows) -> Rows:
    columns: list[ColumnElement[Any]] = [
        Message.id.expression,
        Message.patient_id.expression,
        Message.treatment_id.expression,
        Message.due_at.label("at"),
        Message.claimed_at.label("until"),
        Message.template.label("what"),
    ]
    own = select(*columns).where(*text_figures.texts_of(which))
    if asked.part is FigurePart.CHARGED:
        own = own.where(Message.state.in_(text_figures.CHARGED), Message.segments.is_not(None))
    if asked.state is not None:
        own = own.where(Message.state == asked.state)
    if asked.reason is not None:
        shown = text_figures.shown_reason()
        own = own.where(shown == asked.reason if asked.reason else shown.is_(None))
    return own


def _open(which: TreatmentFilter, asked: FigureRows) -> Rows:
    columns: list[ColumnElement[Any]] = [
        Flag.id.expression,
        Treatment.patient_id.label("patient_id"),
        Flag.treatment_id.expression,
        Flag.opened_at.label("at"),
        cast(null(), DateTime(timezone=True)).label("until"),
        cast(Flag.state, Text).label("what"),
    ]
    own = figures.open_flags(which.clinic_id).with_only_columns(*columns)
    return own if asked.age is None else own.where(figures.age_of(which.now)[asked.age])
