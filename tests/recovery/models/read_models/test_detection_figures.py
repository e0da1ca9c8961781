"""What the rules found of what is known, and how often they were right, counted from rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from recovery.domain.clinical.findings import AssessmentRule, Finding, to_dict
from recovery.domain.clinical.symptoms import Device, Level, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags.complications import Complication
from recovery.models.flags.flags import Flag, FlagAssessment
from recovery.models.patients.patients import Patient
from recovery.models.read_models import detection_figures
from recovery.models.read_models.clinic_figures import TreatmentFilter
from recovery.models.read_models.detection_figures import CourseCounts, PrecisionCounts
from recovery.models.reports.reports import AssessmentCause
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_assessment, add_flag, add_treatment

DAY = timedelta(days=1)
PUS = Finding(rule=AssessmentRule.WARNING_SIGN, level=Level.ABNORMAL, day=1, sign=WarningSign.PUS)
LATE = Finding(rule=AssessmentRule.LATE, level=Level.WATCH, day=5)
OVERRIDE = Finding(rule=AssessmentRule.OVERRIDE, level=Level.EXPECTED, day=5)
TOLD = Finding(rule=AssessmentRule.TOLD, level=Level.WATCH, day=5)


@pytest.fixture
def which(treatment: Treatment, now: datetime) -> TreatmentFilter:
    """The treatments of the last ten days; the fixture's is one of them."""
    return TreatmentFilter(clinic_id=treatment.clinic_id, start=now - 10 * DAY, end=now, now=now)


def flagged(
    session: Session,
    treatment: Treatment,
    *found: Finding,
    outcome: FlagOutcome | None,
    at: datetime,
    told: bool = False,
) -> Flag:
    """A flag raised by one assessment with these findings, closed as this, open where it has no outcome."""
    cause: dict[str, Any] = {"cause": AssessmentCause.TOLD, "told": "Words."} if told else {}
    raised_by = add_assessment(
        session, treatment, None, at=at, findings=[to_dict(finding) for finding in found], **cause
    )
    state = FlagState.OPEN if outcome is None else FlagState.RESOLVED
    return add_flag(session, treatment, due_at=at, raised_by=raised_by, state=state, outcome=outcome)


def recorded(session: Session, treatment: Treatment, *, at: datetime, **values: Any) -> None:
    """A complication that nobody flagged."""
    session.add(
        Complication(
            clinic_id=treatment.clinic_id,
            treatment_id=treatment.id,
            outcome=FlagOutcome.SCAR,
            began_on=at.date(),
            recorded_at=at,
            **values,
        )
    )
    session.flush()


def totals(session: Session, which: TreatmentFilter) -> tuple[int, int, int]:
    """Flags, known and found of all treatments that count."""
    rows = detection_figures.courses(session, which)
    return sum(row.flags for row in rows), sum(row.known for row in rows), sum(row.found for row in rows)


@pytest.mark.parametrize(
    ("outcome", "told", "known", "found"),
    [
        (FlagOutcome.BURN, False, 1, 1),
        (FlagOutcome.BURN, True, 1, 0),
        (FlagOutcome.EXPECTED_HEALING, False, 0, 0),
        (FlagOutcome.NOT_REACHED, False, 0, 0),
        (None, False, 0, 0),
    ],
)
def test_a_complication_is_known_once_its_flag_is_closed_and_found_where_no_call_raised_it(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime,
    outcome: FlagOutcome | None, told: bool, known: int, found: int,
) -> None:  # fmt: skip
    flagged(session, treatment, TOLD if told else PUS, outcome=outcome, at=now, told=told)
    assert totals(session, which) == (1, known, found)


def test_a_flag_that_a_call_opened_is_found_once_a_report_adds_to_it(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime
) -> None:
    flag = flagged(session, treatment, TOLD, outcome=FlagOutcome.BURN, at=now, told=True)
    later = add_assessment(session, treatment, None, at=now, findings=[to_dict(PUS)])
    session.add(FlagAssessment(clinic_id=flag.clinic_id, flag_id=flag.id, assessment_id=later.id))
    session.flush()
    assert totals(session, which) == (1, 1, 1)


def test_what_was_recorded_without_a_flag_is_missed_and_what_was_withdrawn_is_nothing(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime
) -> None:
    recorded(session, treatment, at=now, withdrawn_at=now)
    assert totals(session, which) == (0, 0, 0)
    recorded(session, treatment, at=now)
    recorded(session, treatment, at=now)
    assert totals(session, which) == (0, 1, 0), "a treatment counts once"
    flagged(session, treatment, PUS, outcome=FlagOutcome.EXPECTED_HEALING, at=now)
    assert totals(session, which) == (1, 1, 0), "a flag closed as healing found nothing"
    flagged(session, treatment, PUS, outcome=FlagOutcome.BURN, at=now)
    assert totals(session, which) == (2, 1, 1)


def test_treatments_are_told_apart_by_device_lot_and_skin(
    session: Session, which: TreatmentFilter, treatment: Treatment, patient: Patient, now: datetime
) -> None:
    for lot in ("A-1", "A-1", "B-2"):
        done = add_treatment(session, patient, performed_at=now - DAY, device=Device.RF, lot=lot)
        if lot == "A-1":
            recorded(session, done, at=now)
    add_treatment(session, patient, performed_at=now - 20 * DAY, device=Device.RF, lot="A-1")
    assert detection_figures.courses(session, which) == [
        CourseCounts(Device.PEN, None, 3, treatments=1, flags=0, known=0, found=0),
        CourseCounts(Device.RF, "A-1", 3, treatments=2, flags=0, known=2, found=0),
        CourseCounts(Device.RF, "B-2", 3, treatments=1, flags=0, known=0, found=0),
    ]


def test_precision_is_of_the_rules_by_rule_sign_and_skin(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime
) -> None:
    flagged(session, treatment, PUS, PUS, LATE, OVERRIDE, outcome=FlagOutcome.BURN, at=now)
    flagged(session, treatment, LATE, outcome=FlagOutcome.EXPECTED_HEALING, at=now)
    flagged(session, treatment, LATE, outcome=FlagOutcome.OTHER, at=now)
    flagged(session, treatment, TOLD, PUS, outcome=FlagOutcome.BURN, at=now, told=True)
    flagged(session, treatment, PUS, outcome=None, at=now)
    assert sorted(detection_figures.precisions(session, which)) == [
        PrecisionCounts("rule", "late", closed=2, right=1),
        PrecisionCounts("rule", "warning_sign", closed=1, right=1),
        PrecisionCounts("sign", "pus", closed=1, right=1),
        PrecisionCounts("skin", "3", closed=2, right=1),
    ]


def test_a_skin_that_is_not_known_has_a_key_of_its_own_and_training_counts_nowhere(
    session: Session, which: TreatmentFilter, treatment: Treatment, patient: Patient, now: datetime
) -> None:
    patient.skin_type = None
    flagged(session, treatment, LATE, outcome=FlagOutcome.BURN, at=now)
    skins = [row for row in detection_figures.precisions(session, which) if row.kind == "skin"]
    assert skins == [PrecisionCounts("skin", "", closed=1, right=1)]
    session.get_one(Clinic, which.clinic_id).live_since = None
    session.flush()
    assert detection_figures.precisions(session, which) == []
    assert detection_figures.courses(session, which) == []
