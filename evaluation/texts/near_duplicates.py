"""Texts that are nearly the same: measuring on one says nothing that the other did not teach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from evaluation.texts.labelled_texts import LabelledText
from recovery.domain.inbound import text_normalization

ALIKE = 0.6
"""From this share of common runs of four letters on, two texts are nearly the same."""

_RUN = 4


def find(texts: Sequence[LabelledText], *, among: Sequence[LabelledText]) -> Iterator[tuple[str, str]]:
    """The ids of each text that nearly is one of the others, and of that other."""
    holders: dict[str, list[int]] = defaultdict(list)
    runs = [_runs(text.text) for text in among]
    for at, mine in enumerate(runs):
        for run in mine:
            holders[run].append(at)
    for text in texts:
        mine = _runs(text.text)
        rare = sorted(mine, key=lambda run: len(holders[run]) if run in holders else 0)
        # Whoever shares so much shares one of the rarest runs that anybody has.
        near = {at for run in rare[: len(rare) * 2 // 5 + 1] for at in holders.get(run, ())}
        for at in near:
            if not ALIKE <= len(mine) / len(runs[at]) <= 1 / ALIKE:
                continue
            common = len(mine & runs[at])
            if common >= ALIKE * (len(mine) + len(runs[at]) - common):
                yield text.id, among[at].id
                break


def _runs(text: str) -> frozenset[str]:
    words = text_normalization.tokenize(text_normalization.normalize(text))
    line = text_normalization.join_words(word.word for word in words)
    return frozenset(line[at : at + _RUN] for at in range(len(line) - _RUN + 1)) or frozenset((line,))
