"""What differs between two sets of texts: each text taken apart into named places, wording by wording and
bound by bound."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Places = Mapping[str, str]
"""Every figure and wording of a text, by the way to it."""

BETWEEN = " · "
"""Stands between the names of a way."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One place of a text, and what stands there before and after; a side is None where there is nothing."""

    place: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class PartChanges:
    """What changes in one text."""

    name: str
    changes: Sequence[Change]


def compare(before: Mapping[str, Places], after: Mapping[str, Places]) -> Sequence[PartChanges]:
    """The texts that differ, by name, each with every place that does."""
    found = [
        PartChanges(name=name, changes=_changes(before.get(name, {}), after.get(name, {})))
        for name in sorted(before.keys() | after.keys())
    ]
    return [part for part in found if part.changes]


def places_of(text: str) -> Places:
    """The places of a TOML text by their names; of any other its paragraphs, by number."""
    try:
        return dict(_walk(tomllib.loads(text), ()))
    except tomllib.TOMLDecodeError:
        paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
        return {f"paragraph {number}": said for number, said in enumerate(paragraphs, start=1)}


def _changes(one: Places, other: Places) -> Sequence[Change]:
    # In the order in which they are read; what is gone comes last.
    return [
        Change(place=place, before=one.get(place), after=other.get(place))
        for place in dict.fromkeys((*other, *one))
        if one.get(place) != other.get(place)
    ]


def _walk(value: Any, way: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(inner, (*way, key))
    elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        names = [_name_of(inner, number) for number, inner in enumerate(value, start=1)]
        # Two of one name are told apart by their numbers.
        if len(set(names)) < len(names):
            names = [str(number) for number in range(1, len(value) + 1)]
        for name, inner in zip(names, value, strict=True):
            yield from _walk(inner, (*way, name))
    else:
        yield (
            BETWEEN.join(way),
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str),
        )


def _name_of(entry: Any, number: int) -> str:
    """By what one of several is known: its own name where it has one, so that a new one moves no other."""
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) else str(number)
