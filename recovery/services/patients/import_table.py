"""A file of patients as a table: which line has the headings, lines of cells with their numbers; carried by a
page as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recovery.domain.patients import import_columns, spreadsheet_cells
from recovery.services.patients import import_text, import_workbook
from recovery.services.patients.raw_lines import RawLine, RawLines, UnusableFile

LARGEST_TABLE = 400 * 1024
"""Bytes of what stands in all cells together, as it is carried from page to page."""
MOST_COLUMNS = 60
HEADINGS_WITHIN = 10
"""Lines: what stands above the headings is a title."""
NOBODY = "There are no patients in the file."


@dataclass(frozen=True, kw_only=True)
class TableLine:
    """One line under the headings; `cells` has one for each heading."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ImportTable:
    """Headings, the lines below them, and what somebody who looks at them should know."""

    headings: Sequence[str]
    lines: Sequence[TableLine]
    notices: Sequence[str]

    def column(self, place: int) -> list[str]:
        """What stands in one column."""
        return [line.cells[place] for line in self.lines]


def read_table(data: bytes) -> ImportTable:
    """The table in a workbook (.xlsx) or in text as spreadsheets write it. Raises UnusableFile."""
    read = import_workbook.read_workbook if import_workbook.looks_like_one(data) else import_text.read_text
    return _table(read(data))


def dump(table: ImportTable) -> str:
    """The table as text, to be carried by a page; `load` reads it."""
    lines = [[line.line, line.cells] for line in table.lines]
    carried = {"headings": table.headings, "lines": lines, "notices": table.notices}
    return json.dumps(carried, ensure_ascii=False)


def load(text: str) -> ImportTable:
    """The table that a page carried. Raises UnusableFile for what `dump` did not write."""
    try:
        carried: Any = json.loads(text)
        table = ImportTable(
            headings=[_text(heading) for heading in carried["headings"]],
            lines=[
                TableLine(line=int(line), cells=[_text(cell) for cell in cells])
                for line, cells in carried["lines"]
            ],
            notices=[_text(notice) for notice in carried["notices"]],
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UnusableFile("Choose the file again.") from None
    if any(len(line.cells) != len(table.headings) for line in table.lines):
        raise UnusableFile("Choose the file again.")
    return table


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _table(raw: RawLines) -> ImportTable:
    lines = [
        RawLine(line=one.line, cells=[spreadsheet_cells.unwrap(cell) for cell in one.cells])
        for one in raw.lines
    ]
    lines = [one for one in lines if any(one.cells)]
    if not lines:
        raise UnusableFile(NOBODY)
    at = _heading_line(lines)
    below = lines[at + 1 :]
    width = max(_width(one.cells) for one in lines[at:])
    if width > MOST_COLUMNS:
        raise UnusableFile(f"There are more than {MOST_COLUMNS} columns: leave the others out.")
    if not below:
        raise UnusableFile(NOBODY, line=lines[at].line)
    table = ImportTable(
        headings=_padded(lines[at].cells, width),
        lines=[TableLine(line=one.line, cells=_padded(one.cells, width)) for one in below],
        notices=list(raw.notices),
    )
    if len(dump(table).encode("utf-8", "replace")) > LARGEST_TABLE:
        raise UnusableFile("There is more in the cells than can be taken in at once: split the file.")
    return table


def _heading_line(lines: Sequence[RawLine]) -> int:
    """Where the headings stand: the line that has most of ours, near the top; else the first."""
    known = [import_columns.count_known(one.cells) for one in lines[:HEADINGS_WITHIN]]
    return known.index(max(known))


def _width(cells: Sequence[str]) -> int:
    """How many cells there are, without empty ones at the end."""
    return max((place for place, cell in enumerate(cells, start=1) if cell), default=0)


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]
