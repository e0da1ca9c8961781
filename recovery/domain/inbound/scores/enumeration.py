"""Marks or words that only count the answers, taken out: `#1 2 #2 0 #3 2 #4 0`, `a) 4 b) 3 c) 0 d) 1`, `first
4, second 3`."""

from __future__ import annotations

import re

from recovery.domain.inbound.score_vocabulary import ScoreVocabulary

_FOUR = 4
_VALUE = r"(?:10|\d)(?![\d)]|[.,:]\d)"
_BETWEEN = r"[\s,;./|]*(?:\b(?:and|y|et)\b\s*)?"
_SIGNS = (
    (r"[#q]\s*{}\s*[:=.)-]?", "1234"),
    (r"\(?\b{}\s*[).:\]]-?", "1234"),
    (r"\b{}\s?(?:ro|do|to|er|eme|e|o|a|st|nd|rd|th)\b[).:=-]*", "1234"),
    (r"\b{}\s*[=>-]+", "1234"),
    (r"\(?\b{}\s*[).:=>-]*", "abcd"),
)
"""How the place of an answer may be written, and what counts the places."""
_WHOLE = tuple(
    re.compile(_BETWEEN.join(rf"{sign.format(place)}\s*({_VALUE})" for place in places))
    for sign, places in _SIGNS
)
_LISTED = re.compile(r"(?<![\w.,:/-])#?\(?([1-4])\s?[).:](?=\s*[a-z])")
_HINT = re.compile(r"\b1\s?(?:ro|er|st|o|a)\b|(?<![^\W_])\(?[#q]?\s*[1a]\s*[).:=>-]|[#q]\s*1|\ba\s*\d")


def without_places(text: str, words: ScoreVocabulary) -> str:
    """The text without what counts its answers, where there are four of them in their order."""
    if _HINT.search(text):
        for pattern in _WHOLE:
            if (found := pattern.search(text)) is not None:
                numbers = " ".join(found.groups())
                return f"{text[: found.start()]} {numbers} {text[found.end() :]}"
        if [found[1] for found in _LISTED.finditer(text)] == ["1", "2", "3", "4"]:
            return _LISTED.sub("; ", text)
    return _without_ordinals(text, words)


def _without_ordinals(text: str, words: ScoreVocabulary) -> str:
    """`first 4, second 3, third 3, last 1` without the words that count."""
    said = text.split()
    if sum(word.strip(",.:;") in words.ordinals for word in said) != _FOUR:
        return text
    ordinals = "|".join(sorted(words.ordinals))
    numbers = "|".join(sorted(words.numbers))
    told = re.compile(rf"\b(?:{ordinals})\b(?:\s+one)?(?:\s+is)?\s*[:=-]?\s*(?=(?:\d{{1,2}}|{numbers})\b)")
    return told.sub(" ", text) if len(told.findall(text)) == _FOUR else text
