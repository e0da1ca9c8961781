"""Which symptom a word for no or nothing denies, by the items right after and before it: `no pain`, `pain
no`, `no redness or pain`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recovery.domain.inbound.scores.item import Item, ItemKind

PARTS = frozenset(",;.!?/\n|+•")
"""The marks that part what is said of one symptom from what is said of the next."""
GROUPS = (ItemKind.EVERYTHING, ItemKind.OTHERS)
"""Words for all symptoms, and for those that are not named."""
_NEAR = 1
"""How many words may stand between a "no" and the name that it denies."""


def denied(items: Sequence[Item]) -> list[Item]:
    """`no pain`, `nothing swollen`, `pele pas`: the name becomes a denied one. `pain none` is a number."""
    kept = list(items)
    not_idle = [at for at, item in enumerate(items) if item.kind is not ItemKind.IDLE]
    for place, at in enumerate(not_idle):
        if items[at].kind not in (ItemKind.NO, ItemKind.NOTHING):
            continue
        after, later = (not_idle[place + by] if place + by < len(not_idle) else None for by in (1, 2))
        before = not_idle[place - 1] if place else None
        if after is not None and _denies(items, at, after) and not _answers(kept, before, at, after):
            doubled = (
                later is not None and items[after].words == ("mal",) and items[later].kind is ItemKind.NAME
            )
            kept[after] = replace(items[after], kind=ItemKind.IDLE if doubled else ItemKind.DENIED)
            kept[at] = replace(items[at], kind=ItemKind.IDLE)
            _drop_zero(kept, after, later, not_idle[place + 3] if place + 3 < len(not_idle) else None)
        elif before is not None and follows(items, before=before, at=at) and _ends(items, at, after):
            if items[at].kind is ItemKind.NOTHING and kept[before].kind in (ItemKind.NAME, *GROUPS):
                kept[at] = replace(items[at], kind=ItemKind.NUMBER, value=0, weak=True)
            elif kept[before].kind is ItemKind.NAME and at == before + 1 and _closes(items, at, after):
                kept[before] = replace(items[before], kind=ItemKind.DENIED)
                kept[at] = replace(items[at], kind=ItemKind.IDLE)
                _drop_zero(kept, at, after, later)
        elif _nothing_for(items, at, after):
            kept[at] = replace(items[at], kind=ItemKind.NUMBER, value=0, weak=True)
    return kept


def with_listed(items: Sequence[Item]) -> list[Item]:
    """`no peeling or pain`, `no swelling, peeling or pain`: what is named on is denied too."""
    kept = list(items)
    for start, item in enumerate(items):
        if item.kind is not ItemKind.DENIED:
            continue
        names = _named_on(items, start)
        parts = [
            at for at in range(start, names[-1] if names else start) if items[at].kind is ItemKind.PARTING
        ]
        after = items[names[-1] + 1] if names and names[-1] + 1 < len(items) else None
        numbered = after is not None and after.number and not PARTS & set(after.mark)
        if parts and parts[-1] > ([start, *names][-2]) and not numbered:
            for at in names:
                kept[at] = replace(items[at], kind=ItemKind.DENIED)
            kept[parts[-1]] = replace(items[parts[-1]], kind=ItemKind.IDLE)
    return kept


def _named_on(items: Sequence[Item], start: int) -> list[int]:
    """The names that follow a denied one, with commas or a word that goes on between, up to that word."""
    names: list[int] = []
    last = False
    for at in range(start + 1, len(items)):
        item = items[at]
        if PARTS & set(item.mark) - {","}:
            break
        if item.kind is ItemKind.NAME:
            names.append(at)
            if last:
                break
        elif item.kind is ItemKind.PARTING:
            last = True
        elif item.kind is not ItemKind.IDLE:
            break
    return names


def _closes(items: Sequence[Item], at: int, after: int | None) -> bool:
    """Whether a "no" says all that is said of the name before it: `pain no`, `pèle pas`."""
    ends = after is None or not follows(items, before=at, at=after)
    return items[at].words == ("pas",) or (items[at].kind is ItemKind.NO and ends)


def _nothing_for(items: Sequence[Item], at: int, after: int | None) -> bool:
    if items[at].kind is not ItemKind.NOTHING or after is None:
        return False
    return items[after].kind in GROUPS and follows(items, before=at, at=after)


def _denies(items: Sequence[Item], at: int, after: int) -> bool:
    most = _NEAR + (items[at].kind is ItemKind.NOTHING)
    return (
        items[after].kind is ItemKind.NAME and after - at <= most + 1 and follows(items, before=at, at=after)
    )


def _answers(items: Sequence[Item], before: int | None, at: int, after: int) -> bool:
    """Whether a word for nothing belongs to the name before it: `red none swollen none`."""
    return (
        before is not None
        and items[at].kind is ItemKind.NOTHING
        and items[before].kind is ItemKind.NAME
        and follows(items, before=before, at=at)
    )


def _drop_zero(items: list[Item], at: int, after: int | None, later: int | None) -> None:
    """`no pain, 0` says it twice: the name has the number."""
    if after is None or not items[after].number or items[after].value:
        return
    if later is None or not follows(items, before=after, at=later) or items[later].kind is not ItemKind.NAME:
        if items[at].kind is ItemKind.DENIED and items[after].mark.strip():
            items[at] = replace(items[at], kind=ItemKind.NAME)
            items[after] = replace(items[after], mark=" ")
        else:
            items[after] = replace(items[after], kind=ItemKind.IDLE)


def _ends(items: Sequence[Item], at: int, after: int | None) -> bool:
    return after is None or not follows(items, before=at, at=after) or items[after].kind is not ItemKind.WORD


def follows(items: Sequence[Item], *, before: int, at: int) -> bool:
    """Whether no mark parts two items."""
    return not any(PARTS & set(item.mark) for item in items[before + 1 : at + 1])
