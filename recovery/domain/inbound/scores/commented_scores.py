"""Four answers with a remark to some: `6 (tomato), 4 (hamster cheeks), 1, 2`."""

from __future__ import annotations

from collections.abc import Sequence

from recovery.domain.inbound.score_vocabulary import ScoreVocabulary
from recovery.domain.inbound.scores.item import Item, ItemKind
from recovery.domain.inbound.scores.number_run import IN_ORDER, NumberRun

_PARTS = frozenset(",;/|\n+•().")
_MOST_WORDS = 8
_LEAST_BARE = 2
_LOUD = (ItemKind.FIGURE, ItemKind.JOINED, ItemKind.EVERYTHING, ItemKind.OTHERS, ItemKind.TURN)


def find(items: Sequence[Item], words: ScoreVocabulary) -> NumberRun | None:
    """The four, each at the start of its part; what a remark names is what is asked in this place.

    At least two of them stand without a remark, or with one in brackets: "2 kids, 3 dogs" are no scores.
    """
    places = [at for at, item in enumerate(items) if item.number]
    if len(places) != len(IN_ORDER) or any(items[at].plural for at in places):
        return None
    if not all(item.kind is ItemKind.IDLE for item in items[: places[0]]):
        return None
    bare = remarks = 0
    for place, at in enumerate(places):
        end = places[place + 1] if place + 1 < len(places) else len(items)
        if place and not _begins(items, places[place - 1], at):
            return None
        remark = _remark(items[at + 1 : end], last=place + 1 == len(places))
        if not _fits(remark, place, words):
            return None
        remarks += bool(remark)
        bare += not remark or "(" in remark[0].mark or remark[0].kind is ItemKind.NAME
    if bare < _LEAST_BARE or not remarks:
        return None
    return NumberRun(start=places[0], end=places[-1] + 1, values=tuple(items[at].value for at in places))


def _begins(items: Sequence[Item], last: int, at: int) -> bool:
    """Whether a mark stands before the number, with words at most that say nothing between."""
    for place in range(at, last, -1):
        if _PARTS & set(items[place].mark):
            return True
        if place - 1 > last and items[place - 1].kind is not ItemKind.IDLE:
            return False
    return False


def _remark(items: Sequence[Item], *, last: bool) -> list[Item]:
    """What is said after a number; after the last one up to the end of its sentence."""
    heard: list[Item] = []
    for item in items:
        if last and _PARTS & set(item.mark) and "(" not in item.mark:
            break
        if item.kind is not ItemKind.IDLE or heard or "(" in item.mark:
            heard.append(item)
    return heard if any(item.kind is not ItemKind.IDLE for item in heard) else []


def _fits(remark: Sequence[Item], place: int, words: ScoreVocabulary) -> bool:
    if len(remark) > _MOST_WORDS or any(item.kind in _LOUD for item in remark):
        return False
    if any(words.codes & set(item.words) for item in remark):
        return False
    named = {symptom for item in remark if item.kind is ItemKind.NAME for symptom in item.symptoms}
    return not named or IN_ORDER[place] in named
