"""Text as spreadsheets write it (CSV): its alphabet and what stands between the cells found out, its lines
read."""

from __future__ import annotations

import codecs
import csv
import io
import re

from recovery.domain.patients import import_columns
from recovery.services.patients.raw_lines import RawLine, RawLines, UnusableFile

DELIMITERS = ",;\t|"
LARGEST_TEXT = 1024 * 1024
"""Bytes."""
OLD_WINDOWS = "The file is in the older alphabet of Windows: look at the letters with accents below."
_SEPARATOR = re.compile(r'"?sep=(?P<between>[^"\r\n])"?[;,\t]*(?:\r\n|\r|\n)', re.IGNORECASE)
_LOOKED_AT = 4096
_NOT_TEXT = {
    b"%PDF": "This is a PDF: save the list as .xlsx or as CSV.",
    b"{\\rtf": "This is a document, no list: save the list as .xlsx or as CSV.",
    b"\xff\xd8\xff": "This is a picture: save the list as .xlsx or as CSV.",
    b"\x89PNG": "This is a picture: save the list as .xlsx or as CSV.",
    b"\xd0\xcf\x11\xe0": (
        "This is a workbook of an older Excel, or one with a password: open it in Excel and save it as "
        ".xlsx, without a password."
    ),
}


def read_text(data: bytes) -> RawLines:
    """The lines of a text with commas, semicolons, tabs or bars between its cells. Raises UnusableFile."""
    if len(data) > LARGEST_TEXT:
        raise UnusableFile(f"The file is larger than {LARGEST_TEXT // 1024} kB: split it.")
    for beginning, told in _NOT_TEXT.items():
        if data.startswith(beginning):
            raise UnusableFile(told)
    text, notices = _decoded(data)
    if text.lstrip()[:100].lower().startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise UnusableFile(
            "This is a web page that calls itself a list: open it in Excel and save it as .xlsx."
        )
    said = _SEPARATOR.match(text)
    between = said["between"] if said is not None else _delimiter(text)
    lines = _lines(text, between)
    return RawLines(lines=lines[1:] if said is not None else lines, notices=notices)


def _decoded(data: bytes) -> tuple[str, list[str]]:
    try:
        if (encoding := _marked(data) or _without_a_mark(data)) is not None:
            return data.decode(encoding).removeprefix("\ufeff"), []
        try:
            return data.decode("utf-8"), []
        except UnicodeDecodeError:
            return data.decode("cp1252"), [OLD_WINDOWS]
    except UnicodeDecodeError:
        raise UnusableFile(
            "The letters of this file cannot be read: save it as CSV UTF-8 or as .xlsx."
        ) from None


def _marked(data: bytes) -> str | None:
    """The alphabet that a mark at the beginning names."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8"
    return "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None


def _without_a_mark(data: bytes) -> str | None:
    """UTF-16 by its empty halves: nearly every second byte of a list is one."""
    looked_at = data[:_LOOKED_AT]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        halves = looked_at[first::2]
        if len(halves) > 1 and halves.count(0) > len(halves) * 0.7:
            return encoding
    return None


def _delimiter(text: str) -> str:
    """What makes the most headings of ours, else the most cells, in the first lines."""
    head = text[:_LOOKED_AT].splitlines()[:10]

    def worth(between: str) -> tuple[int, int]:
        rows = list(csv.reader(head, delimiter=between))
        known = max((import_columns.count_known(row) for row in rows), default=0)
        return known, max((len(row) for row in rows), default=0)

    return max(DELIMITERS, key=worth)


def _lines(text: str, between: str) -> list[RawLine]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    lines: list[RawLine] = []
    began = 1
    try:
        for cells in reader:
            if not lines or any(cell.strip() for cell in cells):
                lines.append(RawLine(line=began, cells=cells))
            began = reader.line_num + 1
    except csv.Error:
        raise UnusableFile(
            "A quotation mark is opened and not closed, or closed too early.", line=began
        ) from None
    return lines
