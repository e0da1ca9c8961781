"""How many of the labelled texts have their scores read right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from evaluation.texts.labelled_texts import LabelledText
from recovery.domain.inbound import text_meaning
from recovery.domain.inbound.vocabulary import Vocabulary


def count(texts: Iterable[LabelledText], words: Vocabulary) -> Counter[str]:
    """`right`, `wrong` and `missed` of the texts with scores, `invented` and `none` of those without."""
    counts: Counter[str] = Counter()
    for text in texts:
        read = text_meaning.parse_text(text.text, words).scores
        if text.scores:
            counts["right" if read == text.scores else "wrong" if read else "missed"] += 1
        else:
            counts["invented" if read else "none"] += 1
    return counts
