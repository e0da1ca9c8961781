"""Makes items of a text's words: which are numbers, ranges, decimals, times, counts or days, which name a
symptom, all or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recovery.domain.clinical.symptoms import MAX_SCORE
from recovery.domain.inbound.score_vocabulary import ScoreVocabulary
from recovery.domain.inbound.scores import day_change, symptom_name
from recovery.domain.inbound.scores.item import Item, ItemKind

_WORD = re.compile(r"(?<![\d:.,/])\d{1,2}[h:][0-5]\d(?![\d:h])|\d+|[^\W\d_]+")
"""A word, a number, or a time of the day: `7h15`, `10:45`."""
_TIME_PARTS = re.compile(r"\d+|[h]")
_TYPED_LETTERS = re.compile(r"(?<![^\W_])(?=\d*[ol])(?=[ol]*\d)[\dol]{3,4}(?![^\W_])")
"""Letters for digits in one word of digits, as in `3o21`."""
_CURRENCIES = frozenset("#£$€%°º")
_APOSTROPHES = ("'", "’")
_ENDINGS = frozenset(("s", "m", "d", "ll", "re", "ve"))
_WIDEST_RANGE = 2
_JOINED = 4
_CENTURIES = ("19", "20")
"""Four digits that begin so are a year."""
_MANY = frozenset("023456789")
_LONGEST_PHRASE = 5


@dataclass(frozen=True, slots=True)
class _Word:
    word: str
    mark: str
    after: str = ""


def read_items(plain: str, words: ScoreVocabulary, *, idle: frozenset[str], sounds: bool) -> list[Item]:
    """The items of a text in plain letters; `sounds` takes what sounds or looks like a number as one."""
    split = _split(plain, joined=sounds)
    said = [word.word for word in split]
    items: list[Item] = []
    at = 0
    while at < len(split):
        item, length = _item(split, said, at, words, idle, sounds=sounds)
        items.append(item)
        at += length
    items = _without_articles(_without_repeats(day_change.without_earlier(items, words)), words)
    return _ranges(items, words, sounds=sounds)


def may_sound(plain: str, words: ScoreVocabulary) -> bool:
    """Whether anything in a text sounds or looks like a number."""
    return any(match[0] in words.sounds for match in _WORD.finditer(plain)) or bool(
        _TYPED_LETTERS.search(plain)
    )


def _split(plain: str, *, joined: bool) -> list[_Word]:
    if joined:
        plain = _TYPED_LETTERS.sub(lambda found: found[0].replace("o", "0").replace("l", "1"), plain)
    found = list(_WORD.finditer(plain))
    split: list[_Word] = []
    end = 0
    for place, match in enumerate(found):
        mark = plain[end : match.start()]
        following = found[place + 1].start() if place + 1 < len(found) else len(plain)
        end = match.end()
        if not (match[0] in _ENDINGS and mark in _APOSTROPHES) and not (
            match[0] == "ish" and not mark.strip()
        ):
            split.append(_Word(match[0], mark, plain[end:following]))
    return split


def _item(
    split: Sequence[_Word],
    said: Sequence[str],
    at: int,
    words: ScoreVocabulary,
    idle: frozenset[str],
    *,
    sounds: bool,
) -> tuple[Item, int]:
    """The item that begins here, and over how many words it goes."""
    here = split[at]
    if here.word in words.day and (length := _day(split, at, words)):
        return _several(ItemKind.IDLE, split, at, length)
    if length := _phrase(said, at, words.empty):
        return _several(ItemKind.IDLE, split, at, length)
    if (plural := _plural(split, at, words)) is not None:
        return plural
    if (named := symptom_name.name_at(said, at, words=words)) is not None:
        symptom, length = named
        name = tuple(said[at : at + length])
        return Item(kind=ItemKind.NAME, words=name, mark=here.mark, symptoms=(symptom,)), length
    for kind, phrases in (
        (ItemKind.OTHERS, words.others),
        (ItemKind.EVERYTHING, words.everything),
        (ItemKind.NOTHING, words.lacking),
    ):
        if length := _phrase(said, at, phrases):
            return _several(kind, split, at, length)
    return _single(split, at, words, idle, sounds=sounds), 1


def _several(kind: ItemKind, split: Sequence[_Word], at: int, length: int) -> tuple[Item, int]:
    said = tuple(word.word for word in split[at : at + length])
    return Item(kind=kind, words=said, mark=split[at].mark), length


def _day(split: Sequence[_Word], at: int, words: ScoreVocabulary) -> int:
    """How many words a day with its number takes: `day 2`, `day 2 of 7`; 0 for none, as in `second day 3`."""
    told = at > 0 and not split[at].mark.strip() and split[at - 1].word in words.ordinals | words.units
    if told or not _numbered(split, at, words):
        return 0
    after = split[at + 2 : at + 4]
    whole = (
        len(after) == 2
        and after[0].word in words.prepositions | words.out_of_words
        and after[1].word.isdecimal()
        and not (after[0].mark + after[1].mark).strip()
    )
    slashed = after[:1] and after[0].mark == "/" and after[0].word.isdecimal()
    return 4 if whole else 3 if slashed and not _slashed_on(after) else 2


def _slashed_on(after: Sequence[_Word]) -> bool:
    return len(after) > 1 and after[1].mark.strip() == "/"


def _numbered(split: Sequence[_Word], at: int, words: ScoreVocabulary) -> bool:
    """Whether a number follows without a mark: `day 2`, `day two`."""
    if at + 1 >= len(split) or split[at + 1].mark.strip():
        return False
    return split[at + 1].word.isdecimal() or split[at + 1].word in words.numbers


def _plural(split: Sequence[_Word], at: int, words: ScoreVocabulary) -> tuple[Item, int] | None:
    here = split[at].word
    if here in words.plurals:
        said, length = here, 1
    elif here.isdecimal() and at + 1 < len(split) and here + split[at + 1].word in words.plurals:
        said, length = here + split[at + 1].word, 2
        if split[at + 1].mark or (
            at + 2 < len(split) and split[at + 2].word.isdecimal() and not split[at + 2].mark
        ):
            return None
    else:
        return None
    value = words.plurals[said]
    return Item(kind=ItemKind.NUMBER, words=(said,), mark=split[at].mark, value=value, plural=True), length


def _phrase(said: Sequence[str], at: int, phrases: frozenset[tuple[str, ...]]) -> int:
    """The longest of these phrases that begins here, in words; 0 for none."""
    for length in range(min(_LONGEST_PHRASE, len(said) - at), 0, -1):
        if tuple(said[at : at + length]) in phrases:
            return length
    return 0


def _single(
    split: Sequence[_Word], at: int, words: ScoreVocabulary, idle: frozenset[str], *, sounds: bool
) -> Item:
    here = split[at]
    said = (here.word,)
    if here.word.isdecimal():
        return _digits(split, at, words)
    if here.word[0].isdecimal():
        return Item(
            kind=ItemKind.FIGURE, weak=True, words=tuple(_TIME_PARTS.findall(here.word)), mark=here.mark
        )
    value = words.numbers.get(here.word)
    if value is None and sounds:
        value = words.sounds.get(here.word)
    if value is not None and not _counts(split, at, words):
        return Item(kind=ItemKind.NUMBER, words=said, mark=here.mark, value=value, spelt=True)
    if value is not None:
        return Item(kind=ItemKind.FIGURE, words=said, mark=here.mark, weak=True)
    if here.word in words.letters and _letter(split, at, words):
        return Item(
            kind=ItemKind.NAME, words=said, mark=here.mark, symptoms=words.letters[here.word], letter=True
        )
    kinds = (
        (ItemKind.TURN, words.turns),
        (ItemKind.NOTHING, words.nothing),
        (ItemKind.NO, words.no),
        (ItemKind.PARTING, words.parting),
        (ItemKind.IDLE, idle),
    )
    kind = next((kind for kind, known in kinds if here.word in known), ItemKind.WORD)
    return Item(kind=kind, words=said, mark=here.mark)


def _digits(split: Sequence[_Word], at: int, words: ScoreVocabulary) -> Item:
    here = split[at]
    said = (here.word,)
    if _CURRENCIES & set(here.mark.strip()[-1:] + here.after.strip()[:1]) or _counts(split, at, words):
        return Item(kind=ItemKind.FIGURE, words=said, mark=here.mark, weak=True)
    if _decimal(split, at):
        return Item(kind=ItemKind.FIGURE, words=said, mark=here.mark, weak=True)
    if len(here.word) == _JOINED and here.word[:2] not in _CENTURIES:
        return Item(kind=ItemKind.JOINED, words=said, mark=here.mark)
    if (here.word != "0" and here.word.startswith("0")) or len(here.word) > 2 or int(here.word) > MAX_SCORE:
        return Item(kind=ItemKind.FIGURE, words=said, mark=here.mark)
    return Item(kind=ItemKind.NUMBER, words=said, mark=here.mark, value=int(here.word))


def _counts(split: Sequence[_Word], at: int, words: ScoreVocabulary) -> bool:
    """Whether a unit follows; a letter before a digit is a symptom: `R5H3`."""
    if at + 1 >= len(split) or split[at + 1].word not in words.units or split[at + 1].mark.strip():
        return False
    unit = split[at + 1]
    if unit.word in words.lists and _numbered(split, at + 1, words):
        return False
    if (unit.word, split[at + 2].word if at + 2 < len(split) else "") in words.everything:
        return False
    if unit.word in words.day and (_numbered(split, at + 1, words) or split[at].word in _MANY):
        return False
    if unit.mark and (len(unit.word) == 1 or (unit.word,) in words.symptoms):
        return False
    return not (split[at + 1].word in words.letters and _letter(split, at + 1, words))


def _letter(split: Sequence[_Word], at: int, words: ScoreVocabulary) -> bool:
    """Whether a number follows a letter, with nothing but a colon or the like between."""
    if at + 1 >= len(split):
        return False
    after = split[at + 1]
    return after.mark.strip() in ("", ":", "=", "-") and (
        after.word.isdecimal() or after.word in words.numbers
    )


def _decimal(split: Sequence[_Word], at: int) -> bool:
    """Whether a point, comma or colon ties two numbers: `38.2`, `9:30`. Three so tied are a list."""
    first = at
    while first and _tied(split, first):
        first -= 1
    last = at
    while last + 1 < len(split) and _tied(split, last + 1):
        last += 1
    if last == first:
        return False
    marks = {split[place].mark for place in range(first + 1, last + 1)}
    around = [split[first].mark if first else "", split[last + 1].mark if last + 1 < len(split) else ""]
    listed = last - first >= 2 or any(
        mark.strip() in (",", ";") and mark.strip() in marks and number
        for mark, number in zip(around, _numbers_around(split, first, last), strict=True)
    )
    return len(marks) > 1 or (not listed) or (marks == {":"} and last - first < 3)


def _numbers_around(split: Sequence[_Word], first: int, last: int) -> tuple[bool, bool]:
    return (
        first > 0 and split[first - 1].word.isdecimal(),
        last + 1 < len(split) and split[last + 1].word.isdecimal(),
    )


def _tied(split: Sequence[_Word], at: int) -> bool:
    return (
        split[at].mark in (".", ",", ":", "'", "’")
        and split[at].word.isdecimal()
        and split[at - 1].word.isdecimal()
    )


def _without_repeats(items: Sequence[Item]) -> list[Item]:
    """`three (3)` is one number."""
    return [
        item
        for at, item in enumerate(items)
        if not (
            at
            and item.number
            and items[at - 1].number
            and "(" in item.mark
            and item.value == items[at - 1].value
        )
    ]


def _without_articles(items: Sequence[Item], words: ScoreVocabulary) -> list[Item]:
    """`un 3`, `un dos, un tres`, `un poco`: no number where something follows that it belongs to."""
    kept = list(items)
    for at, item in enumerate(items[:-1]):
        following = items[at + 1]
        before = items[at - 1].kind if at else ItemKind.WORD
        if item.words[0] not in words.articles or not item.number or _ends_here(following, words):
            continue
        if following.number:
            article = item.words[0] in words.lists and not (following.spelt and _listed(items, at))
        elif following.kind is ItemKind.NAME:
            article = before is not ItemKind.NAME
        else:
            article = following.words[0] not in words.prepositions
        if article:
            kept[at] = replace(item, kind=ItemKind.IDLE)
    return kept


def _ends_here(following: Item, words: ScoreVocabulary) -> bool:
    return bool(following.mark.strip()) or following.words in words.empty


def _listed(items: Sequence[Item], at: int) -> bool:
    """Whether numbers follow each other here without marks."""
    if at:
        return items[at - 1].number and not items[at].mark.strip()
    return len(items) > 2 and items[2].number and not items[2].mark.strip()


def _ranges(items: Sequence[Item], words: ScoreVocabulary, *, sounds: bool) -> list[Item]:
    """`3-4`, `between 3 and 4`, `3 or 4` as the higher of the two."""
    kept: list[Item] = []
    at = 0
    while at < len(items):
        length = _range(items, at, words, sounds=sounds)
        if length:
            first, last = items[at], items[at + length - 1]
            kept.append(replace(last, mark=first.mark))
            at += length
        else:
            kept.append(items[at])
            at += 1
    return kept


def _range(items: Sequence[Item], at: int, words: ScoreVocabulary, *, sounds: bool) -> int:
    """How many items a range takes that begins here; 0 for no range."""
    if (
        items[at].words[0] in words.between
        and at + 3 < len(items)
        and items[at + 1].number
        and items[at + 3].number
    ):
        return 4 if items[at + 2].kind is ItemKind.IDLE else 0
    if not items[at].number:
        return 0
    if (
        at + 2 < len(items)
        and not items[at + 1].number
        and items[at + 2].number
        and _near(items[at], items[at + 2])
    ):
        word = items[at + 1].words[0]
        named = at > 0 and items[at - 1].kind is ItemKind.NAME
        either = word in words.either or (named and word in words.perhaps)
        either = either and not items[at + 1].number and not items[at + 1].mark.strip()
        return 3 if either and not (sounds and word in words.sounds) else 0
    if at + 1 >= len(items) or not items[at + 1].number or not _near(items[at], items[at + 1]):
        return 0
    mark = items[at + 1].mark
    named = at > 0 and items[at - 1].kind is ItemKind.NAME
    if mark not in ("-", "–") and not (mark == "/" and named):
        return 0
    before = at > 0 and items[at - 1].number and items[at].mark == mark
    after = at + 2 < len(items) and items[at + 2].number and items[at + 2].mark == mark
    return 0 if before or after else 2


def _near(first: Item, second: Item) -> bool:
    return 0 < second.value - first.value <= _WIDEST_RANGE
