"""Counts of treatments and flags become shares by rule, sign, skin, device and lot."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Device, WarningSign
from recovery.domain.core.confidence_intervals import Share
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.read_models import detection_figures
from recovery.models.read_models.clinic_figures import TreatmentFilter
from recovery.models.treatments.treatments import Treatment
from recovery.services.flags import complications, flag_work
from recovery.services.flags.complications import NewComplication
from recovery.services.read_models import detection
from recovery.services.read_models.detection import Detection
from tests.support.data.model_rows import add_treatment
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import raise_flag, staff_caller


@pytest.fixture
def closed(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> None:
    """Two flags for pus, one right and one not, on skin of types 2 and 5; and a burn that nobody flagged."""
    outcomes = {2: FlagOutcome.INFECTION_SUSPECTED, 5: FlagOutcome.EXPECTED_HEALING}
    for skin_type, outcome in outcomes.items():
        patient = clinic.add_patient(now=now, skin_type=skin_type)
        flag_id, caller = raise_flag(clinic, patient, at=now), staff_caller(clinic)
        with sessions.begin() as session:
            flag_work.claim(session, caller=caller, flag_id=flag_id, now=now)
            flag_work.resolve(
                session, caller=caller, flag_id=flag_id, outcome=outcome, comment="Seen.",
                content=clinic.content, now=now,
            )  # fmt: skip
    burnt = clinic.add_patient(now=now, skin_type=5, device=Device.RF)
    _in_lot(sessions, clinic, burnt, "RF-7")
    with sessions.begin() as session:
        new = NewComplication(outcome=FlagOutcome.BURN, began_on=now.date(), comment=None)
        complications.record(
            session, caller=staff_caller(clinic), treatment_id=burnt.treatment_id, new=new, now=now
        )


def _in_lot(sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, lot: str) -> None:
    with sessions.begin() as session:
        session.get_one(Treatment, (clinic.id, patient.treatment_id)).lot = lot


def read(sessions: sessionmaker[Session], clinic: Clinic, now: datetime) -> Detection:
    with sessions() as session:
        start = now - timedelta(days=9)
        which = TreatmentFilter(clinic_id=clinic.id, start=start, end=now, now=now)
        courses, closed = (
            detection_figures.courses(session, which),
            detection_figures.precisions(session, which),
        )
        return detection.summarize(courses, closed)


@pytest.mark.usefixtures("closed")
def test_what_was_found_and_what_was_right_is_shared_out(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    found = read(sessions, clinic, now)
    assert (found.sensitivity, found.missed) == (Share(hits=1, total=2), 1)
    half = Share(hits=1, total=2)
    assert found.by_rule == [(AssessmentRule.WARNING_SIGN, half)]
    assert [share for _, share in found.by_sign] == [half]
    assert {sign for sign, _ in found.by_sign} <= {*WarningSign}
    assert [(one.group, one.sensitivity, one.precision) for one in found.by_skin] == [
        ("I-III", Share(hits=1, total=1), Share(hits=1, total=1)),
        ("IV-VI", Share(hits=0, total=1), Share(hits=0, total=1)),
        ("unknown", Share(hits=0, total=0), Share(hits=0, total=0)),
    ]
    devices = {device: (one.treatments, one.flags, one.complications) for device, one in found.by_device}
    assert devices == {
        Device.PEN: (2, 2, Share(hits=1, total=2)),
        Device.RF: (1, 0, Share(hits=1, total=1)),
    }
    ((lot, those),) = found.by_lot
    assert (lot, those.treatments, those.complications) == ("RF-7", 1, Share(hits=1, total=1))


def test_lots_with_the_most_complications_come_first_and_the_list_ends(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        for lot in ("B", "B", "C", *(f"L{number:02}" for number in range(detection.MOST_LOTS))):
            done = add_treatment(session, row, performed_at=now - timedelta(hours=1), lot=lot)
            if lot == "C":
                complications.record(
                    session,
                    caller=staff_caller(clinic),
                    treatment_id=done.id,
                    new=NewComplication(outcome=FlagOutcome.SCAR, began_on=now.date(), comment=None),
                    now=now,
                )
    lots = [lot for lot, _ in read(sessions, clinic, now).by_lot]
    assert lots == ["C", "B", *(f"L{number:02}" for number in range(detection.MOST_LOTS - 2))]


def test_nothing_is_known_of_nothing(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> None:
    found = read(sessions, clinic, now)
    assert (found.sensitivity, found.missed, found.by_rule, found.by_sign) == (
        Share(hits=0, total=0),
        0,
        [],
        [],
    )
    assert (found.by_device, found.by_lot) == ([], [])
