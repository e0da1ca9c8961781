"""The scores of one symptom of a curve written into the text of a protocol; every other line stays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.protocol import PERCENTILES
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.core import toml_reader

SOURCE = "source"
"""Where the scores of a row are from."""


def write_row(text: str, *, curve: str, symptom: Symptom, entries: Mapping[str, str]) -> str:
    """The text with these entries, as TOML, in the row of a symptom; the others of the row stay.

    A row of a curve that follows from others is written beside that. Raises TomlError where the text has no
    such curve.
    """
    file = toml_reader.parse_toml(text)
    table = file.table("curves").table(curve)
    lines = text.splitlines()
    if table.has(symptom.value):
        _replace(lines, table.table(symptom.value), entries)
    else:
        last = max(table.line_of(key) for key in table.keys)
        lines[last:last] = [f"{symptom.value}.{key} = {value}" for key, value in entries.items()]
    return "\n".join(lines) + "\n"


def write_head(text: str, *, version: str, title: str) -> str:
    """The text under another name. Raises TomlError."""
    file = toml_reader.parse_toml(text)
    lines = text.splitlines()
    lines[file.line_of("version") - 1] = f"version = {quote(version)}"
    lines[file.line_of("title") - 1] = f"title = {quote(title)}"
    return "\n".join(lines) + "\n"


def scores_of(bands: Sequence[Band]) -> Mapping[str, str]:
    """The scores of a row as its entries."""
    return {key: f"[{', '.join(figure(getattr(band, key)) for band in bands)}]" for key in PERCENTILES}


def figure(score: float) -> str:
    """One score as it is written."""
    return f"{score:.12g}"


def quote(words: str) -> str:
    """Words as TOML."""
    return json.dumps(words, ensure_ascii=False)


def _replace(lines: list[str], table: toml_reader.TomlTable, entries: Mapping[str, str]) -> None:
    """Write entries over the old ones, from the last line up, so that no other is moved before its turn."""
    new = [key for key in entries if not table.has(key)]
    beside = table.line_of(PERCENTILES[0]) - 1
    prefix = lines[beside].partition("=")[0].rstrip().removesuffix(PERCENTILES[0])
    places = {table.line_of(key) - 1: key for key in entries if table.has(key)}
    for at in sorted({*places, beside}, reverse=True):
        if at in places:
            end = _end_of_list(lines, at)
            lines[at:end] = [f"{lines[at].partition('=')[0].rstrip()} = {entries[places[at]]}"]
        if at == beside:
            # A source that the row shared with its curve becomes its own.
            lines[at:at] = [f"{prefix}{key} = {entries[key]}" for key in new]


def _end_of_list(lines: Sequence[str], at: int) -> int:
    """Behind the last line of what begins in this one: a list may stand on several."""
    value = lines[at].partition("=")[2].partition("#")[0]
    if not value.lstrip().startswith("["):
        return at + 1
    while "]" not in lines[at].partition("#")[0]:
        at += 1
    return at + 1
