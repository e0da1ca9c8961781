"""A clinic's own curves written row by row into the text of the shipped protocol; every other line stays."""

from __future__ import annotations

from datetime import date

from estimation.own_curves import OwnCurves, OwnRow
from recovery.domain.content import curve_text
from recovery.domain.core import toml_reader

TITLE = "Own course, estimated from the clinic's reports"


def write(shipped: str, *, version: str, own: OwnCurves, on: date) -> str:
    """The draft's text. Each row that was learnt names what it was learnt from; the approval stays empty."""
    learnt_from = toml_reader.parse_toml(shipped).text("version")
    text = curve_text.write_head(shipped, version=version, title=TITLE)
    for row in own.rows:
        source = curve_text.quote(_source(row, shipped=learnt_from, on=on))
        entries = {curve_text.SOURCE: source, **curve_text.scores_of(row.bands)}
        text = curve_text.write_row(text, curve=row.curve, symptom=row.symptom, entries=entries)
    return text


def _source(row: OwnRow, *, shipped: str, on: date) -> str:
    return (
        f"estimated from {row.reports} reports of {row.courses} courses of the clinic, {on.isoformat()}; "
        f"shrunk to {shipped}"
    )
