from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery.domain.patients.consultation import Condition
from recovery.domain.treatments.indication import Indication
from recovery.models.patients import consultations
from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment


def _consult(session: Session, patient: Patient, *, now: datetime, **values: Any) -> Consultation:
    filled: dict[str, Any] = {"concerns": [], "conditions": []}
    consultation = Consultation(
        clinic_id=patient.clinic_id, patient_id=patient.id, recorded_at=now, **(filled | values)
    )
    session.add(consultation)
    session.flush()
    return consultation


def test_every_version_is_kept_and_the_newest_holds(
    session: Session, patient: Patient, now: datetime
) -> None:
    assert consultations.get_newest(session, patient.clinic_id, patient.id) is None
    versions = [_consult(session, patient, now=now, history=f"version {number}") for number in range(3)]
    listed = consultations.list_for_patient(session, patient.clinic_id, patient.id, limit=9)
    assert listed == versions[::-1]
    assert consultations.list_for_patient(session, patient.clinic_id, patient.id, limit=1) == [versions[2]]
    assert consultations.get_newest(session, patient.clinic_id, patient.id) is versions[2]


def test_another_patient_was_not_consulted(
    session: Session, patient: Patient, foreign_treatment: Treatment, now: datetime
) -> None:
    _consult(session, patient, now=now)
    elsewhere = foreign_treatment.clinic_id
    assert consultations.get_newest(session, elsewhere, patient.id) is None
    assert consultations.get_newest(session, elsewhere, foreign_treatment.patient_id) is None


def test_concerns_and_conditions_read_as_words_of_ours(
    session: Session, patient: Patient, now: datetime
) -> None:
    consultation = _consult(
        session, patient, now=now, concerns=["wrinkles", "acne_scars"], conditions=["keloid"]
    )
    session.expire(consultation)
    assert consultation.for_what() == [Indication.WRINKLES, Indication.ACNE_SCARS]
    assert consultation.known() == [Condition.KELOID]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"skin_type": 0}, "skin_type_range"),
        ({"skin_type": 7}, "skin_type_range"),
        ({"concerns": ["wrinkles"] * 21}, "lists_count"),
        ({"conditions": ["keloid"] * 41}, "lists_count"),
    ],
)
def test_what_no_record_can_hold_is_refused(
    session: Session, patient: Patient, now: datetime, values: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        _consult(session, patient, now=now, **values)
