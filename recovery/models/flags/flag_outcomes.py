"""What a patient's flags were closed as."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.flags.flags import Flag
from recovery.models.treatments.session_plans import PatientSessionPlan
from recovery.models.treatments.treatments import Treatment


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
