"""What spreadsheets make of what was typed, and back."""

from __future__ import annotations

from datetime import date

import pytest

from recovery.domain.patients import spreadsheet_cells
from recovery.domain.patients.spreadsheet_cells import DateOrder, UnreadableCell


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ('="2025550142"', "2025550142"),
        ("'2025550142", "2025550142"),
        ("'+12025550142", "+12025550142"),
        ("'t Hooft", "'t Hooft"),
        ("\u00a0Ada \u00a0", "Ada"),
        ("=A2&B2", "=A2&B2"),
        ("", ""),
    ],
)
def test_marks_of_text_are_taken_off(cell: str, meant: str) -> None:
    assert spreadsheet_cells.unwrap(cell) == meant


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("########", spreadsheet_cells.TOO_NARROW),
        ("#N/A", spreadsheet_cells.NOT_WORKED_OUT),
        ("=A2&B2", spreadsheet_cells.A_FORMULA),
    ],
)
def test_what_only_the_program_shows_is_refused(cell: str, told: str) -> None:
    with pytest.raises(UnreadableCell) as refused:
        spreadsheet_cells.require_readable(cell)
    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("2025550142.0", "2025550142"),
        ("2025550142,00", "2025550142"),
        ("1.2025550142E+10", "12025550142"),
        ("1,2025550142e10", "12025550142"),
        ("+12025550142", "+12025550142"),
        ("0412", "0412"),
        ("202.555.0142", "202.555.0142"),
    ],
)
def test_a_number_is_read_past_what_excel_adds(cell: str, digits: str) -> None:
    assert spreadsheet_cells.digits_of(cell) == digits


@pytest.mark.parametrize("cell", ["1.2025E+10", "1,2025E+10", "2.02556E+09", "1E+10"])
def test_a_number_that_excel_shortened_is_refused(cell: str) -> None:
    with pytest.raises(UnreadableCell, match="Excel shortened this number"):
        spreadsheet_cells.digits_of(cell)


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("1985-03-04", None, date(1985, 3, 4)),
        ("1985-03-04 00:00:00", None, date(1985, 3, 4)),
        ("1985/3/4", None, date(1985, 3, 4)),
        ("03/04/1985", DateOrder.DAY_FIRST, date(1985, 4, 3)),
        ("03/04/1985", DateOrder.MONTH_FIRST, date(1985, 3, 4)),
        ("31/12/1985", DateOrder.MONTH_FIRST, date(1985, 12, 31)),
        ("12/31/1985", DateOrder.DAY_FIRST, date(1985, 12, 31)),
        ("3.4.1985", DateOrder.MONTH_FIRST, date(1985, 4, 3)),
        ("3 March 1985", None, date(1985, 3, 3)),
        ("Mar 3, 1985", None, date(1985, 3, 3)),
        ("03-Mar-1985", None, date(1985, 3, 3)),
        ("March 3rd, 1985", None, date(1985, 3, 3)),
        ("31/02/1985", None, None),
        ("03/04/85", None, None),
        ("3 Foo 1985", None, None),
        ("1985", None, None),
        ("0000-01-01", None, None),
    ],
)
def test_a_date_is_read_as_it_is_written(cell: str, order: DateOrder | None, day: date | None) -> None:
    assert spreadsheet_cells.date_in(cell, order=order) == day


def test_the_order_of_dates_is_known_by_one_that_proves_it() -> None:
    assert spreadsheet_cells.known_order(["03/04/1985", "31/12/1985"]) is DateOrder.DAY_FIRST
    assert spreadsheet_cells.known_order(["12/31/1985", "", "x"]) is DateOrder.MONTH_FIRST
    assert spreadsheet_cells.known_order(["31/12/1985", "12/31/1985"]) is None
    assert spreadsheet_cells.known_order(["03/04/1985", "31.12.1985"]) is None


def test_a_date_is_ambiguous_where_both_ways_are_dates_that_differ() -> None:
    assert spreadsheet_cells.is_ambiguous("03/04/1985")
    for cell in ("04/04/1985", "31/12/1985", "3.4.1985", "1985-03-04", "1985", ""):
        assert not spreadsheet_cells.is_ambiguous(cell), cell
