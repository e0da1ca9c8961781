"""Scores in the words of a text: `3 2 0 1`, `redness 3 swelling 2`, `three two zero one`.

Nothing is guessed: what can be read in two ways is read in none, and a nurse reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recovery.domain.clinical import symptoms
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound import text_normalization
from recovery.domain.inbound.text_normalization import WordToken
from recovery.domain.inbound.vocabulary import Vocabulary

IN_ORDER = (Symptom.REDNESS, Symptom.SWELLING, Symptom.PEELING, Symptom.PAIN)
"""What the check-in text asks for, in its order; three numbers leave the last one out."""

_LEAST = 3
_LONGEST_LABEL = 4
_DECIMAL_MARKS = frozenset((",", "."))


@dataclass(frozen=True, kw_only=True)
class ParsedScores:
    """The scores, and the words of the text that say something else."""

    scores: Mapping[Symptom, int]
    rest: tuple[str, ...]


def strip_out_of_ten(text: str, vocabulary: Vocabulary) -> str:
    """`3/10` and `3 out of 10` as `3`, in a text that is plain already; `2/0/10` stays."""
    ways = "|".join(re.escape(way) for way in ("/", *vocabulary.out_of))
    return re.sub(rf"(?<![\d/.,])(\d{{1,2}})\s*(?:{ways})\s*10(?![\d/])", r"\1", text)


def parse_scores(tokens: Sequence[WordToken], vocabulary: Vocabulary) -> ParsedScores | None:
    """The scores that a text gives, None where it gives none that is beyond doubt."""
    reader = _Reader(tokens, vocabulary)
    return reader.in_order() or reader.by_name()


def parse_scores_and_answer(tokens: Sequence[WordToken], vocabulary: Vocabulary) -> ParsedScores | None:
    """The scores of a text, also where the word for "no signs", which counts as a zero, follows all four."""
    scored = parse_scores(tokens, vocabulary)
    if scored is None and tokens and (tokens[-1].word,) in vocabulary.no_signs:
        before = parse_scores(tokens[:-1], vocabulary)
        if before is not None and len(before.scores) == len(IN_ORDER):
            return ParsedScores(scores=before.scores, rest=(*before.rest, tokens[-1].word))
    return scored


class _Reader:
    """One text; `at` walks over its words without the day they are for."""

    def __init__(self, tokens: Sequence[WordToken], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tokens = self._without_day(tokens)

    def in_order(self) -> ParsedScores | None:
        """Three or four numbers in a row at the start."""
        tokens, start = self._tokens, 0
        while start < len(tokens) and self._says_nothing(tokens[start].word):
            start += 1
        values: list[int] = []
        marks: list[str] = []
        at = start
        while at < len(tokens) and (value := self._number(at)) is not None:
            values.append(value)
            at += 1
            joined = at + 1 < len(tokens) and tokens[at].word in self._vocabulary.joins
            if joined and self._number(at + 1) is not None:
                at += 1
            elif at < len(tokens) and self._number(at) is not None:
                marks.append(tokens[at].mark)
        if len(values) == 1 and at == start + 1:
            values = self._digits_in_one(tokens[start].word)
        if not _LEAST <= len(values) <= len(IN_ORDER) or max(values) > symptoms.MAX_SCORE:
            return None
        if not _clear(marks) or (at < len(tokens) and tokens[at].word in self._vocabulary.units):
            return None
        return ParsedScores(scores=dict(zip(IN_ORDER, values, strict=False)), rest=self._rest(set(range(at))))

    def by_name(self) -> ParsedScores | None:
        """Each number beside its symptom, all in the same order of name and number."""
        events = self._events()
        names = [place for place, what in events.items() if isinstance(what[0], Symptom)]
        numbers = [place for place, what in events.items() if not isinstance(what[0], Symptom)]
        if not names or len(names) != len(numbers):
            return None
        first, second = (names, numbers) if names[0] < numbers[0] else (numbers, names)
        scores: dict[Symptom, int] = {}
        used: set[int] = set()
        for left, right in zip(first, second, strict=True):
            end = left + events[left][1]
            between = [token.word for token in self._tokens[end:right]]
            name, number = (left, right) if first is names else (right, left)
            symptom, value = events[name][0], events[number][0]
            if right < end or not set(between) <= self._vocabulary.joins or symptom in scores:
                return None
            if (
                not isinstance(symptom, Symptom)
                or isinstance(value, Symptom)
                or self._counts_something(number)
            ):
                return None
            scores[symptom] = value
            used.update(range(left, right + events[right][1]))
        rest = self._rest(used)
        if any(value > symptoms.MAX_SCORE for value in scores.values()) or (len(scores) == 1 and rest):
            return None
        return ParsedScores(scores=scores, rest=rest)

    def _events(self) -> dict[int, tuple[Symptom | int, int]]:
        """Where a symptom or a number stands, what it is, and over how many words."""
        events: dict[int, tuple[Symptom | int, int]] = {}
        at = 0
        while at < len(self._tokens):
            length = 1
            if (named := self._symptom(at)) is not None:
                events[at] = named
                length = named[1]
            elif (value := self._number(at)) is not None:
                events[at] = (value, 1)
            at += length
        return events

    def _symptom(self, at: int) -> tuple[Symptom, int] | None:
        for length in range(_LONGEST_LABEL, 0, -1):
            words = tuple(token.word for token in self._tokens[at : at + length])
            if len(words) == length and words in self._vocabulary.symptoms:
                return self._vocabulary.symptoms[words], length
        return None

    def _number(self, at: int) -> int | None:
        word = self._tokens[at].word
        return int(word) if word.isdecimal() and len(word) <= 4 else self._vocabulary.numbers.get(word)

    def _digits_in_one(self, word: str) -> list[int]:
        """`3201` is four scores; with a `10` in it, it could be three."""
        if word.isdecimal() and len(word) == len(IN_ORDER) and "10" not in word:
            return [int(digit) for digit in word]
        return []

    def _counts_something(self, at: int) -> bool:
        return at + 1 < len(self._tokens) and self._tokens[at + 1].word in self._vocabulary.units

    def _without_day(self, tokens: Sequence[WordToken]) -> tuple[WordToken, ...]:
        """`day 2` says when, not how much."""
        kept: list[WordToken] = []
        skip = False
        for place, token in enumerate(tokens):
            following = tokens[place + 1].word if place + 1 < len(tokens) else ""
            if skip:
                skip = False
            elif token.word in self._vocabulary.day and following.isdecimal():
                skip = True
            else:
                kept.append(token)
        return tuple(kept)

    def _says_nothing(self, word: str) -> bool:
        """Greetings, and the word for a nurse, which is looked for elsewhere."""
        words = self._vocabulary
        return word in words.polite or words.nurse.search(text_normalization.join_words([word])) is not None

    def _rest(self, used: set[int]) -> tuple[str, ...]:
        idle = self._vocabulary.polite | self._vocabulary.joins
        words = (token.word for place, token in enumerate(self._tokens) if place not in used)
        return tuple(word for word in words if word not in idle)


def _clear(marks: Sequence[str]) -> bool:
    """Whether no comma or point can be a decimal one: all numbers are parted alike, or by none of these."""
    return len(set(marks)) <= 1 or not _DECIMAL_MARKS & set(marks)
