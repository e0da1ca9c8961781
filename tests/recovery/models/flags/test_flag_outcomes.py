"""What a flag was closed as, or a complication nobody flagged, decides what a treatment may teach."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.flags import flag_outcomes
from recovery.models.flags.complications import Complication
from recovery.models.patients.patients import Patient
from recovery.models.treatments.session_plans import PatientSessionPlan
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_flag, add_treatment

OTHER_ENDS = [outcome for outcome in FlagOutcome if outcome is not FlagOutcome.EXPECTED_HEALING]


def has_healed(session: Session, treatment: Treatment) -> bool:
    return not flag_outcomes.list_not_healed(session, treatment.clinic_id, [treatment.id])


def test_outcomes_are_told_by_treatment_and_none_for_what_is_not_closed(
    session: Session, treatment: Treatment, patient: Patient, now: datetime
) -> None:
    without = add_treatment(session, patient, performed_at=now)
    add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED, outcome=FlagOutcome.BURN)
    add_flag(session, treatment, due_at=now)
    wanted = [treatment.id, without.id]
    by_treatment = flag_outcomes.outcomes_by_treatment(session, treatment.clinic_id, wanted)
    assert set(by_treatment[treatment.id]) == {FlagOutcome.BURN, None}
    assert by_treatment[without.id] == []


def test_only_expected_healing_or_no_flag_at_all_has_healed(
    session: Session, treatment: Treatment, patient: Patient, now: datetime
) -> None:
    expected = FlagOutcome.EXPECTED_HEALING
    assert has_healed(session, treatment)
    add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED, outcome=expected)
    assert has_healed(session, treatment)
    add_flag(session, treatment, due_at=now)
    assert not has_healed(session, treatment), "nobody knows yet"
    for outcome in OTHER_ENDS:
        other = add_treatment(session, patient, performed_at=now)
        add_flag(session, other, due_at=now, state=FlagState.RESOLVED, outcome=outcome)
        assert not has_healed(session, other), outcome


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_complication_that_nobody_flagged_has_not_healed_unless_it_was_an_error(
    session: Session, treatment: Treatment, now: datetime, withdrawn: bool
) -> None:
    session.add(
        Complication(
            clinic_id=treatment.clinic_id,
            treatment_id=treatment.id,
            outcome=FlagOutcome.ALLERGY_OR_GRANULOMA,
            began_on=now.date(),
            recorded_at=now,
            withdrawn_at=now if withdrawn else None,
        )
    )
    session.flush()
    assert has_healed(session, treatment) is withdrawn


def test_another_clinics_flags_say_nothing(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    add_flag(session, foreign_treatment, due_at=now, state=FlagState.RESOLVED, outcome=FlagOutcome.BURN)
    assert has_healed(session, treatment)
    elsewhere = flag_outcomes.list_not_healed(session, treatment.clinic_id, [foreign_treatment.id])
    assert elsewhere == frozenset()


@pytest.mark.parametrize(
    ("outcome", "kept_anew", "changed"),
    [
        (FlagOutcome.PIGMENT_CHANGE, False, True),
        (FlagOutcome.PIGMENT_CHANGE, True, False),
        (FlagOutcome.IRRITATION, False, False),
    ],
)
def test_a_changed_pigment_counts_until_the_plan_is_kept_anew(
    session: Session,
    treatment: Treatment,
    now: datetime,
    outcome: FlagOutcome,
    kept_anew: bool,
    changed: bool,
) -> None:
    flag = add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED, outcome=outcome)
    flag.resolved_at = now
    session.flush()
    plan = PatientSessionPlan(
        clinic_id=treatment.clinic_id,
        patient_id=treatment.patient_id,
        updated_at=now + timedelta(days=1 if kept_anew else -1),
    )
    assert flag_outcomes.pigment_changed(session, plan) is changed
