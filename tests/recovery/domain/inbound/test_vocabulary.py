from __future__ import annotations

from collections.abc import Mapping

import pytest

from recovery.domain.clinical.symptoms import MAX_SCORE, Symptom, WarningSign
from recovery.domain.inbound import text_normalization, vocabulary
from recovery.domain.inbound.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("[numbers]\n", "[numbers]\neleven = 11\n"), "en: line 68: numbers.eleven"),
        (("pus = [", "puss = ["), "warning.puss"),
        (('language = "en"', 'language = "de"'), "en: line 7: language"),
        (('nurse = ["nurse"]', 'nurse = ["*"]'), "keywords.nurse"),
        (("[denial]", "[denials]"), "denial is missing"),
    ],
)
def test_faults_of_the_vocabulary_name_their_place(
    inbound_files: Mapping[str, str], change: tuple[str, str], place: str
) -> None:
    assert change[0] in inbound_files["en"]
    with pytest.raises(vocabulary.VocabularyError, match=place.replace(".", r"\.")):
        vocabulary.parse({**inbound_files} | {"en": inbound_files["en"].replace(*change)})


def test_every_language_adds_its_words_to_one_vocabulary(
    inbound_files: Mapping[str, str], words: Vocabulary
) -> None:
    for language, text in inbound_files.items():
        alone, whole = vocabulary.parse({language: text}).scores, words.scores
        assert alone.numbers.items() <= whole.numbers.items()
        assert alone.symptoms.items() <= whole.symptoms.items()
        assert alone.day <= whole.day
        assert set(alone.out_of) <= set(whole.out_of)
        assert set(alone.symptoms.values()) == set(Symptom)
        assert set(alone.numbers.values()) == set(range(MAX_SCORE + 1))


def test_every_sign_that_words_can_name_is_looked_for_in_every_language(
    inbound_files: Mapping[str, str],
) -> None:
    named = {
        language: (set(alone.emergency), set(alone.warning))
        for language, text in inbound_files.items()
        for alone in [vocabulary.parse({language: text})]
    }
    emergency, warning = named["en"]
    assert not emergency & warning
    assert emergency | warning < set(WarningSign)
    assert all(now == emergency and not now & today for now, today in named.values())


def test_single_words_are_plain_so_that_they_meet_the_words_of_a_text(words: Vocabulary) -> None:
    scores = words.scores
    for single in (words.polite, words.contrast, scores.day, scores.joins, scores.units, scores.numbers):
        for word in single:
            assert text_normalization.split_phrase(word) == (word,)
    for label in scores.symptoms:
        assert text_normalization.split_phrase(" ".join(label)) == label


def test_whole_texts_are_kept_without_polite_words(inbound_files: Mapping[str, str]) -> None:
    english = inbound_files["en"]
    changed = english.replace('help = ["help", "info"]', 'help = ["Help me, please", "Please!"]')
    assert changed != english
    assert vocabulary.parse({"en": changed}).help == {("help", "me")}


def test_one_list_of_whole_texts_says_nothing_that_another_says_too(words: Vocabulary) -> None:
    assert not words.stop & words.start
    assert not words.stop & words.help
    assert not words.start & words.help


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (("please", "stop"), ("stop",)),
        (("stop", "stop", "please", "stop"), ("stop",)),
        (("stop", "it", "stop"), ("stop", "it", "stop")),
        (("please",), ()),
        ((), ()),
    ],
)
def test_polite_words_and_repeated_ones_are_dropped(said: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert vocabulary.strip_polite_words(said, frozenset({"please"})) == kept


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("zero = 0", "zero = -1", "en: line 68: numbers.zero: must lie between 0 and 10"),
        ('until = ["but"', 'until = ["*", "but"', "en: line 311: denial.until: '\\*'"),
        ("[around_numbers]\n", '[around_numbers]\nages = ["old"]\n', "around_numbers.ages: is not known"),
        ("[stop]", "[stop", "en: line"),
        ("[symptoms]\nredness", "[symptoms]\nrubor", "symptoms: redness is missing"),
    ],
)
def test_a_word_out_of_place_is_refused_with_language_and_line(
    inbound_files: Mapping[str, str], before: str, after: str, place: str
) -> None:
    assert before in inbound_files["en"]
    with pytest.raises(vocabulary.VocabularyError, match=place):
        vocabulary.parse({"en": inbound_files["en"].replace(before, after, 1)})
