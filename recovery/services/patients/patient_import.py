"""Enrolling who stands in a file: all, none or those that can be; nobody twice, who is alike asked about,
what became of each row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from recovery.domain.patients import import_columns, person_name
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic.clinics import Clinic
from recovery.models.patients import patient_imports, patient_names
from recovery.models.patients.patients import Patient
from recovery.services.core import audit, phone_numbers
from recovery.services.core.audit import Actor
from recovery.services.patients import enrolment, patient_import_file
from recovery.services.patients.enrolment import NewPatient
from recovery.services.patients.import_table import ImportTable
from recovery.services.patients.patient_import_file import ImportChoices, ImportFile, ImportProblem, ImportRow

MOST_ALIKE = 50
TWICE = "The same patient stands on line {line} already."
ALIKE = "Somebody with this name and year of birth is enrolled with another number. Is it the same person?"
REASON = "What is wrong"
LINE = "Line before"
"""Headings of what is given back; no column of ours has them."""
PIN_WANTED = "Another patient has this number: a PIN has to keep the two apart."
PIN_TAKEN = "Another patient on this number opens with the same PIN or year of birth."


class Keep(StrEnum):
    """What is kept of a file."""

    NOTHING = "nothing"
    ALL_OR_NONE = "all_or_none"
    GOOD_ROWS = "good_rows"


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What became of a file, or would. `rows` can be enrolled; `known` are lines of those who are already.

    `alike` are the lines of those whose name and year of birth somebody with another number has: they are
    among the problems, unless it was said that they are other people. `landlines` are the lines whose numbers
    texts may not reach. `texted` counts those who agreed to recovery texts.
    """

    rows: Sequence[ImportRow]
    problems: Sequence[ImportProblem]
    unusable: Sequence[str] = ()
    known: Sequence[int] = ()
    alike: Sequence[int] = ()
    landlines: Sequence[int] = ()
    kept: bool = False

    @property
    def texted(self) -> int:
        """How many patients agreed to recovery texts."""
        return sum(
            any(given.kind is ConsentKind.RECOVERY_TEXTS for given in row.new.consents) for row in self.rows
        )

    @property
    def lines_left_out(self) -> list[int]:
        """The lines that have a problem, each once."""
        return sorted({problem.line for problem in self.problems})


class _TakenBack(Exception):
    """What was written is rolled back: it was a trial, or something was wrong."""


@dataclass(kw_only=True)
class _Enrolling:
    """What is found while the rows of one file are written."""

    rows: list[ImportRow] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    alike: list[int] = field(default_factory=list)

    def wrong(self, line: int, *, column: str | None = None, text: str) -> None:
        self.problems.append(ImportProblem(line=line, column=column, text=text))


def guess_choices(session: Session, table: ImportTable, *, clinic: Clinic) -> ImportChoices:
    """How the columns are read, as the clinic chose before or by their headings."""
    plain = {import_columns.plain_heading(heading) for heading in table.headings}
    kept = patient_imports.kept_columns(session, clinic.id, plain)
    return ImportChoices(
        columns=import_columns.guess(table.headings, kept={one.heading: one.meaning for one in kept}),
        date_order=next((one.date_order for one in kept if one.date_order is not None), None),
    )


def import_patients(
    session: Session,
    *,
    clinic: Clinic,
    table: ImportTable,
    choices: ImportChoices,
    actor: Actor,
    now: datetime,
    keep: Keep,
    alike_too: bool = False,
) -> ImportResult:
    """Enrol who stands in the table; a row that has come in before, in this file or another, is not again.

    `alike_too`: whoever has somebody's name and year of birth, and another number, is somebody else.
    Nobody is texted by it: a consent that is recorded, its date and words with it, lets the texts of the next
    treatment go out; without one none do.
    """
    file = patient_import_file.parse_table(table, choices=choices, clinic=clinic, now=now)
    if file.unusable:
        return ImportResult(rows=[], problems=[], unusable=file.unusable)
    enrolling = _Enrolling(problems=list(file.problems))
    kept = False
    try:
        with session.begin_nested():
            _enrol(session, file, enrolling, clinic=clinic, actor=actor, now=now, alike_too=alike_too)
            kept = keep is Keep.GOOD_ROWS or (keep is Keep.ALL_OR_NONE and not enrolling.problems)
            if not kept:
                raise _TakenBack
            _keep_columns(session, table, choices, clinic=clinic, now=now)
            audit.record(
                session,
                clinic_id=clinic.id,
                actor=actor,
                action="patient.import",
                subject=("clinic", clinic.id),
                now=now,
                detail={"patients": str(len(enrolling.rows))},
            )
    except _TakenBack:
        pass
    return ImportResult(
        rows=sorted(enrolling.rows, key=lambda row: row.line),
        problems=sorted(enrolling.problems, key=lambda problem: problem.line),
        known=sorted(enrolling.known),
        alike=sorted(enrolling.alike),
        landlines=sorted(row.line for row in enrolling.rows if phone_numbers.is_landline(row.new.phone)),
        kept=kept,
    )


def list_others(table: ImportTable, outcome: ImportResult) -> list[list[str]]:
    """The headings and the rows that were left out as they stand, with their line and why."""
    reasons: dict[int, list[str]] = {}
    for problem in outcome.problems:
        reasons.setdefault(problem.line, []).append(
            problem.text if problem.column is None else f"{problem.column}: {problem.text}"
        )
    rows = [
        [*line.cells, str(line.line), " ".join(reasons[line.line])]
        for line in table.lines
        if line.line in reasons
    ]
    return [[*table.headings, LINE, REASON], *rows]


def _enrol(
    session: Session,
    file: ImportFile,
    enrolling: _Enrolling,
    *,
    clinic: Clinic,
    actor: Actor,
    now: datetime,
    alike_too: bool,
) -> None:
    """Write everybody; what the clinic's patients and the file's other rows say against it."""
    digests = _digests(session, file.rows)
    known = patient_imports.known_rows(session, clinic.id, digests.values())
    seen: dict[bytes, int] = {}
    # Numbers are held in one order by everybody, so that two imports cannot wait for each other.
    for row in sorted(file.rows, key=lambda row: (row.new.phone, row.line)):
        digest = digests[row.line]
        if (first := seen.setdefault(digest, row.line)) != row.line:
            enrolling.wrong(row.line, text=TWICE.format(line=first))
            continue
        if digest in known:
            enrolling.known.append(row.line)
            continue
        same = _of_that_name(session, clinic, row.new)
        enrolled = next((one for one in same if one.phone == row.new.phone), None)
        if enrolled is None and same:
            enrolling.alike.append(row.line)
            if not alike_too:
                enrolling.wrong(row.line, text=ALIKE)
                continue
        if enrolled is not None:
            enrolling.known.append(row.line)
        else:
            enrolled = _enrol_one(session, row, enrolling, clinic=clinic, actor=actor, now=now)
        if enrolled is not None:
            patient_imports.keep_row(session, clinic.id, digest, patient_id=enrolled.id, now=now)


def _enrol_one(
    session: Session, row: ImportRow, enrolling: _Enrolling, *, clinic: Clinic, actor: Actor, now: datetime
) -> Patient | None:
    try:
        patient = enrolment.enrol(session, clinic=clinic, new=row.new, actor=actor, now=now, confirm=False)
    except enrolment.PinRequired:
        enrolling.wrong(row.line, column="pin", text=PIN_WANTED)
    except enrolment.PinTaken:
        enrolling.wrong(row.line, column="pin", text=PIN_TAKEN)
    else:
        enrolling.rows.append(row)
        return patient
    return None


def _digests(session: Session, rows: Sequence[ImportRow]) -> dict[int, bytes]:
    """By line, what a row is known by again: name, year of birth and number, however they are written."""
    names = patient_names.name_keys(
        session, [person_name.full_name(row.new.first_name, row.new.last_name) for row in rows]
    )
    return {
        row.line: hashlib.sha256(f"{name}\n{row.new.year_of_birth}\n{row.new.phone}".encode()).digest()
        for name, row in zip(names, rows, strict=True)
    }


def _of_that_name(session: Session, clinic: Clinic, new: NewPatient) -> Sequence[Patient]:
    """The clinic's patients with this name and year of birth."""
    return patient_names.find_namesakes(
        session,
        clinic.id,
        first_name=new.first_name,
        last_name=new.last_name,
        year_of_birth=new.year_of_birth,
        limit=MOST_ALIKE,
    )


def _keep_columns(
    session: Session, table: ImportTable, choices: ImportChoices, *, clinic: Clinic, now: datetime
) -> None:
    plain = map(import_columns.plain_heading, table.headings)
    meanings = {heading: name for heading, name in zip(plain, choices.columns, strict=True) if heading}
    if meanings:
        patient_imports.keep_columns(
            session, clinic.id, meanings=meanings, date_order=choices.date_order, now=now
        )
