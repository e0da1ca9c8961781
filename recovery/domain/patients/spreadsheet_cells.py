"""What was meant by one cell of a spreadsheet, past what the program made of it: marks, formulas, dates in
either order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

SHORTENED = "Excel shortened this number: make the column wider or its format Text, and type it anew."
TOO_NARROW = "Excel shows #### where a column is too narrow: make it wider and save the file again."
NOT_WORKED_OUT = "Excel could not work this cell out: write what should stand here."
A_FORMULA = "A formula stands here: copy the cell and paste its value only."
_ERRORS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_NARROW = re.compile(r"#{2,}")
_MARKED_AS_TEXT = re.compile(r"'(?=[\d+=@-])")
_POINT_ZERO = re.compile(r"([+-]?\d+)[.,]0+")
_EXPONENT = re.compile(r"\d+([.,]\d+)?E\+?\d{1,2}", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_NAMED_MONTH = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[a-z]{3,9})\.?|"
    r"(?P<month_first>[a-z]{3,9})\.? (?P<day_last>\d{1,2})(?:st|nd|rd|th)?),?[ -](?P<year>\d{4})",
    re.IGNORECASE,
)
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00(\.0+)?)?")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


class DateOrder(StrEnum):
    """Which part of a date like 03/04/2026 comes first."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class UnreadableCell(ValueError):
    """What stands in a cell cannot be used; the message says what to do."""


def unwrap(text: str) -> str:
    """What was meant by a cell: without the ways in which spreadsheets mark text as text."""
    text = text.replace("\u00a0", " ").strip()
    if (formula := _TEXT_FORMULA.fullmatch(text)) is not None:
        text = formula[1].strip()
    return _MARKED_AS_TEXT.sub("", text, count=1) if text.startswith("'") else text


def require_readable(text: str) -> str:
    """The text. Raises UnreadableCell where a spreadsheet program shows something else than was typed."""
    if _NARROW.fullmatch(text):
        raise UnreadableCell(TOO_NARROW)
    if text in _ERRORS:
        raise UnreadableCell(NOT_WORKED_OUT)
    if text.startswith("="):
        raise UnreadableCell(A_FORMULA)
    return text


def digits_of(text: str) -> str:
    """A number that is a name, like a phone number, without what Excel adds. Raises UnreadableCell."""
    if (whole := _POINT_ZERO.fullmatch(text)) is not None:
        return whole[1]
    if _EXPONENT.fullmatch(text) is None:
        return text
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise UnreadableCell(SHORTENED) from None
    exponent = number.as_tuple().exponent
    # Trailing zeros that nobody wrote are digits that were cut off.
    if not isinstance(exponent, int) or exponent != 0:
        raise UnreadableCell(SHORTENED)
    return f"{number:f}"


def date_in(text: str, *, order: DateOrder | None) -> date | None:
    """The date that stands here, None for none. A point between its parts means that the day comes first."""
    text = _MIDNIGHT.sub("", text)
    if (parts := _YEAR_FIRST.fullmatch(text)) is not None:
        return _date(parts[1], parts[3], parts[4])
    if (parts := _YEAR_LAST.fullmatch(text)) is not None:
        day_first = parts[2] == "." or (_proven(parts[1], parts[3]) or order) is DateOrder.DAY_FIRST
        day, month = (parts[1], parts[3]) if day_first else (parts[3], parts[1])
        return _date(parts[4], month, day)
    if (parts := _NAMED_MONTH.fullmatch(text)) is not None:
        name = (parts["month"] or parts["month_first"]).lower()
        month_number = next((at for at, full in enumerate(_MONTHS, start=1) if full.startswith(name)), 0)
        return _date(parts["year"], month_number, parts["day"] or parts["day_last"])
    return None


def known_order(cells: Iterable[str]) -> DateOrder | None:
    """The order that some date of these proves for all; None where none does, or where two contradict."""
    proven = {
        order
        for text in cells
        if (parts := _YEAR_LAST.fullmatch(_MIDNIGHT.sub("", text))) is not None and parts[2] != "."
        if (order := _proven(parts[1], parts[3])) is not None
    }
    return proven.pop() if len(proven) == 1 else None


def is_ambiguous(text: str) -> bool:
    """Whether a date reads differently with the day or the month first."""
    parts = _YEAR_LAST.fullmatch(_MIDNIGHT.sub("", text))
    if parts is None or parts[2] == "." or _proven(parts[1], parts[3]) is not None:
        return False
    return int(parts[1]) != int(parts[3])


def _proven(first: str, second: str) -> DateOrder | None:
    if int(first) > 12 >= int(second):
        return DateOrder.DAY_FIRST
    return DateOrder.MONTH_FIRST if int(second) > 12 >= int(first) else None


def _date(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
