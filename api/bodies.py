"""Reading request bodies: nothing is coerced, nothing unknown passes, nothing strange is stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NoReturn
from zoneinfo import available_timezones

import marshmallow as ma
import orjson
from flask import Request
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser

from api import problems

MAX_TEXT = 4000


class StrictParser(FlaskParser):
    """Bodies are JSON objects sent as JSON; anything else is a clear error and never an empty row."""

    DEFAULT_VALIDATION_STATUS = 422

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The parsed body. Raises WrongContentType, UnreadableBody."""
        if req.mimetype != "application/json":
            raise problems.WrongContentType
        try:
            return orjson.loads(req.get_data(cache=False))
        except orjson.JSONDecodeError as error:
            raise problems.UnreadableBody from error

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
        raise problems.InvalidBody(list(_pointers(start, location.get(where, error.messages))))


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


class WholeNumber(ma.fields.Integer):
    """A JSON integer within bounds."""

    def __init__(self, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=ma.validate.Range(min=minimum, max=maximum), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ma.ValidationError("Not a whole number.")
        return int(super()._deserialize(value, attr, data, **kwargs))


class YesNo(ma.fields.Boolean):
    """A JSON true or false and nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ma.ValidationError("Not true or false.")
        return value


class Words(ma.fields.String):
    """Text without control characters, trimmed; line breaks only where they are asked for."""

    def __init__(self, *, longest: int, lines: bool = False, shortest: int = 1, **kwargs: Any) -> None:
        super().__init__(validate=ma.validate.Length(min=shortest, max=longest), **kwargs)
        self._lines = lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ma.ValidationError("Not a text.")
        text = unicodedata.normalize("NFC", value).strip()
        allowed = "\n\r\t" if self._lines else ""
        if any(unicodedata.category(char) in ("Cc", "Cs") and char not in allowed for char in text):
            raise ma.ValidationError("Control characters are not allowed.")
        return str(super()._deserialize(text, attr, data, **kwargs))


class Moment(ma.fields.AwareDateTime):
    """An RFC 3339 time with its offset, as text; written in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) > 40:
            raise ma.ValidationError("Not a time like 2026-11-23T08:12:00+01:00.")
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ma.ValidationError("Not a time like 2026-11-23T08:12:00+01:00.") from None
        if moment.tzinfo is None:
            raise ma.ValidationError("The offset from UTC is missing.")
        if not 2000 <= moment.year <= 2200:
            raise ma.ValidationError("The year is out of range.")
        return moment


class ZoneName(ma.fields.String):
    """The name of an IANA time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in available_timezones():
            raise ma.ValidationError("Not an IANA time zone, like America/Chicago.")
        return value


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
