"""Numbers of an earlier day, or the scale itself, beside those of today: `6 (was 8)`, `from 5 to 1`, `2 now,
5 yesterday`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recovery.domain.clinical.symptoms import MAX_SCORE
from recovery.domain.inbound.score_vocabulary import ScoreVocabulary
from recovery.domain.inbound.scores.item import Item, ItemKind

_ARROWS = frozenset(("->", "-->", "=>", ">", "→", "➡", "➜", "⇒"))
_BACK = 2
_FOUR = 4


def without_earlier(items: Sequence[Item], words: ScoreVocabulary) -> list[Item]:
    """The items, a single number of an earlier day being none."""
    former = {*_former_row(items, words), *_scale(items, words)}
    return [
        replace(item, kind=ItemKind.IDLE)
        if item.number and (at in former or _earlier(items, at, words))
        else item
        for at, item in enumerate(items)
    ]


def _former_row(items: Sequence[Item], words: ScoreVocabulary) -> range:
    """The first four of `from 5 2 4 1 to 3 0 2 0`."""
    for at in range(_FOUR, len(items) - _FOUR):
        around = [*items[at - _FOUR : at], *items[at + 1 : at + 1 + _FOUR]]
        if items[at].words[-1] in words.either and all(item.number for item in around):
            return range(at - _FOUR, at)
    return range(0)


def _scale(items: Sequence[Item], words: ScoreVocabulary) -> list[int]:
    """The ends of `from 0 to 10`: they are what is asked, not an answer."""
    found: list[int] = []
    for at, (first, between, last) in enumerate(zip(items, items[1:], items[2:], strict=False)):
        whole = first.number and last.number and first.value <= 1 and last.value == MAX_SCORE
        if whole and between.words[-1] in words.either and not (between.mark + last.mark).strip():
            found.extend((at, at + 2))
    return found


def _earlier(items: Sequence[Item], at: int, words: ScoreVocabulary) -> bool:
    if _left(items, at, words):
        return True
    if at + 1 < len(items) and items[at + 1].number:
        return False
    before = _spoken_before(items, at)
    if words.past & set(before) and not words.now & set(before):
        return True
    in_row = at > 0 and items[at - 1].number and "(" not in items[at].mark
    return not in_row and _said_of_yesterday(items, at, words)


def _left(items: Sequence[Item], at: int, words: ScoreVocabulary) -> bool:
    """Whether the number went to the one that follows: `from 5 to 1`, `de 3 a 1`, `5 -> 2`."""
    if at + 1 < len(items) and items[at + 1].number:
        return items[at + 1].mark.strip() in _ARROWS and not _chained(items, at)
    if not at or items[at].mark.strip() or at + 2 >= len(items):
        return False
    start = items[at - 1].words[-1]
    if start in words.articles and at > 1:
        start = items[at - 2].words[-1]
    target = at + 2
    if items[target].words[0] in words.articles and not items[target].number and target + 1 < len(items):
        target += 1
    return (
        start in words.changed_from
        and items[at + 1].words[-1] in words.either
        and items[target].number
        and not any(item.mark.strip() for item in items[at + 1 : target + 1])
    )


def _chained(items: Sequence[Item], at: int) -> bool:
    """Whether arrows part a list of numbers: `6>2>3>0`."""
    before = at > 0 and items[at - 1].number
    return before or (at + 2 < len(items) and items[at + 2].number)


def _spoken_before(items: Sequence[Item], at: int) -> list[str]:
    """The words right before a number, up to a mark or another number."""
    spoken: list[str] = []
    for back in range(at, max(0, at - _BACK), -1):
        if items[back].mark.strip() or items[back - 1].number:
            break
        spoken.extend(items[back - 1].words)
    return spoken


def _said_of_yesterday(items: Sequence[Item], at: int, words: ScoreVocabulary) -> bool:
    after = items[at + 1] if at + 1 < len(items) else None
    return after is not None and not after.mark.strip() and after.words[0] in words.yesterday
