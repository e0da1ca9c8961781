"""Scores written into the text of a protocol: they are read back, and every other line stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.protocol import PERCENTILES
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.content import curve_text
from recovery.domain.core import toml_reader

TEXT = (Path(__file__).parents[4] / "config/protocols/standard-2026-12.toml").read_text("utf-8")
BANDS = tuple(Band(p50=5 - day / 2, p90=7 - day / 2, p97_5=9.25 - day / 2) for day in range(10))


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def row(text: str, curve: str, symptom: Symptom) -> dict[str, tuple[float, ...]]:
    table = toml_reader.parse_toml(text).table("curves").table(curve).table(symptom.value)
    return {key: table.numbers(key) for key in PERCENTILES}


@pytest.mark.parametrize("curve", ["reference", "deep"])
def test_a_row_is_written_over_and_every_other_line_stays(curve: str) -> None:
    text = curve_text.write_row(
        TEXT, curve=curve, symptom=Symptom.REDNESS, entries=curve_text.scores_of(BANDS)
    )
    assert row(text, curve, Symptom.REDNESS) == {
        key: tuple(getattr(band, key) for band in BANDS) for key in PERCENTILES
    }
    assert sum(old != new for old, new in zip(TEXT.splitlines(), text.splitlines(), strict=True)) == 3
    assert row(text, curve, Symptom.SWELLING) == row(TEXT, curve, Symptom.SWELLING)


def test_a_source_of_its_own_stands_beside_the_scores() -> None:
    source = {curve_text.SOURCE: curve_text.quote('our "own" patients, a starting estimate')}
    text = curve_text.write_row(TEXT, curve="deep", symptom=Symptom.PEELING, entries=source)
    table = toml_reader.parse_toml(text).table("curves").table("deep").table("peeling")
    assert table.text(curve_text.SOURCE) == 'our "own" patients, a starting estimate'
    assert changed(TEXT, text)[0] == []


def test_a_row_beside_a_curve_that_follows_from_another() -> None:
    text = curve_text.write_row(
        TEXT, curve="deepest", symptom=Symptom.REDNESS, entries=curve_text.scores_of(BANDS)
    )
    assert row(text, "deepest", Symptom.REDNESS)["p50"] == tuple(band.p50 for band in BANDS)
    assert changed(TEXT, text)[0] == []


def test_a_row_on_several_lines_becomes_one() -> None:
    lines = TEXT.splitlines()
    [at] = [
        place
        for place, line in enumerate(lines)
        if line.startswith("redness.p50") and "[curves.deep]" in "".join(lines[place - 9 : place])
    ]
    lines[at] = lines[at].replace("[", "[ # of our own\n  ").replace(", 4", ",\n  4")
    spread = "\n".join(lines) + "\n"
    text = curve_text.write_row(
        spread, curve="deep", symptom=Symptom.REDNESS, entries=curve_text.scores_of(BANDS)
    )
    assert row(text, "deep", Symptom.REDNESS)["p50"] == tuple(band.p50 for band in BANDS)
    assert len(text.splitlines()) == len(TEXT.splitlines())


def test_no_such_curve() -> None:
    with pytest.raises(toml_reader.TomlError):
        curve_text.write_row(TEXT, curve="laser", symptom=Symptom.REDNESS, entries={})


def test_the_head_is_another_and_the_rest_is_read_alike() -> None:
    text = curve_text.write_head(TEXT, version="own-7", title='Café "Ω"')
    read = protocols.parse(text)
    assert (read.version, read.title) == ("own-7", 'Café "Ω"')
    assert [len(lines) for lines in changed(TEXT, text)] == [2, 2]


@pytest.mark.parametrize(("score", "written"), [(5.0, "5"), (0.25, "0.25"), (1 / 3, "0.333333333333")])
def test_a_score_as_it_is_written(score: float, written: str) -> None:
    assert curve_text.figure(score) == written
