"""Taking a file of patients in from the command line."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic import clinics
from recovery.services.clinic.clinics import UnknownClinic
from recovery.services.core import audit
from recovery.services.patients import patient_import, patient_import_file
from recovery.services.patients.patient_import_file import ImportProblem


class FaultyFile(ValueError):
    """The file has rows that cannot be used; nobody was enrolled."""


def import_patients(session: Session, given: Namespace, *, now: datetime) -> dict[str, Any]:
    """`patient import`: everybody in the file, or nobody. Raises FaultyFile, which says what is wrong."""
    clinic = clinics.get(session, UUID(given.clinic))
    if clinic is None:
        raise UnknownClinic(f"no clinic has the id {given.clinic}")
    with Path(given.file).open("rb") as file:
        # One byte more than allowed shows that it is too large, however large it is.
        data = file.read(patient_import_file.LARGEST_FILE + 1)
    outcome = patient_import.import_patients(
        session, clinic=clinic, data=data, actor=audit.OPERATOR, now=now, trial=given.check
    )
    if outcome.problems:
        lines = [_said(problem) for problem in outcome.problems]
        raise FaultyFile("\n".join([*lines, "Nobody was enrolled."]))
    return {
        "kept": not given.check,
        "patients": len(outcome.rows),
        "with_consent_to_texts": outcome.texted,
        "lines_like_somebody_enrolled": list(outcome.alike),
    }


def _said(problem: ImportProblem) -> str:
    place = f"line {problem.line}" if problem.column is None else f"line {problem.line}, {problem.column}"
    return f"{place}: {problem.text}"
