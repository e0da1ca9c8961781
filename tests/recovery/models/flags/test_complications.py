"""Rows of complications: what holds of which treatment, and what the database refuses."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.models.flags import complications
from recovery.models.flags.complications import Complication
from recovery.models.treatments.treatments import Treatment


def add(session: Session, treatment: Treatment, outcome: FlagOutcome, *, at: datetime) -> Complication:
    kept = Complication(
        clinic_id=treatment.clinic_id,
        treatment_id=treatment.id,
        outcome=outcome,
        began_on=at.date(),
        recorded_at=at,
    )
    session.add(kept)
    session.flush()
    return kept


def test_what_holds_is_found_by_treatment_in_its_order(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    first, second, gone = (
        add(session, treatment, outcome, at=now)
        for outcome in (FlagOutcome.SCAR, FlagOutcome.BURN, FlagOutcome.BRUISE)
    )
    add(session, foreign_treatment, FlagOutcome.SCAR, at=now)
    gone.withdrawn_at = now
    session.flush()
    wanted = [treatment.id, foreign_treatment.id]
    assert complications.by_treatment(session, treatment.clinic_id, wanted) == {
        treatment.id: [first, second],
        foreign_treatment.id: [],
    }
    assert complications.get_for_update(session, treatment.clinic_id, gone.id) is gone
    assert complications.get_for_update(session, foreign_treatment.clinic_id, gone.id) is None


@pytest.mark.parametrize(
    "outcome", [FlagOutcome.EXPECTED_HEALING, FlagOutcome.NOT_REACHED, FlagOutcome.OTHER]
)
def test_what_says_nothing_is_no_complication(
    session: Session, treatment: Treatment, now: datetime, outcome: FlagOutcome
) -> None:
    with pytest.raises(IntegrityError, match="more_than_healing"):
        add(session, treatment, outcome, at=now)
