"""Tables to take along: no cell acts, and none breaks out."""

from __future__ import annotations

import csv
import io

import pytest

from api.formats import csv_tables


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        (" \t=1", "' \t=1"),
        ("\u202e=1", "'=1"),
        ("\x00=1", "'=1"),
        ("plain", "plain"),
        (-1.5, "-1.5"),
        (None, ""),
    ],
)
def test_no_cell_acts_as_a_formula(written: str | float | None, kept: str) -> None:
    assert csv_tables.cell(written) == kept


def test_what_somebody_wrote_stays_in_its_cell() -> None:
    rows: list[list[str | int | None]] = [["a", 'quote " and, comma', "two\nlines"], ["=1", 2, None]]
    read = list(csv.reader(io.StringIO(csv_tables.csv_bytes(rows).decode("utf-8-sig"), newline="")))
    assert read == [["a", 'quote " and, comma', "two\nlines"], ["'=1", "2", ""]]
