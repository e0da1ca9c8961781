"""Reading a form's fields (`Form`): numbers, dates, names, choices that can be used, and for each field that
cannot, why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

import marshmallow as ma

from api.formats import request_bodies
from recovery.domain.clinic import opening_hours, places
from recovery.domain.patients import birth_year, person_name

Word = TypeVar("Word", bound=StrEnum)


class Form:
    """A form as it was sent. `wrong` says by field what has to be put right; empty when all was usable.

    A getter whose field is wrong gives None, which nobody looks at while `wrong` says something.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = dict(given.items())
        self.wrong: dict[str, str] = {}

    def raw(self, name: str) -> str:
        """What was typed, trimmed."""
        return self._given.get(name, "").strip()

    def entries(self) -> dict[str, str]:
        """All that was typed, untrimmed."""
        return dict(self._given)

    def put(self, name: str, value: str) -> None:
        """Another value in the place of what was typed."""
        self._given[name] = value

    def words(
        self, name: str, *, longest: int, missing: str | None = None, lines: bool = False
    ) -> str | None:
        """Text without control characters; where nothing stands None, and wrong if `missing` is given."""
        text = self.raw(name).replace("\r\n", "\n")
        if not text:
            if missing is not None:
                self.wrong[name] = missing
            return None
        try:
            kept: str = request_bodies.PlainText(longest=longest, lines=lines).deserialize(text)
        except ma.ValidationError:
            self.wrong[name] = f"At most {longest} characters, and none that cannot be seen."
            return None
        return kept

    def person_name(self, name: str, *, called: str, missing: str | None = None) -> str | None:
        """A name as people have it; where nothing stands None, and wrong if `missing` is given."""
        text = person_name.tidy(self.raw(name))
        if not text:
            if missing is not None:
                self.wrong[name] = missing
            return None
        if (fault := person_name.find_fault(text, called=called)) is not None:
            self.wrong[name] = fault
            return None
        return text

    def year_of_birth(self, name: str, *, now: datetime) -> int | None:
        """A year in which somebody who is treated now can have been born; it has to be filled."""
        years = birth_year.plausible_years(now)
        return self.whole(name, least=years[0], most=years[-1], missing=birth_year.told(now))

    def one_of(self, name: str, kind: type[Word], *, missing: str | None = None) -> Word | None:
        """A word of a list, None where nothing was chosen; wrong with `missing` where something has to be."""
        text = self.raw(name)
        try:
            return kind(text)
        except ValueError:
            if text or missing is not None:
                self.wrong[name] = missing or "Choose one of the list."
            return None

    def whole(self, name: str, *, least: int, most: int, missing: str | None = None) -> int | None:
        """A whole number within bounds, None where nothing stands."""
        text = self.raw(name)
        if not text and missing is None:
            return None
        if text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most:
            return int(text)
        self.wrong[name] = missing or f"A whole number from {least} to {most}."
        return None

    def millimetres(self, name: str, *, most: int) -> Decimal | None:
        """A length with at most two decimals, with a point or a comma; None where nothing stands."""
        text = self.raw(name).replace(",", ".")
        if not text:
            return None
        try:
            length = Decimal(text)
            if not (0 < length <= most) or length != round(length, 2):
                raise InvalidOperation
        except InvalidOperation:
            self.wrong[name] = f"Millimetres above 0 and up to {most}, like 1.5."
            return None
        return length

    def pin(self, name: str) -> str | None:
        """Four to eight digits, None where nothing stands."""
        text = self.raw(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and 4 <= len(text) <= 8):
            self.wrong[name] = "Four to eight digits."
            return None
        return text

    def day(self, name: str) -> date | None:
        """A date, None where nothing stands."""
        text = self.raw(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.wrong[name] = "A date like 2026-12-24."
            return None

    def moment(self, name: str, *, zone: ZoneInfo, missing: str) -> datetime | None:
        """A time of the clinic's wall. One that the change of clocks skips is moved past the gap."""
        try:
            local = datetime.fromisoformat(self.raw(name))
            if local.tzinfo is not None or not 2000 <= local.year <= 2200:
                raise ValueError
        except ValueError:
            self.wrong[name] = missing
            return None
        return opening_hours.local_to_utc(local.date(), at=local.time(), zone=zone)

    def zone(self, name: str, *, kept: Collection[str] = ()) -> str | None:
        """The name of a place's time zone or of one that is kept already, None where nothing stands."""
        text = self.raw(name)
        try:
            return places.zone_of_place(text, kept=kept).key if text else None
        except opening_hours.HoursError:
            self.wrong[name] = "A time zone like America/Chicago."
            return None
