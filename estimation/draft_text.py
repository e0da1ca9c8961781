"""A clinic's own curves written row by row into the text of the shipped protocol; every other line stays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date

from estimation.own_curves import OwnCurves, OwnRow
from recovery.domain.core import toml_reader

TITLE = "Own course, estimated from the clinic's reports"


def write(shipped: str, *, version: str, own: OwnCurves, on: date) -> str:
    """The draft's text. Each row that was learnt names what it was learnt from; the approval stays empty."""
    file = toml_reader.parse_toml(shipped)
    lines: list[list[str]] = [[line] for line in shipped.splitlines()]
    lines[file.line_of("version") - 1] = [f"version = {_quoted(version)}"]
    lines[file.line_of("title") - 1] = [f"title = {_quoted(TITLE)}"]
    for row in own.rows:
        curve = file.table("curves").table(row.curve)
        entries = dict(_entries(row, shipped=file.text("version"), on=on))
        if curve.has(row.symptom.value):
            _replace(lines, curve.table(row.symptom.value), entries)
        else:
            # A curve that follows from others: what is its own stands beside that.
            last = max(curve.line_of(key) for key in curve.keys)
            lines[last - 1] += [f"{row.symptom.value}.{key} = {value}" for key, value in entries.items()]
    return "\n".join(line for written in lines for line in written) + "\n"


def _replace(lines: list[list[str]], table: toml_reader.TomlTable, entries: Mapping[str, str]) -> None:
    """Write a row's entries over its old ones; a source that it shared with its curve becomes its own."""
    for key, value in entries.items():
        if table.has(key):
            at = table.line_of(key) - 1
            lines[at][-1] = f"{lines[at][-1].partition('=')[0].rstrip()} = {value}"
        else:
            at = table.line_of("p50") - 1
            prefix = lines[at][-1].partition("=")[0].rstrip().removesuffix("p50")
            lines[at].insert(0, f"{prefix}{key} = {value}")


def _entries(row: OwnRow, *, shipped: str, on: date) -> Iterator[tuple[str, str]]:
    yield (
        "source",
        _quoted(
            f"estimated from {row.reports} reports of {row.courses} courses of the clinic, {on.isoformat()}; "
            f"shrunk to {shipped}"
        ),
    )
    for key in ("p50", "p90", "p97_5"):
        yield key, f"[{', '.join(f'{getattr(band, key):g}' for band in row.bands)}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
