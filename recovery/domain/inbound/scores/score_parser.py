"""Scores in a text, the one way in: each reader of this folder tried in turn, and what is left over
kept as words.

Nothing is guessed: what can be read in two ways is read in none, and the patient is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound import text_normalization
from recovery.domain.inbound.score_vocabulary import ScoreVocabulary
from recovery.domain.inbound.scores import (
    commented_scores,
    enumeration,
    named_scores,
    number_repeat,
    number_run,
    score_item,
)
from recovery.domain.inbound.scores.item import Item, ItemKind
from recovery.domain.inbound.scores.number_run import IN_ORDER, NumberRun
from recovery.domain.inbound.vocabulary import Vocabulary

_OF_TEN = re.compile(r"(?<=\d)\s+(?:of|de|sur)\s+10(?!\d)")
_DIGITS = re.compile(r"\d+")
_LEAST_SOUNDING = 3
"""How many symptoms must be named before what only sounds like a number is one."""


@dataclass(frozen=True, kw_only=True)
class ParsedScores:
    """The scores, and the words of the text that say something else than scores, readable or not.

    `same` says that they are as the last time, `unclear` that numbers answer the check-in and cannot be read.
    """

    scores: Mapping[Symptom, int]
    rest: tuple[str, ...]
    same: bool = False
    unclear: bool = False


def strip_out_of_ten(text: str, vocabulary: Vocabulary) -> str:
    """`3/10` and `three out of ten` as `3` and `three`, in a text that is plain already; `2/0/10` stays."""
    words = vocabulary.scores
    ways = "|".join(re.escape(way) for way in words.out_of)
    spelt = "|".join(re.escape(word) for word in words.numbers)
    tens = "|".join(re.escape(word) for word, value in words.numbers.items() if value == 10)
    text = re.sub(r"(?<![\d/.,])(\d{1,2})\s*/\s*10(?![\d/])", r"\1", text)
    return re.sub(rf"(?<![\w/.,])(\d{{1,2}}|{spelt})\s+(?:{ways})\s+(?:10|{tens})(?![\w/])", r"\1", text)


def parse_scores(text: str, vocabulary: Vocabulary) -> ParsedScores:
    """The scores that a text in plain letters gives, none where none is beyond doubt."""
    words = vocabulary.scores
    idle = vocabulary.polite | words.joins
    if not _may_hold_scores(text, words):
        said = tuple(token.word for token in text_normalization.tokenize(text))
        return _unscored(said, None, vocabulary)
    plain = _without_scale(strip_out_of_ten(text, vocabulary))
    rated = plain != text
    plain = enumeration.without_places(plain, words)
    exact = _items(plain, vocabulary, idle, sounds=False)
    sounding = _items(plain, vocabulary, idle, sounds=True) if score_item.may_sound(plain, words) else exact
    found = (
        _four(exact, vocabulary)
        or _four(sounding, vocabulary)
        or _joined(exact, vocabulary)
        or _joined(sounding, vocabulary)
        or _repeated(exact, vocabulary)
        or _three(exact, vocabulary)
        or _by_name(exact, rated=rated)
        or (_by_name(sounding, rated=rated) if _nothing_else(sounding) else None)
        or _commented(exact, vocabulary)
    )
    if found is not None:
        return found
    said = tuple(word for item in exact for word in item.words)
    meant = next((items for items in (exact, sounding) if _meant(items, vocabulary)), None)
    return _unscored(said, meant, vocabulary)


def _unscored(said: tuple[str, ...], meant: Sequence[Item] | None, vocabulary: Vocabulary) -> ParsedScores:
    """A text without scores that can be read; `meant` are the items of one whose numbers are an answer."""
    same = _same(said, vocabulary)
    rest = () if same else said
    if meant is not None:
        rest = tuple(word for item in meant if item.kind is ItemKind.WORD for word in item.words)
    return ParsedScores(scores={}, rest=rest, same=same, unclear=meant is not None)


def _may_hold_scores(text: str, words: ScoreVocabulary) -> bool:
    """Whether there is a number at all, or letters that may be meant as some."""
    said = {token.word for token in text_normalization.tokenize(text)}
    numbers = words.numbers.keys() | words.plurals.keys() | words.sounds.keys() | words.nothing
    return any(word.isdecimal() for word in said) or bool(said & numbers)


def _without_scale(text: str) -> str:
    """`2 of 10, 0 of 10` without the tens, where they come with every number."""
    kept = _OF_TEN.sub("", text)
    whole = len(_OF_TEN.findall(text)) >= 2 and len(_DIGITS.findall(kept)) == len(_OF_TEN.findall(text))
    return kept if whole else text


def _items(plain: str, vocabulary: Vocabulary, idle: frozenset[str], *, sounds: bool) -> list[Item]:
    items = score_item.read_items(plain, vocabulary.scores, idle=idle, sounds=sounds)
    again = number_repeat.with_again(items, vocabulary.scores)
    return [_nurse_aside(item, vocabulary) for item in again]


def _nurse_aside(item: Item, vocabulary: Vocabulary) -> Item:
    """The word for a nurse is looked for elsewhere."""
    if item.kind is ItemKind.WORD and vocabulary.nurse.search(text_normalization.join_words(item.words)):
        return Item(kind=ItemKind.IDLE, words=item.words, mark=item.mark)
    return item


def _four(items: Sequence[Item], vocabulary: Vocabulary) -> ParsedScores | None:
    for said in (items, number_run.with_nothings(items)):
        run = number_run.the_four(
            said, number_run.find_runs(said, vocabulary.scores), words=vocabulary.scores
        )
        if run is not None and not _of_one_symptom(said, run):
            return _ordered(said, run, {})
    return None


def _of_one_symptom(items: Sequence[Item], run: NumberRun) -> bool:
    """Whether the numbers tell one symptom over some days: "pain 2, 4, 6, 7"."""
    before = items[run.start - 1] if run.start else None
    names = sum(item.kind is ItemKind.NAME for item in items)
    return before is not None and before.kind is ItemKind.NAME and not before.letter and names == 1


def _repeated(items: Sequence[Item], vocabulary: Vocabulary) -> ParsedScores | None:
    said = number_repeat.spelt_out(items, vocabulary.scores)
    return None if said is None else _four(said, vocabulary)


def _commented(items: Sequence[Item], vocabulary: Vocabulary) -> ParsedScores | None:
    """Four with remarks; what is remarked is left for a nurse."""
    run = commented_scores.find(items, vocabulary.scores)
    if run is None:
        return None
    numbers = {at for at, item in enumerate(items) if item.number}
    scores = dict(zip(IN_ORDER, run.values, strict=True))
    return ParsedScores(scores=scores, rest=_rest(items, numbers, named=False))


def _joined(items: Sequence[Item], vocabulary: Vocabulary) -> ParsedScores | None:
    joined = number_run.joined(items, vocabulary.scores, contrast=vocabulary.contrast)
    if joined is None:
        return None
    at, values = joined
    return _ordered(items, NumberRun(start=at, end=at + 1, values=values), {})


def _three(items: Sequence[Item], vocabulary: Vocabulary) -> ParsedScores | None:
    """Three in a row and nothing else that is a number, but the pain by its name."""
    run = number_run.the_three(items, number_run.find_runs(items, vocabulary.scores), words=vocabulary.scores)
    if run is None:
        return None
    if any(item.number for item in items[: run.start]):
        return None
    others = [*items[: run.start], *items[run.end :]]
    named = named_scores.find(others, answered=True)
    if named.failed or named.strays or set(named.scores) - {Symptom.PAIN}:
        return None
    return _ordered(items, run, named.scores)


def _ordered(items: Sequence[Item], run: NumberRun, more: Mapping[Symptom, int]) -> ParsedScores:
    scores = {**dict(zip(IN_ORDER, run.values, strict=False)), **more}
    return ParsedScores(scores=scores, rest=_rest(items, set(range(run.start, run.end)), named=bool(more)))


def _by_name(items: Sequence[Item], *, rated: bool) -> ParsedScores | None:
    """Each number beside its symptom, or beside a word for all or for those not named."""
    found = named_scores.find(items, answered=False)
    if found.failed or not found.scores:
        return None
    if found.for_all is not None and rated:
        return None
    scores = {symptom: found.scores[symptom] for symptom in Symptom if symptom in found.scores}
    return ParsedScores(scores=scores, rest=_rest(items, set(found.used), named=False))


def _nothing_else(items: Sequence[Item]) -> bool:
    """Whether a text is nothing but scores: only then a sound is a number beside a name."""
    names = sum(item.kind is ItemKind.NAME for item in items)
    numbers = sum(item.number or item.kind in (ItemKind.NO, ItemKind.NOTHING) for item in items)
    return _LEAST_SOUNDING <= names <= numbers and all(item.kind is not ItemKind.WORD for item in items)


def _rest(items: Sequence[Item], used: set[int], *, named: bool) -> tuple[str, ...]:
    aside = {ItemKind.IDLE} | ({ItemKind.NAME, ItemKind.NO, ItemKind.NUMBER} if named else set())
    kept = (item for at, item in enumerate(items) if at not in used and item.kind not in aside)
    return tuple(word for item in kept for word in item.words)


def _same(said: tuple[str, ...], vocabulary: Vocabulary) -> bool:
    """Whether a text says that all is as the last time, and nothing else."""
    words = vocabulary.scores
    line = text_normalization.join_words(said)
    if words.same.search(line) is None:
        return False
    left = words.same.sub(" ", line).split()
    return all(word in words.same_around or word in vocabulary.polite for word in left)


def _meant(items: Sequence[Item], vocabulary: Vocabulary) -> bool:
    """Whether numbers answer the check-in, though they cannot be read: nothing but them is said."""
    kinds = {item.kind for item in items}
    numbers = [item for item in items if item.number or item.kind is ItemKind.JOINED]
    spelt = all(item.spelt and not item.plural for item in numbers)
    if spelt and len(numbers) < 2:
        return False
    loud = {ItemKind.WORD, ItemKind.FIGURE}
    if not kinds & loud or _beyond(items):
        return True
    runs = number_run.find_runs(items, vocabulary.scores)
    return any(run.clear and len(run.values) in (3, 5) and run.start == 0 for run in runs) and (
        ItemKind.FIGURE not in kinds
    )


def _beyond(items: Sequence[Item]) -> bool:
    """Whether a text is four numbers of which some are too high: `3 2 0 11`."""
    figures = [item for item in items if item.kind is ItemKind.FIGURE]
    numbers = [item for item in items if item.number]
    bare = all(not item.weak and item.words[0].isdecimal() and len(item.words[0]) == 2 for item in figures)
    return bare and len(items) == len(IN_ORDER) == len(figures) + len(numbers) and len(numbers) > 1
