from __future__ import annotations

import pytest

from recovery.domain.inbound import text_normalization
from recovery.domain.inbound.text_normalization import WordToken


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("STOP", "stop"),
        ("Infirmière", "infirmiere"),
        ("ENROJECIMIENTO ¿Qué?", "enrojecimiento ¿que?"),
        ("３ ２", "3 2"),
        ("Œdème", "oedeme"),
        ("Straße", "strasse"),
        ("3️⃣", "3"),
        ("re\u200bd\u00adness", "redness"),
        ("a\ud800b", "ab"),
        ("½", "1⁄2"),
    ],
)
def test_case_accents_width_and_what_cannot_be_seen_make_no_difference(text: str, plain: str) -> None:
    assert text_normalization.normalize(text) == plain


def test_plain_text_stays_as_it_is() -> None:
    once = text_normalization.normalize("Ça va ? Ø, ł, ﬁne")
    assert text_normalization.normalize(once) == once == "ca va ? o, l, fine"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" ... ", []),
        ("3 2", [("3", ""), ("2", "")]),
        ("3, 2", [("3", ""), ("2", ",")]),
        ("(3 / - 2)", [("3", "("), ("2", "/-")]),
        ("3cm", [("3", ""), ("cm", "")]),
        ("can't", [("can", ""), ("t", "'")]),
        ("day_2", [("day", ""), ("2", "_")]),
    ],
)
def test_words_and_numbers_part_at_marks_and_at_each_other(text: str, tokens: list[tuple[str, str]]) -> None:
    found = text_normalization.tokenize(text)
    assert list(found) == [WordToken(word=word, mark=mark) for word, mark in tokens]


@pytest.mark.parametrize(
    ("phrase", "line", "finds"),
    [
        ("no more", "no more texts", True),
        ("no more", "no moreover", False),
        ("no more", "volcano more", False),
        ("text*", "texting", True),
        ("text*", "text", True),
        ("text*", "context", False),
        ("stop text*", "stop texting me", True),
        ("can't see", "i can t see", True),
        ("lip .. huge", "lip huge", True),
        ("lip .. huge", "lip is really very huge", True),
        ("lip .. huge", "lip is really very very huge", False),
        ("tight* .. chest", "tightness in my chest", True),
        ("Fièvre", "fievre", True),
        ("eye", "the eye is sore", True),
    ],
)
def test_a_phrase_is_found_as_whole_words(phrase: str, line: str, finds: bool) -> None:
    pattern = text_normalization.compile_phrases([phrase])
    assert (pattern.search(text_normalization.join_words(line.split())) is not None) is finds


def test_the_longest_of_the_phrases_that_begin_alike_is_taken() -> None:
    pattern = text_normalization.compile_phrases(["eye", "eye cream*", "eye on"])
    line = text_normalization.join_words(["my", "eye", "creams"])
    assert pattern.sub("_", line) == " my _ "


def test_phrases_side_by_side_are_all_found() -> None:
    pattern = text_normalization.compile_phrases(["pus", "fever"])
    line = text_normalization.join_words(["pus", "fever", "pus"])
    assert len(pattern.findall(line)) == 3


def test_no_phrase_finds_nothing() -> None:
    assert text_normalization.compile_phrases([]).search(" any word ") is None


@pytest.mark.parametrize("phrase", ["", "*", "!", "..", ".. eye", "eye ..", "* eye .."])
def test_a_phrase_has_to_begin_and_end_with_a_word(phrase: str) -> None:
    with pytest.raises(ValueError, match="begins and ends with a word"):
        text_normalization.compile_phrases(["pus", phrase])


def test_a_phrase_is_split_into_plain_words_without_stars_and_gaps() -> None:
    assert text_normalization.split_phrase("Can't SEE .. été*") == ("can", "t", "see", "ete")
