"""A clinic's own curves written into the text of the shipped protocol; every other line stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from estimation.own_curves import OwnCurves, OwnRow
from recovery.domain.core import toml_reader

TITLE = "Own course, estimated from the clinic's reports"


def write(shipped: str, *, version: str, own: OwnCurves, on: date) -> str:
    """The draft's text. Each row that was learnt names what it was learnt from; the approval stays empty."""
    file = toml_reader.parse_toml(shipped)
    lines = shipped.splitlines()
    lines[file.line_of("version") - 1] = f"version = {_quoted(version)}"
    lines[file.line_of("title") - 1] = f"title = {_quoted(TITLE)}"
    for row in own.rows:
        table = file.table("curves").table(row.curve).table(row.symptom.value)
        for key, value in _entries(row, shipped=file.text("version"), on=on):
            lines[table.line_of(key) - 1] = f"{key} = {value}"
    return "\n".join(lines) + "\n"


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
