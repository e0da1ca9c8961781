"""Each file that a spreadsheet writes is read, or refused with a sentence that says what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recovery.domain.patients import import_columns
from recovery.models.clinic.clinics import Clinic
from recovery.services.patients import import_table, patient_import_file
from recovery.services.patients.import_table import ImportTable
from recovery.services.patients.patient_import_file import ImportChoices, ImportFile
from recovery.services.patients.raw_lines import UnusableFile
from tests.support.files.spreadsheet_files import BAD_ROWS, GOOD, READ, REFUSED

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CLINIC = Clinic(phone="+12025550190", time_zone="America/Chicago")


def read(data: bytes) -> tuple[ImportTable, ImportFile]:
    table = import_table.read_table(data)
    choices = ImportChoices(columns=import_columns.guess(table.headings, kept={}), date_order=None)
    return table, patient_import_file.parse_table(table, choices=choices, clinic=CLINIC, now=NOW)


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_is_read_as_it_was_meant(kind: str) -> None:
    table, file = read(GOOD[kind])
    assert (file.problems, list(file.unusable)) == ([], [])
    (row,) = file.rows
    new = row.new
    assert (new.first_name, new.last_name, new.phone, new.year_of_birth) == READ
    assert import_table.load(import_table.dump(table)) == table


def test_lines_are_numbered_as_the_program_shows_them() -> None:
    assert read(GOOD["a workbook with a title"])[1].rows[0].line == 4
    assert read(GOOD["a title above the headings"])[1].rows[0].line == 4
    assert read(GOOD["sep= in the first line"])[1].rows[0].line == 3
    assert read(GOOD["line breaks and quotes in cells"])[1].rows[0].line == 3


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_a_cell_that_a_program_spoilt_is_told_with_what_to_do(kind: str) -> None:
    data, told = BAD_ROWS[kind]
    _, file = read(data)
    assert file.rows == []
    assert [one.text.startswith(told) for one in file.problems] == [True]


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(kind: str) -> None:
    data, told = REFUSED[kind]
    with pytest.raises(UnusableFile) as refused:
        import_table.read_table(data)
    assert told in str(refused.value)
    assert len(str(refused.value)) < 200
    assert str(refused.value)[-1] == "."


def test_there_are_enough_kinds_of_files() -> None:
    assert len(GOOD) + len(BAD_ROWS) + len(REFUSED) >= 25


def test_what_a_page_did_not_write_is_no_table() -> None:
    for carried in ("", "[]", '{"headings": ["a"], "lines": [[2, ["b", "c"]]], "notices": []}', "{" * 10_000):
        with pytest.raises(UnusableFile):
            import_table.load(carried)
