"""What texts mean: a table of messages as people type them, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.domain.inbound.text_reader import TextReader
from tests.support.data.inbound_messages import (
    EMERGENCIES,
    HELPS,
    NO_SCORES,
    NOT_STOPS,
    OTHERS,
    SCORES,
    STARTS,
    STOPS,
    WARNINGS,
)

IN_ORDER = (Symptom.REDNESS, Symptom.SWELLING, Symptom.PEELING, Symptom.PAIN)


def test_table_is_large_and_in_three_languages(inbound_files: Mapping[str, str]) -> None:
    said = [*STOPS, *NOT_STOPS, *STARTS, *HELPS, *SCORES, *NO_SCORES, *EMERGENCIES, *WARNINGS, *OTHERS]
    assert len(said) >= 150
    assert set(inbound_files) == {"en", "es", "fr"}


@pytest.mark.parametrize("text", STOPS)
def test_stop(reader: TextReader, text: str) -> None:
    meaning = reader.read(text)
    assert (meaning.stop, meaning.kind) == (True, TextMeaning.STOP)


@pytest.mark.parametrize("text", NOT_STOPS)
def test_no_stop(reader: TextReader, text: str) -> None:
    assert not reader.read(text).stop


@pytest.mark.parametrize("text", STARTS)
def test_start(reader: TextReader, text: str) -> None:
    assert reader.read(text).kind is TextMeaning.START


@pytest.mark.parametrize("text", HELPS)
def test_help(reader: TextReader, text: str) -> None:
    meaning = reader.read(text)
    assert (meaning.kind, meaning.more) == (TextMeaning.HELP, False)


@pytest.mark.parametrize(("text", "expected"), SCORES.items())
def test_scores(reader: TextReader, text: str, expected: tuple[int | None, ...]) -> None:
    meaning = reader.read(text)
    given = {symptom: score for symptom, score in zip(IN_ORDER, expected, strict=True) if score is not None}
    assert (meaning.scores, meaning.kind, meaning.more) == (given, TextMeaning.SCORES, False)


@pytest.mark.parametrize("text", NO_SCORES)
def test_numbers_that_are_not_beyond_doubt_are_no_scores(reader: TextReader, text: str) -> None:
    assert reader.read(text).scores == {}


@pytest.mark.parametrize(("text", "sign"), EMERGENCIES.items())
def test_emergency(reader: TextReader, text: str, sign: str) -> None:
    meaning = reader.read(text)
    assert meaning.kind is TextMeaning.EMERGENCY
    assert WarningSign(sign) in meaning.signs.emergency


@pytest.mark.parametrize(("text", "sign"), WARNINGS.items())
def test_warning(reader: TextReader, text: str, sign: str) -> None:
    meaning = reader.read(text)
    assert meaning.kind is TextMeaning.WARNING
    assert WarningSign(sign) in meaning.signs.warning
    assert not meaning.stop


@pytest.mark.parametrize("text", OTHERS)
def test_other(reader: TextReader, text: str) -> None:
    assert reader.read(text).kind is TextMeaning.OTHER


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("no pus, no fever", {"pus", "fever"}),
        ("no pus but fever and blood", {"pus"}),
        ("pus, no, pus", set()),
    ],
)
def test_denied_signs_are_still_named(reader: TextReader, text: str, denied: set[str]) -> None:
    signs = reader.read(text).signs
    assert signs.denied == denied
    assert signs.denied <= signs.warning


@pytest.mark.parametrize(
    "text", ["3 2 0 1 NURSE", "nurse 3 2 0 1", "3 2 0 1 + nurse!", "3 2 0 1 infirmière", "3 2 0 1 enfermera"]
)
def test_nurse_beside_scores(reader: TextReader, text: str) -> None:
    meaning = reader.read(text)
    assert (meaning.nurse, len(meaning.scores), meaning.more) == (True, 4, False)


@pytest.mark.parametrize("text", ["NURSE", "Nurse please", "Enfermera", "INFIRMIÈRE"])
def test_nurse_alone_asks_for_one(reader: TextReader, text: str) -> None:
    meaning = reader.read(text)
    assert (meaning.nurse, meaning.kind, meaning.more) == (True, TextMeaning.WARNING, False)


def test_stop_and_emergency_are_both_true(reader: TextReader) -> None:
    meaning = reader.read("Stop texting me, I can't breathe")
    assert (meaning.stop, meaning.kind) == (True, TextMeaning.EMERGENCY)


def test_scores_with_a_sign_and_with_a_remark(reader: TextReader) -> None:
    sign = reader.read("3 2 0 1 pus")
    assert (sign.kind, sign.signs.warning, sign.more) == (
        TextMeaning.SCORES,
        frozenset({WarningSign.PUS}),
        True,
    )
    remark = reader.read("3 2 0 1 my chin itches a bit")
    assert (remark.kind, bool(remark.signs), remark.more) == (TextMeaning.SCORES, False, True)
    urgent = reader.read("3 2 0 1 lips")
    assert (urgent.kind, len(urgent.scores)) == (TextMeaning.EMERGENCY, 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "🙂" * 800,
        "a" * 1600,
        "pain " * 320,
        "3 " * 800,
        "no more " * 200,
        "1/10" * 400,
    ],
)
def test_strange_texts_are_read_without_a_word(reader: TextReader, text: str) -> None:
    reader.read(text)


def test_long_text_keeps_its_sign(reader: TextReader) -> None:
    text = "so it was like this " * 78 + "and my tongue is thick"
    assert reader.read(text).kind is TextMeaning.EMERGENCY
