"""What people type, brought to one form (small letters, no accents, no emoji), cut into words, and looked
through for phrases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_DROPPED = frozenset(("Mn", "Me", "Cf", "Cs"))
"""Accents, keycaps, joiners and halves of broken characters: they part no words."""
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
_GAP = 3
"""How many words may stand where a phrase says `..`."""


@dataclass(frozen=True, slots=True)
class WordToken:
    """A word or a number, and the marks (without spaces) that stand between it and the one before."""

    word: str
    mark: str


def normalize(text: str) -> str:
    """The text in small letters without accents, full width or ligatures."""
    spread = unicodedata.normalize("NFKD", text)
    kept = "".join(char for char in spread if unicodedata.category(char) not in _DROPPED)
    return kept.casefold().translate(_LIGATURES)


def tokenize(text: str) -> tuple[WordToken, ...]:
    """The words and numbers of a text that is plain already."""
    tokens, end = [], 0
    for match in _TOKEN.finditer(text):
        tokens.append(WordToken(word=match.group(), mark="".join(text[end : match.start()].split())))
        end = match.end()
    return tuple(tokens)


def join_words(words: Iterable[str]) -> str:
    """Words as one line with a space around each, the form that phrases are looked for in."""
    return f" {' '.join(words)} "


def split_phrase(phrase: str) -> tuple[str, ...]:
    """The plain words of a phrase without stars and gaps."""
    return tuple(token.word for token in tokenize(normalize(phrase)))


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these phrases in a line. A star ends a word that may go on; `..` is a gap.

    Raises ValueError for a phrase that has no word.
    """
    alternatives = sorted((_expression(phrase) for phrase in phrases), key=len, reverse=True)
    if not alternatives:
        return re.compile(r"(?!)")
    return re.compile(f"(?<= )(?:{'|'.join(alternatives)})(?= )")


def check_phrase(phrase: str) -> None:
    """Raises ValueError for a phrase that has no word, as `compile_phrases` would."""
    _expression(phrase)


def _expression(phrase: str) -> str:
    parts: list[str] = []
    for piece in phrase.split():
        if piece == "..":
            parts.append(rf"(?:\S+ ){{0,{_GAP}}}")
            continue
        words = split_phrase(piece)
        parts.extend(f"{re.escape(word)} " for word in words[:-1])
        if words:
            parts.append(re.escape(words[-1]) + (r"\S* " if piece.endswith("*") else " "))
    if not parts or parts[0].startswith("(?:") or parts[-1].startswith("(?:"):
        raise ValueError(f"{phrase!r} begins and ends with a word")
    return "".join(parts).removesuffix(" ")
