"""TOML read key by key, each checked for its type and bounds, so that every complaint names its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.-]+)\s*=")


@dataclass(frozen=True, kw_only=True)
class TomlFault:
    """What is wrong at one place: at a key, by the dotted way to it, or at an entry of its list, from 0."""

    path: str
    what: str
    entry: int | None = None


class TomlError(ValueError):
    """A text is not the TOML that was asked for; the message begins with the line.

    `faults` are the places that were found wrong together: the message tells the first.
    """

    def __init__(self, message: str, *, faults: Sequence[TomlFault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class TomlTable:
    """One table of a TOML text. Every getter marks its key as known; `finish` refuses the rest."""

    def __init__(self, values: Mapping[str, Any], *, path: str, lines: Mapping[str, int]) -> None:
        self._values = values
        self._path = path
        self._lines = lines
        self._known: set[str] = set()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of this table, in the order written."""
        return tuple(self._values)

    def line_of(self, key: str | None = None) -> int:
        """The line of a key, else of the nearest table that contains it, else 1."""
        return self._line(self._join(key) if key is not None else self._path)

    def error(self, what: str, *, key: str | None = None) -> TomlError:
        """A complaint about a key of this table, or about the table."""
        return self.complain([self.fault(what, key=key)])

    def fault(self, what: str, *, key: str | None = None, entry: int | None = None) -> TomlFault:
        """What is wrong with a key of this table, with one entry of its list, or with the table."""
        return TomlFault(path=self._join(key) if key is not None else self._path, what=what, entry=entry)

    def complain(self, faults: Sequence[TomlFault]) -> TomlError:
        """A complaint about several places of this table, at least one, in the words of the first."""
        first = faults[0]
        what = first.what if first.entry is None else f"entry {first.entry + 1} {first.what}"
        return TomlError(f"line {self._line(first.path)}: {first.path or 'file'}: {what}", faults=faults)

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as known."""
        self._known.add(key)
        return key in self._values

    def text(self, key: str) -> str:
        """A text with something in it."""
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error("must be a text", key=key)
        return value

    def number(self, key: str, *, least: float = 0.0, most: float = 1000.0) -> float:
        """A number within bounds, both included."""
        return self._bounded(self._value(key), key=key, least=least, most=most)

    def whole(self, key: str, *, least: int = 0, most: int = 1000) -> int:
        """A whole number within bounds, both included."""
        value = self._value(key)
        if not isinstance(value, int):
            raise self.error("must be a whole number", key=key)
        return int(self._bounded(value, key=key, least=least, most=most))

    def numbers(self, key: str, *, least: float = 0.0, most: float = 1000.0) -> tuple[float, ...]:
        """A list of numbers, each within bounds; the complaint knows every entry that is not."""
        items = self._list(key)
        checked = [(entry, _out_of_bounds(item, least=least, most=most)) for entry, item in enumerate(items)]
        faults = [self.fault(what, key=key, entry=entry) for entry, what in checked if what is not None]
        if faults:
            raise self.complain(faults)
        return tuple(float(item) for item in items)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        items = self._list(key)
        if not all(isinstance(item, str) for item in items):
            raise self.error("must be a list of texts", key=key)
        return tuple(items)

    def choice(self, key: str, *, of: Sequence[str]) -> str:
        """One of the words that are known here."""
        value = self._value(key)
        if not isinstance(value, str) or value not in of:
            raise self.error(f"must be one of {', '.join(of)}", key=key)
        return value

    def table(self, key: str) -> TomlTable:
        """A table inside this one."""
        value = self._value(key)
        if not isinstance(value, Mapping):
            raise self.error("must be a table", key=key)
        return TomlTable(value, path=self._join(key), lines=self._lines)

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """A list of tables; none where the key is not there."""
        if not self.has(key):
            return ()
        items = self._list(key)
        if not all(isinstance(item, Mapping) for item in items):
            raise self.error("must be a list of tables", key=key)
        return tuple(
            TomlTable(item, path=f"{self._join(key)}.{index}", lines=self._lines)
            for index, item in enumerate(items)
        )

    def finish(self) -> None:
        """Refuse keys that nobody asked for: they are most often misspelt."""
        for key in self._values:
            if key not in self._known:
                raise self.error("is not known here", key=key)

    def _value(self, key: str) -> Any:
        self._known.add(key)
        if key not in self._values:
            raise self.error(f"{key} is missing")
        return self._values[key]

    def _list(self, key: str) -> Sequence[Any]:
        value = self._value(key)
        if not isinstance(value, list) or not value:
            raise self.error("must be a list with something in it", key=key)
        return value

    def _bounded(self, value: Any, *, key: str, least: float, most: float) -> float:
        if (what := _out_of_bounds(value, least=least, most=most)) is not None:
            raise self.error(what, key=key)
        return float(value)

    def _line(self, path: str) -> int:
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path.rpartition(".")[0]
        return 1

    def _join(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


def parse_toml(text: str) -> TomlTable:
    """The whole of a TOML text as a table. Raises `TomlError`."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = place.group(1) if place else str(text.count("\n") + 1)
        raise TomlError(f"line {line}: not valid TOML: {error}") from error
    return TomlTable(values, path="", lines=_lines(text))


def _out_of_bounds(value: object, *, least: float, most: float) -> str | None:
    """What is wrong with a number; None where nothing is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    return None if least <= value <= most else f"must lie between {least:g} and {most:g}"


def _lines(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    seen: dict[str, int] = {}
    path = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            path = header.group(2)
            if header.group(1) == "[[":
                seen[path] = seen.get(path, -1) + 1
                lines.setdefault(path, number)
                path = f"{path}.{seen[path]}"
            lines.setdefault(path, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{path}.{key.group(1)}" if path else key.group(1), number)
    return lines
