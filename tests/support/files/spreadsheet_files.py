"""Files as spreadsheet programs really write them: those to be read, and those to be refused and why."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from recovery.domain.patients import spreadsheet_cells
from recovery.services.patients import import_table, import_text, import_workbook

HEAD = ["First name", "Last name", "Mobile phone", "Date of birth"]
ZOE = ["Zoë", "Ñandú", "2025550142", "1985-03-04"]
READ = ("Zoë", "Ñandú", "+12025550142", 1985)


def text(*rows: list[str], between: str = ",", end: str = "\r\n", encoding: str = "utf-8") -> bytes:
    return "".join(between.join(row) + end for row in rows).encode(encoding)


def workbook(fill: Callable[[Worksheet], None] | None = None, *rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows or (HEAD, ZOE):
        sheet.append(row)
    if fill is not None:
        fill(sheet)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same workbook with one part in another's place."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part.filename))
    return packed.getvalue()


def a_titled_sheet(sheet: Worksheet) -> None:
    sheet.insert_rows(1, 2)
    sheet["A1"] = "Patients of our clinic"


def an_empty_edge(sheet: Worksheet) -> None:
    for row in range(1, 40):
        for column in range(1, 12):
            sheet.cell(row=row, column=column).number_format = "@"
    sheet["K30"] = "   "


def another_sheet(sheet: Worksheet) -> None:
    assert sheet.parent is not None
    sheet.parent.create_sheet("Old")["A1"] = "nobody"


def a_hidden_first_sheet(sheet: Worksheet) -> None:
    assert sheet.parent is not None
    hidden = sheet.parent.create_sheet("Hidden", 0)
    hidden["A1"], hidden.sheet_state = "secret", "hidden"


def a_line_far_down(sheet: Worksheet) -> None:
    sheet.cell(row=30_000, column=1, value="x")


OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
GOOD: dict[str, bytes] = {
    "CSV UTF-8 with a mark": text(HEAD, ZOE, encoding="utf-8-sig"),
    "CSV UTF-8 without a mark": text(HEAD, ZOE),
    "CSV of old Windows, semicolons": text(HEAD, ZOE, between=";", encoding="cp1252"),
    "Unicode text: UTF-16, tabs": text(HEAD, ZOE, between="\t", encoding="utf-16"),
    "UTF-16 without a mark": text(HEAD, ZOE, between="\t", encoding="utf-16-le"),
    "UTF-16 the other way round": b"\xfe\xff" + text(HEAD, ZOE, encoding="utf-16-be"),
    "lines ended as an old Mac does": text(HEAD, ZOE, end="\r"),
    "sep= in the first line": b"sep=;\r\n" + text(HEAD, ZOE, between=";"),
    "sep= of a bar": b'"sep=|"\n' + text(HEAD, ZOE, between="|"),
    "line breaks and quotes in cells": text(
        [*HEAD, '"A ""note"",\r\nin two lines"'], [*ZOE, '"first\nsecond; third"']
    ),
    "empty columns and lines at the end": text([*HEAD, "", ""], [*ZOE, "", ""], [""] * 6, [""] * 6),
    "formulas that hold text": text(HEAD, ["Zoë", "Ñandú", '"=""2025550142"""', "1985-03-04"]),
    "marks of text": text(HEAD, ["Zoë", "Ñandú", "'+1 202 555 0142", "'1985"]),
    "a number with a point": text(HEAD, ["Zoë", "Ñandú", "2025550142.0", "1985.0"]),
    "a long number that is whole": text(HEAD, ["Zoë", "Ñandú", "1.2025550142E+10", "04.03.1985"]),
    "columns nobody asked for": text(["No.", *HEAD, "Shoe size"], ["1", *ZOE, "38"]),
    "a title above the headings": text(["Our patients"], [], HEAD, ZOE),
    "a workbook": workbook(),
    "a workbook with numbers and days": workbook(None, HEAD, ["Zoë", "Ñandú", 2025550142, date(1985, 3, 4)]),
    "a workbook with a title": workbook(a_titled_sheet),
    "a workbook with empty cells all around": workbook(an_empty_edge),
    "a workbook with another sheet": workbook(another_sheet),
    "a workbook with a hidden sheet before": workbook(a_hidden_first_sheet),
}
BAD_ROWS: dict[str, tuple[bytes, str]] = {
    "a number that Excel shortened": (
        text(HEAD, ["Zoë", "Ñandú", "1.2025E+10", "1985"]), spreadsheet_cells.SHORTENED,
    ),
    "a column too narrow": (text(HEAD, ["Zoë", "Ñandú", "##########", "1985"]), spreadsheet_cells.TOO_NARROW),
    "a formula that was never worked out": (
        workbook(None, HEAD, ["Zoë", "Ñandú", '="202"&"5550142"', "1985"]), spreadsheet_cells.A_FORMULA,
    ),
    "a formula as text": (text(HEAD, ["Zoë", "Ñandú", "=A1&B1", "1985"]), spreadsheet_cells.A_FORMULA),
    "a formula that failed": (
        text(HEAD, ["Zoë", "Ñandú", "#REF!", "1985"]), spreadsheet_cells.NOT_WORKED_OUT,
    ),
    "a year shown as a day": (
        workbook(None, HEAD, ["Zoë", "Ñandú", 2025550142, datetime(1905, 6, 7)]),  # noqa: DTZ001
        "The year of birth in four digits",
    ),
}  # fmt: skip
REFUSED: dict[str, tuple[bytes, str]] = {
    "an old workbook, or one with a password": (OLD_WORKBOOK, "save it as .xlsx"),
    "a web page called .xls": (b"<html><table><tr><td>Ada</td></tr></table>", "save it as .xlsx"),
    "a PDF": (b"%PDF-1.7 ...", "save the list as .xlsx or as CSV"),
    "a document of another program": (workbook()[:400], "save it in Excel"),
    "a workbook cut off": (workbook()[:-200], "save it in Excel"),
    "letters that are none": (b"First name,Mobile\r\nZo\x81\x8d,\x90\r\n", "save it as CSV UTF-8"),
    "a quotation mark that stays open": (text(HEAD, ['"Zoë', *ZOE[1:]]), "quotation mark"),
    "nobody": (text(HEAD), import_table.NOBODY),
    "nothing": (b"\xff\xfe", import_table.NOBODY),
    "an empty workbook": (workbook(None, []), "No sheet of this workbook has anything in it"),
    "far too large a text": (b"a,b\n" * import_text.LARGEST_TEXT, "split it"),
    "far too much in a small workbook": (
        with_part(workbook(), "docProps/app.xml", b" " * (import_workbook.LARGEST_UNPACKED + 1)),
        "copy them into a new one",
    ),
    "a workbook whose XML multiplies itself": (
        with_part(
            workbook(),
            "xl/worksheets/sheet1.xml",
            b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            b'<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>',
        ),
        "save it in Excel",
    ),
    "lines without end": (workbook(a_line_far_down), "goes on after line"),
    "too many columns": (text(HEAD + [f"c{n}" for n in range(60)], ZOE + ["x"] * 60), "leave the others out"),
    "more than a page can carry": (text(HEAD, *[[*ZOE[:3], "x" * 900]] * 600), "split the file"),
}  # fmt: skip
