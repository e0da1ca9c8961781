"""Takes away what the patient did not write: a phone's reactions, quotes, automatic answers, signatures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recovery.domain.inbound import text_normalization

_LINK = re.compile(r"\b(?:https?://|www\.)\S+")
_REFERENCE = re.compile(r"\bref[ .:]+[0-9a-z]{6}\b")
_QUOTED_LINE = re.compile(r"(?m)^\s*>.*$")
_QUOTATION = re.compile(r"[\"“”«„](.*?)[\"”»]", re.DOTALL)
_PICTURE = re.compile(r"[^\w\s\"“”«„.,:;!?'’()-]")
"""A picture, with which some phones say what somebody thinks of a text."""
_WORD = re.compile(r"[^\W\d_]+")
_PLACE = re.compile(r"\{[^}]*\}")
_RUN = 10
"""So many words in a row of a text of ours were not written by the patient; fewer may be an answer."""
_SIGNED = 4
"""How many words a signature may have after its beginning, the name of a phone say."""
_EDGE = " \t\n.,:;!…-–—"


@dataclass(frozen=True, kw_only=True)
class UnwrittenPhrases:
    """How phones begin a reaction, what automatic answers and signatures say, each as plain words.

    A reaction is one of `reactions` and then a quotation, one of `pictured` with a picture among its words,
    or nothing but one of `bare_reactions`.
    """

    reactions: frozenset[tuple[str, ...]]
    pictured: frozenset[tuple[str, ...]]
    bare_reactions: frozenset[tuple[str, ...]]
    automatic: re.Pattern[str]
    signatures: re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class CleanedText:
    """The plain text that is left. `reaction`, `automatic`: what the rest was besides it."""

    plain: str
    reaction: bool = False
    automatic: bool = False


def own_runs(templates: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """The rows of words between the named places of our texts, to know them again in a quote."""
    return frozenset(
        run
        for template in templates
        for part in _PLACE.split(template)
        for run in _runs(_words(text_normalization.normalize(part)))
    )


def clean(text: str, phrases: UnwrittenPhrases, *, own: frozenset[tuple[str, ...]]) -> CleanedText:
    """The text without what the patient did not write; never raises."""
    plain = text_normalization.normalize(text)
    plain = _QUOTED_LINE.sub(" ", _LINK.sub(" ", _REFERENCE.sub(" ", plain)))
    if (left := _without_reaction(plain, phrases)) is not None:
        return CleanedText(plain=left, reaction=True)
    plain = _without_own(plain, own)
    plain = _without(plain, phrases.signatures)
    return CleanedText(plain=plain.strip(), automatic=phrases.automatic.search(_line(plain)) is not None)


def _without_reaction(plain: str, phrases: UnwrittenPhrases) -> str | None:
    """What stands after the quotation of a reaction; None where the text is none."""
    if tuple(_words(plain)) in phrases.bare_reactions:
        return ""
    quotation = _QUOTATION.search(plain)
    if quotation is None:
        return None
    opening = plain[: quotation.start()]
    before = tuple(_words(opening))
    # Some phones put the name of the sender first.
    reacted = before in phrases.reactions or before[1:] in phrases.reactions
    if not reacted and not (before in phrases.pictured and _PICTURE.search(opening)):
        return None
    return plain[quotation.end() :].strip(_EDGE)


def _without_own(plain: str, own: frozenset[tuple[str, ...]]) -> str:
    """The text without runs of words that stand in one of ours."""
    words = list(_WORD.finditer(plain))
    ours = [False] * len(words)
    for at in range(len(words) - _RUN + 1):
        if tuple(word.group() for word in words[at : at + _RUN]) in own:
            ours[at : at + _RUN] = [True] * _RUN
    if not any(ours):
        return plain
    left, end = [], 0
    for at, word in enumerate(words):
        if ours[at]:
            if not at or not ours[at - 1]:
                left.append(plain[end : word.start()])
            end = word.end()
    left.append(plain[end:])
    return " ".join(part for piece in left if (part := piece.strip(_EDGE)))


def _without(plain: str, pattern: re.Pattern[str]) -> str:
    """The text without signatures: what ends a line with such words and little after them."""
    kept = []
    for line in plain.split("\n"):
        found = pattern.search(_line(line))
        if found is None or len(_words(_line(line)[found.end() :])) > _SIGNED:
            kept.append(line)
            continue
        before = len(_words(_line(line)[: found.start()]))
        places = list(_WORD.finditer(line))
        kept.append(line[: places[before].start()])
    return "\n".join(kept)


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    for at in range(len(words) - _RUN + 1):
        yield tuple(words[at : at + _RUN])


def _words(plain: str) -> list[str]:
    return _WORD.findall(plain)


def _line(plain: str) -> str:
    return text_normalization.join_words(_words(plain))
