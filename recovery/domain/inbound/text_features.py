"""What a text consists of, for the weights: words, parts of words, marks, and the concepts they name.

The same function serves the training and every text that is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from recovery.domain.inbound import text_normalization
from recovery.domain.inbound.lexicon import DENIED, Lexicon, Mention

_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d)?|[^\w\s]|\n")
_ENDS = frozenset(".!?;\n")
_QUOTES = frozenset('"“”«»')
_DENIES = 5
"""How many words a denial reaches."""
_NEAR = 6
"""How many concepts later two of them still count as said together."""
_TURNING = frozenset(("if", "past", "others", "gone", "good", "idiom", "asked", "seen_to"))
"""The cues that are held against each concept of the text."""
_PART = 4
_LONGEST = 400
"""Words of a text that are read; a longer one has said what it has to say."""


def list_features(text: str, lexicon: Lexicon) -> list[str]:
    """The features of one text, each once, in a fixed order; never raises."""
    tokens = _TOKEN.findall(text_normalization.normalize(text))[:_LONGEST]
    words = [token for token in tokens if token[0].isalnum()]
    return list(dict.fromkeys([*_of_words(words), *_of_marks(tokens), *_of_concepts(tokens, lexicon)]))


def _of_words(words: Sequence[str]) -> Iterator[str]:
    for at, word in enumerate(words):
        yield f"w:{word}"
        if at:
            yield f"b:{words[at - 1]} {word}"
        if len(word) >= _PART:
            edged = f"<{word}>"
            for start in range(len(edged) - _PART + 1):
                yield f"l:{edged[start : start + _PART]}"
    if words:
        yield f"first:{' '.join(words[:2])}"
        yield f"last:{words[-1]}"
    yield f"length:{min(8, len(words) // 3)}"


def _of_marks(tokens: Sequence[str]) -> Iterator[str]:
    if "?" in tokens:
        yield "mark:?"
    if not _QUOTES.isdisjoint(tokens):
        yield "mark:quotes"


def _of_concepts(tokens: Sequence[str], lexicon: Lexicon) -> Iterator[str]:
    sentences, sentence = [], 0
    for token in tokens:
        sentence += token in _ENDS
        sentences.append(sentence)
    mentions = list(lexicon.mentions(tokens))
    denials = _denied(tokens, mentions, lexicon)
    said = [
        (("not " if mention.at in denials else "") + mention.concept, sentences[mention.at])
        for mention in mentions
        if not mention.cue
    ]
    cues = {(mention.concept, sentences[mention.at]) for mention in mentions if mention.cue}
    turning = sorted({cue for cue, _ in cues} & _TURNING)
    for name, _ in said:
        yield f"c:{name}"
    for cue in sorted({cue for cue, _ in cues}):
        yield f"cue:{cue}"
    for at, (name, place) in enumerate(said):
        for other, elsewhere in said[at + 1 : at + 1 + _NEAR]:
            if other != name and elsewhere == place:
                yield f"pair:{'+'.join(sorted((name, other)))}"
        for cue in turning:
            yield f"{cue}{'' if (cue, place) in cues else ' elsewhere'}:{name}"
        if "?" in tokens:
            yield f"?:{name}"


def _denied(tokens: Sequence[str], mentions: Sequence[Mention], lexicon: Lexicon) -> set[int]:
    """The places of words that a denial before them reaches."""
    denying = {mention.at for mention in mentions if mention.concept == DENIED}
    reached: set[int] = set()
    since: int | None = None
    for at, token in enumerate(tokens):
        if token in lexicon.contrast or token in _ENDS:
            since = None
        if since is not None and at - since <= _DENIES:
            reached.add(at)
        if at in denying:
            since = at
    return reached
