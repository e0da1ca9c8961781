"""Numbers in a row, as the check-in asks for them, `3 2 0 1` or `3201`: where rows begin and end, and codes,
dates and decimals in them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound.score_vocabulary import ScoreVocabulary
from recovery.domain.inbound.scores.item import Item, ItemKind

IN_ORDER = (Symptom.REDNESS, Symptom.SWELLING, Symptom.PEELING, Symptom.PAIN)
"""What the check-in text asks for, in its order; three numbers leave the last one out."""

_THREE = 3
_FIVE = 5
_TEN = "10"
_NO_NUMBER = "00"
"""What no house or code begins with, so that words may follow."""
_MOST_BETWEEN = 3
_NEAR_CODE = 4
_DECIMAL_MARKS = frozenset((",", "."))
_SENTENCE_END = frozenset(".!?\n;")
_GAP = "?"
_LINE = "_"
_DASHES = frozenset(("-", "–", "—"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRun:
    """Where numbers follow each other; not `clear` where one is none, or a gap stands between."""

    start: int
    end: int
    values: tuple[int, ...]
    clear: bool = True


def find_runs(items: Sequence[Item], words: ScoreVocabulary) -> list[NumberRun]:
    """All runs of numbers, those of one number too."""
    runs = []
    at = 0
    while at < len(items):
        if not _counted(items[at]):
            at += 1
            continue
        places = [at]
        while (following := _next(items, places[-1], words)) is not None:
            if len(places) == len(IN_ORDER) and _new_sentence(items, places, following):
                break
            places.append(following)
        runs.append(_run(items, places))
        at = places[-1] + 1
    return runs


def with_nothings(items: Sequence[Item]) -> list[Item]:
    """The items with `nothing` as a number where one stands beside it."""
    return [
        replace(item, kind=ItemKind.NUMBER, spelt=True) if item.kind is ItemKind.NOTHING else item
        for item in items
    ]


def the_four(items: Sequence[Item], runs: Sequence[NumberRun], *, words: ScoreVocabulary) -> NumberRun | None:
    """The one run of four; of several the one of today."""
    fours = [
        run
        for run in runs
        if run.clear and len(run.values) == len(IN_ORDER) and not _named_otherwise(items, run, words)
    ]
    if len(fours) > 1:
        fours = [run for run in fours if _just_before(items, run) & words.now] or [
            run for run in fours if not _just_before(items, run) & words.past
        ]
    return fours[0] if len(fours) == 1 else None


def the_three(
    items: Sequence[Item], runs: Sequence[NumberRun], *, words: ScoreVocabulary
) -> NumberRun | None:
    """A run of three that stands by itself."""
    threes = [run for run in runs if len(run.values) == _THREE]
    if len(threes) != 1 or any(len(run.values) > _THREE for run in runs):
        return None
    run = threes[0]
    if not run.clear or _named_otherwise(items, run, words):
        return None
    if any(
        item.kind in (ItemKind.FIGURE, ItemKind.JOINED, ItemKind.OTHERS, ItemKind.EVERYTHING)
        for item in items
    ):
        return None
    idle_before = all(item.kind is ItemKind.IDLE for item in items[: run.start])
    begins = idle_before or bool(items[run.start].mark.strip())
    after = items[run.end] if run.end < len(items) else None
    ends = (
        after is None
        or after.kind in (ItemKind.IDLE, ItemKind.NO, ItemKind.NOTHING)
        or bool(after.mark.strip() and "?" not in after.mark)
    )
    return run if begins and ends else None


def joined(
    items: Sequence[Item], words: ScoreVocabulary, *, contrast: frozenset[str]
) -> tuple[int, tuple[int, ...]] | None:
    """`3201` and where it stands: what the text begins with, and no other number in it.

    `1032` may begin with a ten.
    """
    places = [at for at, item in enumerate(items) if item.kind is ItemKind.JOINED]
    if len(places) != 1 or any(item.number for item in items):
        return None
    at = places[0]
    if items[at].words[0].startswith(_TEN) or _follows_code(items, at, words):
        return None
    after = items[at + 1] if at + 1 < len(items) else None
    opens = all(item.kind is ItemKind.IDLE for item in items[:at]) or (
        after is None and bool(_SENTENCE_END & set(items[at].mark))
    )
    quits = (
        after is None or bool(after.mark.strip()) or after.kind is ItemKind.IDLE or after.words[0] in contrast
    )
    quits = quits or (at == 0 and items[at].words[0].startswith(_NO_NUMBER))
    return (at, tuple(int(digit) for digit in items[at].words[0])) if opens and quits else None


def _follows_code(items: Sequence[Item], at: int, words: ScoreVocabulary) -> bool:
    """Whether a word just before says that it is a code, be it shortened with a point: `receipt no. 7702`."""
    before = (word for item in items[max(0, at - _NEAR_CODE) : at] for word in item.words)
    return not words.codes.isdisjoint(before)


def _counted(item: Item) -> bool:
    if item.kind is ItemKind.FIGURE:
        return len(item.words) == 1  # a time of the day has several parts, and begins no row
    return (item.number and not item.plural) or item.kind is ItemKind.JOINED


def _next(items: Sequence[Item], at: int, words: ScoreVocabulary) -> int | None:
    """The number that follows this one in the same row."""
    for place in range(at + 1, min(at + 2 + _MOST_BETWEEN, len(items))):
        if "!" in items[place].mark or _trails_off(items[place].mark):
            return None
        if _counted(items[place]):
            return None if _parted(items, at, place) else place
        if items[place].kind is not ItemKind.IDLE or not words.lists.issuperset(items[place].words):
            return None
    return None


def _trails_off(mark: str) -> bool:
    """Whether dots stand for what is missing: `0 0 ... 8`. Right after a number they part it: `0... 8`."""
    return any(dots in mark and not mark.startswith(dots) for dots in ("...", "…"))


def _parted(items: Sequence[Item], at: int, place: int) -> bool:
    """Whether a number begins something new: `39.4. 3 2 0 1`, `till nine. 3 2 0 1`, `3 2 0 1 and 38.2`."""
    ends = bool(_SENTENCE_END & set(items[place].mark))
    if items[at].weak or items[place].weak:
        return ends or place > at + 1
    return ends and items[at].spelt != items[place].spelt


def _new_sentence(items: Sequence[Item], places: Sequence[int], following: int) -> bool:
    """Whether a sentence ends before a number, and no point or line stood between those before it."""
    between = (mark for place in places[1:] for mark in items[place].mark)
    return bool(_SENTENCE_END & set(items[following].mark)) and not _SENTENCE_END & set(between)


def _run(items: Sequence[Item], places: list[int]) -> NumberRun:
    places = _without_noun(items, places)
    marks = []
    gap = False
    for before, place in itertools.pairwise(places):
        between = "".join(item.mark for item in items[before + 1 : place + 1])
        gap = gap or _GAP in between or (_LINE in between and between != _LINE)
        if place == before + 1:
            marks.append(items[place].mark)
    whole = all(items[place].number for place in places)
    return NumberRun(
        start=places[0],
        end=places[-1] + 1,
        values=tuple(items[place].value for place in places),
        clear=whole and not gap and _clear(marks),
    )


def _without_noun(items: Sequence[Item], places: list[int]) -> list[int]:
    """Without a last word that says what follows: `3 2 0 1 and two blisters`, `3 6 0 1, six is the left`."""
    last = places[-1]
    after = items[last + 1] if last + 1 < len(items) else None
    counts = (
        items[last].spelt and after is not None and after.kind is ItemKind.WORD and not after.mark.strip()
    )
    if counts and len(places) > 1 and not items[places[-2]].spelt:
        return places[:-1]
    marked = any(item.mark.strip() for item in items[places[-2] + 1 : last + 1]) if len(places) > 1 else False
    told = len(places) == _FIVE and items[last].spelt and not items[places[-2]].spelt and marked
    return places[:-1] if told else places


def _clear(marks: Sequence[str]) -> bool:
    """Whether no mark can be a decimal one or stand for a number that is missing."""
    bare = {mark.strip() for mark in marks}
    if len(bare) <= 1:
        return True
    if bare & _DASHES and (
        "" in bare or any(mark != mark.strip() for mark in marks if mark.strip() in _DASHES)
    ):
        return False
    if not _DECIMAL_MARKS & bare:
        return True
    spaced = all(mark != mark.strip() for mark in marks)
    return spaced and len(bare - {""}) == 1


def _just_before(items: Sequence[Item], run: NumberRun) -> frozenset[str]:
    return frozenset(word for item in items[max(0, run.start - 3) : run.start] for word in item.words)


def _named_otherwise(items: Sequence[Item], run: NumberRun, words: ScoreVocabulary) -> bool:
    """Whether a word near it in its sentence says that it is a code, a date or a count."""
    before: list[str] = []
    for at in range(run.start, 0, -1):
        if _SENTENCE_END & set(items[at].mark):
            break
        before.extend(items[at - 1].words)
    if before and before[0] in words.since and not items[run.start].mark.strip():
        return True
    after: list[str] = []
    for item in items[run.end : run.end + _NEAR_CODE]:
        aside = words.lists | words.since | words.changed_from
        if item.mark.strip() or item.kind is ItemKind.TURN or item.words[0] in aside:
            break
        after.extend(item.words)
    return bool(words.codes & {*before, *after})
