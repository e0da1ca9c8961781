"""Which warning signs a text names, and whether it asks for a nurse: by plain phrases first, then by what the
weights say.

A phrase that names a sign beyond doubt stands, unless the weights all but rule a danger out. Otherwise the
weights can only add: they make a nurse read sooner, never later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.inbound import text_normalization
from recovery.domain.inbound.lexicon import Lexicon
from recovery.domain.inbound.reader_bounds import ReaderBounds
from recovery.domain.inbound.text_meaning import NamedSigns
from recovery.domain.inbound.vocabulary import Vocabulary

NONE = "none"
"""The label of texts that name nothing."""

CALL = "call_me"
"""The label of texts that ask for a nurse or a call."""

TOGETHER = "fever_spreading"
"""The label of fever together with skin that is hot and spreads: an emergency of two signs."""

_BOTH = frozenset((WarningSign.FEVER, WarningSign.SPREADING_HEAT))
_TURNING = frozenset(("if", "past", "others", "gone"))
_DENIED_WITHIN = 3
"""How many words before a sign a "no" may stand to be about it."""
_SENTENCE = re.compile(r"(?<=\?)|[.!;\n]+")
"""A question ends a sentence and its mark stays with it: what follows is said, not asked."""
_WATCH = frozenset((WarningSign.BUMPS, WarningSign.PATCHES, WarningSign.BREAKOUT, WarningSign.LINES))


def is_emergency(label: str, words: Vocabulary) -> bool:
    """Whether a label of the weights is one that is for now."""
    return label == TOGETHER or (label in _SIGNS and _SIGNS[label] in words.emergency)


def read_signs(
    plain: str, shares: Mapping[str, float], *, words: Vocabulary, lexicon: Lexicon, bounds: ReaderBounds
) -> NamedSigns:
    """The signs of a cleaned text, `shares` being what the weights say of it."""
    harmless = shares.get(NONE, 0.0)
    plainly = frozenset(_in_phrases(plain, words, lexicon) if harmless < bounds.ruled_out else ())
    emergency = {sign for sign in plainly if sign in words.emergency}
    warning = plainly - emergency
    doubtful: set[WarningSign] = set()
    now, today, later = _totals(shares, words)

    def for_now(label: str) -> bool:
        return is_emergency(label, words)

    def for_today(label: str) -> bool:
        return _is_today(label, words)

    if _likeliest(shares, of=lambda label: for_now(label) or for_today(label)) < bounds.likeliest:
        now = today = 0.0
    if now >= bounds.emergency and _likeliest(shares, of=for_now) >= bounds.likeliest_emergency:
        likely = set(_likely(shares, of=for_now, bounds=bounds))
        doubtful |= likely - plainly if now < bounds.sure_emergency else set()
        emergency |= likely
    elif now + today >= bounds.same_day and not plainly:
        likely = set(_likely(shares, of=for_today, bounds=bounds))
        if _likeliest(shares, of=for_today) < bounds.likeliest:
            # What spoke for danger was no sign of this day: a nurse reads the words as they are.
            likely = {WarningSign.WORRIED}
        doubtful |= likely if now + today < bounds.sure_same_day else set()
        warning |= likely
    watch = set()
    if later >= bounds.next_day and not emergency | warning:
        watch = set(_likely(shares, of=_is_later, bounds=bounds))
    return NamedSigns(
        emergency=frozenset(emergency),
        warning=frozenset(warning - emergency),
        watch=frozenset(watch),
        doubtful=frozenset(doubtful),
    )


def asks_for_call(shares: Mapping[str, float], bounds: ReaderBounds) -> bool:
    """Whether the words ask for a nurse or a call."""
    return shares.get(CALL, 0.0) >= bounds.same_day


_SIGNS = {sign.value: sign for sign in WarningSign}


def _totals(shares: Mapping[str, float], words: Vocabulary) -> tuple[float, float, float]:
    now = sum(share for label, share in shares.items() if is_emergency(label, words))
    today = sum(share for label, share in shares.items() if _is_today(label, words))
    later = sum(share for label, share in shares.items() if _is_later(label))
    return now, today, later


def _likeliest(shares: Mapping[str, float], *, of: Callable[[str], bool]) -> float:
    """The share of the one sign of a group that is likeliest."""
    return max((share for label, share in shares.items() if of(label)), default=0.0)


def _is_today(label: str, words: Vocabulary) -> bool:
    return label in _SIGNS and not _is_later(label) and not is_emergency(label, words)


def _is_later(label: str) -> bool:
    return label in _SIGNS and _SIGNS[label] in _WATCH


def _likely(
    shares: Mapping[str, float], *, of: Callable[[str], bool], bounds: ReaderBounds
) -> Iterator[WarningSign]:
    """The likeliest sign of a group, and others that are likely in themselves."""
    group = {label: share for label, share in shares.items() if of(label)}
    first = max(group, key=lambda label: group[label])
    for label, share in group.items():
        if label == first or share >= bounds.named:
            yield from _BOTH if label == TOGETHER else (_SIGNS[label],)


def _in_phrases(plain: str, words: Vocabulary, lexicon: Lexicon) -> Iterator[WarningSign]:
    """Signs named in so many words, in a sentence that nothing turns into a question or the past."""
    for sentence in _SENTENCE.split(plain):
        tokens = [token.word for token in text_normalization.tokenize(sentence)]
        if "?" in sentence or any(mention.concept in _TURNING for mention in lexicon.mentions(tokens)):
            continue
        line = words.elsewhere.sub("_", text_normalization.join_words(tokens))
        for patterns in (words.emergency, words.warning):
            for sign, pattern in patterns.items():
                if any(not _denied(line, place, words) for place in pattern.finditer(line)):
                    yield sign


def _denied(line: str, place: re.Match[str], words: Vocabulary) -> bool:
    before: list[str] = []
    for word in line[: place.start()].split()[-_DENIED_WITHIN:]:
        before = [] if word in words.contrast else [*before, word]
    return words.denial.search(text_normalization.join_words(before)) is not None
