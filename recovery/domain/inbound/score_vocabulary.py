"""The words by which scores are read: numbers, names of symptoms and their letters, units, all, none; every
language at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recovery.domain.clinical.symptoms import MAX_SCORE, Symptom
from recovery.domain.core import toml_reader
from recovery.domain.inbound import text_normalization

Words = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScoreVocabulary:
    """What numbers, symptoms and the words around them are called.

    `sounds` are numbers only beside others; `letters` stand for a symptom where several do. `joins` say
    nothing between a number and its symptom, `lists` nothing between two numbers. After `units` a number
    counts something; near `codes`, or right after `since`, numbers are no scores. `body` before or after a
    symptom says that it is another one: the pain of a tooth. `lacking` are phrases for none, `times` say
    how often a number stands, `perhaps` parts a number from the next one that may be meant; after an
    `ordinals` word a day has its number already; `parting` goes on with what is denied: "no pain or redness".
    What follows `changed_from` is left for another number, and what stands before `yesterday` is of an
    earlier day.
    `again` says the last number once more.
    """

    numbers: Mapping[str, int]
    plurals: Mapping[str, int]
    sounds: Mapping[str, int]
    symptoms: Mapping[Words, Symptom]
    long_names: Mapping[str, tuple[tuple[str, Symptom], ...]]
    second_words: Mapping[str, tuple[tuple[str, Symptom], ...]]
    letters: Mapping[str, tuple[Symptom, ...]]
    day: frozenset[str]
    joins: frozenset[str]
    units: frozenset[str]
    codes: frozenset[str]
    body: frozenset[str]
    past: frozenset[str]
    now: frozenset[str]
    no: frozenset[str]
    nothing: frozenset[str]
    either: frozenset[str]
    between: frozenset[str]
    everything: frozenset[Words]
    others: frozenset[Words]
    lists: frozenset[str]
    articles: frozenset[str]
    since: frozenset[str]
    prepositions: frozenset[str]
    times: frozenset[str]
    perhaps: frozenset[str]
    ordinals: frozenset[str]
    parting: frozenset[str]
    changed_from: frozenset[str]
    yesterday: frozenset[str]
    again: frozenset[str]
    lacking: frozenset[Words]
    empty: frozenset[Words]
    turns: frozenset[str]
    same: re.Pattern[str]
    same_around: frozenset[str]
    out_of: tuple[str, ...]
    out_of_words: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ScoreWords:
    """The words of one language as they stand in its file."""

    numbers: Mapping[str, int]
    plurals: Mapping[str, int]
    sounds: Mapping[str, int]
    symptoms: Mapping[Symptom, tuple[str, ...]]
    letters: Mapping[str, tuple[Symptom, ...]]
    around: Mapping[str, tuple[str, ...]]
    same: Mapping[str, tuple[str, ...]]


_SINGLE = (
    *("day", "joins", "units", "codes", "body", "past", "now", "no", "nothing", "either", "between"),
    *("lists", "articles", "since", "prepositions", "turns", "times", "perhaps", "ordinals", "parting"),
    *("changed_from", "yesterday", "again"),
)
"""Where words count one by one."""
_AROUND = (*_SINGLE, "out_of", "everything", "others", "empty", "lacking")
_SHORT = 5
"""Names with no more letters are not known when misspelt: too many other words are as near."""
_SAME = ("phrases", "around")


def read(
    file: toml_reader.TomlTable, phrases: Callable[[toml_reader.TomlTable, str], tuple[str, ...]]
) -> ScoreWords:
    """The words of one language. Raises TomlError."""
    named, around, same = file.table("symptoms"), file.table("around_numbers"), file.table("same_scores")
    words = ScoreWords(
        numbers=_numbers(file.table("numbers")),
        plurals=_numbers(file.table("plural_numbers")),
        sounds=_numbers(file.table("sounds_like")),
        symptoms={symptom: phrases(named, symptom.value) for symptom in Symptom},
        letters=_letters(file.table("letters")),
        around={key: phrases(around, key) for key in _AROUND},
        same={key: phrases(same, key) for key in _SAME},
    )
    for table in (named, around, same):
        table.finish()
    return words


def merge(languages: Sequence[ScoreWords]) -> ScoreVocabulary:
    """The words of every language as one."""
    symptoms = {
        text_normalization.split_phrase(said): symptom
        for language in languages
        for symptom, names in language.symptoms.items()
        for said in names
    }
    same = [said for language in languages for said in language.same["phrases"]]
    around = [said for language in languages for said in language.same["around"]]
    return ScoreVocabulary(
        numbers={word: value for language in languages for word, value in language.numbers.items()},
        plurals={word: value for language in languages for word, value in language.plurals.items()},
        sounds={word: value for language in languages for word, value in language.sounds.items()},
        letters={word: value for language in languages for word, value in language.letters.items()},
        symptoms=symptoms,
        long_names=_long_names(symptoms),
        second_words=_second_words(symptoms),
        **{key: _single(_phrases(languages, key)) for key in _SINGLE},
        everything=frozenset(_phrases(languages, "everything")),
        others=frozenset(_phrases(languages, "others")),
        empty=frozenset(_phrases(languages, "empty")),
        lacking=frozenset(_phrases(languages, "lacking")),
        same=text_normalization.compile_phrases(same),
        same_around=_single(text_normalization.split_phrase(said) for said in around),
        out_of=tuple(" ".join(phrase) for phrase in _phrases(languages, "out_of")),
        out_of_words=_single(_phrases(languages, "out_of")),
    )


def _phrases(languages: Sequence[ScoreWords], key: str) -> list[Words]:
    said = (phrase for language in languages for phrase in language.around[key])
    return [text_normalization.split_phrase(phrase) for phrase in said]


def _single(phrases: Iterable[Words]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in phrase)


def _long_names(symptoms: Mapping[Words, Symptom]) -> dict[str, tuple[tuple[str, Symptom], ...]]:
    """Names of one word that are long enough to be known when misspelt, by their first letter."""
    long = [
        (name[0], symptom) for name, symptom in symptoms.items() if len(name) == 1 and len(name[0]) > _SHORT
    ]
    return {
        first: tuple((name, symptom) for name, symptom in long if name[0] == first)
        for first in {name[0] for name, _ in long}
    }


def _second_words(symptoms: Mapping[Words, Symptom]) -> dict[str, tuple[tuple[str, Symptom], ...]]:
    """What follows the first word in the names of two words."""
    two = [(name, symptom) for name, symptom in symptoms.items() if len(name) == 2]
    return {
        first: tuple((name[1], symptom) for name, symptom in two if name[0] == first)
        for first in {name[0] for name, _ in two}
    }


def _numbers(table: toml_reader.TomlTable) -> dict[str, int]:
    return {
        "".join(text_normalization.split_phrase(word)): table.whole(word, most=MAX_SCORE)
        for word in table.keys
    }


def _letters(table: toml_reader.TomlTable) -> dict[str, tuple[Symptom, ...]]:
    known = {symptom.value: symptom for symptom in Symptom}
    letters = {}
    for letter in table.keys:
        for name in table.texts(letter):
            if name not in known:
                raise table.error("is not a symptom", key=letter)
        letters[letter] = tuple(known[name] for name in table.texts(letter))
    return letters
