"""What treatments' flags were closed as, and so which treatments did not heal as expected: queries over flags
and complications."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.flags.complications import Complication
from recovery.models.flags.flags import Flag
from recovery.models.treatments.session_plans import PatientSessionPlan
from recovery.models.treatments.treatments import Treatment


def outcomes_by_treatment(
    session: Session, clinic_id: UUID, treatment_ids: Sequence[UUID]
) -> dict[UUID, list[FlagOutcome | None]]:
    """What the flags of these treatments were closed as, None for a flag that is not closed."""
    wanted = select(Flag.treatment_id, Flag.state, Flag.outcome).where(
        Flag.clinic_id == clinic_id, Flag.treatment_id.in_(treatment_ids)
    )
    outcomes: dict[UUID, list[FlagOutcome | None]] = {treatment_id: [] for treatment_id in treatment_ids}
    for row in session.execute(wanted):
        outcomes[row[0]].append(row[2] if row[1] is FlagState.RESOLVED else None)
    return outcomes


def pigment_changed(session: Session, agreed: PatientSessionPlan) -> bool:
    """Whether a flag of the patient was closed as a change of pigment, and the plan not kept anew since."""
    wanted = (
        select(Flag.id)
        .join(Treatment, (Treatment.clinic_id == Flag.clinic_id) & (Treatment.id == Flag.treatment_id))
        .where(
            Treatment.clinic_id == agreed.clinic_id,
            Treatment.patient_id == agreed.patient_id,
            Flag.state == FlagState.RESOLVED,
            Flag.outcome == FlagOutcome.PIGMENT_CHANGE,
            Flag.resolved_at > agreed.updated_at,
        )
    )
    return session.scalar(wanted.limit(1)) is not None


def not_healed(treatment: Any) -> ColumnElement[bool]:
    """Whether this treatment, a row of its table, did not heal as expected, or nobody knows yet: a flag was
    closed as anything else, one is not closed, or a complication was recorded that nobody flagged."""
    flagged = select(Flag.id).where(
        Flag.clinic_id == treatment.clinic_id,
        Flag.treatment_id == treatment.id,
        or_(
            Flag.state != FlagState.RESOLVED,
            Flag.outcome.is_distinct_from(FlagOutcome.EXPECTED_HEALING),
        ),
    )
    recorded = select(Complication.id).where(
        Complication.clinic_id == treatment.clinic_id,
        Complication.treatment_id == treatment.id,
        Complication.withdrawn_at.is_(None),
    )
    return or_(flagged.correlate(treatment).exists(), recorded.correlate(treatment).exists())


def list_not_healed(session: Session, clinic_id: UUID, treatment_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these treatments that are known not to have healed as expected (`not_healed`)."""
    those = select(Treatment.id).where(
        Treatment.clinic_id == clinic_id, Treatment.id.in_(treatment_ids), not_healed(Treatment)
    )
    return frozenset(session.scalars(those))
