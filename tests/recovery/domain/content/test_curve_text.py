"""Rows of a curve written into a protocol's text: the lines that are meant, and no other."""

from __future__ import annotations

import tomllib

import pytest

from config import content_files
from recovery.domain.clinical import protocol
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.content import curve_text
from recovery.domain.core.toml_reader import TomlError

SHIPPED = "standard-2026-12"
BANDS = tuple(Band(p50=0, p90=0.1 + 0.2, p97_5=day) for day in range(1, 11))


@pytest.fixture(scope="module")
def text() -> str:
    return content_files.read_content_files().protocols[SHIPPED]


def test_scores_are_written_as_short_as_they_are() -> None:
    assert curve_text.scores_of(BANDS) == {
        "p50": "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]",
        "p90": "[0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]",
        "p97_5": "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]",
    }


@pytest.mark.parametrize("words", ['He said "so".', "a \\ b", "Größe", "tab\there"])
def test_words_come_back_from_toml(words: str) -> None:
    assert tomllib.loads(f"source = {curve_text.quote(words)}") == {"source": words}


def test_another_name_changes_two_lines(text: str) -> None:
    named = curve_text.write_head(text, version="own-1", title='Our "own"')
    assert [line for line in named.splitlines() if line not in text.splitlines()] == [
        'version = "own-1"', 'title = "Our \\"own\\""',
    ]  # fmt: skip
    assert protocol.parse(named).rules == protocol.parse(text).rules


@pytest.mark.parametrize("curve", ["reference", "shallow", "medium"])
def test_a_row_is_written_in_every_form_of_a_curve(text: str, curve: str) -> None:
    entries = {curve_text.SOURCE: '"ours"', **curve_text.scores_of(BANDS)}
    written = curve_text.write_row(text, curve=curve, symptom=Symptom.PAIN, entries=entries)
    (own,) = (one for one in protocol.parse(written).curves.curves if one.name == curve)
    assert own.bands[Symptom.PAIN] == tuple(Band(p50=0, p90=0.3, p97_5=day) for day in range(1, 11))
    kept = {line for line in text.splitlines() if "pain" not in line and "level sourced" not in line}
    assert kept - set(written.splitlines()) <= {
        f"{key} = {scores}"
        for key, scores in (
            ("p50", "[2, 0, 0, 0, 0, 0, 0, 0, 0, 0]"),
            ("p90", "[3, 2, 1, 0, 0, 0, 0, 0, 0, 0]"),
            ("p97_5", "[5, 2, 1, 1, 0, 0, 0, 0, 0, 0]"),
        )
    }


def test_one_entry_leaves_the_others_of_its_row(text: str) -> None:
    written = curve_text.write_row(
        text, curve="reference", symptom=Symptom.PAIN, entries={"p97_5": "[9, 2, 1, 1, 0, 0, 0, 0, 0, 0]"}
    )
    changed = [
        (before, after)
        for before, after in zip(text.splitlines(), written.splitlines(), strict=True)
        if before != after
    ]
    assert changed == [("p97_5 = [5, 2, 1, 1, 0, 0, 0, 0, 0, 0]", "p97_5 = [9, 2, 1, 1, 0, 0, 0, 0, 0, 0]")]


def test_a_curve_nobody_has_is_refused(text: str) -> None:
    with pytest.raises(TomlError, match="curves"):
        curve_text.write_row(text, curve="nothing", symptom=Symptom.PAIN, entries={"p50": "[]"})
