"""A file of patients: all or none, or those that can be; nobody texted, nobody twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.patients.spreadsheet_cells import DateOrder
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.core import audit
from recovery.services.patients import import_table, patient_import
from recovery.services.patients.patient_import import ImportResult, Keep
from recovery.services.patients.patient_import_file import ImportChoices
from tests.support.data import audit_trail
from tests.support.data.people import Clinic

HEAD = "first_name,last_name,phone,year_of_birth,pin,recovery_texts_on,recovery_texts_wording"
ADA = 'Ada,Example,+12025550811,1988,,2026-10-01,"Yes, text me."'
BEA = "Bea,Sample,+12025550812,1990,,,"


def read(
    session: Session,
    clinic: Clinic,
    *lines: str,
    now: datetime,
    keep: Keep = Keep.ALL_OR_NONE,
    **more: Any,
) -> ImportResult:
    table = import_table.read_table("\n".join([HEAD, *lines]).encode())
    found = session.get_one(ClinicRow, clinic.id)
    return patient_import.import_patients(
        session,
        clinic=found,
        table=table,
        choices=patient_import.guess_choices(session, table, clinic=found),
        actor=audit.staff(clinic.nurse.id),
        now=now,
        keep=keep,
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
        trial = read(session, clinic, ADA, BEA, now=now, keep=Keep.NOTHING)
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


def test_whoever_is_enrolled_already_is_known_again(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        assert problems(read(session, other_clinic, ADA, now=now)) == []
        first = read(session, clinic, ADA, BEA, now=now)
        assert (len(first.rows), list(first.known), list(first.alike)) == (2, [], []), "another clinic's"
        again = read(session, clinic, "ÀDA,Exämple,(202) 555-0811,1988,,,", BEA, now=now)
        assert (problems(again), list(again.rows), list(again.known)) == ([], [], [2, 3])
        ada = session.scalars(
            select(PatientRow).where(PatientRow.first_name == "Ada", PatientRow.clinic_id == clinic.id)
        ).one()
        ada.phone, ada.last_name = "+12025550877", "Married"
        session.flush()
        moved = read(session, clinic, ADA, BEA, now=now)
        assert (list(moved.rows), list(moved.known)) == ([], [2, 3]), "by what stood in the file"


def test_a_namesake_on_another_number_waits_until_somebody_says_who_it_is(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    other_year = "Ada,Example,+12025550898,1989,,,"
    namesake = "EXAMPLE,áda,+12025550899,1988,,,"
    with sessions() as session:
        read(session, clinic, ADA, now=now)
        held = read(session, clinic, other_year, namesake, now=now, keep=Keep.GOOD_ROWS)
        assert problems(held) == [(3, None, patient_import.ALIKE)]
        assert (list(held.alike), len(held.rows)) == ([3], 1)
        told = read(session, clinic, other_year, namesake, now=now, alike_too=True)
        assert (problems(told), list(told.alike), len(told.rows)) == ([], [3], 1)
        assert len(names(session)) == 3


def test_the_good_rows_come_in_and_a_mended_file_enters_nobody_twice(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    wrong, mended = (f"Cleo,Muster,{phone},1971,,," for phone in ("12", "+12025550813"))
    with sessions() as session:
        first = read(session, clinic, ADA, wrong, BEA, now=now, keep=Keep.GOOD_ROWS)
        assert first.kept
        assert (names(session), first.lines_left_out) == (["Ada", "Bea"], [3])
        table = import_table.read_table("\n".join([HEAD, ADA, wrong, BEA]).encode())
        head, *rows = patient_import.list_others(table, first)
        assert head == [*HEAD.split(","), patient_import.LINE, patient_import.REASON]
        assert rows == [["Cleo", "Muster", "12", "1971", "", "", "", "3", "phone: The number is too short."]]
        whole = read(session, clinic, ADA, mended, BEA, now=now, keep=Keep.GOOD_ROWS)
        assert (names(session), list(whole.known)) == (["Ada", "Bea", "Cleo"], [2, 4])
        third = read(session, clinic, ADA, mended, BEA, now=now, keep=Keep.GOOD_ROWS)
        assert (len(third.rows), list(third.known)) == (0, [2, 3, 4])


def test_what_columns_mean_is_kept_for_the_next_file(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    text = "Who,Family,Reach,Since,Mobile\nAda,Example,+12025550811,03/04/1988,no\n"
    columns = ["first_name", "last_name", "phone", "year_of_birth", None]
    with sessions() as session:
        found, table = session.get_one(ClinicRow, clinic.id), import_table.read_table(text.encode())
        guessed = patient_import.guess_choices(session, table, clinic=found)
        assert guessed.columns == [None, None, None, None, "phone"]
        chosen = ImportChoices(columns=columns, date_order=DateOrder.DAY_FIRST)
        for keep in (Keep.NOTHING, Keep.ALL_OR_NONE):
            assert patient_import.guess_choices(session, table, clinic=found) == guessed, keep
            patient_import.import_patients(
                session, clinic=found, table=table, choices=chosen, actor=audit.OPERATOR, now=now, keep=keep
            )
        assert patient_import.guess_choices(session, table, clinic=found) == chosen


def test_a_landline_is_pointed_out(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions() as session:
        result = read(session, clinic, ADA, "Bea,Sample,+442079460123,1990,,,", now=now)
        assert (list(result.landlines), problems(result)) == ([3], [])


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


def test_a_table_that_cannot_be_used_enrols_nobody(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        found, table = session.get_one(ClinicRow, clinic.id), import_table.read_table(b"Who\nAda\n")
        result = patient_import.import_patients(
            session,
            clinic=found,
            table=table,
            choices=patient_import.guess_choices(session, table, clinic=found),
            actor=audit.OPERATOR,
            now=now,
            keep=Keep.GOOD_ROWS,
        )
        assert (len(result.unusable), result.kept, result.texted) == (1, False, 0)
        assert audit_trail.entries(session, clinic.id, "patient.import") == []
