"""What a text from a patient may mean, as types: its meaning, how soon to look, the signs named, the topic of
a question.

A text may mean several things at once: "stop texting me, I can't breathe" is an opt-out and an
emergency. Where words could be read in two ways the one that brings a nurse sooner is taken, and
numbers that are not beyond doubt are left to the nurse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from recovery.domain.clinical.symptoms import Symptom, WarningSign


class TextMeaning(StrEnum):
    """What a text is taken as, the most pressing of what it means."""

    EMERGENCY = "emergency"
    STOP = "stop"
    SCORES = "scores"
    WARNING = "warning"
    START = "start"
    HELP = "help"
    OTHER = "other"


NO_CONTACT = frozenset({TextMeaning.STOP})
"""Who sends this has not answered a check-in: nothing was said of the recovery, and the silence goes on."""


class TextLevel(StrEnum):
    """How soon somebody has to look at what a text says, going by its words alone, mildest first."""

    NONE = "none"
    NEXT_DAY = "next_day"
    SAME_DAY = "same_day"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for `none` up to 3 for `emergency`."""
        return list(TextLevel).index(self)


class QuestionTopic(StrEnum):
    """What a patient asks about, where it is a question that a page or a nurse answers."""

    MAKEUP = "makeup"
    PRODUCTS = "products"
    EXERCISE = "exercise"
    APPOINTMENT = "appointment"
    ALCOHOL = "alcohol"
    SUN = "sun"
    COST = "cost"
    SHOWER = "shower"
    FLYING = "flying"
    SWIMMING = "swimming"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class NamedSigns:
    """Signs that words name: for now, for the same day, for the next working day.

    `doubtful` are those that may be meant; they are in the others too.
    """

    emergency: frozenset[WarningSign] = frozenset()
    warning: frozenset[WarningSign] = frozenset()
    watch: frozenset[WarningSign] = frozenset()
    doubtful: frozenset[WarningSign] = frozenset()

    def __bool__(self) -> bool:
        """Whether any sign is named."""
        return bool(self.emergency or self.warning or self.watch)


@dataclass(frozen=True, kw_only=True)
class ParsedText:
    """Everything a text means.

    `written` is False for what a phone sent by itself, a reaction or an automatic answer: then nothing else
    is set. `stop` is an opt-out in so many words, `may_stop` one that a person has to confirm. `scores` are
    beyond doubt; `same_scores` says that they are as the last time; `unclear_scores` that numbers were meant
    as an answer and cannot be read. `no_signs` and `some_signs` answer a question about signs in its own
    word, `yes` only while it is open. `nurse` asks for one, `prefers_calls` for calls instead of texts;
    `more` says that words are left to be read.
    """

    written: bool = True
    stop: bool = False
    may_stop: bool = False
    start: bool = False
    help: bool = False
    scores: Mapping[Symptom, int] = field(default_factory=dict)
    same_scores: bool = False
    unclear_scores: bool = False
    signs: NamedSigns = field(default_factory=NamedSigns)
    question: QuestionTopic | None = None
    no_signs: bool = False
    some_signs: bool = False
    yes: bool = False
    nurse: bool = False
    prefers_calls: bool = False
    more: bool = False

    @property
    def level(self) -> TextLevel:
        """How soon somebody has to look; scores are not words."""
        if self.signs.emergency:
            return TextLevel.EMERGENCY
        if self.signs.warning or self.nurse:
            return TextLevel.SAME_DAY
        return TextLevel.NEXT_DAY if self.signs.watch else TextLevel.NONE

    @property
    def kind(self) -> TextMeaning:
        """The most pressing of what it means."""
        ranked = (
            (bool(self.signs.emergency), TextMeaning.EMERGENCY),
            (self.stop, TextMeaning.STOP),
            (bool(self.scores), TextMeaning.SCORES),
            (bool(self.signs.warning) or self.nurse, TextMeaning.WARNING),
            (self.start, TextMeaning.START),
            (self.help, TextMeaning.HELP),
        )
        return next((kind for true, kind in ranked if true), TextMeaning.OTHER)
