"""Numbers that are said once and meant several times: `5 3 and two zeros`, `1 1 et deux fois zéro`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recovery.domain.inbound.score_vocabulary import ScoreVocabulary
from recovery.domain.inbound.scores.item import Item, ItemKind
from recovery.domain.inbound.scores.number_run import IN_ORDER

_OFTEN = (2, 3)


def spelt_out(items: Sequence[Item], words: ScoreVocabulary) -> list[Item] | None:
    """The items with each number as often as it is meant; None where that makes no four numbers."""
    kept: list[Item] = []
    at = 0
    repeated = False
    while at < len(items):
        times, value, length = _repeat(items, at, words)
        if times:
            number = replace(value, kind=ItemKind.NUMBER, plural=False)
            kept.append(replace(number, mark=items[at].mark))
            kept.extend(replace(number, mark=" ") for _ in range(times - 1))
            repeated = True
        else:
            kept.append(items[at])
        at += length
    numbers = sum(item.number for item in kept)
    return kept if repeated and numbers == len(IN_ORDER) else None


def with_again(items: Sequence[Item], words: ScoreVocabulary) -> list[Item]:
    """`redness 4, same for the swelling`: the number before once more, on its side of the other name."""
    for at, item in enumerate(items):
        if item.words[0] not in words.again:
            continue
        heard = (place for place in range(at + 1, len(items)) if items[place].kind is not ItemKind.IDLE)
        name = next(heard, at)
        before = [other for other in items[:at] if other.kind in (ItemKind.NUMBER, ItemKind.NAME)]
        numbers = [other for other in before if other.number]
        if not numbers or items[name].kind is not ItemKind.NAME or items[name].mark.strip():
            continue
        number = replace(numbers[-1], words=item.words, mark=item.mark)
        if before[-1].number:
            idle = replace(item, kind=ItemKind.IDLE)
            beside = replace(number, mark=" ")
            return [*items[:at], idle, *items[at + 1 : name + 1], beside, *items[name + 1 :]]
        return [*items[:at], number, *items[at + 1 :]]
    return list(items)


def _repeat(items: Sequence[Item], at: int, words: ScoreVocabulary) -> tuple[int, Item, int]:
    """How often which number is meant here, and over how many items; 0 times for no repeat."""
    first = items[at]
    none = (0, first, 1)
    after = items[at + 1 : at + 3]
    often = _count(first, words)
    if often not in _OFTEN or not after or after[0].mark.strip():
        return none
    if after[0].number and after[0].plural:
        return often, after[0], 2
    said = len(after) == 2 and after[0].words[0] in words.times and not after[1].mark.strip()
    return (often, after[1], 3) if said and after[1].number else none


def _count(item: Item, words: ScoreVocabulary) -> int:
    """The number, of a figure before "times" too."""
    if item.number:
        return item.value
    word = item.words[0]
    if item.kind is not ItemKind.FIGURE:
        return 0
    return int(word) if word.isdecimal() and len(word) == 1 else words.numbers.get(word, 0)
