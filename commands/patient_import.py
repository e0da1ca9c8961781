"""`patient import`: a file of patients enrolled, checked or left out row by row, and what became of it
printed."""

from __future__ import annotations

import dataclasses
from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from api.formats import csv_tables
from recovery.domain.patients import import_columns
from recovery.domain.patients.spreadsheet_cells import DateOrder
from recovery.models.clinic import clinics
from recovery.services.clinic.clinics import UnknownClinic
from recovery.services.core import audit
from recovery.services.patients import import_table, import_workbook, patient_import
from recovery.services.patients.import_table import ImportTable
from recovery.services.patients.patient_import import ImportResult, Keep
from recovery.services.patients.patient_import_file import ImportChoices, ImportProblem


class FaultyFile(ValueError):
    """The file has rows that cannot be used; nobody was enrolled."""


def import_patients(session: Session, given: Namespace, *, now: datetime) -> dict[str, Any]:
    """`patient import`: everybody in the file or nobody; with `--others FILE` those who can be, and in that
    file the rows of the others with the reasons. Raises FaultyFile, which says what is wrong.
    """
    clinic = clinics.get(session, UUID(given.clinic))
    if clinic is None:
        raise UnknownClinic(f"no clinic has the id {given.clinic}")
    with Path(given.file).open("rb") as file:
        # One byte more than allowed shows that it is too large, however large it is.
        table = import_table.read_table(file.read(import_workbook.LARGEST_WORKBOOK + 1))
    guessed = patient_import.guess_choices(session, table, clinic=clinic)
    choices = _chosen(table, guessed, given=given)
    keep = Keep.ALL_OR_NONE if given.others is None else Keep.GOOD_ROWS
    outcome = patient_import.import_patients(
        session,
        clinic=clinic,
        table=table,
        choices=choices,
        actor=audit.OPERATOR,
        now=now,
        keep=Keep.NOTHING if given.check else keep,
        alike_too=given.alike_too,
    )
    _require_usable(outcome, keep=keep)
    if given.others is not None and outcome.problems:
        rows = patient_import.list_others(table, outcome)
        Path(given.others).write_bytes(csv_tables.csv_bytes(rows))
    return {
        "kept": outcome.kept,
        "patients": len(outcome.rows),
        "with_consent_to_texts": outcome.texted,
        "lines_enrolled_already": list(outcome.known),
        "lines_like_somebody_enrolled": list(outcome.alike),
        "lines_with_a_landline": list(outcome.landlines),
        "lines_left_out": outcome.lines_left_out,
        "columns_left_out": _left_out(table, choices),
    }


def _require_usable(outcome: ImportResult, *, keep: Keep) -> None:
    if outcome.unusable:
        raise FaultyFile("\n".join([*outcome.unusable, "Nobody was enrolled."]))
    if outcome.problems and keep is Keep.ALL_OR_NONE:
        lines = [_said(problem) for problem in outcome.problems]
        raise FaultyFile("\n".join([*lines, "Nobody was enrolled."]))


def _chosen(table: ImportTable, guessed: ImportChoices, *, given: Namespace) -> ImportChoices:
    """The choices of the command line over those guessed. Raises FaultyFile."""
    columns: list[str | None] = list(guessed.columns)
    for choice in given.column:
        heading, _, name = choice.partition("=")
        if heading not in table.headings or (name and name not in import_columns.COLUMNS):
            raise FaultyFile(f"--column {choice}: a heading of the file, = and one of our columns")
        columns[list(table.headings).index(heading)] = name or None
    order = guessed.date_order if given.dates is None else DateOrder(given.dates)
    return dataclasses.replace(guessed, columns=columns, date_order=order, training=given.practice)


def _left_out(table: ImportTable, choices: ImportChoices) -> Sequence[str]:
    return [
        heading
        for heading, name in zip(table.headings, choices.columns, strict=True)
        if name is None and heading
    ]


def _said(problem: ImportProblem) -> str:
    place = f"line {problem.line}" if problem.column is None else f"line {problem.line}, {problem.column}"
    return f"{place}: {problem.text}"
