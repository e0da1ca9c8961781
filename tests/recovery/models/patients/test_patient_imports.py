from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.patients.spreadsheet_cells import DateOrder
from recovery.models.patients import patient_imports
from recovery.models.patients.patients import Patient
from tests.support.data.people import Clinic


def test_the_last_that_was_said_of_a_heading_holds_for_that_clinic(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    later = now + timedelta(minutes=1)
    patient_imports.keep_columns(
        session, clinic.id, meanings={"who": "first_name", "no": None}, date_order=None, now=now
    )
    patient_imports.keep_columns(
        session, clinic.id, meanings={"who": "last_name"}, date_order=DateOrder.DAY_FIRST, now=later
    )
    kept = patient_imports.kept_columns(session, clinic.id, ["who", "no", "else"])
    assert [(one.heading, one.meaning, one.date_order) for one in kept] == [
        ("who", "last_name", DateOrder.DAY_FIRST),
        ("no", None, None),
    ]
    assert list(patient_imports.kept_columns(session, other_clinic.id, ["who"])) == []


def test_a_row_is_known_again_in_its_clinic_and_kept_once(
    session: Session,
    clinic: Clinic,
    other_clinic: Clinic,
    add: Callable[..., Patient],
    now: datetime,
) -> None:
    patient, row, other = add(), bytes(32), b"x" * 32
    for _ in range(2):
        patient_imports.keep_row(session, clinic.id, row, patient_id=patient.id, now=now)
    assert patient_imports.known_rows(session, clinic.id, [row, other]) == {row}
    assert patient_imports.known_rows(session, other_clinic.id, [row]) == set()
