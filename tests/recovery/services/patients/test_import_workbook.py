"""Workbooks: which sheet is read, and what of a workbook is never unpacked."""

from __future__ import annotations

import io
import zipfile

import pytest

from recovery.services.patients import import_workbook
from recovery.services.patients.raw_lines import UnusableFile
from tests.support.files.spreadsheet_files import GOOD, HEAD, workbook


def test_another_sheet_with_something_in_it_is_told_and_a_hidden_one_not() -> None:
    (told,) = import_workbook.read_workbook(GOOD["a workbook with another sheet"]).notices
    assert "1 more" in told
    assert import_workbook.read_workbook(GOOD["a workbook with a hidden sheet before"]).notices == []


def test_what_formulas_came_to_is_read_and_else_the_formula_stands() -> None:
    raw = import_workbook.read_workbook(workbook(None, HEAD, ["Ada", "", "=1+1", True]))
    assert [list(one.cells) for one in raw.lines] == [HEAD, ["Ada", "", "=1+1", "True"]]


def test_a_part_that_says_it_is_small_is_not_unpacked_further() -> None:
    packed = io.BytesIO(workbook())
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet9.xml", bytes(4096))
    lying = packed.getvalue().replace((4096).to_bytes(4, "little"), (16).to_bytes(4, "little"))
    with pytest.raises(UnusableFile):
        import_workbook.read_workbook(lying)


def test_many_parts_are_refused() -> None:
    packed = io.BytesIO(workbook())
    with zipfile.ZipFile(packed, "a") as book:
        for number in range(import_workbook.MOST_PARTS):
            book.writestr(f"xl/media/image{number}.png", b"")
    with pytest.raises(UnusableFile, match="far more in this workbook"):
        import_workbook.read_workbook(packed.getvalue())


def test_a_file_is_a_workbook_by_its_first_bytes() -> None:
    assert import_workbook.looks_like_one(workbook())
    assert not import_workbook.looks_like_one(b"first_name,phone")
    with pytest.raises(UnusableFile, match="larger than 4 MB"):
        import_workbook.read_workbook(b"PK" + bytes(import_workbook.LARGEST_WORKBOOK))
