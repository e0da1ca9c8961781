"""The name of a symptom found in a text's words, with the slips of hurried typing; not the pain of something
else."""

from __future__ import annotations

from collections.abc import Sequence

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound.score_vocabulary import ScoreVocabulary

_LONGEST = 4
_LEAST_LETTERS = 5
_TWO_SLIPS_FROM = 8
_TWO_WORDS = 2
_AWAY = 3
"""How far from a symptom a part of the body may stand to be what it is about."""


def name_at(said: Sequence[str], at: int, *, words: ScoreVocabulary) -> tuple[Symptom, int] | None:
    """The symptom that is named here, and over how many words."""
    for length in range(_LONGEST, 0, -1):
        phrase = tuple(said[at : at + length])
        symptom = words.symptoms.get(phrase) if len(phrase) == length else None
        if symptom is None and length == _TWO_WORDS:
            symptom = _second_misspelt(phrase, words)
        if symptom is None and length == 1:
            symptom = _misspelt(phrase[0], words)
        if symptom is not None:
            return (
                None
                if symptom is Symptom.PAIN and _elsewhere(said, at, at + length, words)
                else (symptom, length)
            )
    return None


def _elsewhere(said: Sequence[str], start: int, end: int, words: ScoreVocabulary) -> bool:
    """Whether it is the pain of something else: `tooth pain 7`, `dolor de cabeza`."""
    if start and said[start - 1] in words.body and said[start - 1] not in words.numbers:
        return True
    for word in said[end : end + _AWAY]:
        if word.isdecimal() or word in words.numbers:
            return False
        if word in words.body:
            return True
    return False


def _misspelt(word: str, words: ScoreVocabulary) -> Symptom | None:
    """The one symptom that a word is a slip or two away from."""
    if len(word) < _LEAST_LETTERS or word.isdecimal():
        return None
    found = {symptom for name, symptom in words.long_names.get(word[0], ()) if _slip_of(word, name)}
    return found.pop() if len(found) == 1 else None


def _second_misspelt(phrase: Sequence[str], words: ScoreVocabulary) -> Symptom | None:
    """`color chnage`: the symptom of two words of which the second has a slip."""
    if len(phrase) < _TWO_WORDS or len(phrase[1]) < _LEAST_LETTERS:
        return None
    found = {symptom for name, symptom in words.second_words.get(phrase[0], ()) if _slip_of(phrase[1], name)}
    return found.pop() if len(found) == 1 else None


def _slip_of(word: str, name: str) -> bool:
    most = 2 if len(name) >= _TWO_SLIPS_FROM else 1
    if abs(len(word) - len(name)) > most or len(set(word).symmetric_difference(name)) > 2 * most:
        return False  # each slip brings one strange letter at most, and leaves one out
    return slips(word, name) <= most


def slips(word: str, name: str) -> int:
    """How many letters are wrong, missing, too many or swapped with the next."""
    before_last: list[int] = []
    last = list(range(len(name) + 1))
    for row, letter in enumerate(word, start=1):
        line = [row]
        for column, other in enumerate(name, start=1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == name[column - 2] and word[row - 2] == other:
                cost = min(cost, before_last[column - 2] + 1)
            line.append(cost)
        before_last, last = last, line
    return last[-1]
