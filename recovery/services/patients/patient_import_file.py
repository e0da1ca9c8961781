"""Understanding an import's table row by row, cell by cell: who can be enrolled, and for each other row where
and why not."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar

from recovery.domain.clinic import opening_hours, places
from recovery.domain.core import clean_text
from recovery.domain.core.language import Language
from recovery.domain.patients import birth_year, import_columns, person_name, spreadsheet_cells
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.patients.spreadsheet_cells import DateOrder, UnreadableCell
from recovery.models.clinic.clinics import Clinic
from recovery.services.core import phone_numbers
from recovery.services.patients.enrolment import GivenConsent, NewPatient
from recovery.services.patients.import_table import ImportTable, TableLine

MOST_ROWS = 500
MOST_PINS = 40
"""Each is hashed slowly on purpose."""
ASK_ORDER = "Dates like 03/04/2026 can be read in two ways: choose whether the day or the month comes first."
_LONGEST = {
    "phone": 32,
    "first_name": person_name.LONGEST,
    "last_name": person_name.LONGEST,
    **{f"{kind.value}_wording": 2000 for kind in ConsentKind},
}
_LONGEST_CELL = 100
_FORMULA = ("=", "+", "-", "@")
_WORDING = "_wording"
_NAMES = ("first_name", "last_name")
_NOON = time(12)
_SKIN_TYPES = {name: number for number, name in enumerate(("I", "II", "III", "IV", "V", "VI"), start=1)}
Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class ImportProblem:
    """Why a place of the file cannot be used. `line` counts from 1; without a column the whole line is meant,
    and with line 1 the whole file may be.

    `text` never repeats what stands there.
    """

    line: int
    column: str | None
    text: str


@dataclass(frozen=True, kw_only=True)
class ImportRow:
    """One patient to be enrolled, and the line on which they stand."""

    line: int
    new: NewPatient


@dataclass(frozen=True, kw_only=True)
class ImportFile:
    """The rows that can be used and what is wrong with the others, both in the order of the file.

    `unusable` says why none of it can be used.
    """

    rows: Sequence[ImportRow]
    problems: Sequence[ImportProblem]
    unusable: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ImportChoices:
    """What each column means, by its place, None for one that is left out; which part of a date comes first,
    where somebody was asked; and whether everybody in the file is made up, for practice.
    """

    columns: Sequence[str | None]
    date_order: DateOrder | None
    training: bool = False


def asks_order(table: ImportTable, choices: ImportChoices) -> bool:
    """Whether some date reads in two ways and no other one proves which is meant."""
    cells = _date_cells(table, choices)
    return spreadsheet_cells.known_order(cells) is None and any(map(spreadsheet_cells.is_ambiguous, cells))


def parse_table(table: ImportTable, *, choices: ImportChoices, clinic: Clinic, now: datetime) -> ImportFile:
    """Every row, understood.

    A number without a country code is one of the clinic's country. A consent is its date and the words that
    were agreed to; one without the other is wrong.
    """
    if (fault := import_columns.find_fault(choices.columns)) is not None:
        return ImportFile(rows=[], problems=[], unusable=[fault])
    if choices.date_order is None and asks_order(table, choices):
        return ImportFile(rows=[], problems=[], unusable=[ASK_ORDER])
    if len(table.lines) > MOST_ROWS:
        return ImportFile(rows=[], problems=[], unusable=[f"At most {MOST_ROWS} patients a file: split it."])
    order = choices.date_order or spreadsheet_cells.known_order(_date_cells(table, choices))
    rows, problems = [], []
    for line in table.lines:
        read_row = _Row(
            line, columns=choices.columns, order=order, training=choices.training, clinic=clinic, now=now
        )
        new = read_row.patient()
        problems += read_row.problems
        if new is not None:
            rows.append(ImportRow(line=line.line, new=new))
    if sum(row.new.pin is not None for row in rows) > MOST_PINS:
        return ImportFile(rows=[], problems=[], unusable=[f"At most {MOST_PINS} PINs a file: split it."])
    return ImportFile(rows=rows, problems=problems)


def _date_cells(table: ImportTable, choices: ImportChoices) -> list[str]:
    places_of_dates = [place for place, name in enumerate(choices.columns) if name in import_columns.DATES]
    return [line.cells[place] for place in places_of_dates for line in table.lines]


class _WrongCell(ValueError):
    """What stands in a cell cannot be used."""


class _Row:
    """One line, read cell by cell; what is wrong is collected."""

    def __init__(
        self,
        line: TableLine,
        *,
        columns: Sequence[str | None],
        order: DateOrder | None,
        training: bool,
        clinic: Clinic,
        now: datetime,
    ) -> None:
        self._line, self._order, self._clinic, self._now = line.line, order, clinic, now
        self._training = training
        self.problems: list[ImportProblem] = []
        self._cells: Mapping[str, str] = {
            name: unicodedata.normalize("NFC", cell).strip()
            for name, cell in zip(columns, line.cells, strict=True)
            if name is not None
        }

    def patient(self) -> NewPatient | None:
        """Who is to be enrolled; None where something is wrong."""
        first_name = self._read("first_name", _named("The first name"))
        last_name = self._optional("last_name", _named("The last name"))
        phone = self._read("phone", self._phone)
        born = self._read("year_of_birth", self._year)
        language = self._optional("language", _one_of(Language))
        answers_by = self._optional("answers_by", _one_of(AnswersBy))
        zone = self._optional("time_zone", self._zone)
        skin_type = self._optional("skin_type", _skin_type)
        pin = self._optional("pin", _pin)
        consents = [consent for kind in ConsentKind if (consent := self._consent(kind)) is not None]
        if self.problems or not (first_name and phone and born):
            return None
        return NewPatient(
            first_name=first_name,
            last_name=last_name or "",
            phone=phone,
            year_of_birth=born,
            pin=pin,
            language=language or Language.ENGLISH,
            time_zone=zone,
            skin_type=skin_type,
            answers_by=answers_by or AnswersBy.LINK,
            consents=consents,
            training=self._training,
        )

    def _read(self, name: str, understand: Callable[[str], Value]) -> Value | None:
        """What stands in a cell that has to be filled."""
        if not self._cells.get(name):
            self._wrong(name, "Nothing stands here.")
            return None
        return self._optional(name, understand)

    def _optional(self, name: str, understand: Callable[[str], Value]) -> Value | None:
        text = self._cells.get(name, "")
        if not text:
            return None
        longest = _LONGEST.get(name, _LONGEST_CELL)
        try:
            spreadsheet_cells.require_readable(text)
            # What is wrong with a name is said of that name.
            unclean = name not in _NAMES and not clean_text.is_clean(text, lines=name.endswith(_WORDING))
            if unclean or len(text) > longest:
                raise _WrongCell(f"At most {longest} characters, and none that cannot be seen.")
            return understand(text)
        except (_WrongCell, UnreadableCell) as error:
            self._wrong(name, str(error))
            return None

    def _consent(self, kind: ConsentKind) -> GivenConsent | None:
        on_name, words_name = f"{kind.value}_on", f"{kind.value}_wording"
        on, words = self._optional(on_name, self._day), self._optional(words_name, _plain)
        if bool(self._cells.get(on_name)) != bool(self._cells.get(words_name)):
            lacking = words_name if self._cells.get(on_name) else on_name
            self._wrong(lacking, "A consent is kept with its date and its words: one is missing.")
        if on is None or words is None:
            return None
        noon = opening_hours.local_to_utc(on, at=_NOON, zone=opening_hours.zone_named(self._clinic.time_zone))
        return GivenConsent(kind=kind, wording=words, given_at=min(noon, self._now))

    def _phone(self, text: str) -> str:
        digits = spreadsheet_cells.digits_of(text)
        try:
            return phone_numbers.to_e164(digits, like=self._clinic.phone)
        except phone_numbers.NotAPhoneNumber as error:
            raise _WrongCell(str(error)) from None

    def _year(self, text: str) -> int:
        born = spreadsheet_cells.date_in(text, order=self._order)
        year = spreadsheet_cells.digits_of(text) if born is None else str(born.year)
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            raise _WrongCell(birth_year.told(self._now))
        if int(year) not in birth_year.plausible_years(self._now):
            raise _WrongCell(birth_year.told(self._now))
        return int(year)

    def _day(self, text: str) -> date:
        day = spreadsheet_cells.date_in(text, order=self._order)
        today = self._now.astimezone(opening_hours.zone_named(self._clinic.time_zone)).date()
        if day is None or not date(2000, 1, 1) <= day <= today:
            raise _WrongCell("A date like 2026-01-31, not in the future.")
        return day

    def _zone(self, text: str) -> str:
        try:
            return places.zone_of_place(text.replace(" ", "_"), kept=[self._clinic.time_zone]).key
        except opening_hours.HoursError:
            raise _WrongCell("The time zone of a place, like America/Chicago.") from None

    def _wrong(self, column: str | None, text: str) -> None:
        self.problems.append(ImportProblem(line=self._line, column=column, text=text))


def _named(called: str) -> Callable[[str], str]:
    def understand(text: str) -> str:
        name = person_name.tidy(_plain(text))
        if (fault := person_name.find_fault(name, called=called)) is not None:
            raise _WrongCell(fault)
        return name

    return understand


def _plain(text: str) -> str:
    if text.startswith(_FORMULA):
        raise _WrongCell("It begins like a formula of a spreadsheet.")
    return text


def _one_of(kind: type[Word]) -> Callable[[str], Word]:
    def understand(text: str) -> Word:
        try:
            return kind(text.lower())
        except ValueError:
            raise _WrongCell(f"One of {', '.join(kind)}.") from None

    return understand


def _skin_type(text: str) -> int:
    digits = spreadsheet_cells.digits_of(text)
    number = _SKIN_TYPES.get(text.upper(), int(digits) if digits in "123456" and len(digits) == 1 else None)
    if number is None:
        raise _WrongCell("A skin type from 1 to 6, or I to VI.")
    return number


def _pin(text: str) -> str:
    digits = spreadsheet_cells.digits_of(text)
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 8):
        raise _WrongCell("Four to eight digits. Excel takes zeros from the beginning: make its format Text.")
    return digits
