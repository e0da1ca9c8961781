"""A file of patients: all of them or none, nobody texted, and people on one number told apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.core import audit
from recovery.services.patients import patient_import
from recovery.services.patients.patient_import import ImportResult
from tests.support.data import audit_trail
from tests.support.data.people import Clinic

HEAD = "first_name,last_name,phone,year_of_birth,pin,recovery_texts_on,recovery_texts_wording"
ADA = 'Ada,Example,+12025550811,1988,,2026-10-01,"Yes, text me."'
BEA = "Bea,Sample,+12025550812,1990,,,"


def read(session: Session, clinic: Clinic, *lines: str, now: datetime, **more: Any) -> ImportResult:
    return patient_import.import_patients(
        session,
        clinic=session.get_one(ClinicRow, clinic.id),
        data="\n".join([HEAD, *lines]).encode(),
        actor=audit.staff(clinic.nurse.id),
        now=now,
        **more,
    )


def names(session: Session) -> list[str]:
    return list(session.scalars(select(PatientRow.first_name).order_by(PatientRow.first_name)))


def problems(result: ImportResult) -> list[tuple[int, str | None, str]]:
    return [(problem.line, problem.column, problem.text) for problem in result.problems]


def test_a_good_file_enrols_everybody_and_texts_nobody(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        result = read(session, clinic, ADA, BEA, now=now)
        assert (problems(result), list(result.alike), result.texted) == ([], [], 1)
        assert names(session) == ["Ada", "Bea"]
        assert session.scalars(select(Consent.wording)).all() == ["Yes, text me."]
        assert session.scalar(select(func.count()).select_from(Message)) == 0
        (entry,) = audit_trail.entries(session, clinic.id, "patient.import")
        assert (entry.detail, entry.actor_id) == ({"patients": "2"}, clinic.nurse.id)
        assert len(audit_trail.entries(session, clinic.id, "patient.enrol")) == 2


def test_a_trial_says_what_would_be_and_keeps_nothing(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        trial = read(session, clinic, ADA, BEA, now=now, trial=True)
        assert (len(trial.rows), problems(trial)) == (2, [])
        assert names(session) == []
        assert audit_trail.entries(session, clinic.id, "patient.import") == []
        assert problems(read(session, clinic, ADA, BEA, now=now)) == []


def test_one_wrong_place_enrols_nobody_and_problems_come_in_the_order_of_lines(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    twice = "ADA,example,+12025550811,1988,,,"
    with sessions() as session:
        result = read(session, clinic, BEA, ADA, "Cleo,Muster,12,1971,,,", twice, now=now)
        assert [(line, column) for line, column, _ in problems(result)] == [(4, "phone"), (5, None)]
        assert problems(result)[1][2] == patient_import.TWICE.format(line=3)
        assert names(session) == []
        assert audit_trail.entries(session, clinic.id, "patient.enrol") == []


def test_whoever_is_enrolled_already_is_named_and_a_namesake_on_another_number_only_noted(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    namesake = "ada,EXAMPLE,+12025550899,1988,,,"
    with sessions() as session:
        assert problems(read(session, other_clinic, ADA, now=now)) == []
        assert list(read(session, clinic, ADA, BEA, now=now).alike) == [], "another clinic's is no namesake"
        assert problems(read(session, clinic, ADA, now=now)) == [(2, None, patient_import.ALREADY)]
        other_year = "Ada,Example,+12025550898,1989,,,"
        result = read(session, clinic, other_year, namesake, now=now)
        assert (problems(result), list(result.alike)) == ([], [3])


def test_people_on_one_number_need_pins_that_differ(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    shared = "{},Sample,+12025550811,{},{},,".format
    with sessions() as session:
        without = read(session, clinic, ADA, shared("Bea", 1990, ""), now=now)
        assert problems(without) == [(3, "pin", patient_import.PIN_WANTED)]
        same = read(session, clinic, ADA, shared("Bea", 1990, "4711"), shared("Cleo", 1991, "4711"), now=now)
        assert problems(same) == [(4, "pin", patient_import.PIN_TAKEN)]
        year = read(session, clinic, ADA, shared("Bea", 1990, "1988"), now=now)
        assert problems(year) == [(3, "pin", patient_import.PIN_TAKEN)]
        assert names(session) == []
        good = read(session, clinic, ADA, shared("Bea", 1990, "4711"), shared("Cleo", 1991, "0815"), now=now)
        assert problems(good) == []
        assert names(session) == ["Ada", "Bea", "Cleo"]


@pytest.mark.parametrize("data", [b"", HEAD.encode(), b"\xff\xfe"])
def test_a_file_without_a_row_that_can_be_used_enrols_nobody(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, data: bytes
) -> None:
    with sessions() as session:
        result = patient_import.import_patients(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            data=data,
            actor=audit.OPERATOR,
            now=now,
        )
        assert (len(result.problems), result.texted) == (1, 0)
        assert audit_trail.entries(session, clinic.id, "patient.import") == []
