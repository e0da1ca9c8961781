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
from recovery.services.patients import import_file, patient_import
from recovery.services.patients.import_file import Problem


class FaultyFile(ValueError):
    """The file has rows that cannot be used; nobody was enrolled."""


def take_in(session: Session, given: Namespace, *, now: datetime) -> dict[str, Any]:
    """`patient import`: everybody in the file, or nobody. Raises FaultyFile, which says what is wrong."""
    clinic = clinics.get(session, UUID(given.clinic))
    if clinic is None:
        raise UnknownClinic(f"no clinic has the id {given.clinic}")
    with Path(given.file).open("rb") as file:
        # One byte more than allowed shows that it is too large, however large it is.
        data = file.read(import_file.LARGEST_FILE + 1)
    outcome = patient_import.take_in(
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


def _said(problem: Problem) -> str:
    place = f"line {problem.line}" if problem.column is None else f"line {problem.line}, {problem.column}"
    return f"{place}: {problem.text}"
