"""One symptom's scores in a curve as they are typed, checked by what checks the text of a protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recovery.domain.clinical import protocol
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.protocol import PERCENTILES, Protocol, ProtocolError
from recovery.domain.clinical.symptoms import MAX_SCORE, AnswerRanges, Symptom
from recovery.domain.content import curve_text
from recovery.domain.core import toml_reader
from recovery.domain.core.toml_reader import TomlTable

_NUMBER = re.compile(r"-?[0-9]{1,4}(?:[.,][0-9]{1,12})?")
NO_NUMBER = "A number like 3 or 2.5."
OTHERWISE_WRITTEN = "This row stands in a form of TOML that cannot be changed here. Change it as TOML."


class UnknownCurve(LookupError):
    """A protocol has no curve of this name, or none for this symptom."""


@dataclass(frozen=True, kw_only=True)
class CurveRow:
    """One symptom of a curve as it stands in a version.

    `source` is the row's own or its curve's; `follows` is said of scores that come from other curves.
    """

    curve: str
    title: str
    symptom: Symptom
    hours: tuple[float, ...]
    bands: tuple[Band, ...]
    source: str
    follows: bool

    def cells(self) -> dict[str, str]:
        """Every score by its cell, as it is typed."""
        return {
            cell_name(key, day): curve_text.figure(getattr(band, key))
            for key in PERCENTILES
            for day, band in enumerate(self.bands)
        }


@dataclass(frozen=True, kw_only=True)
class CheckedRow:
    """What was typed: the text it makes and how that is understood, or by cell what is wrong with it.

    `drawn` is what can be drawn of it: a score that is none stands there as it was. `trouble` is what is
    wrong elsewhere, or with the whole.
    """

    text: str
    protocol: Protocol | None
    wrong: Mapping[str, str]
    drawn: tuple[Band, ...]
    trouble: str | None = None


def cell_name(percentile: str, day: int) -> str:
    """What one score is called: its percentile, and the place of its day."""
    return f"{percentile}_{day}"


def read_row(text: str, *, parsed: Protocol, curve: str, symptom: Symptom) -> CurveRow:
    """A row of a protocol; `parsed` is what the text says. Raises UnknownCurve."""
    found = next((one for one in parsed.curves.curves if one.name == curve), None)
    if found is None or symptom not in found.bands:
        raise UnknownCurve(curve)
    table = toml_reader.parse_toml(text).table("curves").table(curve)
    is_written = table.has(symptom.value)
    own = table.table(symptom.value) if is_written else table
    return CurveRow(
        curve=curve,
        title=found.title,
        symptom=symptom,
        hours=parsed.curves.hours,
        bands=found.bands[symptom],
        source=_source(own) or _source(table),
        follows=not is_written,
    )


def check_row(
    text: str, *, row: CurveRow, typed: Mapping[str, str], source: str, asked: AnswerRanges
) -> CheckedRow:
    """The text with what was typed in the place of a row, judged like any protocol that somebody writes.

    `asked` are the five answers that patients are asked with.
    """
    given = _given(row, typed)
    wrong: Mapping[str, str] = {name: NO_NUMBER for name in row.cells() if name not in given}
    if wrong:
        return CheckedRow(text=text, protocol=None, wrong=wrong, drawn=_drawn(row, given))
    wanted = _bands(row, given)
    written = text
    if entries := _entries(row, wanted=wanted, source=source):
        written = curve_text.write_row(text, curve=row.curve, symptom=row.symptom, entries=entries)
    try:
        parsed = protocol.parse(written, asked=asked)
    except ProtocolError as error:
        wrong, trouble = _faults(row, error)
        return CheckedRow(text=text, protocol=None, wrong=wrong, drawn=_drawn(row, given), trouble=trouble)
    understood = read_row(written, parsed=parsed, curve=row.curve, symptom=row.symptom)
    if curve_text.scores_of(understood.bands) != curve_text.scores_of(wanted):
        return CheckedRow(text=text, protocol=None, wrong={}, drawn=wanted, trouble=OTHERWISE_WRITTEN)
    return CheckedRow(text=written, protocol=parsed, wrong={}, drawn=wanted)


def _given(row: CurveRow, typed: Mapping[str, str]) -> Mapping[str, float]:
    """The scores that are numbers, by their cells."""
    return {
        name: float(said.replace(",", "."))
        for name in row.cells()
        if _NUMBER.fullmatch(said := typed.get(name, "").strip())
    }


def _drawn(row: CurveRow, given: Mapping[str, float]) -> tuple[Band, ...]:
    before = {name: float(score) for name, score in row.cells().items()}
    return _bands(row, before | {name: score for name, score in given.items() if 0 <= score <= MAX_SCORE})


def _bands(row: CurveRow, scores: Mapping[str, float]) -> tuple[Band, ...]:
    return tuple(
        Band(**{key: scores[cell_name(key, day)] for key in PERCENTILES}) for day in range(len(row.hours))
    )


def _entries(row: CurveRow, *, wanted: Sequence[Band], source: str) -> Mapping[str, str]:
    """What differs from the row as it stands; what follows from other curves is written whole."""
    before, after = curve_text.scores_of(row.bands), curve_text.scores_of(wanted)
    scores = {key: after[key] for key in PERCENTILES if after[key] != before[key]}
    if row.follows and scores:
        scores = dict(after)
    told = {curve_text.SOURCE: curve_text.quote(source)} if source != row.source else {}
    return {**told, **scores} if scores or not row.follows else {}


def _faults(row: CurveRow, error: ProtocolError) -> tuple[Mapping[str, str], str | None]:
    """What is wrong by cell, and what is wrong elsewhere."""
    of_row = f"curves.{row.curve}.{row.symptom.value}."
    wrong, elsewhere = {}, False
    for fault in error.faults:
        if fault.path.startswith(of_row) and fault.entry is not None:
            name = cell_name(fault.path.removeprefix(of_row), fault.entry)
            wrong[name] = f"{fault.what[:1].upper()}{fault.what[1:]}."
        else:
            elsewhere = True
    return wrong, str(error) if elsewhere or not wrong else None


def _source(table: TomlTable) -> str:
    return table.text(curve_text.SOURCE) if table.has(curve_text.SOURCE) else ""
