"""Reading a file of patients: every row that can be used, and for each that cannot, where and why."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar

from recovery.domain.clinic import opening_hours
from recovery.domain.core import clean_text
from recovery.domain.core.language import Language
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic
from recovery.services.core import phone_numbers
from recovery.services.patients.enrolment import GivenConsent, NewPatient

LARGEST_FILE = 256 * 1024
"""Bytes."""
MOST_ROWS = 500
MOST_PINS = 40
"""Each is hashed slowly on purpose."""
REQUIRED = ("first_name", "last_name", "phone", "year_of_birth")
OPTIONAL = ("language", "answers_by", "time_zone", "skin_type", "pin")
CONSENTS = tuple(f"{kind.value}_{part}" for kind in ConsentKind for part in ("on", "wording"))
COLUMNS = (*REQUIRED, *OPTIONAL, *CONSENTS)
_LONGEST = {
    "first_name": 100,
    "last_name": 100,
    "phone": 32,
    **{f"{kind.value}_wording": 2000 for kind in ConsentKind},
}
_LONGEST_CELL = 100
_FORMULA = ("=", "+", "-", "@")
_WORDING = "_wording"
_NOON = time(12)
_SKIN_TYPES = {name: number for number, name in enumerate(("I", "II", "III", "IV", "V", "VI"), start=1)}
Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class ImportProblem:
    """Why a place of the file cannot be used. `line` counts from 1; without a column the whole line is meant.

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
    """The rows that can be used and what is wrong with the others, both in the order of the file."""

    rows: Sequence[ImportRow]
    problems: Sequence[ImportProblem]


def parse_file(data: bytes, *, clinic: Clinic, now: datetime) -> ImportFile:
    """A CSV file in UTF-8 with a line of column names; comma, semicolon or tab between the cells.

    A number without a country code is one of the clinic's country. A consent is its date and the words that
    were agreed to; one without the other is wrong.
    """
    try:
        text = _text(data)
        lines = _lines(text)
        names = _names(lines[0]) if lines else []
    except _Unusable as error:
        return ImportFile(rows=[], problems=[ImportProblem(line=error.line, column=None, text=str(error))])
    if len(lines) < 2:
        return ImportFile(
            rows=[], problems=[ImportProblem(line=1, column=None, text="There are no patients in the file.")]
        )
    rows, problems = [], []
    for line, cells in lines[1:]:
        read_row = _Row(line=line, names=names, cells=cells, clinic=clinic, now=now)
        new = read_row.patient()
        problems += read_row.problems
        if new is not None:
            rows.append(ImportRow(line=line, new=new))
    if len(rows) > MOST_ROWS or len(lines) > MOST_ROWS + 1:
        problems.insert(
            0, ImportProblem(line=1, column=None, text=f"At most {MOST_ROWS} patients a file: split it.")
        )
    if sum(row.new.pin is not None for row in rows) > MOST_PINS:
        problems.insert(
            0, ImportProblem(line=1, column="pin", text=f"At most {MOST_PINS} PINs a file: split it.")
        )
    return ImportFile(rows=rows, problems=problems)


class _Unusable(ValueError):
    """The whole file cannot be read."""

    def __init__(self, text: str, *, line: int = 1) -> None:
        super().__init__(text)
        self.line = line


class _WrongCell(ValueError):
    """What stands in a cell cannot be used."""


def _text(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise _Unusable(f"The file is larger than {LARGEST_FILE // 1024} kB: split it.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Unusable("The file is not UTF-8 text: save it as CSV UTF-8.") from None


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Every line that is not empty with its number, the column names first."""
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    began = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((began, cells))
            began = reader.line_num + 1
    except csv.Error:
        raise _Unusable(
            "A quotation mark is opened and not closed, or closed too early.", line=began
        ) from None
    return lines


def _names(head: tuple[int, list[str]]) -> list[str]:
    line, cells = head
    names = ["_".join(cell.lower().split()) for cell in cells]
    if missing := [name for name in REQUIRED if name not in names]:
        raise _Unusable(f"The first line lacks the column {', '.join(missing)}.", line=line)
    if any(name not in COLUMNS for name in names):
        place = next(place for place, name in enumerate(names, start=1) if name not in COLUMNS)
        raise _Unusable(
            f"Column {place} has a name that is not known. Known are: {', '.join(COLUMNS)}.", line=line
        )
    if len(set(names)) != len(names):
        raise _Unusable("Two columns have the same name.", line=line)
    return names


class _Row:
    """One line, read cell by cell; what is wrong is collected."""

    def __init__(
        self, *, line: int, names: Sequence[str], cells: Sequence[str], clinic: Clinic, now: datetime
    ) -> None:
        self._line, self._clinic, self._now = line, clinic, now
        self.problems: list[ImportProblem] = []
        if len(cells) != len(names):
            self._wrong(None, f"There are {len(cells)} cells, the first line has {len(names)}.")
        self._cells: Mapping[str, str] = {
            name: unicodedata.normalize("NFC", cell).strip() for name, cell in zip(names, cells, strict=False)
        }

    def patient(self) -> NewPatient | None:
        """Who is to be enrolled; None where something is wrong."""
        if self.problems:
            return None
        first_name, last_name = self._read("first_name", _plain), self._read("last_name", _plain)
        phone = self._read("phone", self._phone)
        born = self._read("year_of_birth", self._year)
        language = self._optional("language", _one_of(Language))
        answers_by = self._optional("answers_by", _one_of(AnswersBy))
        zone = self._optional("time_zone", _zone)
        skin_type = self._optional("skin_type", _skin_type)
        pin = self._optional("pin", _pin)
        consents = [consent for kind in ConsentKind if (consent := self._consent(kind)) is not None]
        if self.problems or not (first_name and last_name and phone and born):
            return None
        return NewPatient(
            first_name=first_name,
            last_name=last_name,
            phone=phone,
            year_of_birth=born,
            pin=pin,
            language=language or Language.ENGLISH,
            time_zone=zone,
            skin_type=skin_type,
            answers_by=answers_by or AnswersBy.LINK,
            consents=consents,
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
            if len(text) > longest or not clean_text.is_clean(text, lines=name.endswith(_WORDING)):
                raise _WrongCell(f"At most {longest} characters, and none that cannot be seen.")
            return understand(text)
        except _WrongCell as error:
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
        try:
            return phone_numbers.to_e164(text, like=self._clinic.phone)
        except phone_numbers.NotAPhoneNumber:
            raise _WrongCell("Not a phone number. One from another country begins with +.") from None

    def _year(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) == 4 and 1900 <= int(text) <= self._now.year):
            raise _WrongCell(f"A year from 1900 to {self._now.year}.")
        return int(text)

    def _day(self, text: str) -> date:
        try:
            day = date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            day = None
        today = self._now.astimezone(opening_hours.zone_named(self._clinic.time_zone)).date()
        if day is None or not date(2000, 1, 1) <= day <= today:
            raise _WrongCell("A date like 2026-01-31, not in the future.")
        return day

    def _wrong(self, column: str | None, text: str) -> None:
        self.problems.append(ImportProblem(line=self._line, column=column, text=text))


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


def _zone(text: str) -> str:
    try:
        return opening_hours.zone_named(text).key
    except opening_hours.HoursError:
        raise _WrongCell("A time zone like America/Chicago.") from None


def _skin_type(text: str) -> int:
    number = _SKIN_TYPES.get(text.upper(), int(text) if text in "123456" and len(text) == 1 else None)
    if number is None:
        raise _WrongCell("A skin type from 1 to 6, or I to VI.")
    return number


def _pin(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 4 <= len(text) <= 8):
        raise _WrongCell("Four to eight digits.")
    return text
