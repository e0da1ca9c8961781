"""Numbers paired with the names or first letters of symptoms beside them, or with a word for all of them or
for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound.scores import symptom_denial
from recovery.domain.inbound.scores.item import Item, ItemKind
from recovery.domain.inbound.scores.number_run import IN_ORDER

_MOST_FOR_ALL = 6
"""A higher number for everything at once is rather praise than four scores."""
_LEAST_LETTERS = 2
_LEAST_NAMES = 3
_MOST_WORDS_BETWEEN = 2
_FOUR = 4
_LONG_WORD = 7


@dataclass(frozen=True, kw_only=True)
class NamedScores:
    """What is given by name. `strays` are numbers without a name; `failed` says that names and numbers do
    not fit each other."""

    scores: Mapping[Symptom, int] = field(default_factory=dict)
    used: frozenset[int] = frozenset()
    for_all: int | None = None
    strays: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class _Event:
    item: Item
    at: int


@dataclass(slots=True)
class _Part:
    """What stands between two marks: its names and numbers, and whether other words are among them."""

    events: list[_Event]
    pure: bool
    places: list[int]
    denied: list[Item] = field(default_factory=list)
    others: int = 0

    def kinds(self) -> list[str]:
        return ["N" if event.item.number else "L" for event in self.events]


@dataclass(slots=True)
class _Found:
    """The pairs so far."""

    values: dict[Symptom, int] = field(default_factory=dict)
    evidence: list[bool] = field(default_factory=list)
    groups: dict[ItemKind, int] = field(default_factory=dict)
    crossed: bool = False
    last: tuple[int, bool] | None = None
    used: set[int] = field(default_factory=set)
    group_pure: bool = True
    strays: int = 0
    pure_strays: int = 0
    sequence: list[tuple[int, int, Symptom | None]] = field(default_factory=list)
    failed: bool = False


def find(items: Sequence[Item], *, answered: bool) -> NamedScores:
    """The scores by name; `answered` says that other scores of the text are known already."""
    letters = _letters(items)
    if letters is None:
        return NamedScores(failed=True)
    denied = symptom_denial.with_listed(symptom_denial.denied(letters))
    parts = _merged(list(_parts(denied)))
    pairs = _Found()
    for part in parts:
        _read(part, letters, pairs)
    return _checked(pairs, answered=answered)


def _letters(items: Sequence[Item]) -> list[Item] | None:
    """The items with each first letter as its symptom; None where one may be two symptoms."""
    letters = [item for item in items if item.letter]
    names = [item for item in items if item.kind is ItemKind.NAME]
    if len(letters) < _LEAST_LETTERS or len(names) < _LEAST_NAMES:
        return [replace(item, kind=ItemKind.IDLE) if item.letter else item for item in items]
    doubtful = [item.words[0] for item in letters if len(item.symptoms) > 1]
    known = [item.symptoms[0] for item in names if len(item.symptoms) == 1]
    meant = _meant(doubtful, known)
    if meant is None:
        return None
    queue = iter(meant)
    return [
        replace(item, symptoms=(next(queue),)) if item.letter and len(item.symptoms) > 1 else item
        for item in items
    ]


def _meant(letters: Sequence[str], known: Sequence[Symptom]) -> tuple[Symptom, ...] | None:
    """What P and D stand for, beside what is named for certain."""
    peeling, pain = Symptom.PEELING, Symptom.PAIN
    if not letters:
        return ()
    if len(letters) > 2 or (len(letters) == 2 and {peeling, pain} & set(known)):
        return None
    if len(letters) == 2:
        if letters[0] == letters[1] or letters[0] == "p":
            return peeling, pain
        asked = [symptom for symptom in known if symptom in IN_ORDER[:2]]
        return None if asked == list(IN_ORDER[:2]) else (pain, peeling)
    if peeling in known:
        return (pain,)
    return (peeling,) if pain in known or letters[0] == "p" else None


def _parts(items: Sequence[Item]) -> Iterator[_Part]:
    part = _Part([], True, [])
    for at, item in enumerate(_groups(items)):
        if (symptom_denial.PARTS & set(item.mark) or item.kind is ItemKind.TURN) and part.places:
            yield part
            part = _Part([], True, [])
        part.places.append(at)
        if item.number or item.kind in (ItemKind.NAME, *symptom_denial.GROUPS):
            part.events.append(_Event(item, at))
        elif item.kind is ItemKind.DENIED:
            part.denied.append(item)
        elif item.kind not in (ItemKind.IDLE, ItemKind.TURN):
            part.pure = False
            part.others += 1
    if part.places:
        yield part


def _groups(items: Sequence[Item]) -> list[Item]:
    """Words for everything count only beside a number; `four zeros` is one number for everything."""
    kept = list(items)
    heard = [at for at, item in enumerate(items) if item.kind is not ItemKind.IDLE]
    for place, at in enumerate(heard):
        near = [
            items[heard[other]]
            for other in (place - 1, place + 1)
            if 0 <= other < len(heard)
            and symptom_denial.follows(items, before=min(at, heard[other]), at=max(at, heard[other]))
        ]
        weak = items[at].kind is ItemKind.OTHERS
        if items[at].kind in symptom_denial.GROUPS and not any(
            item.number and (weak or not item.weak) for item in near
        ):
            kept[at] = replace(items[at], kind=ItemKind.IDLE)
        if items[at].plural and place and items[heard[place - 1]].value == _FOUR:
            kept[heard[place - 1]] = replace(items[at], kind=ItemKind.EVERYTHING, plural=False)
    return kept


def _merged(parts: Sequence[_Part]) -> list[_Part]:
    """`only the pain, about 3`: a name and the number after its mark belong together."""
    merged: list[_Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if (
            last
            and last.kinds()[-1:] == ["L"]
            and len(last.events) % 2
            and part.kinds() == ["N"]
            and part.pure
            and last.pure
        ):
            merged[-1] = _Part(last.events + part.events, True, last.places + part.places, last.denied)
        else:
            merged.append(part)
    return merged


def _read(part: _Part, items: Sequence[Item], pairs: _Found) -> None:
    for item in part.denied:
        pairs.values.setdefault(item.symptoms[0], 0)
    events = _with_everything(part.events)
    kinds = ["N" if event.item.number else "L" for event in events]
    if "L" not in kinds:
        _stray(part, pairs)
        return
    if "N" not in kinds:
        return
    lead = _lead(events) if not pairs.used and not pairs.values else 0
    for event, symptom in zip(events[:lead], IN_ORDER, strict=False):
        pairs.values[symptom] = event.item.value
        pairs.evidence.append(part.pure)
        pairs.used.add(event.at)
    events = events[lead:]
    if len(events) % 2 and len(events) > 1 and _unfinished(events[-1], items):
        events = events[:-1]
    if len(events) % 2:
        pairs.failed = True
        return
    for first, second in zip(events[::2], events[1::2], strict=True):
        _pair(first, second, part, items, pairs)


def _unfinished(event: _Event, items: Sequence[Item]) -> bool:
    """Whether a last word belongs to what follows: `pain 1 and two blisters`, `redness 2, the others`."""
    after = items[event.at + 1] if event.at + 1 < len(items) else None
    if event.item.kind is ItemKind.NAME:
        return after is not None and after.kind is ItemKind.TURN
    if event.item.kind is ItemKind.OTHERS:
        return True
    return event.item.spelt and after is not None and after.kind is ItemKind.WORD and not after.mark.strip()


def _stray(part: _Part, pairs: _Found) -> None:
    numbers = [event for event in part.events if not event.item.weak]
    pairs.strays += len(numbers)
    if part.pure:
        pairs.sequence.extend((event.at, event.item.value, None) for event in numbers)
    pairs.pure_strays += len(numbers) if part.pure or part.others <= len(numbers) else 0


def _lead(events: Sequence[_Event]) -> int:
    """How many numbers stand before one for the others: `4, then 2 for the rest`."""
    groups = [event for event in events if event.item.kind in symptom_denial.GROUPS]
    if len(groups) != 1 or any(event.item.kind is ItemKind.NAME for event in events):
        return 0
    return (
        len(events) - 2 if events[-2:] and groups[0] in events[-2:] and len(events) - 2 < len(IN_ORDER) else 0
    )


def _with_everything(events: Sequence[_Event]) -> list[_Event]:
    """`zeros, pain 1`: a plural without a word for all is one for all."""
    kept: list[_Event] = []
    for place, event in enumerate(events):
        near = [events[other] for other in (place - 1, place + 1) if 0 <= other < len(events)]
        if event.item.plural and not any(other.item.kind in symptom_denial.GROUPS for other in near):
            kept.append(_Event(replace(event.item, kind=ItemKind.EVERYTHING), event.at))
        kept.append(event)
    return kept


def _pair(first: _Event, second: _Event, part: _Part, items: Sequence[Item], pairs: _Found) -> None:
    number, name = (first, second) if first.item.number else (second, first)
    if not number.item.number or name.item.number:
        pairs.failed = True
        return
    between = sum(item.kind is ItemKind.WORD for item in items[first.at + 1 : second.at])
    if between > _MOST_WORDS_BETWEEN or (between and len(part.events) > 2):
        pairs.failed = True
        return
    value = number.item.value
    if name.item.kind in symptom_denial.GROUPS:
        pairs.failed = pairs.failed or name.item.kind in pairs.groups
        pairs.groups[name.item.kind] = value
        pure = part.pure or _for_all(first, second, name.item, items)
        pairs.group_pure = pairs.group_pure and pure
        pairs.evidence.append(pure)
    else:
        symptom = name.item.symptoms[0]
        pairs.failed = pairs.failed or pairs.values.get(symptom, value) != value
        pairs.values[symptom] = value
        pairs.sequence.append((number.at, value, symptom))
        if value or not number.item.spelt:
            _cross(first is number, first.at, number.at, items, pairs)
        if not number.item.weak and not (value == 0 and first is number and _more_said(items)):
            counted = second.at == first.at + 1 and _counted(first.item, second.item, items)
            pairs.evidence.append(
                not between and not counted and (_alone(part, items) or _plain(first, second, part, items))
            )
    pairs.used.update(range(first.at, second.at + 1))


def _more_said(items: Sequence[Item]) -> bool:
    """Whether a text is more than names and numbers: then `zero pain` may be no answer, but small talk."""
    return any(item.kind not in (ItemKind.NAME, ItemKind.NUMBER) for item in items)


def _for_all(first: _Event, second: _Event, name: Item, items: Sequence[Item]) -> bool:
    """Whether a number and a phrase for all are so near that nothing else matters: `1 all round, love`."""
    plural = first.at != second.at and (first.item.plural or second.item.plural)
    strong = plural or len(name.words) > 1 or len(name.words[0]) >= _LONG_WORD
    return (
        strong
        and second.at - first.at <= _MOST_WORDS_BETWEEN
        and all(item.kind is ItemKind.IDLE for item in items[first.at + 1 : second.at])
    )


def _alone(part: _Part, items: Sequence[Item]) -> bool:
    """Whether no other word stands before the last name or number of a part, or right after it."""
    last = part.events[-1].at
    before = [items[at] for at in part.places if at < last]
    after = [items[at] for at in part.places if at == last + 1]
    figure = any(items[at].kind is ItemKind.FIGURE for at in part.places)
    return not figure and all(item.kind is not ItemKind.WORD for item in [*before, *after])


def _plain(first: _Event, second: _Event, part: _Part, items: Sequence[Item]) -> bool:
    """Whether a figure is a score whatever else is said: `he said pain 1`, `the swelling is a 2 honestly`.

    A name right beside its number is one of pain or of redness: what swells or peels may be counted.
    """
    figure = any(items[at].kind is ItemKind.FIGURE for at in part.places)
    if figure or any(event.item.spelt for event in (first, second)):
        return False
    linked = second.at > first.at + 1
    after = items[second.at + 1] if second.at + 1 < len(items) else None
    ends = after is None or after.kind is not ItemKind.WORD or bool(after.mark.strip())
    opens = not first.item.number and first.at == 0
    sure = opens or any(
        {Symptom.PAIN, Symptom.REDNESS} & set(event.item.symptoms) for event in (first, second)
    )
    return linked or (ends and sure)


def _counted(first: Item, second: Item, items: Sequence[Item]) -> bool:
    """Whether two words side by side among others may be no score: `just 3 flakes`, `the flaky one`."""
    if all(item.kind is not ItemKind.WORD for item in items):
        return False
    if first.number:
        if first.words == ("one",):
            return True
        return second.words[-1].endswith("s") and not second.words[-1].endswith("ss")
    return second.words == ("one",)


def _cross(number_first: bool, start: int, at: int, items: Sequence[Item], pairs: _Found) -> None:
    """`redness 3, 2 swelling`: of two numbers side by side nobody knows whose is whose."""
    if pairs.last is not None and number_first and not pairs.last[1]:
        between = items[pairs.last[0] + 1 : start]
        pairs.crossed = pairs.crossed or all(item.kind is ItemKind.IDLE for item in between)
    pairs.last = (at, number_first)


def _ordered(pairs: _Found) -> NamedScores | None:
    """`redness 3, 2, 0, 1`: four numbers in the order asked, some with their names."""
    if (
        not pairs.values
        or len(pairs.sequence) != len(IN_ORDER)
        or pairs.strays != pairs.pure_strays
        or pairs.groups
    ):
        return None
    scores = {}
    for (_, value, named), asked in zip(
        sorted(pairs.sequence, key=lambda one: one[0]), IN_ORDER, strict=True
    ):
        if named not in (None, asked):
            return None
        scores[asked] = value
    return NamedScores(scores=scores, used=frozenset(pairs.used | {at for at, _, _ in pairs.sequence}))


def _before_others(pairs: _Found) -> dict[Symptom, int]:
    """`3 2, the rest 0`: numbers without names are the first that are asked."""
    if pairs.strays != pairs.pure_strays or len(pairs.sequence) >= len(IN_ORDER):
        return {}
    pairs.strays = pairs.pure_strays = 0
    values = (value for _, value, _ in sorted(pairs.sequence, key=lambda one: one[0]))
    return dict(zip(IN_ORDER, values, strict=False))


def _checked(pairs: _Found, *, answered: bool) -> NamedScores:
    scores = dict(pairs.values)
    if not pairs.failed and pairs.pure_strays and (ordered := _ordered(pairs)) is not None:
        return ordered
    others = pairs.groups.get(ItemKind.OTHERS)
    if others is not None and not scores:
        scores = _before_others(pairs)
    everything = pairs.groups.get(ItemKind.EVERYTHING)
    if others is not None and not scores:
        pairs.failed = True
    filled = others if others is not None else everything
    if filled is not None:
        scores = dict.fromkeys(IN_ORDER, filled) | scores
    doubtful = (
        pairs.crossed
        or bool(pairs.pure_strays)
        or (everything is not None and (everything > _MOST_FOR_ALL or bool(pairs.strays)))
        or (filled is not None and not pairs.group_pure)
        or (len(scores) == 1 and bool(pairs.strays))
        or (len(pairs.evidence) == 1 and not pairs.evidence[0])
    )
    if not answered and not pairs.evidence:
        return NamedScores(strays=pairs.strays, failed=pairs.failed)
    return NamedScores(
        scores=scores,
        used=frozenset(pairs.used),
        for_all=everything,
        strays=pairs.strays,
        failed=pairs.failed or doubtful,
    )
