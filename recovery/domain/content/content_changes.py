"""What differs between two sets of texts, wording by wording and bound by bound."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Change:
    """One place of a text. `place` is the way to it, empty for all of it; a side is None where it is not."""

    place: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class PartChanges:
    """What changes in one text."""

    name: str
    changes: Sequence[Change]


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[PartChanges]:
    """The texts that differ, by name, each with every place that does."""
    changed = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            changed.append(PartChanges(name=name, changes=_compare_text(old, new)))
    return changed


def _compare_text(old: str | None, new: str | None) -> Sequence[Change]:
    if old is None or new is None:
        # There is nothing to hold it against: it is read as a whole.
        return [Change(place="", before=old, after=new)]
    one, other = _places(old), _places(new)
    # In the order in which they are read; what is gone comes last.
    found = [
        Change(place=place, before=one.get(place), after=other.get(place))
        for place in dict.fromkeys((*other, *one))
        if one.get(place) != other.get(place)
    ]
    # The same words under the same names: only what nobody is judged by or reads is another, as a comment.
    return found or [Change(place="", before=old, after=new)]


def _places(text: str) -> Mapping[str, str]:
    """Every figure and wording of a text by the way to it; its paragraphs by number where it has no names."""
    try:
        return dict(_walk(tomllib.loads(text), ()))
    except tomllib.TOMLDecodeError:
        paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
        return {f"paragraph {number}": said for number, said in enumerate(paragraphs, start=1)}


def _walk(value: Any, way: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(inner, (*way, key))
    elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        for number, inner in enumerate(value, start=1):
            yield from _walk(inner, (*way, _named(inner, number)))
    else:
        yield " · ".join(way), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _named(entry: Any, number: int) -> str:
    """By what one of several is known: its own name where it has one, so that a new one moves no other."""
    for key in ("name", "step", "key"):
        if isinstance(entry, Mapping) and isinstance(entry.get(key), str):
            return str(entry[key])
    return str(number)
