"""Taking a file of patients into follow-up: all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic.clinics import Clinic
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.services.core import audit
from recovery.services.core.audit import Actor
from recovery.services.patients import enrolment, patient_import_file
from recovery.services.patients.enrolment import NewPatient
from recovery.services.patients.patient_import_file import ImportFile, ImportProblem, ImportRow

MOST_ALIKE = 50
ALREADY = "Somebody with this name, year of birth and number is enrolled already."
TWICE = "The same patient stands on line {line} already."
PIN_WANTED = "Another patient has this number: a PIN has to keep the two apart."
PIN_TAKEN = "Another patient on this number opens with the same PIN or year of birth."


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What became of a file. With a problem in it nobody was enrolled.

    `alike` are the lines of those whose name and year of birth somebody with another number has; `texted`
    counts those who agreed to recovery texts.
    """

    rows: Sequence[ImportRow]
    problems: Sequence[ImportProblem]
    alike: Sequence[int]

    @property
    def texted(self) -> int:
        """How many patients agreed to recovery texts."""
        return sum(
            any(given.kind is ConsentKind.RECOVERY_TEXTS for given in row.new.consents) for row in self.rows
        )


class _TakenBack(Exception):
    """What was written is rolled back: it was a trial, or something was wrong."""


def import_patients(
    session: Session, *, clinic: Clinic, data: bytes, actor: Actor, now: datetime, trial: bool = False
) -> ImportResult:
    """Enrol everybody in the file, or nobody where one place is wrong; a trial keeps nothing.

    Nobody is texted by it: a consent that is recorded, its date and words with it, lets the texts of the next
    treatment go out; without one none do.
    """
    file = patient_import_file.parse_file(data, clinic=clinic, now=now)
    outcome = ImportResult(rows=file.rows, problems=file.problems, alike=[])
    try:
        with session.begin_nested():
            problems, alike = _enrol(session, file, clinic=clinic, actor=actor, now=now)
            outcome = ImportResult(
                rows=file.rows,
                problems=sorted([*file.problems, *problems], key=lambda problem: problem.line),
                alike=alike,
            )
            if trial or outcome.problems:
                raise _TakenBack
            audit.record(
                session,
                clinic_id=clinic.id,
                actor=actor,
                action="patient.import",
                subject=("clinic", clinic.id),
                now=now,
                detail={"patients": str(len(file.rows))},
            )
    except _TakenBack:
        pass
    return outcome


def _enrol(
    session: Session, file: ImportFile, *, clinic: Clinic, actor: Actor, now: datetime
) -> tuple[list[ImportProblem], list[int]]:
    """Write everybody; what the clinic's patients and the file's other rows say against it."""
    problems: list[ImportProblem] = []
    alike: list[int] = []
    seen: dict[tuple[str, str, int, str], int] = {}
    # Numbers are held in one order by everybody, so that two imports cannot wait for each other.
    for row in sorted(file.rows, key=lambda row: row.new.phone):
        new = row.new
        first = seen.setdefault((*_named(new), new.phone), row.line)
        if first != row.line:
            problems.append(ImportProblem(line=row.line, column=None, text=TWICE.format(line=first)))
            continue
        numbers = _numbers_of_that_name(session, clinic, new)
        if new.phone in numbers:
            problems.append(ImportProblem(line=row.line, column=None, text=ALREADY))
            continue
        if numbers:
            alike.append(row.line)
        try:
            enrolment.enrol(session, clinic=clinic, new=new, actor=actor, now=now, confirm=False)
        except enrolment.PinRequired:
            problems.append(ImportProblem(line=row.line, column="pin", text=PIN_WANTED))
        except enrolment.PinTaken:
            problems.append(ImportProblem(line=row.line, column="pin", text=PIN_TAKEN))
    return problems, sorted(alike)


def _numbers_of_that_name(session: Session, clinic: Clinic, new: NewPatient) -> set[str]:
    """The numbers of the clinic's patients with this name and year of birth."""
    similar = patients.find_similar(
        session,
        clinic.id,
        first_name=new.first_name,
        last_name=new.last_name,
        year_of_birth=new.year_of_birth,
        phone=new.phone,
        limit=MOST_ALIKE,
    )
    return {patient.phone for patient in similar if _named(patient) == _named(new)}


def _named(one: NewPatient | Patient) -> tuple[str, str, int]:
    return one.first_name.lower(), one.last_name.lower(), one.year_of_birth
