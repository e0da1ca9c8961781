"""What texts mean: a table of messages as people type them, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.inbound.text_meaning import TextLevel, TextMeaning
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
    "text",
    [
        "no pus, no fever",
        "no fever today",
        "no trouble breathing",
        "0 0 0 0 my eyes are fine",
        "No fever, feeling good, my eyes are fine",
        "eyes a bit puffy",
        "sin fiebre",
        "pas de fièvre",
        "im ok thx",
    ],
)
def test_what_is_denied_or_fine_is_no_sign(reader: TextReader, text: str) -> None:
    assert not reader.read(text).signs


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("cant swallow", "swallowing"),
        ("chest hurts", "chest_pain"),
        ("heart is pounding", "racing_heart"),
        ("i am having a seizure", "seizure"),
        ("half my face is drooping", "face_drooping"),
        ("ringing in my ears and a metal taste", "numbing_reaction"),
        ("no puedo tragar", "swallowing"),
        ("me siento muy mal", "very_ill"),
        ("im ok thx but its hard to swallow", "swallowing"),
        ("quiero morirme", "self_harm"),
        ("j'étouffe", "breathing"),
    ],
)
def test_signs_that_had_no_name_are_emergencies(reader: TextReader, text: str, sign: str) -> None:
    assert WarningSign(sign) in reader.read(text).signs.emergency


@pytest.mark.parametrize("text", ["red line going down my neck", "feaver", "puss coming out", "j'ai 39"])
def test_spelling_mistakes_and_other_words_are_for_the_same_day(reader: TextReader, text: str) -> None:
    assert reader.read(text).level is TextLevel.SAME_DAY


@pytest.mark.parametrize(
    "text",
    [
        "Wrong number, please stop", "Stop I'm not interested", "can you please stop", "this is not Maria",
        "I need to unsubscribe", "no me escriban", "salir", "quit texting me", "no me escriban mas",
    ],
)  # fmt: skip
def test_an_opt_out_in_own_words(reader: TextReader, text: str) -> None:
    meaning = reader.read(text)
    assert meaning.stop or meaning.may_stop


def test_a_doubtful_sign_is_marked(reader: TextReader) -> None:
    signs = reader.read("feaver").signs
    assert signs.doubtful <= signs.emergency | signs.warning | signs.watch


def test_what_weighed_most_is_told(reader: TextReader) -> None:
    assert any("pus" in reason for reason in reader.reasons("pus is coming out", "pus"))


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


@pytest.mark.parametrize(
    "text", ["NONE", "none, thanks", "No.", "nada", "Ninguno", "rien", "aucun", "none of these"]
)
def test_none_answers_a_question_about_signs(reader: TextReader, text: str) -> None:
    meaning = reader.read(text)
    assert (meaning.no_signs, meaning.more, dict(meaning.scores)) == (True, False, {})


@pytest.mark.parametrize(
    ("text", "pain", "no_signs"),
    [
        ("3 2 0 1 none", 1, True),
        ("3 2 0 1, nada.", 1, True),
        ("3 2 0 none", 0, False),
        ("3 2 0 rien", 0, False),
    ],
)
def test_none_is_a_zero_where_a_number_is_missing(
    reader: TextReader, text: str, pain: int, no_signs: bool
) -> None:
    meaning = reader.read(text)
    assert (meaning.scores[Symptom.PAIN], meaning.no_signs, meaning.more) == (pain, no_signs, False)


@pytest.mark.parametrize("text", ["SIGN", "SOME", "algo", "Signo por favor", "signe", "3 2 0 1 SIGN"])
def test_the_word_for_a_sign_brings_a_nurse(reader: TextReader, text: str) -> None:
    meaning = reader.read(text)
    assert (meaning.some_signs, meaning.nurse, meaning.prefers_calls) == (True, True, False)


@pytest.mark.parametrize("text", ["CALL", "Llamar, por favor", "appel", "call 3 2 0 1"])
def test_the_word_for_a_call_brings_a_nurse_and_says_so_for_good(reader: TextReader, text: str) -> None:
    meaning = reader.read(text)
    assert (meaning.prefers_calls, meaning.nurse, meaning.some_signs) == (True, True, False)


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
    assert reader.read("3 2 0 1 lips ok").kind is TextMeaning.SCORES


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
