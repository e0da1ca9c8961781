"""What a text from a patient means. All languages are always recognised.

A text may mean several things at once: "stop texting me, I can't breathe" is an opt-out and an
emergency. Where words could be read in two ways the one that brings a nurse sooner is taken, and
numbers that are not beyond doubt are left to the nurse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.inbound import score_parser, text_normalization, vocabulary
from recovery.domain.inbound.vocabulary import Vocabulary

_DENIED_WITHIN = 3
"""How many words before a sign a "no" may stand to be about it."""


class TextMeaning(StrEnum):
    """What a text is taken as, the most pressing of what it means."""

    EMERGENCY = "emergency"
    STOP = "stop"
    SCORES = "scores"
    WARNING = "warning"
    START = "start"
    HELP = "help"
    OTHER = "other"


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

    `denied` are those that only stand after a "no", `doubtful` those that may be meant: both are in the
    others too.
    """

    emergency: frozenset[WarningSign] = frozenset()
    warning: frozenset[WarningSign] = frozenset()
    watch: frozenset[WarningSign] = frozenset()
    denied: frozenset[WarningSign] = frozenset()
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
    as an answer and cannot be read. `nurse` asks for one; `more` says that words are left to be read.
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
    nurse: bool = False
    more: bool = False

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


def parse_text(text: str, words: Vocabulary) -> ParsedText:
    """What a text means; never raises, whatever was sent."""
    plain = text_normalization.normalize(text)
    tokens = text_normalization.tokenize(plain)
    line = text_normalization.join_words(token.word for token in tokens)
    about = words.elsewhere.sub("_", line)
    scored = score_parser.parse_scores(plain, words)
    said = scored.rest if scored.scores else tuple(token.word for token in tokens)
    whole = vocabulary.strip_polite_words(said, words.polite)
    nurse = words.nurse.search(about) is not None
    signs = _signs(about, words)
    stop = whole in words.stop or words.stop_sentences.search(words.no_stop.sub("_", line)) is not None
    start, wants_help = whole in words.start, whole in words.help
    return ParsedText(
        stop=stop,
        start=start,
        help=wants_help,
        scores=scored.scores,
        same_scores=scored.same,
        unclear_scores=scored.unclear,
        signs=signs,
        nurse=nurse,
        more=bool(words.nurse.sub("", text_normalization.join_words(whole)).split())
        and whole not in words.stop | words.start | words.help,
    )


def find_signs(text: str, words: Vocabulary) -> NamedSigns:
    """The signs that a note or a text names in words."""
    line = text_normalization.join_words(
        token.word for token in text_normalization.tokenize(text_normalization.normalize(text))
    )
    return _signs(words.elsewhere.sub("_", line), words)


def _signs(line: str, words: Vocabulary) -> NamedSigns:
    emergency: set[WarningSign] = set()
    warning: set[WarningSign] = set()
    denied: set[WarningSign] = set()
    for patterns, named in ((words.emergency, emergency), (words.warning, warning)):
        for sign, pattern in patterns.items():
            places = list(pattern.finditer(line))
            if places:
                named.add(sign)
            if places and all(_denied(line, place, words) for place in places):
                denied.add(sign)
    return NamedSigns(emergency=frozenset(emergency), warning=frozenset(warning), denied=frozenset(denied))


def _denied(line: str, place: re.Match[str], words: Vocabulary) -> bool:
    before: list[str] = []
    for word in line[: place.start()].split()[-_DENIED_WITHIN:]:
        before = [] if word in words.contrast else [*before, word]
    return words.denial.search(text_normalization.join_words(before)) is not None
