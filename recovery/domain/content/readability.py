"""How hard a short English text is to read, as a school grade: its words, sentences and syllables counted."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NOT_READ = re.compile(r"https?://\S+|\+?\d[\d ()-]{6,}\d")
"""Links are tapped and phone numbers dialled; neither is read as words."""

_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[:.,]\d+)*")
_VOWELS = re.compile(r"[aeiouy]+")

_SPOKEN_APART = re.compile(r"(?<![cstgx])i[ao]|[aeiouy](?=ing)|(?<![gq])ua")
"""Vowels side by side that are two syllables: `dial`, `going`, `usual`; not `special`, `quality`."""

_SILENT = re.compile(
    r"(?:[^aeiouyl]|[aeiouy]l|ll)e$"  # take, scale; not table
    r"|(?:[^aeiouylsxzcgh]|[aeiouy]l|[^cs]h)es$"  # takes, scales, clothes; not patches, pages, tables
    r"|(?:[^aeiouyltd]|[aeiouy]l|ll)ed$"  # looked, called; not needed
    r"|[gq]ue[sd]?$"  # tongue, queues
)


def school_grade(text: str, *, syllables: Mapping[str, int]) -> float:
    """The Flesch-Kincaid grade (Kincaid and others, 1975), rounded to one decimal.

    `syllables` are words in lower case whose count the spelling does not show. A number counts as one
    word of one syllable. A text without words has grade 0.
    """
    sentences = [
        words for part in _SENTENCE_END.split(_NOT_READ.sub(" ", text)) if (words := split_words(part))
    ]
    spoken = [count_syllables(word, known=syllables) for sentence in sentences for word in sentence]
    if not spoken:
        return 0.0
    return round(0.39 * len(spoken) / len(sentences) + 11.8 * sum(spoken) / len(spoken) - 15.59, 1)


def split_words(text: str) -> list[str]:
    """The words and numbers of a text, in order."""
    return _WORD.findall(text)


def count_syllables(word: str, *, known: Mapping[str, int]) -> int:
    """How many syllables an English word has: as `known` says, else judged by its spelling."""
    lower = word.lower()
    if lower in known:
        return known[lower]
    count = len(_VOWELS.findall(lower)) + len(_SPOKEN_APART.findall(lower))
    return max(1, count - bool(_SILENT.search(lower)))
