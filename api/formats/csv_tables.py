"""Rows as a CSV file for spreadsheet programs, in which nothing that somebody wrote can act as a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

from flask import Response

Cell = str | int | float | None

_STARTS_A_FORMULA = frozenset("=+-@\t\r\n|%＝＋－＠")


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows as CSV, every cell quoted, in UTF-8 with the mark that spreadsheets look for."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        [cell(value) for value in row] for row in rows
    )
    return written.getvalue().encode("utf-8-sig")


def cell(value: Cell) -> str:
    """One cell: numbers as they are; text without control characters, and with a quote before a formula."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    plain = "".join(
        character
        for character in value
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    return f"'{plain}" if plain.lstrip()[:1] in _STARTS_A_FORMULA and plain.strip() else plain


def download(rows: Iterable[Sequence[Cell]], *, name: str) -> Response:
    """The table as a file of this name."""
    response = Response(csv_bytes(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
