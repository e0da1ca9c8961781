"""How much of what went wrong the rules found, and how often they were right: counts of one clinic by device,
lot, skin, rule, sign.

The same treatments count as in `clinic_figures`. Known is a complication that a flag was closed as, or that
was recorded without one. The rules found it where anything but words told to the staff raised that flag.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Device, Level
from recovery.domain.flags.flag_lifecycle import COMPLICATIONS, FlagOutcome, FlagState
from recovery.models.flags.complications import Complication
from recovery.models.flags.flags import Flag, FlagAssessment
from recovery.models.read_models.clinic_figures import (
    TreatmentFilter,
    counted_treatments,
    same_treatment,
)
from recovery.models.reports.reports import AssessmentCause, StoredAssessment


class CourseCounts(NamedTuple):
    """Treatments alike in these three, their flags, how many have a known complication, and of how many of
    those the rules found one."""

    device: Device
    lot: str | None
    skin_type: int | None
    treatments: int
    flags: int
    known: int
    found: int


class PrecisionCounts(NamedTuple):
    """Flags that the rules raised and that were closed with an outcome that says so: by a rule, a sign or a
    skin type, how many there were and how many were right."""

    kind: str
    key: str
    closed: int
    right: int


RULE, SIGN, SKIN = "rule", "sign", "skin"


def courses(session: Session, which: TreatmentFilter) -> Sequence[CourseCounts]:
    """The treatments by device, lot and skin type."""
    those = counted_treatments(which)
    flagged, recorded = flags_of(those), recorded_for(those)
    known = or_(flagged.c.known > 0, recorded.c.treatment_id.is_not(None))
    rows = session.execute(
        select(
            those.c.device,
            those.c.lot,
            those.c.skin_type,
            func.count(),
            func.coalesce(func.sum(flagged.c.flags), 0),
            func.count().filter(known),
            func.count().filter(flagged.c.found > 0),
        )
        .select_from(those)
        .outerjoin(flagged, flagged.c.treatment_id == those.c.id)
        .outerjoin(recorded, recorded.c.treatment_id == those.c.id)
        .group_by(those.c.device, those.c.lot, those.c.skin_type)
        .order_by(those.c.device, those.c.lot, those.c.skin_type)
    )
    return [CourseCounts(row[0], row[1], row[2], *(int(count) for count in row[3:])) for row in rows]


def precisions(session: Session, which: TreatmentFilter) -> Sequence[PrecisionCounts]:
    """How often the flags of each rule, each sign and each skin type were right."""
    reasons = each_reason(which)
    rows = session.execute(
        union_all(
            _counted(RULE, reasons.c.rule, reasons),
            _counted(SIGN, reasons.c.sign, reasons),
            _counted(SKIN, func.coalesce(cast(reasons.c.skin_type, Text), ""), reasons),
        )
    )
    return [PrecisionCounts(row[0], row[1], row[2], row[3]) for row in rows]


def each_reason(which: TreatmentFilter) -> CTE:
    """One row a finding of the rules that raised a flag which was closed with an outcome that says so."""
    those = counted_treatments(which)
    finding = func.jsonb_array_elements(StoredAssessment.findings).table_valued("value").alias("finding")
    said = cast(finding.c.value, JSONB)
    return (
        select(
            Flag.id.label("flag_id"),
            Flag.outcome.in_(COMPLICATIONS).label("was_right"),
            said["rule"].astext.label("rule"),
            said["sign"].astext.label("sign"),
            those.c.skin_type,
            those.c.patient_id,
            Flag.treatment_id,
            Flag.opened_at,
            Flag.resolved_at,
            Flag.outcome,
        )
        .select_from(Flag)
        .join(those, same_treatment(Flag, those))
        .join(FlagAssessment, _raised(Flag))
        .join(StoredAssessment, _assessed())
        .join(finding, true())
        .where(
            Flag.state == FlagState.RESOLVED,
            Flag.outcome.in_((*COMPLICATIONS, FlagOutcome.EXPECTED_HEALING)),
            StoredAssessment.cause != AssessmentCause.TOLD,
            said["level"].astext != Level.EXPECTED.value,
        )
        .cte("reasons")
    )


def _counted(kind: str, key: ColumnElement[str], reasons: CTE) -> Select[str, str, int, int]:
    closed = func.count(reasons.c.flag_id.distinct())
    return (
        select(literal(kind), key, closed, closed.filter(reasons.c.was_right))
        .where(key.is_not(None))
        .group_by(key)
    )


def flags_of(those: CTE) -> Subquery:
    """Of each treatment its flags, those closed as a complication, and of these what the rules raised."""
    by_rules = (
        select(StoredAssessment.id)
        .join(FlagAssessment, _assessed())
        .where(_raised(Flag), StoredAssessment.cause != AssessmentCause.TOLD)
        .correlate(Flag)
        .exists()
    )
    known = and_(Flag.state == FlagState.RESOLVED, Flag.outcome.in_(COMPLICATIONS))
    return (
        select(
            Flag.treatment_id,
            func.count().label("flags"),
            func.count().filter(known).label("known"),
            func.count().filter(known, by_rules).label("found"),
        )
        .join(those, same_treatment(Flag, those))
        .group_by(Flag.treatment_id)
        .subquery()
    )


def recorded_for(those: CTE) -> Subquery:
    """The treatments for which a complication was recorded without a flag."""
    return (
        select(Complication.treatment_id)
        .join(
            those, and_(Complication.clinic_id == those.c.clinic_id, Complication.treatment_id == those.c.id)
        )
        .where(Complication.withdrawn_at.is_(None))
        .distinct()
        .subquery()
    )


def _raised(flag: type[Flag]) -> ColumnElement[bool]:
    return and_(FlagAssessment.clinic_id == flag.clinic_id, FlagAssessment.flag_id == flag.id)


def _assessed() -> ColumnElement[bool]:
    return and_(
        StoredAssessment.clinic_id == FlagAssessment.clinic_id,
        StoredAssessment.id == FlagAssessment.assessment_id,
    )
