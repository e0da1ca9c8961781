"""Strict request bodies: the parser, and field types (integer, text, name, time, zone) that coerce nothing;
faults as JSON pointers."""

from __future__ import annotations

import functools
import itertools
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn
from zoneinfo import available_timezones

import marshmallow as ma
import orjson
from flask import Request
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser

from api.errors import problems
from recovery.domain.clinic import places
from recovery.domain.core import clean_text
from recovery.domain.patients import person_name

MOST_ERRORS = 50
"""Places named in one answer: more help nobody, and the answer to a hostile body stays small."""

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


class StrictParser(FlaskParser):
    """Bodies are JSON objects sent as JSON; anything else is a clear error and never an empty row.

    A name that stands twice in one object is refused: which of two scores was meant is not ours to guess.
    A parameter nobody documented is refused too, so that a misspelt filter does not quietly show everything.
    """

    DEFAULT_VALIDATION_STATUS = 422
    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": ma.RAISE}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The parsed body. Raises WrongContentType, UnreadableBody, RepeatedName."""
        charset = req.mimetype_params.get("charset", "utf-8").lower()
        if req.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
            raise problems.WrongContentType
        raw = req.get_data(cache=False)
        try:
            parsed = orjson.loads(raw)
            json.loads(raw, object_pairs_hook=_no_name_twice)
        except (ValueError, RecursionError) as error:
            raise problems.UnreadableBody from error
        return parsed

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Say every place that is wrong."""
        location = error.messages if isinstance(error.messages, dict) else {}
        where = next(iter(location), "json")
        start = "#" if where == "json" else f"#/{where}"
        places = _pointers(start, location.get(where, error.messages))
        raise problems.InvalidBody(list(itertools.islice(places, MOST_ERRORS)))


class Blueprint(SmorestBlueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A blueprint whose bodies are read strictly."""

    ARGUMENTS_PARSER = StrictParser()


class Body(ma.Schema):
    """A body in which an unknown field is an error."""

    class Meta:
        """Marshmallow's own name for options."""

        unknown = ma.RAISE


class Score(ma.fields.Integer):
    """A whole number from 0 to 10, as a JSON integer and nothing else."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=ma.validate.Range(min=0, max=10), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ma.ValidationError("Not a whole number from 0 to 10.")
        return int(super()._deserialize(value, attr, data, **kwargs))


class StrictInteger(ma.fields.Integer):
    """A JSON integer within bounds."""

    def __init__(self, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=ma.validate.Range(min=minimum, max=maximum), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ma.ValidationError("Not a whole number.")
        return int(super()._deserialize(value, attr, data, **kwargs))


class StrictBoolean(ma.fields.Boolean):
    """A JSON true or false and nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ma.ValidationError("Not true or false.")
        return value


class PlainText(ma.fields.String):
    """Text without control characters, trimmed; line breaks only where they are asked for."""

    def __init__(self, *, longest: int, lines: bool = False, shortest: int = 1, **kwargs: Any) -> None:
        super().__init__(validate=ma.validate.Length(min=shortest, max=longest), **kwargs)
        self._lines = lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ma.ValidationError("Not a text.")
        text = unicodedata.normalize("NFC", value).strip()
        if not clean_text.is_clean(text, lines=self._lines):
            raise ma.ValidationError("Control characters are not allowed.")
        return str(super()._deserialize(text, attr, data, **kwargs))


class PersonName(ma.fields.String):
    """A name as people have it, tidied; `called` begins the sentence that says what is wrong with it."""

    def __init__(self, *, called: str, shortest: int = 1, **kwargs: Any) -> None:
        super().__init__(
            validate=ma.validate.Length(min=shortest, max=person_name.LONGEST),
            metadata={"minLength": shortest, "maxLength": person_name.LONGEST},
            **kwargs,
        )
        self._called, self._shortest = called, shortest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ma.ValidationError("Not a text.")
        name = person_name.tidy(value)
        if not name and not self._shortest:
            return name
        if not name:
            raise ma.ValidationError(f"{self._called} is missing.")
        if (fault := person_name.find_fault(name, called=self._called)) is not None:
            raise ma.ValidationError(fault)
        return name


class Digits(ma.fields.String):
    """So many ASCII digits and nothing else."""

    def __init__(self, *, shortest: int, longest: int, **kwargs: Any) -> None:
        metadata = {"pattern": f"^[0-9]{{{shortest},{longest}}}$"}
        super().__init__(metadata=metadata, **kwargs)
        self._form = re.compile(rf"[0-9]{{{shortest},{longest}}}")
        self._wanted = f"{shortest} to {longest} digits."

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or self._form.fullmatch(value) is None:
            raise ma.ValidationError(self._wanted)
        return value


class Millimetres(ma.fields.Decimal):
    """A JSON number above 0 with at most two decimals; what would have to be rounded is refused."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(places=2, metadata={"exclusiveMinimum": 0, "maximum": most}, **kwargs)
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if type(value) not in (int, float) or not 0 < value <= self._most:
            raise ma.ValidationError(f"Not a number above 0 and up to {self._most}.")
        read: Decimal = super()._deserialize(value, attr, data, **kwargs)
        if read != Decimal(str(value)):
            raise ma.ValidationError("At most two decimals.")
        return read


def no_repeats(items: list[Any]) -> None:
    """Nothing in a list stands twice. Raises ValidationError."""
    if len(set(items)) != len(items):
        raise ma.ValidationError("Something stands in it twice.")


class Factor(ma.fields.Float):
    """A JSON number from 0.5 to 2: how many times more than usual."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=ma.validate.Range(min=0.5, max=2), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if type(value) not in (int, float):
            raise ma.ValidationError("Not a number from 0.5 to 2.")
        return float(super()._deserialize(value, attr, data, **kwargs))


class StoredEnum(ma.fields.String):
    """One word of an enum, stored as its text."""

    def __init__(self, enum: type[StrEnum], **kwargs: Any) -> None:
        super().__init__(validate=ma.validate.OneOf([word.value for word in enum]), **kwargs)


class Timestamp(ma.fields.AwareDateTime):
    """An RFC 3339 time with its offset, as text; written in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or _RFC_3339.fullmatch(value) is None:
            raise ma.ValidationError("Not a time like 2026-11-23T08:12:00+01:00.")
        try:
            moment = datetime.fromisoformat(value.upper())
        except ValueError:
            raise ma.ValidationError("Not a time like 2026-11-23T08:12:00+01:00.") from None
        if moment.tzinfo is None:
            raise ma.ValidationError("The offset from UTC is missing.")
        if not 2000 <= moment.year <= 2200:
            raise ma.ValidationError("The year is out of range.")
        return moment


class DateOnly(ma.fields.Date):
    """A date like 2026-12-24, as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or len(value) != 10:
            raise ma.ValidationError("Not a date like 2026-12-24.")
        return super()._deserialize(value, attr, data, **kwargs)


class ZoneName(ma.fields.String):
    """The name of an IANA time zone that is a place's."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not places.is_place(value) or value not in _zone_names():
            raise ma.ValidationError("Not the IANA time zone of a place, like America/Chicago.")
        return value


@functools.cache
def _zone_names() -> frozenset[str]:
    """Every zone of this machine's data. Reading its folders takes longer than the rest of a request."""
    return frozenset(available_timezones())


def _no_name_twice(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise problems.RepeatedName


def _pointers(place: str, messages: Any) -> Iterator[tuple[str, str]]:
    """Marshmallow's nested messages as JSON pointers."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            if key in ("_schema", "value", "key"):
                yield from _pointers(place, inner)
            else:
                escaped = str(key)[:64].replace("~", "~0").replace("/", "~1")
                yield from _pointers(f"{place}/{escaped}", inner)
    elif isinstance(messages, list | tuple):
        for message in messages:
            yield from _pointers(place, message)
    else:
        yield place, str(messages)
