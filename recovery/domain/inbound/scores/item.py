"""The type of an item, one word of a text or several as all readers of scores get it: number, name, denied,
everything, idle."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from recovery.domain.clinical.symptoms import Symptom


class ItemKind(Enum):
    """What an item is. A `figure` is a number that is no score: a time, a price, a count of days;
    `parting` is an "or" that may go on with what is denied."""

    NUMBER = auto()
    JOINED = auto()
    FIGURE = auto()
    NAME = auto()
    DENIED = auto()
    EVERYTHING = auto()
    OTHERS = auto()
    NO = auto()
    NOTHING = auto()
    PARTING = auto()
    TURN = auto()
    IDLE = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One word, or several that belong together; `mark` stands before it, with its spaces.

    `spelt` is a number in a word, `plural` one like "zeros", `weak` a figure that may end a list of numbers
    (a decimal, a count), `letter` a first letter for a symptom.
    """

    kind: ItemKind
    words: tuple[str, ...]
    mark: str = ""
    value: int = 0
    symptoms: tuple[Symptom, ...] = ()
    spelt: bool = False
    plural: bool = False
    weak: bool = False
    letter: bool = False

    @property
    def number(self) -> bool:
        """Whether it is one number from 0 to 10."""
        return self.kind is ItemKind.NUMBER
