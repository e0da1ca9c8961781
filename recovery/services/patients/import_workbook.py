"""Workbooks (.xlsx), read only and within bounds: a small file can hold a very large one."""

from __future__ import annotations

import io
import itertools
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from recovery.services.patients.raw_lines import RawLine, RawLines, UnusableFile

LARGEST_WORKBOOK = 4 * 1024 * 1024
"""Bytes of the file."""
LARGEST_UNPACKED = 32 * 1024 * 1024
"""Bytes of all that is packed in it."""
MOST_PARTS = 500
MOST_LINES = 20_000
"""Of a sheet, empty ones too: each is looked at."""
MOST_CELLS = 200
"""Of a line. What is still empty that far out is nobody's."""
_FORMULA_PARTS = (b"<f>", b"<f ")
AS_XLSX = "save it in Excel as .xlsx, or as CSV UTF-8."
BROKEN = f"This workbook is broken or no workbook: open it and {AS_XLSX}"


def looks_like_one(data: bytes) -> bool:
    """Whether these bytes are packed, as a workbook is."""
    return data.startswith(b"PK")


def read_workbook(data: bytes) -> RawLines:
    """The lines of the first sheet that has some, with what its formulas came to. Raises UnusableFile."""
    has_formulas = _check_parts(data)
    with warnings.catch_warnings():
        # Of what openpyxl warns of, as colours and lists of choices, nothing is read.
        warnings.simplefilter("ignore")
        try:
            sheets = dict(_sheets(data, values=True))
            formulas = dict(_sheets(data, values=False)) if has_formulas else {}
        except UnusableFile:
            raise
        except Exception as error:
            # What is packed may be anything, and openpyxl then fails in any way.
            raise UnusableFile(BROKEN) from error
    filled = [name for name, lines in sheets.items() if lines]
    if not filled:
        raise UnusableFile("No sheet of this workbook has anything in it.")
    name = filled[0]
    lines = sheets[name]
    _put_back_formulas(lines, formulas.get(name, {}))
    others = len(filled) - 1
    notices = (
        [f"Only the sheet “{name[:40]}” was read; {others} more have something in them."] if others else []
    )
    return RawLines(
        lines=[RawLine(line=number, cells=cells) for number, cells in lines.items()], notices=notices
    )


def _check_parts(data: bytes) -> bool:
    """Whether some sheet has a formula. Raises UnusableFile for what is no workbook or too much."""
    if len(data) > LARGEST_WORKBOOK:
        raise UnusableFile(
            f"The workbook is larger than {LARGEST_WORKBOOK // 1024 // 1024} MB: "
            "copy the patients into a new one."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            names = {part.filename for part in parts}
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED:
                raise UnusableFile(
                    "There is far more in this workbook than patients: copy them into a new one."
                )
            if "xl/workbook.xml" not in names:
                raise UnusableFile(f"This is no workbook of Excel: open it and {AS_XLSX}")
            sheets = [name for name in names if name.startswith("xl/worksheets/") and name.endswith(".xml")]
            # No more is unpacked than the list of parts says, whatever is packed.
            return any(mark in packed.read(name) for name in sheets for mark in _FORMULA_PARTS)
    except UnusableFile:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        # Whatever zipfile raises of an archive that it cannot unpack.
        raise UnusableFile(BROKEN) from error


def _sheets(data: bytes, *, values: bool) -> Iterator[tuple[str, dict[int, list[str]]]]:
    """Each sheet that is not hidden with its lines by number, without empty ones."""
    # Loaded when it is needed: it loads numpy too, where that is installed.
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=values, keep_links=False)
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                # Not every program writes truly how large a sheet is.
                sheet.reset_dimensions()
                yield sheet.title, _lines(sheet)
    finally:
        book.close()


def _lines(sheet: Any) -> dict[int, list[str]]:
    lines: dict[int, list[str]] = {}
    rows = itertools.islice(sheet.iter_rows(values_only=True), MOST_LINES + 1)
    for number, row in enumerate(rows, start=1):
        if number > MOST_LINES:
            raise UnusableFile(
                f"A sheet goes on after line {MOST_LINES}: copy the patients into a new workbook."
            )
        cells = [_text(value) for value in itertools.islice(row, MOST_CELLS)]
        if any(cell.strip() for cell in cells):
            lines[number] = cells
    return lines


def _put_back_formulas(lines: dict[int, list[str]], formulas: dict[int, list[str]]) -> None:
    """Where a formula was never worked out it stands itself, so that the cell is not taken for empty."""
    for number, written in formulas.items():
        cells = lines.setdefault(number, [])
        cells += [""] * (len(written) - len(cells))
        for place, text in enumerate(written):
            if text.startswith("=") and not cells[place]:
                cells[place] = text


def _text(value: object) -> str:
    """A cell as one would type it: numbers whole where they are, days without a time."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
